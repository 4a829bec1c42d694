//! What comes out when models answer.

use super::{ends, play};
use crate::graph::Reason;
use crate::scenes::{ALL_ANSWER, ALL_FAIL, TWO_FAIL};
use crate::timeline::End;

#[tokio::test]
async fn the_judge_chooses_from_five_drafts() {
    let (verdict, bars) = play(ALL_ANSWER).await;
    let verdict = verdict.unwrap();
    // It says "2", and the second of those that agree most is this one.
    assert_eq!((verdict.draft.drafter, verdict.reason), ("thorough", Reason::Chosen { from: 5 }));
    assert!(verdict.absent.is_empty());
    for drafter in ALL_ANSWER.panel.drafters {
        assert_eq!(ends(&bars, drafter), [&End::Done]);
    }
}

#[tokio::test]
async fn a_judge_that_hangs_is_asked_again_and_the_first_attempt_is_dropped() {
    let (_, bars) = play(ALL_ANSWER).await;
    assert_eq!(ends(&bars, "judge"), [&End::Dropped, &End::Done]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn threads_of_the_runtime_change_nothing() {
    let (verdict, _) = play(ALL_ANSWER).await;
    assert_eq!(verdict.unwrap().draft.drafter, "thorough");
}

#[tokio::test]
async fn at_most_four_drafters_are_asked_at_the_same_time() {
    let (_, bars) = play(ALL_ANSWER).await;
    let drafts: Vec<_> = bars.iter().filter(|bar| ALL_ANSWER.panel.drafters.contains(&&*bar.label)).collect();
    let first_to_end = drafts.iter().map(|bar| bar.to).min();
    assert!(drafts[..4].iter().all(|bar| Some(bar.from) < first_to_end));
    assert!(Some(drafts[4].from) >= first_to_end);
}

#[tokio::test]
async fn drafters_that_fail_are_left_out() {
    let (verdict, bars) = play(TWO_FAIL).await;
    let verdict = verdict.unwrap();
    assert_eq!((verdict.draft.drafter, verdict.reason), ("thorough", Reason::Chosen { from: 3 }));
    assert_eq!(
        verdict.to_string(),
        "Sunlight meets molecules of air, which scatter its blue light far more than its red.\n\
         by thorough, chosen from 3 drafts\n\
         without flaky: 503: the model is overloaded\n\
         without limited: 429: too many requests\n"
    );
    assert_eq!(ends(&bars, "flaky"), [&End::Failed("503: the model is overloaded".to_owned())]);
}

#[tokio::test]
async fn the_first_reserve_to_answer_wins_when_all_drafters_fail() {
    let (verdict, bars) = play(ALL_FAIL).await;
    let verdict = verdict.unwrap();
    assert_eq!((verdict.draft.drafter, verdict.reason), ("sage", Reason::Fallback));
    assert_eq!(verdict.absent.len(), 5);
    // A reserve that fails leaves the race to the others; those that are slower than the first are dropped.
    assert_eq!(ends(&bars, "elder"), [&End::Failed("502: the model is being moved".to_owned())]);
    assert_eq!(ends(&bars, "sage"), [&End::Done]);
    assert_eq!(ends(&bars, "hermit"), [&End::Dropped]);
    assert!(ends(&bars, "judge").is_empty());
}
