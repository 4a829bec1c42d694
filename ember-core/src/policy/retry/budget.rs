//! How many retries the calls of an operator may make together.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use self::bucket::Bucket;
use crate::policy::Invalid;

mod bucket;

/// What a retry costs, in the bucket's units.
const RETRY: u64 = 1_000_000;
const LARGEST_RATIO: f64 = 10.0;
const LARGEST_RATE: u32 = 10_000;
const LARGEST_BURST: u32 = 1_000_000;

/// How many retries all calls of an operator may make together: so when nothing works any more, retries add little to
/// the load, instead of multiplying it.
///
/// It is a bucket of retries, full at first. Each retry takes one out. Each call that succeeds puts a part of one in, and
/// so does time. Where the bucket has less than one, no retry is made. What does not fit into the bucket is lost, so
/// quiet or good times allow for no more than a [`burst`](Budget::burst).
///
/// By default each success is worth 0.2 retries, a second is worth 10, and the bucket holds 100.
///
/// The source of budgets for retries is Twitter's Finagle (`RetryBudget`), of buckets filled by successes gRPC's proposal
/// A6, "Client Retries".
///
/// ```
/// use ember_core::policy::{Budget, Class, Exhausted, PolicyError, Retry};
///
/// let two = Budget::default().burst(2).ratio(0.0).per_second(0);
/// let retry = Retry::builder().attempts(9).budget(two)
/// #   .backoff(ember_core::policy::Backoff::constant(std::time::Duration::ZERO))
///     .build()?;
///
/// let mut attempts = 0;
/// let failed = retry.call(
///     |_| {
///         attempts += 1;
///         Err::<(), PolicyError<&str>>("down".into())
///     },
///     |_| Class::Retry,
/// );
/// assert_eq!(failed.unwrap_err().exhausted_by(), Some(Exhausted::Budget));
/// assert_eq!(attempts, 3);
/// # Ok::<(), ember_core::policy::Invalid>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Budget {
    ratio: f64,
    per_second: u32,
    burst: u32,
}

impl Default for Budget {
    fn default() -> Self {
        Self { ratio: 0.2, per_second: 10, burst: 100 }
    }
}

impl Budget {
    /// How many retries a call that succeeds is worth: from 0 to 10, to the nearest millionth. By default 0.2.
    #[must_use]
    pub const fn ratio(mut self, retries: f64) -> Self {
        self.ratio = retries;
        self
    }

    /// How many retries a second is worth, so that operators that are seldom called may be retried too: from 0 to
    /// 10 000. By default 10.
    #[must_use]
    pub const fn per_second(mut self, retries: u32) -> Self {
        self.per_second = retries;
        self
    }

    /// How many retries can be saved up, and how many there are at first: from 1 to 1 000 000. By default 100.
    #[must_use]
    pub const fn burst(mut self, retries: u32) -> Self {
        self.burst = retries;
        self
    }

    pub(super) fn check(&self) -> Result<(), Invalid> {
        if !(0.0..=LARGEST_RATIO).contains(&self.ratio) {
            return Err(Invalid::new("retry", "budget.ratio", self.ratio, "between 0 and 10"));
        }
        if self.per_second > LARGEST_RATE {
            return Err(Invalid::new("retry", "budget.per_second", self.per_second, "10000 at most"));
        }
        if !(1..=LARGEST_BURST).contains(&self.burst) {
            return Err(Invalid::new("retry", "budget.burst", self.burst, "between 1 and 1000000"));
        }
        Ok(())
    }
}

/// The bucket of one operator.
#[derive(Debug)]
pub(super) struct Purse {
    bucket: Bucket,
    /// What a success is worth.
    deposit: u64,
    per_second: u32,
    /// When time began to count.
    start: OnceLock<Instant>,
}

impl Purse {
    pub(super) fn new(budget: Budget) -> Self {
        // Of a second in retries, the nanoseconds are as many thousandths of the bucket's units.
        let deposit = Duration::from_secs_f64(budget.ratio).as_nanos() + 500;
        Self {
            bucket: Bucket::new(u64::from(budget.burst) * RETRY),
            deposit: u64::try_from(deposit / 1000).unwrap_or(u64::MAX),
            per_second: budget.per_second,
            start: OnceLock::new(),
        }
    }

    /// A call has succeeded.
    #[inline(always)]
    pub(super) fn succeeded(&self) {
        self.bucket.deposit(self.deposit);
    }

    /// Takes a retry out, if there is one.
    pub(super) fn withdraw(&self, now: impl FnOnce() -> Instant) -> Option<Withdrawn<'_>> {
        self.bucket.withdraw(RETRY, self.brought(now)).then(|| Withdrawn(Some(self)))
    }

    /// What time has brought since the first retry that was asked for; before it the bucket was full.
    fn brought(&self, now: impl FnOnce() -> Instant) -> u64 {
        if self.per_second == 0 {
            return 0;
        }
        let now = now();
        let passed = now.saturating_duration_since(*self.start.get_or_init(|| now)).as_nanos();
        u64::try_from(passed * u128::from(self.per_second) / 1000).unwrap_or(u64::MAX / 2)
    }
}

/// A retry that was taken out, and goes back unless it is made.
#[derive(Debug)]
pub(super) struct Withdrawn<'p>(Option<&'p Purse>);

impl Withdrawn<'_> {
    /// One that costs nothing.
    pub(super) const FREE: Self = Self(None);

    /// It is made.
    pub(super) fn spend(mut self) {
        self.0 = None;
    }
}

impl Drop for Withdrawn<'_> {
    fn drop(&mut self) {
        if let Some(purse) = self.0 {
            purse.bucket.deposit(RETRY);
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
