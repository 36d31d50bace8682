//! An answer that is there at once, or comes later.
//!
//! Never: begins what it answers before somebody waits for it.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

/// An answer. One that comes later begins when it is first waited for; dropping it cancels what was asked.
pub enum Answer<'a, T> {
    /// It is there; absent once it was taken.
    Now(Option<T>),
    /// It comes.
    Later(Pin<Box<dyn Future<Output = T> + Send + 'a>>),
}

impl<'a, T> Answer<'a, T> {
    /// One that is there.
    pub fn now(answer: T) -> Answer<'a, T> {
        Answer::Now(Some(answer))
    }

    /// One that comes.
    pub fn later(answer: impl Future<Output = T> + Send + 'a) -> Answer<'a, T> {
        Answer::Later(Box::pin(answer))
    }

    /// What becomes of it, now or later.
    pub(crate) fn then<U>(self, becomes: impl FnOnce(T) -> U + Send + 'a) -> Answer<'a, U>
    where
        T: 'a,
    {
        match self {
            Answer::Now(answer) => Answer::Now(answer.map(becomes)),
            Answer::Later(answer) => Answer::later(async { becomes(answer.await) }),
        }
    }
}

impl<T: Unpin> Future for Answer<'_, T> {
    type Output = T;

    /// Is never ready again once the answer was taken.
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        match &mut *self {
            Answer::Now(answer) => answer.take().map_or(Poll::Pending, Poll::Ready),
            Answer::Later(answer) => answer.as_mut().poll(context),
        }
    }
}
