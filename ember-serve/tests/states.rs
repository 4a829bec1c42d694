//! Policies and batches are told as they are.

mod common;

use std::sync::{Arc, Barrier, LazyLock, Mutex, PoisonError, mpsc};
use std::time::Duration;

use common::{Listener, get};
use ember::policy::{Breaker, Concurrency};
use ember::watch::{self, Watch as _};
use ember_serve::{Serve, Server};
use serde_json::Value;

/// States are those of the process, and one of them hangs.
static PROCESS: Mutex<()> = Mutex::new(());

fn server() -> Server {
    Serve::builder().build().unwrap().start().unwrap()
}

fn named(list: &Value, name: &str) -> Option<Value> {
    list.as_array()?.iter().find(|thing| thing["name"] == name).cloned()
}

#[test]
fn r42_states_are_told_with_what_is_wrong_and_go_when_they_do() {
    let _process = PROCESS.lock().unwrap_or_else(PoisonError::into_inner);
    let (breaker, limit) = (Breaker::builder().build(), Concurrency::builder().permits(4).build());
    let (breaker, limit) = (Arc::new(breaker.unwrap()), Arc::new(limit.unwrap()));
    let (one, other) = (breaker.clone(), limit.clone());
    let of_breaker = watch::register("told suppliers", move || Some(one.watch()));
    let _of_limit = watch::register("told uploads", move || Some(other.watch()));
    let _permit = limit.try_acquire().unwrap();
    let server = server();
    let mut listener = Listener::new(server.address());
    let first = listener.change();
    let suppliers = named(&first["states"], "told suppliers").unwrap();
    let told = [&suppliers["kind"], &suppliers["state"], &suppliers["says"]];
    assert_eq!(told, ["breaker", "ok", "closed"]);
    assert_eq!(suppliers["trouble"], Value::Null);
    let uploads = named(&first["states"], "told uploads").unwrap();
    assert_eq!((&uploads["part"]["part"], &uploads["part"]["whole"]), (&1.into(), &4.into()));
    assert_eq!(uploads["text"], "1 of 4 in use");
    breaker.force_open();
    let opened = std::iter::repeat_with(|| listener.change())
        .find_map(|change| named(&change["states"], "told suppliers"))
        .unwrap();
    assert_eq!((&opened["id"], &opened["state"]), (&suppliers["id"], &"failing".into()));
    assert_eq!(
        (&opened["says"], &opened["trouble"]),
        (&"open by hand".into(), &"the breaker was opened by hand".into())
    );
    assert_eq!(opened["text"], "0 of 0 calls failed, 0 turned away", "how long it is open is said above");
    drop(of_breaker);
    let gone = |change: &Value| change["gone"]["states"].as_array().unwrap().contains(&suppliers["id"]);
    assert!(std::iter::repeat_with(|| listener.change()).any(|change| gone(&change)));
}

/// Opened once the test has seen the batch halfway.
static GATE: LazyLock<Barrier> = LazyLock::new(|| Barrier::new(2));

#[ember::operator]
fn kept(n: u64) -> Result<u64, String> {
    if n == 7 {
        GATE.wait();
    }
    if n == 3 { Err("three".into()) } else { Ok(n) }
}

ember::graph! {
    fn one(n: u64) -> Result<u64, ember::Error> {
        let kept = kept(n)?;
        Ok(kept)
    }
}

#[test]
fn r42_a_batch_under_way_is_told_with_how_far_it_has_come() {
    let _process = PROCESS.lock().unwrap_or_else(PoisonError::into_inner);
    let server = server();
    let mut listener = Listener::new(server.address());
    listener.change();
    let batch = std::thread::spawn(|| one::batch((0..10u64).collect::<Vec<_>>()).in_flight(1).run());
    let of_ten = |change: &Value| {
        let batches = change["batches"].as_array().unwrap();
        batches.iter().find(|batch| batch["part"]["whole"] == 10).cloned()
    };
    let halfway = std::iter::repeat_with(|| listener.change())
        .filter_map(|change| of_ten(&change))
        .find(|batch| batch["part"]["part"] == 7)
        .unwrap();
    assert_eq!((&halfway["kind"], &halfway["name"]), (&"batch".into(), &"one".into()));
    assert_eq!(halfway["failed"], 1);
    let id = &halfway["id"];
    GATE.wait();
    assert_eq!(batch.join().unwrap().values().len(), 9);
    let gone = |change: &Value| change["gone"]["batches"].as_array().unwrap().contains(id);
    assert!(std::iter::repeat_with(|| listener.change()).any(|change| gone(&change)));
}

#[test]
fn r42_a_state_that_hangs_does_not_hang_the_server() {
    let _process = PROCESS.lock().unwrap_or_else(PoisonError::into_inner);
    let (go, gate) = mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    let _hangs = watch::register("hangs", move || {
        let _ = gate.lock().unwrap().recv();
        None
    });
    let serve = Serve::builder().work_time(Duration::from_millis(50));
    let server = serve.build().unwrap().start().unwrap();
    assert_eq!(get(server.address(), "/graphs").status, 503);
    assert_eq!(get(server.address(), "/health/live").status, 200);
    let mut listener = Listener::new(server.address());
    let told =
        std::iter::repeat_with(|| listener.change()).find(|change| !change["health"].is_null()).unwrap();
    let reasons = told["health"]["reasons"].as_array().unwrap();
    assert!(reasons.iter().any(|reason| reason["of"] == "states"), "the page knows that it is old: {told}");
    drop(go);
}
