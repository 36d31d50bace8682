//! The clock that sessions see: the real one, or one that is moved by hand.
//!
//! Never: is read by the machine; time goes in with every input.

use std::{
    future::{pending, poll_fn},
    pin::Pin,
    sync::atomic::{AtomicU64, Ordering},
    task::{Context, Poll, ready},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use machine::Now;
use nix::time::{ClockId, clock_gettime};
use program::SessionId;
use tokio::{sync::watch, time::Sleep};

/// The clock of all sessions of one server.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The real one, since that moment.
    Real(Instant),
    /// Stands still until it is moved; wall-clock time begins at the given second.
    ByHand(watch::Receiver<Duration>, i64),
}

/// The one deadline of one session.
pub struct Alarm {
    clock: Clock,
    at: Option<Duration>,
    /// When the timer below fires. It may fire early: a deadline that moves away does not touch it.
    armed: Option<Duration>,
    timer: Option<Pin<Box<Sleep>>>,
    /// What waits for a clock that is moved by hand.
    hand: Option<Pin<Box<dyn Future<Output = ()> + Send + Sync>>>,
}

/// Makes the names of sessions: unlike all others of this process, and of the next one.
#[derive(Debug)]
pub struct Names {
    start: String,
    next: AtomicU64,
}

impl Clock {
    /// The real clock, from now on.
    pub fn real() -> Clock {
        Clock::Real(Instant::now())
    }

    /// The present moment.
    pub fn now(&self) -> Now {
        match self {
            Clock::Real(start) => {
                // What the kernel noted at its last tick is enough for seconds, and costs a fifth.
                let unix = clock_gettime(ClockId::CLOCK_REALTIME_COARSE).map_or(0, |now| now.tv_sec());
                Now { elapsed: start.elapsed(), unix }
            }
            Clock::ByHand(hand, unix) => {
                let elapsed = *hand.borrow();
                Now { elapsed, unix: unix + elapsed.as_secs() as i64 }
            }
        }
    }
}

impl Alarm {
    /// An alarm that is not set.
    pub fn new(clock: Clock) -> Alarm {
        Alarm { clock, at: None, armed: None, timer: None, hand: None }
    }

    /// Sets it to another time of [`Now::elapsed`], or never.
    pub fn set(&mut self, at: Option<Duration>) {
        self.at = at;
        self.hand = None;
    }

    /// Whether it will ring.
    pub fn is_set(&self) -> bool {
        self.at.is_some()
    }

    /// Waits for it; then it is no longer set.
    pub async fn rings(&mut self) {
        poll_fn(|context| self.poll_rings(context)).await;
    }

    /// Whether it rings; then it is no longer set. Who is told that it does not is woken when it does.
    pub fn poll_rings(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(at) = self.at else { return Poll::Pending };
        match &self.clock {
            Clock::Real(start) => {
                let start = *start;
                ready!(self.poll_timer(context, start, at));
            }
            Clock::ByHand(hand, _) => {
                let mut hand = hand.clone();
                let moved = self.hand.get_or_insert_with(|| {
                    Box::pin(async move {
                        if hand.wait_for(|elapsed| *elapsed >= at).await.is_err() {
                            pending().await
                        }
                    })
                });
                ready!(moved.as_mut().poll(context));
                self.hand = None;
            }
        }
        self.at = None;
        Poll::Ready(())
    }

    /// Setting a timer costs more than leaving one: it is only moved when it would fire too late.
    fn poll_timer(&mut self, context: &mut Context<'_>, start: Instant, at: Duration) -> Poll<()> {
        loop {
            if self.armed.is_none_or(|armed| armed > at) {
                if start.elapsed() >= at {
                    return Poll::Ready(());
                }
                let moment = tokio::time::Instant::from_std(start + at);
                match &mut self.timer {
                    Some(timer) => timer.as_mut().reset(moment),
                    None => self.timer = Some(Box::pin(tokio::time::sleep_until(moment))),
                }
                self.armed = Some(at);
            }
            if let Some(timer) = &mut self.timer {
                ready!(timer.as_mut().poll(context));
            }
            self.armed = None;
        }
    }
}

impl Names {
    /// Names that begin with the present moment.
    pub fn new() -> Names {
        let start = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64);
        let mut text = String::new();
        base36(start, &mut text);
        Names { start: text + "-", next: AtomicU64::new(0) }
    }

    /// The next one.
    pub fn next(&self) -> SessionId {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let mut name = String::with_capacity(self.start.len() + DIGITS);
        name.push_str(&self.start);
        base36(number, &mut name);
        SessionId(name.into())
    }
}

impl Default for Names {
    fn default() -> Names {
        Names::new()
    }
}

/// The most digits of a number.
const DIGITS: usize = 13;

fn base36(mut number: u64, out: &mut String) {
    let mut digits = [0; DIGITS];
    let mut at = DIGITS;
    loop {
        at -= 1;
        digits[at] = b"0123456789abcdefghijklmnopqrstuvwxyz"[(number % 36) as usize];
        number /= 36;
        if number == 0 {
            return out.extend(digits[at..].iter().map(|digit| char::from(*digit)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_sessions_are_short_and_differ() {
        let names = Names::new();
        let (first, second) = (names.next(), names.next());
        assert!(first != second && first.0.len() <= 12, "{first} {second}");
        let check = |number: u64, shown: &str| {
            let mut text = String::new();
            base36(number, &mut text);
            assert_eq!(text, shown);
        };
        check(0, "0");
        check(35, "z");
        check(36, "10");
        check(u64::MAX, "3w5e11264sgsf");
    }

    #[tokio::test]
    async fn a_deadline_that_moves_away_does_not_ring_early() {
        let start = Instant::now();
        let mut alarm = Alarm::new(Clock::Real(start));
        alarm.set(Some(Duration::from_millis(20)));
        let early = tokio::time::timeout(Duration::from_millis(5), alarm.rings()).await;
        assert!(early.is_err());
        alarm.set(Some(Duration::from_millis(60)));
        alarm.rings().await;
        assert!(start.elapsed() >= Duration::from_millis(60));
        alarm.set(Some(Duration::from_millis(80)));
        let early = tokio::time::timeout(Duration::from_millis(5), alarm.rings()).await;
        assert!(early.is_err());
        alarm.set(Some(Duration::from_millis(70)));
        alarm.rings().await;
        assert!(start.elapsed() < Duration::from_millis(80) || start.elapsed() >= Duration::from_millis(70));
    }

    #[tokio::test]
    async fn a_clock_moved_by_hand_rings_when_it_is_moved() {
        let (hand, clock) = watch::channel(Duration::ZERO);
        let clock = Clock::ByHand(clock, 1000);
        let mut alarm = Alarm::new(clock.clone());
        alarm.set(Some(Duration::from_secs(300)));
        let (_, ()) = tokio::join!(alarm.rings(), async {
            hand.send_replace(Duration::from_secs(300));
        });
        assert_eq!(clock.now(), Now { elapsed: Duration::from_secs(300), unix: 1300 });
    }
}
