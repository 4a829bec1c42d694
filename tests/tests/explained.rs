//! What `explain().with(..)` says of runs that were counted. Nodes take the time by which they move a clock, so all figures are
//! exact but for the buckets of latencies.
#![allow(clippy::unnecessary_wraps, reason = "the operators are as plain as can be")]

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::time::Duration;

use ember::observe::{Advice, Profile, Statistics};
use ember::{ManualClock, TokioClock, prelude::*};

#[operator]
fn takes(clock: &ManualClock, micros: u64) -> u64 {
    clock.advance(Duration::from_micros(micros));
    micros
}

#[operator]
fn joins(clock: &ManualClock, a: u64, b: u64) -> u64 {
    clock.advance(Duration::from_millis(30));
    a + b
}

#[derive(Debug, thiserror::Error)]
#[error("down\n\u{1b}[31mruns: 0{}", "!".repeat(2000))]
struct Down;

#[operator(idempotent, retry(attempts = 3, backoff = none))]
fn every_fourth(tries: &AtomicU32) -> Result<u32, Down> {
    if tries.fetch_add(1, SeqCst).is_multiple_of(4) { Err(Down) } else { Ok(1) }
}

#[operator(idempotent, retry(attempts = 3, backoff = none))]
fn looks_up(clock: &ManualClock, tries: &AtomicU32) -> Result<u64, Down> {
    clock.advance(Duration::from_millis(60));
    if tries.fetch_add(1, SeqCst).is_multiple_of(5) { Err(Down) } else { Ok(60) }
}

#[operator(cache(capacity = 8))]
fn cached(n: u32) -> u32 {
    n + 1
}

#[operator(fallback = 7)]
fn falls(n: u32) -> Result<u32, Down> {
    if n.is_multiple_of(2) { Err(Down) } else { Ok(n) }
}

#[operator(breaker(window = 10, min_calls = 10), fallback(with = |_| Err(Down)))]
fn breaks(n: u32) -> Result<u32, Down> {
    if n == 0 { Ok(n) } else { Err(Down) }
}

#[operator(timeout = "20ms")]
fn hangs(clock: &ManualClock, cx: &Context, micros: u64) -> Result<u64, ember::Stopped> {
    clock.advance(Duration::from_micros(micros));
    cx.check()?;
    Ok(micros)
}

#[operator]
fn fails(n: u32) -> Result<u32, Down> {
    if n == 3 { Err(Down) } else { Ok(n) }
}

#[operator(concurrency = 1)]
async fn one_by_one(seconds: u64) -> Result<u64, Down> {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    Ok(seconds)
}

graph! {
    fn answer(clock: &ManualClock) -> u64 {
        let prompt = takes(clock, 20_000);
        let facts = takes(clock, 60_000);
        let draft = joins(clock, prompt, facts);
        draft
    }

    fn with_retries(clock: &ManualClock, tries: &AtomicU32) -> Result<u64, ember::Error> {
        let prompt = takes(clock, 20_000);
        let facts = looks_up(clock, tries)?;
        let draft = joins(clock, prompt, facts);
        Ok(draft)
    }

    fn level(clock: &ManualClock) -> u64 {
        let one = takes(clock, 60_000);
        let other = takes(clock, 59_000);
        one + other
    }

    fn tiny(clock: &ManualClock) -> u64 {
        let one = takes(clock, 1);
        let other = takes(clock, 2);
        one + other
    }

    fn items(clock: &ManualClock, many: &[u64]) -> u64 {
        let made = for n in many { takes(clock, *n) };
        made.into_iter().sum()
    }

    fn seldom(clock: &ManualClock, is_odd: bool) -> u64 {
        let way = if is_odd { takes(clock, 40_000) } else { takes(clock, 10_000) };
        way
    }

    fn retried(tries: &AtomicU32) -> Result<u32, ember::Error> {
        let answer = every_fourth(tries)?;
        Ok(answer)
    }

    fn remembered(n: u32) -> u32 {
        let kept = cached(n);
        kept
    }

    fn falling(n: u32) -> Result<u32, ember::Error> {
        let answer = falls(n)?;
        Ok(answer)
    }

    fn breaking(n: u32) -> Result<u32, ember::Error> {
        let answer = breaks(n)?;
        Ok(answer)
    }

    fn hanging(clock: &ManualClock, micros: u64) -> Result<u64, ember::Error> {
        let answer = hangs(clock, micros)?;
        Ok(answer)
    }

    fn failing(n: u32) -> Result<u32, ember::Error> {
        let answer = fails(n)?;
        Ok(answer)
    }

    async fn in_turn(seconds: u64) -> Result<u64, ember::Error> {
        let first = one_by_one(seconds).await?;
        let second = one_by_one(seconds).await?;
        Ok(first + second)
    }
}

/// In order, by a clock that moves as operators say.
fn counted(times: u32, run: impl Fn(&ManualClock, u32)) -> Statistics {
    let (statistics, clock) = (Statistics::new(), ManualClock::new());
    let cx = Context::builder()
        .observer(statistics.clone())
        .strategy(Strategy::Sequential)
        .clock(clock.clone())
        .correlation_id("order-17")
        .build();
    cx.scope(|| (0..times).for_each(|time| run(&clock, time)));
    statistics
}

fn path(profile: &Profile) -> Vec<&str> {
    profile.critical_path().map(|node| node.path).collect()
}

fn says(profile: &Profile, line: &str) {
    let text = profile.to_string();
    assert!(text.lines().any(|said| said == line), "no `{line}` in\n{text}");
}

const ANSWER: &str = "\
runs: 20, of which 0 failed, 0 cancelled; median 110.0ms, p99 110.0ms
  node      calls    median       p99     time  failed
  prompt       20    20.0ms    20.0ms   18.2 %       0
* facts        20    60.0ms    60.0ms   54.5 %       0
* draft        20    30.0ms    30.0ms   27.3 %       0
critical path (*): facts → draft, 90.0ms
all nodes of a run: 110.0ms, so in parallel at most 1.2 times as fast as in order
the time goes to: facts 54.5 %, draft 27.3 %, prompt 18.2 %
what would help most:
  - `facts` is 66.7 % of the critical path: splitting or caching it makes a run at most 1.8 times as fast
";

#[test]
fn the_time_of_a_run_is_laid_upon_its_edges() {
    let statistics = counted(20, |clock, _| assert_eq!(answer(clock), 80_000));
    let profile = answer::explain().with(&statistics);
    let text = profile.to_string();
    assert_eq!(text.strip_prefix(&answer::explain().to_string()), Some(ANSWER));
    assert_eq!(path(&profile), ["facts", "draft"]);
    assert_eq!((profile.span(), profile.work()), (Duration::from_millis(90), Duration::from_millis(110)));
}

#[test]
fn the_guide_shows_what_is_printed() {
    let tries = AtomicU32::new(0);
    let statistics = counted(20, |clock, _| assert_eq!(with_retries(clock, &tries).unwrap(), 20_060));
    let text = with_retries::explain().with(&statistics).to_string();
    let behind = text.strip_prefix(&with_retries::explain().to_string()).unwrap();
    assert!(include_str!("../../docs/guide/contexts.md").contains(behind), "{behind}");
}

#[test]
fn in_order_all_nodes_count() {
    let statistics = counted(20, |clock, _| assert_eq!(answer(clock), 80_000));
    let cx = Context::builder().strategy(Strategy::Sequential).build();
    let profile = cx.scope(|| answer::explain().with(&statistics));
    let [Advice::Bottleneck { node, gain, in_order, .. }] = profile.advice() else { panic!("{profile}") };
    assert_eq!((*node, *in_order), ("facts", true));
    assert!(gain.is_some_and(|gain| (gain - 2.2).abs() < 1e-9));
}

#[test]
fn a_node_beside_one_that_takes_as_long_is_no_bottleneck() {
    let profile = level::explain().with(&counted(20, |clock, _| assert_eq!(level(clock), 119_000)));
    assert_eq!(path(&profile), ["one"]);
    assert_eq!(profile.advice(), []);
    says(&profile, "what would help most: nothing stands out");
}

#[test]
fn of_few_runs_nothing_is_said() {
    let profile = answer::explain().with(&counted(19, |clock, _| assert_eq!(answer(clock), 80_000)));
    assert_eq!(profile.advice(), []);
    says(&profile, "what would help most: too few runs to say");
    let none = answer::explain().with(&Statistics::new());
    assert!(none.to_string().ends_with("no run was counted\n"), "{none}");
    assert!(none.statistics().is_none() && path(&none).is_empty());
}

#[test]
fn tiny_nodes_are_right_in_order() {
    let profile = tiny::explain().with(&counted(20, |clock, _| assert_eq!(tiny(clock), 3)));
    assert_eq!(profile.advice(), [Advice::Tiny { run: Duration::from_micros(3) }]);
}

#[test]
fn of_items_that_run_beside_each_other_one_counts() {
    let many = [10_000; 8];
    let profile = items::explain().with(&counted(20, |clock, _| assert_eq!(items(clock, &many), 80_000)));
    assert_eq!((profile.span(), profile.work()), (Duration::from_millis(10), Duration::from_millis(80)));
    says(&profile, "* made[]      160    10.0ms    10.0ms  100.0 %       0");
}

#[test]
fn a_part_counts_as_often_as_it_is_taken() {
    let run = |clock: &ManualClock, time: u32| assert!(seldom(clock, time.is_multiple_of(10)) > 0);
    let profile = seldom::explain().with(&counted(20, run));
    assert_eq!(path(&profile), ["way.then", "way.else"]);
    assert_eq!((profile.span(), profile.work()), (Duration::from_millis(13), Duration::from_millis(13)));
}

#[test]
fn retries_are_told_and_judged() {
    let tries = AtomicU32::new(0);
    let profile = retried::explain().with(&counted(30, |_, _| assert_eq!(retried(&tries).unwrap(), 1)));
    says(&profile, "  answer  40 attempts (10 failed), 10 retries");
    let retries = Advice::Retries { node: "answer", share: 0.25 };
    assert!(profile.advice().contains(&retries), "{profile}");
}

#[test]
fn a_cache_that_has_little_is_told_and_judged() {
    let profile = remembered::explain().with(&counted(40, |_, n| assert_eq!(remembered(n), n + 1)));
    let evicted = profile.statistics().unwrap().nodes[0].cache_evicted;
    assert!(evicted > 0);
    says(&profile, &format!("  kept  cache 0 hits, 40 misses (0.0 %), {evicted} evicted"));
    assert_eq!(profile.advice(), [Advice::CacheMisses { node: "kept", share: 0.0, evicted }]);
    // The last value is there still.
    let often = remembered::explain().with(&counted(40, |_, _| assert_eq!(remembered(39), 40)));
    says(&often, "  kept  cache 40 hits, 0 misses (100.0 %)");
    assert_eq!(often.advice(), []);
}

#[test]
fn fallbacks_are_told_and_judged() {
    let profile = falling::explain().with(&counted(20, |_, n| assert!(falling(n).is_ok())));
    says(&profile, "  answer  10 fallbacks");
    assert_eq!(profile.advice(), [Advice::Fallbacks { node: "answer", share: 0.5, failed: 0 }]);
    says(&profile, "  - 50.0 % of the calls of `answer` ended in its fallback: see why they fail");
}

#[test]
fn what_a_breaker_turns_away_is_told_and_judged() {
    let profile = breaking::explain().with(&counted(40, |_, n| assert_eq!(breaking(n).is_err(), n > 0)));
    says(&profile, "  answer  30 turned away by a breaker, 39 fallbacks that failed, 1 changes of breakers");
    let refused = Advice::BreakerRefusals { node: "answer", share: 0.75, changes: 1 };
    assert_eq!(profile.advice(), [refused, Advice::Fallbacks { node: "answer", share: 0.975, failed: 39 }]);
    says(
        &profile,
        "  - the breaker of `answer` turned away 75.0 % of the attempts, and changed 1 times: see why they fail, or have a \
         fallback",
    );
    says(
        &profile,
        "  - 97.5 % of the calls of `answer` ended in its fallback, which failed 39 times: see why they fail",
    );
}

/// Whether the limit is near what calls take, or some hang.
#[test]
fn what_takes_too_long_is_told_and_judged() {
    let of = |usual: u64| {
        let run = |clock: &ManualClock, n: u32| {
            let hangs = n.is_multiple_of(5);
            assert_eq!(hanging(clock, if hangs { 25_000 } else { usual }).is_err(), hangs);
        };
        hanging::explain().with(&counted(20, run))
    };
    let (near, far) = (of(10_000), of(1_000));
    for profile in [&near, &far] {
        says(profile, "  answer  4 timeouts");
        assert_eq!(profile.statistics().unwrap().nodes[0].timeout_limit, Some(Duration::from_millis(20)));
    }
    let late = "  - 20.0 % of the attempts at `answer` took longer than 20.0ms, with a median of";
    for (profile, help) in
        [(&near, "a longer limit, or a faster way"), (&far, "see what hangs, or try again sooner")]
    {
        let text = profile.to_string();
        assert!(text.lines().any(|line| line.starts_with(late) && line.ends_with(help)), "{text}");
    }
}

#[test]
fn what_a_failure_says_cannot_disguise_the_lines_around_it() {
    let profile = failing::explain().with(&counted(20, |_, n| assert_eq!(failing(n).is_err(), n == 3)));
    says(&profile, "runs: 20, of which 1 failed, 0 cancelled; median 0.0ns, p99 0.0ns");
    let text = profile.to_string();
    let last: Vec<&str> = text.lines().filter(|line| line.starts_with("last failure: ")).collect();
    assert_eq!(last.len(), 1, "{text}");
    assert!(last[0].contains(", node answer, correlation id order-17: "), "{text}");
    assert!(last[0].contains("down\u{fffd}\u{fffd}[31mruns: 0!") && last[0].ends_with("!…"), "{text}");
    assert!(last[0].len() < 400, "{text}");
}

#[tokio::test(start_paused = true)]
async fn waits_for_permits_are_told_and_judged() {
    let statistics = Statistics::new();
    let cx = Context::builder().observer(statistics.clone()).clock(TokioClock).build();
    for _ in 0..20 {
        assert_eq!(cx.scope(|| in_turn(2)).await.unwrap(), 4);
    }
    let profile = in_turn::explain().with(&statistics);
    says(&profile, "  second  20 waits for permits (40.0s)");
    let waits = Advice::PermitWaits { node: "second", share: 0.5 };
    assert!(profile.advice().contains(&waits), "{profile}");
}
