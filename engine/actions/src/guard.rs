//! Panics of what answers calls, caught where it is called.
//!
//! Never: shows what the panic said; the log has it.

use std::{
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::Poll,
};

/// What whoever asked is told when the code that answers panicked.
pub(crate) const BROKEN: &str = "the look-up broke off: a fault of this program, which its log shows";

/// Runs work to its end. A panic, as it begins or later, is an error and ends nothing else.
///
/// # Errors
/// It panicked: [`BROKEN`].
pub(crate) async fn caught<F: Future>(begin: impl FnOnce() -> F) -> Result<F::Output, &'static str> {
    let mut work = pin!(caught_at_once(begin)?);
    poll_fn(move |context| match caught_at_once(|| work.as_mut().poll(context)) {
        Ok(poll) => poll.map(Ok),
        Err(why) => Poll::Ready(Err(why)),
    })
    .await
}

/// The same for work that does not wait.
pub(crate) fn caught_at_once<T>(work: impl FnOnce() -> T) -> Result<T, &'static str> {
    // What the work was at is dropped, and nothing of it is looked at again.
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| BROKEN)
}

#[cfg(test)]
mod tests {
    use std::future::ready;

    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_error_whenever_it_comes() {
        assert_eq!(caught(|| ready(3)).await, Ok(3));
        let begins = || -> std::future::Ready<u8> { panic!("as it begins") };
        assert_eq!(caught(begins).await, Err(BROKEN));
        let later = || async {
            tokio::task::yield_now().await;
            if true {
                panic!("later");
            }
        };
        assert_eq!(caught(later).await, Err(BROKEN));
        assert_eq!(caught_at_once(|| 4), Ok(4));
        assert_eq!(caught_at_once(|| -> u8 { panic!("at once") }), Err(BROKEN));
    }
}
