//! Values that are waited for and are no calls, such as the receiver of a channel: nodes of no operator.

use std::sync::{Arc, Mutex};

use ember::observe::{Event, Observer, Timeline};
use ember::prelude::*;
use tokio::sync::oneshot;

#[operator]
async fn twice(n: u64) -> u64 {
    tokio::task::yield_now().await;
    2 * n
}

graph! {
    async fn answered(n: u64, receiver: oneshot::Receiver<u64>) -> Result<u64, ember::Error> {
        let own = twice(n).await;
        let answer = receiver.await?;
        Ok(own + answer)
    }
}

/// Keeps what events say.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

impl Observer for Lines {
    fn event(&self, event: &Event<'_>) {
        self.0.lock().unwrap().push(event.to_string());
    }
}

#[tokio::test]
async fn no_operator_is_told_that_nobody_wrote() {
    let (lines, timeline) = (Lines::default(), Timeline::new(100));
    let cx = Context::builder().observer(lines.clone()).observer(timeline.clone()).build();
    let (sender, receiver) = oneshot::channel();
    drop(sender);
    let error = cx.scope(|| answered(1, receiver)).await.unwrap_err();
    assert_eq!((error.node(), error.operator()), ("answer", ""));
    assert_eq!(error.to_string(), "node `answer` of graph `answered` failed");

    let lines = lines.0.lock().unwrap();
    assert!(lines.iter().any(|line| line.ends_with("node `own` (operator `twice`) started")), "{lines:?}");
    assert!(lines.iter().any(|line| line.ends_with("node `answer` started")), "{lines:?}");
    let picture = timeline.to_svg();
    assert!(picture.contains("own (operator twice)"), "{picture}");
    assert!(picture.contains("answer\n") && !picture.contains("(operator )"), "{picture}");
}
