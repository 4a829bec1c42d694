//! A retry beside an obvious one, which counts everything by hand: calls that share a budget, one after the other.

use proptest::prelude::*;

use super::*;

/// How an attempt ends.
#[derive(Clone, Copy, Debug)]
enum Outcome {
    Good,
    Fails,
    TooLong,
    /// Asks to come back after so many milliseconds.
    Asks(u64),
    Final,
    TurnedAway,
}

#[derive(Clone, Debug)]
struct Settings {
    attempts: u32,
    base: u64,
    factor: u32,
    cap: u64,
    /// In thousandths of a retry.
    ratio: u64,
    per_second: u32,
    burst: u32,
    longest_retry_after: u64,
}

#[derive(Clone, Debug)]
struct Call {
    /// What passes before it, in milliseconds.
    idle: u64,
    /// The time that it has.
    deadline: Option<u64>,
    /// What its attempts do; those behind are good.
    outcomes: Vec<Outcome>,
}

/// How a call ended, after how many attempts and waits of how many milliseconds.
#[derive(Debug, PartialEq)]
struct Ended {
    how: Result<(), Option<Exhausted>>,
    attempts: u32,
    waits: Vec<u64>,
}

/// A bucket in thousandths of a retry and milliseconds.
struct Obvious {
    settings: Settings,
    now: u64,
    holds: u64,
    /// When time was last put in. Until a retry is asked for the bucket is full.
    filled: Option<u64>,
}

impl Obvious {
    fn put(&mut self, thousandths: u64) {
        self.holds = (self.holds + thousandths).min(u64::from(self.settings.burst) * 1000);
    }

    fn withdraw(&mut self) -> bool {
        let passed = self.now - self.filled.unwrap_or(self.now);
        self.filled = Some(self.now);
        self.put(passed * u64::from(self.settings.per_second));
        let had = self.holds >= 1000;
        self.holds -= if had { 1000 } else { 0 };
        had
    }

    fn call(&mut self, call: &Call) -> Ended {
        let Settings { attempts, base, factor, cap, ratio, longest_retry_after, .. } = self.settings;
        self.now += call.idle;
        let deadline = call.deadline.map(|time| self.now + time);
        let (mut made, mut waits) = (0, Vec::new());
        let how = loop {
            made += 1;
            let asked = match call.outcomes.get(made as usize - 1).copied().unwrap_or(Outcome::Good) {
                Outcome::Good => {
                    self.put(ratio);
                    break Ok(());
                }
                Outcome::Final | Outcome::TurnedAway => {
                    break Err((made > 1).then_some(Exhausted::Final));
                }
                Outcome::Fails | Outcome::TooLong => 0,
                Outcome::Asks(time) => time,
            };
            if made == attempts {
                break Err((attempts > 1).then_some(Exhausted::Attempts));
            }
            if asked > longest_retry_after {
                break Err(Some(Exhausted::RetryAfter));
            }
            let grown = (1..made).fold(base, |delay, _| cap.min(delay * u64::from(factor)));
            let delay = grown.max(asked);
            if deadline.is_some_and(|deadline| self.now + delay >= deadline) {
                break Err(Some(Exhausted::Deadline));
            }
            if !self.withdraw() {
                break Err(Some(Exhausted::Budget));
            }
            self.now += delay;
            waits.push(delay);
        };
        Ended { how, attempts: made, waits }
    }
}

fn real(retry: &Retry, clock: &Jumping, call: &Call) -> Ended {
    clock.clock.advance(Duration::from_millis(call.idle));
    let waited = clock.waits().len();
    let deadline = call.deadline.map(|time| clock.now() + Duration::from_millis(time));
    let attempts = Cell::new(0);
    let next = |attempt: u32| {
        attempts.set(attempt);
        let outcome = call.outcomes.get(attempt as usize - 1).copied().unwrap_or(Outcome::Good);
        Err(match outcome {
            Outcome::Good => return Ok(()),
            Outcome::TooLong => PolicyError::timed_out(Span::Attempt, SECOND),
            Outcome::TurnedAway => PolicyError::open(None),
            Outcome::Fails | Outcome::Asks(_) | Outcome::Final => PolicyError::from(outcome),
        })
    };
    let classify = |outcome: &Outcome| match outcome {
        Outcome::Asks(time) => Class::RetryAfter(Duration::from_millis(*time)),
        Outcome::Final => Class::Stop,
        _ => Class::Retry,
    };
    let how = retry.before(deadline).call(next, classify).map_err(|failed| {
        assert_eq!(failed.attempt(), attempts.get());
        assert_eq!(failed.earlier().len() + failed.omitted() + 1, attempts.get() as usize);
        failed.exhausted_by()
    });
    let waits =
        clock.waits().split_off(waited).iter().map(|wait| u64::try_from(wait.as_millis()).unwrap()).collect();
    Ended { how, attempts: attempts.get(), waits }
}

fn any_settings() -> impl Strategy<Value = Settings> {
    let delays = (1..500_u64, 1..4_u32, 500..3000_u64, 0..5000_u64);
    let budget = (0..2000_u64, 0..5_u32, 1..6_u32);
    (1..12_u32, delays, budget).prop_map(|(attempts, delays, budget)| {
        let (base, factor, cap, longest_retry_after) = delays;
        let (ratio, per_second, burst) = budget;
        Settings { attempts, base, factor, cap, ratio, per_second, burst, longest_retry_after }
    })
}

fn any_call() -> impl Strategy<Value = Call> {
    let outcome = prop_oneof![
        1 => Just(Outcome::Good),
        6 => Just(Outcome::Fails),
        2 => Just(Outcome::TooLong),
        2 => (0..6000_u64).prop_map(Outcome::Asks),
        1 => Just(Outcome::Final),
        1 => Just(Outcome::TurnedAway),
    ];
    let deadline = prop::option::of(0..10_000_u64);
    (0..3000_u64, deadline, prop::collection::vec(outcome, 0..15))
        .prop_map(|(idle, deadline, outcomes)| Call { idle, deadline, outcomes })
}

proptest! {
    #[test]
    fn r32_a_retry_does_what_an_obvious_one_does(
        settings in any_settings(),
        calls in prop::collection::vec(any_call(), 1..30),
    ) {
        let clock = Jumping::new();
        let backoff = Backoff::exponential(Duration::from_millis(settings.base))
            .factor(f64::from(settings.factor))
            .cap(Duration::from_millis(settings.cap))
            .full_jitter(false);
        let ratio = Duration::from_millis(settings.ratio).as_secs_f64();
        let budget = Budget::default().ratio(ratio).per_second(settings.per_second).burst(settings.burst);
        let retry = Retry::builder()
            .attempts(settings.attempts)
            .backoff(backoff)
            .budget(budget)
            .longest_retry_after(Duration::from_millis(settings.longest_retry_after))
            .clock(clock.clone())
            .build()
            .unwrap();
        let holds = u64::from(settings.burst) * 1000;
        let mut obvious = Obvious { settings, now: 0, holds, filled: None };
        for call in &calls {
            prop_assert_eq!(real(&retry, &clock, call), obvious.call(call));
        }
    }
}
