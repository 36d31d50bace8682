//! What was measured.
//!
//! Never: rounds before it is printed.

use std::{fmt, io, time::Duration};

/// The figures of one stretch of work.
#[derive(Debug, Default, Clone)]
pub struct Figures {
    /// How many operations were done.
    pub operations: u64,
    /// How many failed.
    pub errors: u64,
    /// Why the first of them failed.
    pub first_error: Option<String>,
    /// How long all of it took.
    pub elapsed: Duration,
    /// The processor time of the server and its children meanwhile.
    pub cpu: Duration,
    /// The resident memory of the server and its children at the end, in octets.
    pub resident: u64,
    /// How long each took, in order of length once it is finished.
    times: Vec<Duration>,
}

impl Figures {
    pub(crate) fn done(&mut self, took: Duration, operations: u64) {
        self.operations += operations;
        self.times.push(took);
    }

    pub(crate) fn failed(&mut self, error: &io::Error) {
        self.errors += 1;
        self.first_error.get_or_insert_with(|| error.to_string());
    }

    pub(crate) fn finish(&mut self, elapsed: Duration, cpu: Duration, resident: u64) {
        (self.elapsed, self.cpu, self.resident) = (elapsed, cpu, resident);
        self.times.sort_unstable();
    }

    /// Processor time of the server per operation, in microseconds; not a number where nothing was done.
    #[allow(clippy::cast_precision_loss, reason = "figures for people")]
    pub fn cpu_per_operation(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.operations as f64
    }

    /// Operations per second.
    #[allow(clippy::cast_precision_loss, reason = "figures for people")]
    pub fn rate(&self) -> f64 {
        self.operations as f64 / self.elapsed.as_secs_f64()
    }

    /// The time within which that part of a thousand is done; zero where nothing was done.
    pub fn within(&self, per_mille: usize) -> Duration {
        let place = (self.times.len() * per_mille / 1000).min(self.times.len().saturating_sub(1));
        self.times.get(place).copied().unwrap_or_default()
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:>8} operations {:>9.2} µs CPU/op {:>9.0} op/s   p50 {:>8.2?} p99 {:>8.2?} p99.9 {:>8.2?}   {:>6.1} MiB   {} errors",
            self.operations,
            self.cpu_per_operation(),
            self.rate(),
            self.within(500),
            self.within(990),
            self.within(999),
            f64::from(u32::try_from(self.resident >> 10).unwrap_or(u32::MAX)) / 1024.0,
            self.errors
        )?;
        match &self.first_error {
            Some(error) => write!(f, " ({error})"),
            None => Ok(()),
        }
    }
}

/// The middle of some numbers; not a number when there are none.
pub fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.retain(|number| number.is_finite());
    numbers.sort_unstable_by(f64::total_cmp);
    match (numbers.len(), numbers.len() / 2) {
        (0, _) => f64::NAN,
        (many, half) if many % 2 == 1 => numbers[half],
        (_, half) => f64::midpoint(numbers[half - 1], numbers[half]),
    }
}

/// The least and the most of some numbers.
pub fn spread(numbers: &[f64]) -> (f64, f64) {
    let ends = (f64::INFINITY, f64::NEG_INFINITY);
    numbers.iter().filter(|number| number.is_finite()).fold(ends, |(least, most), n| (least.min(*n), most.max(*n)))
}
