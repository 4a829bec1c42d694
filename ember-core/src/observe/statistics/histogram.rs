//! How long things took: log-linear buckets, as `HdrHistogram` has them (<https://hdrhistogram.org>).

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use crate::sync::nanos;

/// Each power of two has so many buckets, as a power of two: so a bucket is at most 1/8 wider than where it begins.
const BITS: u32 = 3;
const PER_OCTAVE: usize = 1 << BITS;
/// Up to 2⁴² ns, which is 73 minutes; what takes longer is in the last one.
const OCTAVES: usize = 40;
const BUCKETS: usize = OCTAVES * PER_OCTAVE;

/// The bucket of so many nanoseconds.
fn bucket(nanos: u64) -> usize {
    if nanos < PER_OCTAVE as u64 {
        return usize::try_from(nanos).unwrap_or(0);
    }
    let shift = nanos.ilog2() - BITS;
    let within = usize::try_from(nanos >> shift).unwrap_or(0) - PER_OCTAVE;
    ((shift as usize + 1) * PER_OCTAVE + within).min(BUCKETS - 1)
}

/// The most nanoseconds that a bucket holds.
fn most(bucket: usize) -> u64 {
    if bucket + 1 >= BUCKETS {
        return u64::MAX;
    }
    let next = bucket + 1;
    let (octave, within) = (next / PER_OCTAVE, next % PER_OCTAVE);
    let start = if octave == 0 { within as u64 } else { ((PER_OCTAVE + within) as u64) << (octave - 1) };
    start - 1
}

/// What threads add to. It takes 2.6 kB.
pub(super) struct Histogram {
    buckets: [AtomicU64; BUCKETS],
    sum: AtomicU64,
    max: AtomicU64,
}

impl Histogram {
    pub(super) const fn new() -> Self {
        Self {
            buckets: [const { AtomicU64::new(0) }; BUCKETS],
            sum: AtomicU64::new(0),
            max: AtomicU64::new(0),
        }
    }

    pub(super) fn add(&self, took: Duration) {
        let nanos = nanos(took);
        self.buckets[bucket(nanos)].fetch_add(1, Relaxed);
        self.sum.fetch_add(nanos, Relaxed);
        // Nearly always it is not the longest, which a load tells.
        if self.max.load(Relaxed) < nanos {
            self.max.fetch_max(nanos, Relaxed);
        }
    }

    pub(super) fn snapshot(&self) -> Latency {
        let buckets: Vec<u64> = self.buckets.iter().map(|bucket| bucket.load(Relaxed)).collect();
        Latency {
            count: buckets.iter().sum(),
            buckets,
            sum: Duration::from_nanos(self.sum.load(Relaxed)),
            max: Duration::from_nanos(self.max.load(Relaxed)),
        }
    }
}

/// How long calls took, at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Latency {
    buckets: Vec<u64>,
    count: u64,
    sum: Duration,
    max: Duration,
}

impl Latency {
    /// How many calls there were.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// How long they took together. It wraps after 584 years.
    pub fn sum(&self) -> Duration {
        self.sum
    }

    /// How long the longest took.
    pub fn max(&self) -> Duration {
        self.max
    }

    /// How long a call took on average, if there was one.
    pub fn mean(&self) -> Option<Duration> {
        let mean = self.sum.as_nanos().checked_div(u128::from(self.count))?;
        u64::try_from(mean).ok().map(Duration::from_nanos)
    }

    /// A time that the share `q` of the calls did not exceed, if there was a call: never less than the exact one, and at
    /// most an eighth more. Beyond 73 minutes it is [`max`](Self::max). A share below 0 is taken for 0, one above 1 for 1.
    pub fn quantile(&self, q: f64) -> Option<Duration> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
        let rank = ((q.clamp(0.0, 1.0) * self.count as f64).ceil() as u64).clamp(1, self.count.max(1));
        let mut seen = 0;
        let place = self.buckets.iter().position(|calls| {
            seen += calls;
            seen >= rank
        })?;
        Some(Duration::from_nanos(most(place)).min(self.max))
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    #![allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a share of 200 at most"
    )]

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_as_an_exact_one_but_for_an_eighth(
            mut all in prop::collection::vec(prop_oneof![0..100_u64, 0..1_u64 << 20, 0..1_u64 << 41], 1..200),
            q in 0.0..=1.0_f64,
        ) {
            let histogram = Histogram::new();
            for &nanos in &all {
                histogram.add(Duration::from_nanos(nanos));
            }
            let latency = histogram.snapshot();
            all.sort_unstable();
            prop_assert_eq!(latency.count(), all.len() as u64);
            prop_assert_eq!(latency.sum(), Duration::from_nanos(all.iter().sum()));
            prop_assert_eq!(latency.max(), Duration::from_nanos(all[all.len() - 1]));
            let rank = ((q * all.len() as f64).ceil() as usize).clamp(1, all.len());
            let exact = all[rank - 1];
            let told = u64::try_from(latency.quantile(q).unwrap().as_nanos()).unwrap();
            prop_assert!(told >= exact && told - exact <= exact / 8, "{} for {}", told, exact);
        }

        #[test]
        fn every_time_is_within_its_bucket(nanos: u64) {
            let place = bucket(nanos);
            prop_assert!(nanos <= most(place));
            prop_assert!(place == 0 || nanos > most(place - 1));
        }
    }

    #[test]
    fn of_no_call_there_is_no_quantile() {
        let latency = Histogram::new().snapshot();
        assert_eq!((latency.quantile(0.5), latency.mean()), (None, None));
    }
}
