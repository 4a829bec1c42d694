//! The parts that the models play, and who is asked in which scene.

use std::time::Duration;

use axum::http::StatusCode;

use crate::graph::Panel;
use crate::server::{Part, Reply};

/// Longer than anybody here waits.
const NEVER: u64 = 600_000;

pub(crate) const QUESTION: &str = "Why is the sky blue?";

pub(crate) const PARTS: &[Part] = &[
    ("brisk", &[Reply::text(60, "Air scatters blue light more than red light.")]),
    ("steady", &[Reply::text(120, "Molecules of air scatter blue light far more than red light.")]),
    (
        "thorough",
        &[Reply::text(
            220,
            "Sunlight meets molecules of air, which scatter its blue light far more than its red.",
        )],
    ),
    ("poetic", &[Reply::text(90, "The sky is a mirror of the sea.")]),
    ("terse", &[Reply::text(40, "Rayleigh scattering.")]),
    ("flaky", &[Reply::refusal(50, StatusCode::SERVICE_UNAVAILABLE, "the model is overloaded")]),
    ("limited", &[Reply::refusal(10, StatusCode::TOO_MANY_REQUESTS, "too many requests")]),
    ("mute", &[Reply::text(80, "")]),
    ("hung", &[Reply::text(NEVER, "Too late.")]),
    ("elder", &[Reply::refusal(50, StatusCode::BAD_GATEWAY, "the model is being moved")]),
    ("sage", &[Reply::text(110, "Because air scatters blue light more than red light.")]),
    ("hermit", &[Reply::text(NEVER, "Too late.")]),
    // Every other time it does not come to an end.
    ("judge", &[Reply::text(NEVER, "1"), Reply::text(70, "2")]),
];

/// Who is asked, and how long the run may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scene {
    pub(crate) panel: Panel,
    pub(crate) timeout: Duration,
}

const AMPLE: Duration = Duration::from_secs(30);
const JUDGE: &str = "judge";

pub(crate) const ALL_ANSWER: Scene = Scene {
    panel: Panel {
        drafters: ["brisk", "steady", "thorough", "poetic", "terse"],
        judge: JUDGE,
        reserves: ["elder", "sage", "hermit"],
    },
    timeout: AMPLE,
};

pub(crate) const TWO_FAIL: Scene = Scene {
    panel: Panel { drafters: ["brisk", "flaky", "thorough", "limited", "steady"], ..ALL_ANSWER.panel },
    ..ALL_ANSWER
};

pub(crate) const ALL_FAIL: Scene = Scene {
    panel: Panel { drafters: ["flaky", "limited", "mute", "limited", "flaky"], ..ALL_ANSWER.panel },
    ..ALL_ANSWER
};

pub(crate) const TOO_LATE: Scene = Scene {
    panel: Panel { drafters: ["brisk", "steady", "hung", "poetic", "terse"], ..ALL_ANSWER.panel },
    timeout: Duration::from_millis(400),
};
