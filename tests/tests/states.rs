//! The states of operators, as the list of states, health and metrics show them. A process of its own: the list is one.
#![allow(
    clippy::float_cmp,
    clippy::unnecessary_wraps,
    reason = "they are counts, and the operators as plain as can be"
)]

use std::sync::Mutex;

use ember::Error;
use ember::health::{Health, Status};
use ember::prelude::*;
use ember::watch::{self, State};
use ember_tests::metered::Metered;

/// One test at a time: each looks at the health of the whole process.
static ALONE: Mutex<()> = Mutex::new(());

#[operator(breaker(window = 2, min_calls = 2), fallback = 0)]
fn price(item: u32) -> Result<u32, String> {
    if item == 0 { Err("no price".to_owned()) } else { Ok(item * 10) }
}

#[operator(concurrency = 3, cache(capacity = 16))]
fn tax(price: u32) -> Result<u32, String> {
    Ok(price / 5)
}

#[operator(breaker(window = 2, min_calls = 2, key = |tenant| tenant.to_owned()))]
fn stock(tenant: &str, item: u32) -> Result<u32, String> {
    if item == 0 { Err(format!("no stock for {tenant}")) } else { Ok(7) }
}

#[allow(clippy::unused_async, reason = "graphs wait for it all the same")]
#[operator]
async fn price_later(item: u32) -> Result<u32, String> {
    price(item)
}

#[operator]
fn sum(a: u32, b: u32) -> u32 {
    a + b
}

graph! {
    fn quote(item: u32) -> Result<u32, Error> {
        let price = price(item)?;
        let tax = tax(price)?;
        let all = sum(price, tax);
        Ok(all)
    }

    fn guessed(items: &[u32]) -> Result<Vec<u32>, Error> {
        let prices = for item in items {
            #[without(breaker)]
            #[fallback(with = |_| Ok(1))]
            price(*item)?
        };
        Ok(prices)
    }

    async fn guessed_later(item: u32) -> Result<u32, Error> {
        #[fallback = 2]
        let asked = price_later(item).await?;
        Ok(asked)
    }

    fn stocked(tenant: &str, item: u32) -> Result<u32, Error> {
        let left = stock(tenant, item)?;
        let all = sum(left, 0);
        Ok(all)
    }
}

fn state(owner: &str, kind: &str) -> Option<State> {
    let is = |seen: &watch::Watched| &*seen.owner == owner && seen.state.kind() == kind;
    watch::states().into_iter().find(is).map(|seen| seen.state)
}

#[test]
fn r42_the_policies_of_an_operator_are_seen_from_their_first_use_on() {
    let _alone = ALONE.lock().unwrap();
    assert_eq!(quote(3).unwrap(), 36);
    assert!(matches!(state("price", "breaker"), Some(State::Breaker { .. })));
    let Some(State::Concurrency { permits: 3, in_use: 0, .. }) = state("tax", "concurrency") else {
        panic!()
    };
    let Some(State::Cache { len, capacity: 16, loads, .. }) = state("tax", "cache") else { panic!() };
    assert!(len >= 1 && loads >= 1);
    assert!(matches!(state("price", "fallback"), Some(State::Fallback { .. })));
    assert!(state("sum", "breaker").is_none());
}

/// Whichever form a run takes, the line has one fallback.
#[test]
fn r42_a_fallback_of_a_line_is_seen_under_graph_and_node() {
    let _alone = ALONE.lock().unwrap();
    let uses = |owner| {
        let of_owner = watch::states().into_iter().filter(|seen| &*seen.owner == owner);
        of_owner
            .map(|seen| match seen.state {
                State::Fallback { uses, failures: 0 } => uses,
                other => panic!("{other:?}"),
            })
            .collect::<Vec<_>>()
    };
    assert!(uses("guessed.prices[]").is_empty());
    for strategy in [Strategy::Sequential, Strategy::Parallel] {
        let cx = Context::builder().strategy(strategy).build();
        assert_eq!(cx.scope(|| guessed(&[1, 0, 2, 0])).unwrap(), [10, 1, 20, 1]);
    }
    assert_eq!(uses("guessed.prices[]"), [4]);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(runtime.block_on(guessed_later(0)).unwrap(), 2);
    assert_eq!(uses("guessed_later.asked"), [1]);
}

#[test]
fn r42_an_open_breaker_degrades_health_and_shows_in_metrics_until_it_closes() {
    let _alone = ALONE.lock().unwrap();
    let metered = Metered::default();
    let health = Health::default();
    quote(1).unwrap();
    let of_price = || health.report().reasons.into_iter().find(|reason| &*reason.of == "price");
    assert_eq!(of_price(), None);
    for _ in 0..2 {
        assert_eq!(quote(0).unwrap(), 0, "the fallback stands in");
    }
    assert_eq!(health.report().status, Status::Degraded);
    let reason = of_price().expect("its breaker is open");
    assert_eq!(reason.kind, "breaker");
    assert!(reason.text.starts_with("the breaker is open for another "), "{reason}");
    let troubled = r#"ember_states_troubled{kind="breaker",owner="price"}"#;
    assert_eq!(metered.scrape().number(troubled), 1.0);
    price::breaker().reset();
    assert_eq!(of_price(), None);
    assert_eq!(metered.scrape().number(troubled), 0.0);
}

#[test]
fn r42_breakers_by_key_are_seen_as_one_without_their_keys() {
    let _alone = ALONE.lock().unwrap();
    for _ in 0..2 {
        stocked("tenant-of-secrets", 0).unwrap_err();
    }
    stocked("another", 1).unwrap();
    let report = Health::default().report();
    let reason = report.reasons.iter().find(|reason| &*reason.of == "stock").expect("one is open");
    assert!(reason.text.starts_with("1 of 2 keys: the breaker is open"), "{reason}");
    assert!(!format!("{report:?}{:?}", watch::states()).contains("tenant-of-secrets"));
}

#[test]
fn r42_a_batch_is_seen_while_it_is_under_way() {
    let _alone = ALONE.lock().unwrap();
    let batches =
        || watch::states().into_iter().filter(|seen| seen.state.kind() == "batch").collect::<Vec<_>>();
    let under_way = Mutex::new(Vec::new());
    let inputs = [1, 2, 3, 4].into_iter().inspect(|_| under_way.lock().unwrap().extend(batches()));
    let report = quote::batch(inputs).in_flight(1).run();
    assert_eq!(report.values().len(), 4);
    let under_way = under_way.into_inner().unwrap();
    assert_eq!(under_way.len(), 4, "as each input was pulled: {under_way:?}");
    for seen in under_way {
        assert_eq!(&*seen.owner, "quote");
        let State::Batch(progress) = seen.state else { panic!("{seen:?}") };
        assert_eq!((progress.total, progress.failed, progress.finished), (Some(4), 0, false));
    }
    assert!(batches().is_empty());
}
