//! Several answers at once, without a task for each.
//!
//! Never: spawns. What is dropped unfinished is cancelled.

use std::{
    future::Future,
    pin::{Pin, pin},
    task::Poll,
};

use crate::world::Answer;

/// What `work` gives, if it gives it before `end` is ready; when both are ready the work counts. Work that is done at once
/// needs no end, and then none is made.
pub(crate) async fn before<'a, T>(work: impl Future<Output = T>, end: impl Fn() -> Answer<'a, ()>) -> Option<T> {
    let (mut work, mut limit) = (pin!(work), None);
    std::future::poll_fn(move |context| match work.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => Pin::new(limit.get_or_insert_with(&end)).poll(context).map(|()| None),
    })
    .await
}

/// Asks all of them at once. The first that `hits`, in the order given where several are ready, ends the others.
/// Without a hit: all that they gave, in the order given.
pub(crate) async fn first<T: Unpin>(questions: Vec<Answer<'_, T>>, hits: impl Fn(&T) -> bool) -> Result<T, Vec<T>> {
    let mut open: Vec<(Option<Answer<'_, T>>, Option<T>)> = questions.into_iter().map(|q| (Some(q), None)).collect();
    std::future::poll_fn(move |context| {
        let mut waiting = false;
        for (question, answer) in &mut open {
            let Some(asked) = question else { continue };
            match Pin::new(asked).poll(context) {
                Poll::Ready(given) if hits(&given) => return Poll::Ready(Ok(given)),
                Poll::Ready(given) => (*question, *answer) = (None, Some(given)),
                Poll::Pending => waiting = true,
            }
        }
        if waiting {
            return Poll::Pending;
        }
        Poll::Ready(Err(open.iter_mut().filter_map(|(_, answer)| answer.take()).collect()))
    })
    .await
}
