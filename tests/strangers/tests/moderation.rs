//! A chat moderator: two classifiers race, and what the quicker one says decides who looks at the message next.

use std::time::Duration;

use ember::At;
use ember::prelude::*;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Label {
    Fine,
    Doubtful { score: u8 },
    Spam,
}

#[derive(Debug, PartialEq)]
enum Decision {
    Post(String),
    Hold { why: String },
    Drop,
}

#[derive(Clone, Debug, PartialEq)]
struct Unavailable(&'static str);

impl std::fmt::Display for Unavailable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the {} classifier is down", self.0)
    }
}

impl std::error::Error for Unavailable {}

#[derive(Debug)]
enum ModerationError {
    /// A classifier was down; where is known.
    Classifier {
        node: String,
        which: Unavailable,
    },
    Other(ember::Error),
}

impl From<At<Unavailable>> for ModerationError {
    fn from(at: At<Unavailable>) -> Self {
        ModerationError::Classifier { node: at.site().node().into_owned(), which: at.into_source() }
    }
}

impl From<ember::Error> for ModerationError {
    fn from(error: ember::Error) -> Self {
        ModerationError::Other(error)
    }
}

/// A classifier with a name, a delay, and whether it is up.
#[derive(Clone, Copy)]
struct Classifier {
    name: &'static str,
    millis: u64,
    up: bool,
}

impl Classifier {
    #[operator]
    async fn classify(&self, text: &str) -> Result<Label, Unavailable> {
        sleep(Duration::from_millis(self.millis)).await;
        if !self.up {
            return Err(Unavailable(self.name));
        }
        Ok(match text {
            text if text.contains("$$$") => Label::Spam,
            text if text.contains('?') => Label::Doubtful { score: 60 },
            text if text.contains('!') => Label::Doubtful { score: 20 },
            _ => Label::Fine,
        })
    }
}

#[operator]
async fn ask<'a>(classifier: &Classifier, text: &'a str) -> Result<(Label, &'a str), Unavailable> {
    Ok((classifier.classify(text).await?, text))
}

/// People are slow, and write a protocol.
#[operator]
async fn review(protocol: &Mutex<Vec<String>>, text: &str, score: u8) -> Decision {
    sleep(Duration::from_mins(1)).await;
    protocol.lock().await.push(format!("reviewed {text}"));
    if score > 50 {
        Decision::Hold { why: format!("score {score}") }
    } else {
        Decision::Post(text.to_owned())
    }
}

#[operator]
async fn note(protocol: &Mutex<Vec<String>>, text: &str) {
    protocol.lock().await.push(format!("noted {text}"));
}

graph! {
    async fn moderate(
        quick: Classifier,
        thorough: Classifier,
        protocol: &Mutex<Vec<String>>,
        text: &str,
    ) -> Result<Decision, ModerationError> {
        let (label, judged) = race!(ask(&quick, text), ask(&thorough, text)).await?;
        let decision = match label {
            Label::Fine => Decision::Post(judged.to_owned()),
            Label::Doubtful { score } => review(protocol, judged, score).await,
            Label::Spam => { note(protocol, judged).await; Decision::Drop }
        };
        #[after(decision)]
        note(protocol, "the end").await;
        Ok(decision)
    }

    /// Methods race too.
    async fn by_methods(quick: &Classifier, thorough: &Classifier, text: &str) -> Result<Label, ember::Error> {
        let label = race!(quick.classify(text), thorough.classify(text)).await?;
        Ok(label)
    }
}

const QUICK: Classifier = Classifier { name: "quick", millis: 10, up: true };
const THOROUGH: Classifier = Classifier { name: "thorough", millis: 500, up: true };

async fn run(
    quick: Classifier,
    thorough: Classifier,
    text: &str,
) -> (Result<Decision, ModerationError>, Vec<String>) {
    let protocol = Mutex::new(Vec::new());
    let decision = moderate(quick, thorough, &protocol, text).await;
    (decision, protocol.into_inner())
}

#[tokio::test(start_paused = true)]
async fn the_quicker_one_decides() {
    let start = Instant::now();
    let (decision, protocol) = run(QUICK, THOROUGH, "hello").await;
    assert_eq!(decision.unwrap(), Decision::Post("hello".to_owned()));
    assert_eq!(protocol, ["noted the end"]);
    assert_eq!(start.elapsed(), Duration::from_millis(10));

    let (decision, protocol) = run(QUICK, THOROUGH, "really?").await;
    assert_eq!(decision.unwrap(), Decision::Hold { why: "score 60".to_owned() });
    assert_eq!(protocol, ["reviewed really?", "noted the end"]);

    let (decision, protocol) = run(QUICK, THOROUGH, "win $$$").await;
    assert_eq!(decision.unwrap(), Decision::Drop);
    assert_eq!(protocol, ["noted win $$$", "noted the end"]);
}

#[tokio::test(start_paused = true)]
async fn the_other_one_stands_in() {
    let start = Instant::now();
    let (decision, _) = run(Classifier { up: false, ..QUICK }, THOROUGH, "hello").await;
    assert_eq!(decision.unwrap(), Decision::Post("hello".to_owned()));
    assert_eq!(start.elapsed(), Duration::from_millis(500));

    let down = |classifier| Classifier { up: false, ..classifier };
    let (decision, protocol) = run(down(QUICK), down(THOROUGH), "hello").await;
    let error = decision.unwrap_err();
    let ModerationError::Classifier { node, which } = error else { panic!("{error:?}") };
    assert_eq!((node.as_str(), which), ("label[0]", Unavailable("quick")));
    assert_eq!(protocol, [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_ends_the_review() {
    let protocol = Mutex::new(Vec::new());
    let cx = Context::builder().clock(ember::TokioClock).timeout(Duration::from_secs(30)).build();
    let error = cx.scope(|| moderate(QUICK, THOROUGH, &protocol, "why?")).await.unwrap_err();
    let ModerationError::Other(error) = error else { panic!("{error:?}") };
    assert!(error.is_timeout());
    assert_eq!(error.operator(), "review");
    assert_eq!(protocol.into_inner(), [""; 0]);
}
