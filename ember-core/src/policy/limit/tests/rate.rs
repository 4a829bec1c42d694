use std::future::ready;
use std::pin::{Pin, pin};
use std::task::{self, Poll, Waker};
use std::thread;
use std::time::Duration;

use crate::policy::{Keyed, PolicyError, Rate, RateBuilder, Refused};
use crate::{Context, ManualClock, Stopped};

type Answer<T> = Result<T, PolicyError<String>>;

fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut task::Context::from_waker(Waker::noop()))
}

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn full(after: Duration) -> Refused {
    Refused::Full { retry_after: Some(after) }
}

/// Ten a second by a clock that stands still.
fn ten(clock: &ManualClock) -> RateBuilder {
    Rate::builder().calls(10).per(Duration::from_secs(1)).clock(clock.clone())
}

#[test]
fn r30_the_first_calls_pass_whenever_the_limit_was_made() {
    let clock = ManualClock::new();
    let rate = ten(&clock).burst(3).max_wait(Duration::ZERO).build().unwrap();
    for wait in [0, 1, 3_600] {
        clock.advance(Duration::from_secs(wait));
        let passed = (0..100).filter(|_| rate.try_acquire().is_ok()).count();
        assert_eq!(passed, 3);
    }
}

#[test]
fn a_call_that_cannot_have_its_turn_in_time_is_told_at_once() {
    let clock = ManualClock::new();
    let rate = ten(&clock).max_wait(millis(150)).build().unwrap();
    assert!(rate.call(|| Answer::Ok(())).is_ok());
    let mut waits = pin!(rate.call_async(ready(Answer::Ok(1))));
    assert!(poll(waits.as_mut()).is_pending());
    assert_eq!(rate.waiting(), 1);
    let refused = rate.call(|| Answer::Ok(())).unwrap_err();
    assert_eq!(refused.retry_after(), Some(millis(200)));
    assert_eq!(refused.to_string(), "the rate limit is reached; try again in 200ms");
    clock.advance(millis(100));
    assert!(matches!(poll(waits.as_mut()), Poll::Ready(Ok(1))));
    clock.advance(millis(100));
    assert!(rate.call(|| Answer::Ok(())).is_ok());
    assert_eq!((rate.waiting(), rate.refused()), (0, 1));
}

#[test]
fn a_turn_behind_the_deadline_is_not_waited_for() {
    let clock = ManualClock::new();
    let rate = ten(&clock).build().unwrap();
    let context = Context::builder().clock(clock.clone()).timeout(millis(50)).build();
    context.scope(|| {
        assert!(rate.acquire().is_ok());
        assert_eq!(rate.acquire(), Err(full(millis(100))));
        clock.advance(millis(50));
        assert_eq!(rate.acquire(), Err(Refused::Stopped(Stopped::DeadlineExceeded)));
    });
    clock.advance(millis(50));
    assert!(rate.acquire().is_ok(), "the turn was nobody's");
}

#[test]
fn r37_so_many_wait_and_no_more() {
    let clock = ManualClock::new();
    let rate = ten(&clock).queue(2).build().unwrap();
    let mut calls: Vec<_> = (0..4).map(|_| Box::pin(rate.acquire_async())).collect();
    let polled: Vec<_> = calls.iter_mut().map(|call| poll(call.as_mut())).collect();
    assert_eq!(
        polled,
        [Poll::Ready(Ok(())), Poll::Pending, Poll::Pending, Poll::Ready(Err(full(millis(300)))),]
    );
    assert_eq!((rate.waiting(), rate.refused()), (2, 1));
    drop(calls);
    assert_eq!(rate.waiting(), 0);
}

#[test]
fn turns_of_calls_that_are_given_up_are_there_again() {
    let clock = ManualClock::new();
    let rate = ten(&clock).build().unwrap();
    rate.acquire().unwrap();
    let mut calls: Vec<_> = (0..100).map(|_| Box::pin(rate.acquire_async())).collect();
    assert!(calls.iter_mut().all(|call| poll(call.as_mut()).is_pending()));
    drop(calls);
    assert_eq!(rate.try_acquire(), Err(full(millis(100))));
    clock.advance(millis(100));
    assert!(rate.try_acquire().is_ok());
}

#[test]
fn calls_start_in_the_order_in_which_they_came() {
    let clock = ManualClock::new();
    let rate = ten(&clock).build().unwrap();
    let mut calls: Vec<_> = (0..5).map(|_| Box::pin(rate.acquire_async())).collect();
    assert_eq!(calls.iter_mut().filter_map(|call| poll(call.as_mut()).is_ready().then_some(())).count(), 1);
    drop(calls.remove(0));
    while !calls.is_empty() {
        clock.advance(millis(100));
        let ready: Vec<_> = calls.iter_mut().map(|call| poll(call.as_mut()).is_ready()).collect();
        assert_eq!(ready.iter().filter(|ready| **ready).count(), 1);
        assert!(ready[0]);
        drop(calls.remove(0));
    }
}

#[test]
fn r38_a_thread_that_waits_for_its_turn_is_woken_when_its_run_is_cancelled() {
    let clock = ManualClock::new();
    let rate = ten(&clock).build().unwrap();
    rate.acquire().unwrap();
    let context = Context::builder().build();
    thread::scope(|scope| {
        let waits = scope.spawn(|| context.scope(|| rate.call(|| Answer::Ok(()))));
        while rate.waiting() == 0 {
            thread::yield_now();
        }
        context.cancel();
        assert!(waits.join().unwrap().unwrap_err().is_cancelled());
    });
    assert_eq!((rate.waiting(), rate.refused()), (0, 0));
    assert_eq!(rate.try_acquire(), Err(full(millis(100))), "its turn is given back");
}

#[test]
fn a_thread_goes_on_when_its_turn_comes() {
    let clock = ManualClock::new();
    let rate = ten(&clock).build().unwrap();
    rate.acquire().unwrap();
    thread::scope(|scope| {
        let waits = scope.spawn(|| rate.call(|| Answer::Ok(7)));
        while rate.waiting() == 0 {
            thread::yield_now();
        }
        clock.advance(millis(100));
        assert_eq!(waits.join().unwrap().unwrap(), 7);
    });
}

#[test]
fn r13_no_call_too_many_and_none_too_few_when_threads_contend() {
    let clock = ManualClock::new();
    let rate = ten(&clock).burst(50).max_wait(Duration::ZERO).build().unwrap();
    for turn in 0..20 {
        let passed: usize = thread::scope(|scope| {
            let callers: Vec<_> =
                (0..4).map(|_| scope.spawn(|| (0..100).filter(|_| rate.acquire().is_ok()).count())).collect();
            callers.into_iter().map(|caller| caller.join().unwrap()).sum()
        });
        assert_eq!(passed, if turn == 0 { 50 } else { 10 });
        clock.advance(Duration::from_secs(1));
    }
    assert_eq!(rate.refused(), 20 * 400 - 50 - 19 * 10);
}

/// Else who uses many keys would get a burst for each time that its key comes and goes.
#[test]
fn r37_a_key_that_has_used_its_rate_up_keeps_it_until_that_is_made_up_for() {
    let clock = ManualClock::new();
    let made = clock.clone();
    let rates = Keyed::new(1, move || ten(&made).burst(2).max_wait(Duration::ZERO).build().unwrap());
    assert!(rates.get("busy").acquire().is_ok() && rates.get("busy").acquire().is_ok());
    rates.get("other");
    assert!(rates.get("busy").acquire().is_err());
    clock.advance(millis(200));
    rates.get("other");
    assert_eq!(rates.all()[0].0, "other");
}

#[test]
fn rates_out_of_bounds_are_refused() {
    let invalid = |builder: RateBuilder| builder.build().unwrap_err().to_string();
    assert_eq!(invalid(Rate::builder().calls(0)), "rate: `calls` is 0, and must be at least 1");
    assert_eq!(
        invalid(Rate::builder().per(Duration::ZERO)),
        "rate: `per` is 0ns, and must be at least a nanosecond for each call",
    );
    assert_eq!(invalid(Rate::builder().burst(0)), "rate: `burst` is 0, and must be at least 1");
    assert_eq!(
        invalid(Rate::builder().calls(1).per(Duration::MAX)),
        "rate: `burst` is 1, and must be made up for within 73 years",
    );
}

#[test]
fn extreme_rates_neither_overflow_nor_let_too_many_through() {
    let clock = ManualClock::new();
    let year = Duration::from_hours(365 * 24);
    let seldom = Rate::builder().calls(1).per(70 * year).clock(clock.clone()).build().unwrap();
    assert!(seldom.try_acquire().is_ok());
    assert_eq!(seldom.try_acquire(), Err(full(70 * year)));
    clock.advance(70 * year);
    assert!(seldom.try_acquire().is_ok());
    let swift = Rate::builder()
        .calls(1_000_000_000)
        .burst(u32::MAX)
        .max_wait(Duration::MAX)
        .clock(clock.clone())
        .build()
        .unwrap();
    assert_eq!(swift.interval(), Duration::from_nanos(1));
    assert!((0..1_000).all(|_| swift.try_acquire().is_ok()));
    // Rounded up, so never more than allowed.
    let thirds = Rate::builder().calls(3).build().unwrap();
    assert_eq!(thirds.interval(), Duration::from_nanos(333_333_334));
}

#[cfg(feature = "tokio")]
#[test]
fn all_futures_that_wait_are_woken_each_at_its_turn() {
    use std::future::poll_fn;

    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_time().start_paused(true).build().unwrap().block_on(async {
        let rate = Rate::builder().calls(1).clock(crate::TokioClock).build().unwrap();
        let begun = tokio::time::Instant::now();
        let mut calls: Vec<_> =
            (0..6).map(|_| Box::pin(rate.call_async(async { Answer::Ok(begun.elapsed()) }))).collect();
        let mut starts = Vec::new();
        poll_fn(|cx| {
            calls.retain_mut(|call| match call.as_mut().poll(cx) {
                Poll::Ready(start) => {
                    starts.push(start.unwrap().as_millis() / 10);
                    false
                }
                Poll::Pending => true,
            });
            if calls.is_empty() { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        assert_eq!(starts, [0, 100, 200, 300, 400, 500]);
    });
}

// Known of Guava (issue 3552): of calls that came a little more slowly than they may, every other one was turned away.
#[test]
fn calls_that_come_a_little_more_slowly_than_they_may_all_pass() {
    let clock = ManualClock::new();
    let rate = ten(&clock).max_wait(Duration::ZERO).build().unwrap();
    for call in 0..100 {
        assert!(rate.try_acquire().is_ok(), "call {call}");
        clock.advance(millis(120));
    }
}

// Asked of Polly (issues 927 and 937): three in ten seconds let one through, and then told all others to come again at once.
#[test]
fn a_burst_of_all_lets_all_of_a_time_through_at_once_and_says_when_the_next_may_come() {
    let clock = ManualClock::new();
    let rate = Rate::builder().calls(3).per(Duration::from_secs(10)).burst(3).clock(clock.clone());
    let rate = rate.max_wait(Duration::ZERO).build().unwrap();
    assert_eq!((0..5).filter(|_| rate.try_acquire().is_ok()).count(), 3);
    let refused = rate.call(|| Answer::Ok(())).unwrap_err();
    let after = refused.retry_after().unwrap();
    assert!(after > millis(3333) && after < millis(3334), "{after:?}");
    clock.advance(after);
    assert_eq!((0..5).filter(|_| rate.try_acquire().is_ok()).count(), 1);
}
