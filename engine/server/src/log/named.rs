//! Whose lines those are that are said: the session that a thread works for at the moment.
//!
//! Never: asks for memory, or leaves a name behind when the work is interrupted.

use std::{
    cell::Cell,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;
use program::SessionId;

thread_local! {
    static PRESENT: Cell<Option<SessionId>> = const { Cell::new(None) };
}

pin_project! {
    /// Work of a session; what is said while it goes on bears the session's name.
    pub(crate) struct Named<F> {
        id: Option<SessionId>,
        #[pin]
        work: F,
    }
}

/// The name that is lent to a thread, and the one that was there before.
struct Lent<'a> {
    id: &'a mut Option<SessionId>,
    before: Option<SessionId>,
}

/// Work of a session.
pub(crate) fn named<F: Future>(id: SessionId, work: F) -> Named<F> {
    Named { id: Some(id), work }
}

/// Does something in the name of a session.
pub(crate) fn in_the_name_of<T>(id: &SessionId, work: impl FnOnce() -> T) -> T {
    let mut id = Some(id.clone());
    let _lent = lend(&mut id);
    work()
}

/// The session that this thread works for.
pub(super) fn present() -> Option<SessionId> {
    let present = PRESENT.take();
    PRESENT.set(present.clone());
    present
}

fn lend(id: &mut Option<SessionId>) -> Lent<'_> {
    let before = PRESENT.replace(id.take());
    Lent { id, before }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        *self.id = PRESENT.replace(self.before.take());
    }
}

impl<F: Future> Future for Named<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let _lent = lend(this.id);
        this.work.poll(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown() -> Option<String> {
        present().map(|id| id.to_string())
    }

    #[test]
    fn a_name_lasts_as_long_as_the_work_and_the_former_one_comes_back() {
        let (outer, inner) = (SessionId("outer".into()), SessionId("inner".into()));
        in_the_name_of(&outer, || {
            assert_eq!(shown().as_deref(), Some("outer"));
            let broken = std::panic::catch_unwind(|| in_the_name_of(&inner, || panic!("{}", shown().unwrap())));
            assert_eq!(*broken.unwrap_err().downcast::<String>().unwrap(), "inner");
            assert_eq!(shown().as_deref(), Some("outer"));
        });
        assert_eq!(shown(), None);
    }

    #[tokio::test]
    async fn work_that_waits_has_its_name_each_time_it_goes_on() {
        let work = |name: &str| {
            named(SessionId(name.into()), async {
                let before = shown();
                tokio::task::yield_now().await;
                (before, shown())
            })
        };
        let ((a, b), (c, d)) = tokio::join!(work("one"), work("two"));
        assert_eq!([a, b, c, d].map(Option::unwrap), ["one", "one", "two", "two"]);
        assert_eq!(shown(), None);
    }
}
