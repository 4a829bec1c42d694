//! Operators that name what they share.
#![expect(
    clippy::unnecessary_wraps,
    clippy::needless_pass_by_value,
    clippy::trivially_copy_pass_by_ref,
    clippy::unused_async,
    reason = "operators have the signatures that are tried, and do next to nothing"
)]

use std::convert::Infallible;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use ember::prelude::*;
use ember::resource::LoadError;
use ember::{AsyncResource, Resource};

#[derive(Debug)]
struct Model {
    version: u32,
}

static LOADS: AtomicU32 = AtomicU32::new(0);

fn load() -> Result<Model, Infallible> {
    Ok(Model { version: LOADS.fetch_add(1, SeqCst) + 1 })
}

static MODEL: Resource<Model> = Resource::new(&load);

#[operator]
fn judge(#[resource(MODEL)] model: &Model, word: &str) -> Result<String, Infallible> {
    Ok(format!("{word} by {}", model.version))
}

graph! {
    fn judge_all(words: &[&str]) -> Result<Vec<String>, ember::Error> {
        let judged = for word in words { judge(word)? };
        Ok(judged)
    }
}

#[test]
fn r36_a_thousand_nodes_load_a_model_once() {
    let words = ["a"; 1000];
    for strategy in [Strategy::Parallel, Strategy::Sequential] {
        let cx = Context::builder().strategy(strategy).build();
        let judged = cx.scope(|| judge_all(&words)).unwrap();
        assert!(judged.iter().all(|judged| judged == "a by 1"));
    }
    assert_eq!((LOADS.load(SeqCst), MODEL.status().loads), (1, 1));
}

#[test]
fn a_plain_call_passes_it() {
    assert_eq!(judge(&Model { version: 7 }, "b").unwrap(), "b by 7");
}

#[test]
fn in_a_context_another_stands_in_its_place_at_every_node() {
    let cx = Context::builder().strategy(Strategy::Parallel).resource(&MODEL, Model { version: 99 }).build();
    let part = Context::builder().parent(&cx).build();
    assert!(part.scope(|| judge_all(&["c"; 64])).unwrap().iter().all(|judged| judged == "c by 99"));
}

static BROKEN: Resource<Model> =
    Resource::new(&|| Err::<Model, _>(io::Error::new(io::ErrorKind::NotFound, "no weights")));

#[operator]
fn ask_broken(#[resource(BROKEN)] model: Arc<Model>, cx: &Context, n: u32) -> Result<u32, io::Error> {
    let _ = cx.check();
    Ok(model.version + n)
}

graph! {
    fn ask_one(n: u32) -> Result<u32, ember::Error> {
        let answer = ask_broken(n)?;
        Ok(answer)
    }
}

#[test]
fn r36_a_load_that_fails_fails_the_node_with_its_cause() {
    let failed = ask_one(1).unwrap_err();
    assert!(failed.is_unavailable() && !failed.is_rejected() && !failed.is_panic());
    assert_eq!((failed.node(), failed.operator()), ("answer", "ask_broken"));
    let cause = failed.find::<LoadError>().unwrap();
    assert!(cause.is_failure() && cause.resource().ends_with("Model"));
    assert_eq!(failed.find::<io::Error>().unwrap().to_string(), "no weights");
    assert_eq!(
        format!("{failed:#}"),
        "node `answer` (operator `ask_broken`) of graph `ask_one` lacks a resource: `resources::Model` could not be loaded: \
         no weights"
    );
    // The value may also be had as the `Arc` that it is.
    let cx = Context::builder().resource(&BROKEN, Model { version: 1 }).build();
    assert_eq!(cx.scope(|| ask_one(1)).unwrap(), 2);
}

static DOWN: AtomicU32 = AtomicU32::new(2);
static FLAKY: LazyLock<Resource<u32>> = LazyLock::new(|| {
    let load = || match DOWN.fetch_sub(1, SeqCst) {
        0 => Ok(5),
        left => Err(format!("{left} to go")),
    };
    Resource::builder().name("flaky").build(load).unwrap()
});

#[operator(idempotent, retry(attempts = 3, backoff = none), breaker, concurrency = 1, timeout = "1h")]
fn through_policies(#[resource(FLAKY)] flaky: &u32, word: String) -> Result<String, Infallible> {
    Ok(format!("{word} {flaky}"))
}

graph! {
    fn persistent(word: String) -> Result<String, ember::Error> {
        let answer = through_policies(word)?;
        Ok(answer)
    }
}

#[test]
fn r36_a_retry_loads_again_and_the_breaker_sees_it() {
    assert_eq!(persistent("got".to_owned()).unwrap(), "got 5");
    assert_eq!((FLAKY.status().loads, FLAKY.status().failures), (3, 2));
    assert_eq!(through_policies::breaker().counts().failures, 2);
    assert_eq!(through_policies::concurrency().refused(), 0);
}

static CONNECTS: AtomicU32 = AtomicU32::new(0);

async fn connect() -> Result<String, io::Error> {
    tokio::time::sleep(Duration::from_secs(1)).await;
    Ok(format!("connection {}", CONNECTS.fetch_add(1, SeqCst) + 1))
}

static CLIENT: AsyncResource<String> = Resource::new_async(&connect);

#[operator]
async fn ask(#[resource(CLIENT)] client: &str, prompt: &str) -> Result<String, io::Error> {
    tokio::task::yield_now().await;
    Ok(format!("{prompt} over {client}"))
}

graph! {
    async fn ask_all(prompts: Vec<String>) -> Result<Vec<String>, ember::Error> {
        let answers = for prompt in &prompts { ask(prompt).await? };
        Ok(answers)
    }
}

#[tokio::test(start_paused = true)]
async fn r20_a_hundred_runs_at_once_share_one_client() {
    let mut runs = tokio::task::JoinSet::new();
    for _ in 0..100 {
        runs.spawn(ask_all(vec!["hello".to_owned(); 10]));
    }
    while let Some(answers) = runs.join_next().await {
        let answers = answers.unwrap().unwrap();
        assert!(answers.iter().all(|answer| answer == "hello over connection 1"), "{answers:?}");
    }
    assert_eq!(CONNECTS.load(SeqCst), 1);
}

static IS_DOWN: AtomicBool = AtomicBool::new(true);
static POOL: AsyncResource<u32> = Resource::new_async(&async || {
    if IS_DOWN.swap(false, SeqCst) { Err("refused") } else { Ok(8) }
});

#[operator(
    idempotent,
    retry(attempts = 2, backoff = none),
    limit(concurrency = 2, rate = "1000/s", key = |tenant| tenant.len()),
    cache(capacity = 10),
    timeout = "1s",
    fallback = 0
)]
async fn tenants(
    #[resource(POOL)] pool: &u32,
    tenant: String,
    #[resource(MODEL)] _model: &Model,
) -> Result<u32, Infallible> {
    let _ = tenant;
    Ok(*pool)
}

graph! {
    async fn tenant(name: String) -> Result<u32, ember::Error> {
        let size = tenants(name).await?;
        Ok(size)
    }
}

#[tokio::test]
async fn r36_it_stands_between_all_other_policies() {
    assert_eq!(tenant("a".to_owned()).await.unwrap(), 8);
    assert_eq!((POOL.status().loads, POOL.status().failures), (2, 1));
    assert_eq!(tenants::fallback().uses(), 0);
}

static NEVER: AsyncResource<u32> = Resource::new_async(&std::future::pending::<Result<u32, Infallible>>);

#[operator(deadline = "1s")]
async fn too_long(#[resource(NEVER)] never: &u32) -> Result<u32, Infallible> {
    Ok(*never)
}

graph! {
    async fn impatient() -> Result<u32, ember::Error> {
        let value = too_long().await?;
        Ok(value)
    }
}

#[tokio::test(start_paused = true)]
async fn r16_a_deadline_ends_a_load_that_hangs() {
    assert!(impatient().await.unwrap_err().is_timeout());
    assert!(!NEVER.status().is_loading);
}

#[operator(
    idempotent,
    retry(attempts = 2, backoff = none),
    breaker(key = |word| word.len()),
    limit(concurrency = 2, rate = "1000/s", key = |word| word.len()),
    timeout = "1h",
    cache,
    fallback = 0
)]
fn of_two(
    #[resource(MODEL)] model: &Model,
    word: String,
    #[resource(FIXED)] fixed: Arc<u32>,
) -> Result<u32, Infallible> {
    Ok(model.version + *fixed + u32::try_from(word.len()).unwrap_or(0))
}

static FIXED: Resource<u32> = Resource::new(&|| Ok::<_, Infallible>(10));

#[operator]
fn generic<'t, T: Sync>(#[resource(FIXED)] fixed: &u32, items: &'t [T]) -> Result<&'t T, Infallible> {
    Ok(&items[*fixed as usize - 10])
}

graph! {
    fn two(word: String) -> Result<u32, ember::Error> {
        let sum = of_two(word)?;
        Ok(sum)
    }

    fn first(items: &[u8]) -> Result<u8, ember::Error> {
        let first = generic(items)?;
        Ok(*first)
    }
}

#[test]
fn an_operator_may_name_several_and_borrow_what_it_is_given() {
    assert_eq!(two("abc".to_owned()).unwrap(), 14);
    assert_eq!(first(&[7, 8]).unwrap(), 7);
}
