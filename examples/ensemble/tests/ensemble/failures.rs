//! What comes out when the graph itself fails.

use std::time::Duration;

use super::{ends, play};
use crate::client::CallError;
use crate::graph::NoChoice;
use crate::ranking::Absence;
use crate::scenes::{ALL_ANSWER, ALL_FAIL, Scene, TOO_LATE};
use crate::timeline::End;

#[tokio::test]
async fn the_deadline_drops_the_drafter_that_hangs_and_names_it() {
    // Enough for the others on a machine that is busy.
    let (outcome, bars) = play(Scene { timeout: Duration::from_secs(1), ..TOO_LATE }).await;
    let error = outcome.unwrap_err();
    assert!(error.is_timeout());
    assert_eq!((error.node(), error.operator()), ("replies[2]", "draft"));
    assert_eq!(ends(&bars, "hung"), [&End::Dropped]);
    assert_eq!(ends(&bars, "terse"), [&End::Done]);
    assert!(ends(&bars, "judge").is_empty());
}

#[tokio::test]
async fn all_failures_are_told_when_no_reserve_answers() {
    let mut scene = ALL_FAIL;
    scene.panel.reserves = ["flaky", "limited", "mute"];
    let (outcome, _) = play(scene).await;
    let error = outcome.unwrap_err();
    let told: Vec<String> = error.failures().map(|failure| format!("{failure:#}")).collect();
    assert_eq!(told.len(), 3);
    for (told, drafter) in told.iter().zip(scene.panel.reserves) {
        assert!(told.contains(&format!("{drafter} wrote no draft")), "{told}");
    }
    assert!(matches!(error.find::<Absence>(), Some(Absence { why: CallError::Refused { .. }, .. })));
}

#[tokio::test]
async fn a_judge_that_names_no_draft_is_an_error() {
    let mut scene = ALL_ANSWER;
    scene.panel.judge = "terse";
    let (outcome, _) = play(scene).await;
    let error = outcome.unwrap_err();
    assert_eq!(error.operator(), "choose");
    assert!(error.find::<NoChoice>().is_some());
}
