//! An `async` run that ends early while a node of it works on another thread: the caller has the answer at once, the node
//! is told by its context, and what it uses is dropped when it returns.

use std::future::{Future, pending, poll_fn};
use std::pin::Pin;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::thread::{self, ThreadId};
use std::time::Duration;

use ember::prelude::*;
use ember::{Error, Stopped, TokioClock};
use ember_tests::{Ledger, Tracked, pool, quiet};
use tokio::sync::Notify;

/// What nodes tell, and wait for.
struct Stage {
    started: Sender<ThreadId>,
    go: Mutex<Receiver<()>>,
    told: Sender<(bool, Result<(), Stopped>)>,
    /// Lets `fail` fail.
    fail: Notify,
    /// Lets `wait` come to its end.
    answer: Notify,
}

/// The test's side of a [`Stage`].
struct Director {
    starts: Receiver<ThreadId>,
    go: Sender<()>,
    told: Receiver<(bool, Result<(), Stopped>)>,
}

fn stage() -> (Arc<Stage>, Director) {
    let ((started, starts), (go, goes), (told, tells)) = (channel(), channel(), channel());
    let stage = Stage { started, go: Mutex::new(goes), told, fail: Notify::new(), answer: Notify::new() };
    (Arc::new(stage), Director { starts, go, told: tells })
}

impl Stage {
    /// Works with a value until it is told to end, and tells what its context says then.
    fn work(&self, value: &Tracked, cx: &Context) -> Tracked {
        let _loan = value.lend();
        let result = value.ledger().value("result");
        self.started.send(thread::current().id()).expect("the test waits");
        self.go.lock().unwrap().recv().expect("the test goes on");
        self.told.send((cx.is_cancelled(), cx.check())).expect("the test waits");
        result
    }
}

#[operator]
fn work(value: &Tracked, stage: &Stage, cx: &Context) -> Tracked {
    stage.work(value, cx)
}

/// On a thread for what blocks.
#[operator(blocking)]
fn block(value: &Tracked, stage: &Stage, cx: &Context) -> Tracked {
    stage.work(value, cx)
}

/// Works, and does what its context says.
#[operator]
fn obey(value: &Tracked, stage: &Stage, cx: &Context) -> Result<Tracked, Stopped> {
    let result = stage.work(value, cx);
    cx.check()?;
    Ok(result)
}

/// Works, and fails.
#[operator]
fn work_in_vain(value: &Tracked, stage: &Stage, cx: &Context) -> Result<Tracked, String> {
    let result = stage.work(value, cx);
    Err(format!("no {}", result.name()))
}

#[operator]
async fn wait_for_ever(value: &Tracked) -> Tracked {
    let _held = value.ledger().value("held");
    pending().await
}

#[operator]
async fn wait(stage: &Stage) -> usize {
    stage.answer.notified().await;
    1
}

#[operator]
async fn fail(stage: &Stage) -> Result<usize, String> {
    stage.fail.notified().await;
    Err("no answer".to_owned())
}

#[operator]
async fn look(value: &Tracked) -> usize {
    std::future::ready(()).await;
    value.name().len()
}

graph! {
    async fn works(root: Tracked, stage: Arc<Stage>) -> Result<usize, Error> {
        let done = work(&root, &stage);
        let waited = wait_for_ever(&root).await;
        Ok(done.name().len() + waited.name().len())
    }

    async fn blocks(root: Tracked, stage: Arc<Stage>) -> Result<usize, Error> {
        let done = block(&root, &stage);
        let waited = wait_for_ever(&root).await;
        Ok(done.name().len() + waited.name().len())
    }

    async fn obeys(root: Tracked, stage: Arc<Stage>) -> Result<usize, Error> {
        let done = obey(&root, &stage)?;
        let waited = wait_for_ever(&root).await;
        Ok(done.name().len() + waited.name().len())
    }

    async fn works_in_an_item(root: Tracked, stage: Arc<Stage>) -> Result<usize, Error> {
        let sizes = for name in ["one", "two"] {
            let mine = { root.ledger().value(name) };
            let size = if name == "one" { let done = work(&mine, &stage); look(&done).await } else { let waited = wait_for_ever(&mine).await; look(&waited).await };
            size
        };
        Ok(sizes.len())
    }

    async fn works_inside(root: Tracked, stage: Arc<Stage>) -> Result<usize, Error> {
        let (inner, same) = { (root.clone(), stage.clone()) };
        let size = works(inner, same).await?;
        let waited = wait_for_ever(&root).await;
        Ok(size + waited.name().len())
    }

    async fn fails_above(root: Tracked, stage: Arc<Stage>) -> Result<usize, Error> {
        let failed = fail(&stage).await?;
        let done = work(&root, &stage);
        let waited = wait_for_ever(&root).await;
        Ok(failed + done.name().len() + waited.name().len())
    }

    async fn fails_below(root: Tracked, stage: Arc<Stage>) -> Result<usize, Error> {
        let done = work(&root, &stage);
        let failed = fail(&stage).await?;
        let waited = wait_for_ever(&root).await;
        Ok(failed + done.name().len() + waited.name().len())
    }

    async fn both_fail(root: Tracked, stage: Arc<Stage>) -> Result<usize, Error> {
        let done = work_in_vain(&root, &stage)?;
        let failed = fail(&stage).await?;
        Ok(failed + done.name().len())
    }

    #[fail_fast]
    async fn fails_fast(root: Tracked, stage: Arc<Stage>) -> Result<usize, Error> {
        let done = work(&root, &stage);
        let failed = fail(&stage).await?;
        let waited = wait_for_ever(&root).await;
        Ok(failed + done.name().len() + waited.name().len())
    }

    async fn fails_between(root: Tracked, stage: Arc<Stage>) -> Result<usize, Error> {
        let answer = wait(&stage).await;
        let failed = fail(&stage).await?;
        let done = work(&root, &stage);
        Ok(answer + failed + done.name().len())
    }
}

graph! {
    async fn items_that_finish(root: Tracked, stage: Arc<Stage>) -> Result<usize, Error> {
        let failed = fail(&stage).await?;
        let sizes = for n in 0..5 {
            if n < 4 { look(&root).await } else { let done = work(&root, &stage); done.name().len() }
        };
        Ok(failed + sizes.len())
    }
}

type Run = Pin<Box<dyn Future<Output = Result<usize, Error>>>>;
type Graph = fn(Tracked, Arc<Stage>) -> Run;

/// The graph as a function that all graphs here can be.
macro_rules! graphs {
    ($($graph:ident),*) => {
        [$((stringify!($graph), (|root, stage| Box::pin($graph(root, stage))) as Graph)),*]
    };
}

/// Polls once.
async fn is_pending(run: &mut Run) -> bool {
    poll_fn(|cx| Poll::Ready(run.as_mut().poll(cx).is_pending())).await
}

/// In a pool and a runtime of its own, the clock of which is paused.
fn alone<F: Future<Output = ()>>(behaviour: impl FnOnce() -> F + Send) {
    quiet();
    pool(2).install(|| {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime can be made")
            .block_on(behaviour());
    });
}

/// A run of which a node works, and the rest waits.
async fn begin(graph: Graph, cx: &Context) -> (Run, Ledger, Arc<Stage>, Director) {
    let (ledger, (stage, director)) = (Ledger::new(), stage());
    let mut run = cx.scope(|| graph(ledger.value("root"), stage.clone()));
    assert!(is_pending(&mut run).await);
    let thread = director.starts.recv().unwrap();
    assert_ne!(thread, thread::current().id());
    (run, ledger, stage, director)
}

/// Checks that the node still works with its values, lets it end, and checks that all is dropped. Tells what its
/// context said.
fn end(ledger: &Ledger, director: &Director, name: &str) -> (bool, Result<(), Stopped>) {
    assert!(director.told.try_recv().is_err(), "{name}");
    assert!(!ledger.order().contains(&"result".to_owned()), "{name}");
    director.go.send(()).unwrap();
    let told = director.told.recv().unwrap();
    ledger.wait_until_all_are_dropped();
    ledger.assert_balanced();
    told
}

#[test]
fn r38_a_cancelled_run_answers_while_a_node_works() {
    for (name, graph) in graphs![works, blocks, obeys, works_in_an_item, works_inside] {
        alone(|| async {
            let cx = Context::builder().strategy(Strategy::Parallel).build();
            let (run, ledger, _, director) = begin(graph, &cx).await;
            cx.cancel();
            let error = run.await.unwrap_err();
            assert!(error.is_cancelled() && !error.is_timeout() && !error.is_panic(), "{name}: {error}");
            assert_eq!(error.nodes().failed, 0, "{name}");
            assert!(ledger.order().contains(&"held".to_owned()), "{name}");
            assert_eq!(end(&ledger, &director, name), (true, Err(Stopped::Cancelled)), "{name}");
        });
    }
}

#[test]
fn r16_a_run_answers_at_its_deadline_while_a_node_works() {
    for (name, graph) in graphs![works, blocks, obeys, works_in_an_item, works_inside] {
        alone(|| async {
            let cx = Context::builder()
                .strategy(Strategy::Parallel)
                .clock(TokioClock)
                .timeout(Duration::from_secs(5))
                .build();
            let (run, ledger, _, director) = begin(graph, &cx).await;
            let error = run.await.unwrap_err();
            assert!(error.is_timeout() && !error.is_cancelled() && !error.is_panic(), "{name}: {error}");
            assert_eq!(error.nodes().failed, 0, "{name}");
            assert!(ledger.order().contains(&"held".to_owned()), "{name}");
            let (_, checked) = end(&ledger, &director, name);
            assert!(checked.is_err(), "{name}");
        });
    }
}

#[test]
fn r40_a_failure_above_answers_while_a_node_works() {
    alone(|| async {
        let cx = Context::builder().strategy(Strategy::Parallel).build();
        let (run, ledger, stage, director) = begin(graphs![fails_above][0].1, &cx).await;
        stage.fail.notify_one();
        let error = run.await.unwrap_err();
        assert!(!error.is_cancelled() && !error.is_timeout() && !error.is_panic(), "{error}");
        assert_eq!((error.node(), error.operator()), ("failed", "fail"));
        assert_eq!((error.nodes().failed, error.nodes().cancelled), (1, 2));
        assert_eq!(ledger.order(), ["held"]);
        // The node's own context is told, and the one around goes on.
        assert_eq!(end(&ledger, &director, "fails_above"), (true, Err(Stopped::Cancelled)));
        assert!(!cx.is_cancelled());
    });
}

#[test]
fn a_failure_below_waits_for_the_node_that_works_above() {
    alone(|| async {
        let cx = Context::builder().strategy(Strategy::Parallel).build();
        let (mut run, ledger, stage, director) = begin(graphs![fails_below][0].1, &cx).await;
        stage.fail.notify_one();
        assert!(is_pending(&mut run).await);
        // What waits below the failure is dropped meanwhile.
        assert_eq!(ledger.order(), ["held"]);
        assert_eq!(end_of(&director), (false, Ok(())));
        let error = run.await.unwrap_err();
        assert_eq!((error.node(), error.nodes().finished, error.nodes().cancelled), ("failed", 1, 1));
        ledger.wait_until_all_are_dropped();
        ledger.assert_balanced();

        // The node that works fails too, and it stands above.
        let (mut run, ledger, stage, director) = begin(graphs![both_fail][0].1, &cx).await;
        stage.fail.notify_one();
        assert!(is_pending(&mut run).await);
        assert_eq!(end_of(&director), (false, Ok(())));
        let error = run.await.unwrap_err();
        let failed: Vec<_> = error.failures().map(|failure| failure.node().to_owned()).collect();
        assert_eq!(failed, ["done", "failed"]);
        ledger.wait_until_all_are_dropped();
        ledger.assert_balanced();
    });
}

fn end_of(director: &Director) -> (bool, Result<(), Stopped>) {
    director.go.send(()).unwrap();
    director.told.recv().unwrap()
}

#[test]
fn fail_fast_does_not_wait_for_the_node_that_works_above() {
    alone(|| async {
        let cx = Context::builder().strategy(Strategy::Parallel).build();
        let (run, ledger, stage, director) = begin(graphs![fails_fast][0].1, &cx).await;
        stage.fail.notify_one();
        let error = run.await.unwrap_err();
        assert_eq!((error.node(), error.nodes().failed), ("failed", 1));
        assert_eq!(end(&ledger, &director, "fails_fast"), (true, Err(Stopped::Cancelled)));
    });
}

#[test]
fn a_node_that_works_below_a_failure_does_not_keep_the_answer() {
    alone(|| async {
        let cx = Context::builder().strategy(Strategy::Parallel).build();
        let (mut run, ledger, stage, director) = begin(graphs![fails_between][0].1, &cx).await;
        stage.fail.notify_one();
        assert!(is_pending(&mut run).await, "a node above the failure waits");
        stage.answer.notify_one();
        let error = run.await.unwrap_err();
        assert_eq!((error.node(), error.operator(), error.nodes().failed), ("failed", "fail", 1));
        assert_eq!((error.nodes().finished, error.nodes().cancelled), (1, 1), "the answer came early");
        assert_eq!(end(&ledger, &director, "fails_between"), (true, Err(Stopped::Cancelled)));
    });
}

#[test]
fn an_early_answer_counts_the_items_that_have_finished() {
    alone(|| async {
        let cx = Context::builder().strategy(Strategy::Parallel).build();
        let (run, ledger, stage, director) = begin(graphs![items_that_finish][0].1, &cx).await;
        stage.fail.notify_one();
        let error = run.await.unwrap_err();
        let nodes = error.nodes();
        assert_eq!((nodes.finished, nodes.failed, nodes.cancelled, nodes.not_started), (4, 1, 1, 0));
        assert_eq!(end(&ledger, &director, "items_that_finish"), (true, Err(Stopped::Cancelled)));
    });
}

#[test]
fn an_early_answer_counts_the_nodes_whose_turn_had_not_come() {
    alone(|| async {
        let cx = Context::builder().strategy(Strategy::Sequential).build();
        let (run, ledger, _, director) = begin(graphs![works][0].1, &cx).await;
        cx.cancel();
        let nodes = run.await.unwrap_err().nodes();
        assert_eq!((nodes.finished, nodes.failed, nodes.cancelled, nodes.not_started), (0, 0, 1, 1));
        assert_eq!(end(&ledger, &director, "works"), (true, Err(Stopped::Cancelled)));
    });
}
