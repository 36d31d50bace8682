//! A bounded number of connections to one database server, made when they are needed.
//!
//! Never: hands out a connection that a call left unfinished: such a one is cut off and made anew. Waits without end
//! for nothing of its own accord: whoever asks drops the question, and its place is free at once.

use std::{
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};

/// How connections to one server are made and unmade.
pub(super) trait Dial: Send + Sync {
    /// A connection.
    type Line: Send;

    /// Makes one.
    fn dial(&self) -> impl Future<Output = Result<Self::Line, Arc<str>>> + Send;

    /// Whether one that was idle for that long still works.
    fn works(&self, line: &mut Self::Line, idle: Duration) -> impl Future<Output = bool> + Send;

    /// Unmakes one, at once: whatever goes on in it ends.
    fn cut(line: Self::Line);
}

/// Connections to one server.
pub(super) struct Pool<D: Dial> {
    dial: D,
    places: Semaphore,
    idle: Mutex<Vec<(D::Line, Instant)>>,
}

/// A connection in use. Dropping it cuts it off; only [`Lease::end`] keeps it.
pub(super) struct Lease<'a, D: Dial> {
    pool: &'a Pool<D>,
    line: Option<D::Line>,
    _place: SemaphorePermit<'a>,
}

/// How long a connection may lie idle before it is made anew.
const OLD: Duration = Duration::from_secs(5 * 60);

/// How long an idle connection may take to show that it works.
const PROBE: Duration = Duration::from_secs(1);

impl<D: Dial> Pool<D> {
    pub(super) fn new(dial: D, most: usize) -> Pool<D> {
        Pool { dial, places: Semaphore::new(most), idle: Mutex::new(Vec::new()) }
    }

    /// A connection that works, an idle one or a new one.
    pub(super) async fn lease(&self) -> Result<Lease<'_, D>, Arc<str>> {
        let place = self.places.acquire().await.map_err(|_| "the database is closed")?;
        let mut lease = Lease { pool: self, line: None, _place: place };
        while let Some((line, since)) = self.newest() {
            let idle = since.elapsed();
            let line = lease.line.insert(line);
            if idle < OLD && matches!(timeout(PROBE, self.dial.works(line, idle)).await, Ok(true)) {
                return Ok(lease);
            }
            lease.cut();
            // One that fell still says that the others did, too: the server was restarted, or cannot be reached.
            self.forget();
        }
        lease.line = Some(self.dial.dial().await?);
        Ok(lease)
    }

    /// Cuts off every idle connection: the server is not the one that it was.
    pub(super) fn forget(&self) {
        let idle = std::mem::take(&mut *self.idle());
        idle.into_iter().for_each(|(line, _)| D::cut(line));
    }

    fn newest(&self) -> Option<(D::Line, Instant)> {
        self.idle().pop()
    }

    fn idle(&self) -> MutexGuard<'_, Vec<(D::Line, Instant)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<D: Dial> Lease<'_, D> {
    /// The connection, as long as it was not given away.
    pub(super) fn line(&mut self) -> Option<&mut D::Line> {
        self.line.as_mut()
    }

    /// Gives the connection back, with nothing going on in it.
    pub(super) fn end(mut self) {
        if let Some(line) = self.line.take() {
            self.pool.idle().push((line, Instant::now()));
        }
    }

    fn cut(&mut self) {
        if let Some(line) = self.line.take() {
            D::cut(line);
        }
    }
}

impl<D: Dial> Drop for Lease<'_, D> {
    fn drop(&mut self) {
        self.cut();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// A server whose connections are numbers, which work while they are not below `least`.
    #[derive(Default)]
    struct Numbers {
        made: AtomicUsize,
        least: AtomicUsize,
    }

    impl Dial for Numbers {
        type Line = usize;

        async fn dial(&self) -> Result<usize, Arc<str>> {
            Ok(self.made.fetch_add(1, Ordering::Relaxed))
        }

        async fn works(&self, line: &mut usize, _: Duration) -> bool {
            *line >= self.least.load(Ordering::Relaxed)
        }

        fn cut(_: usize) {}
    }

    async fn number(pool: &Pool<Numbers>) -> usize {
        let mut lease = pool.lease().await.unwrap();
        let number = *lease.line().unwrap();
        lease.end();
        number
    }

    #[tokio::test]
    async fn a_connection_that_was_given_back_is_used_again() {
        let pool = Pool::new(Numbers::default(), 2);
        assert_eq!((number(&pool).await, number(&pool).await), (0, 0));
    }

    #[tokio::test]
    async fn a_connection_that_was_dropped_is_made_anew() {
        let pool = Pool::new(Numbers::default(), 1);
        drop(pool.lease().await.unwrap());
        assert_eq!(number(&pool).await, 1);
    }

    #[tokio::test]
    async fn there_are_never_more_than_the_bound() {
        let pool = Pool::new(Numbers::default(), 2);
        let (one, two) = (pool.lease().await.unwrap(), pool.lease().await.unwrap());
        assert!(timeout(Duration::from_millis(20), pool.lease()).await.is_err());
        drop(one);
        assert_eq!(number(&pool).await, 2);
        drop(two);
    }

    #[tokio::test]
    async fn one_that_fell_still_takes_the_idle_ones_with_it() {
        let pool = Pool::new(Numbers::default(), 3);
        let (one, two) = (pool.lease().await.unwrap(), pool.lease().await.unwrap());
        one.end();
        two.end();
        pool.dial.least.store(2, Ordering::Relaxed);
        assert_eq!(number(&pool).await, 2);
        assert_eq!(pool.idle().len(), 1);
    }
}
