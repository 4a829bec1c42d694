//! Whether a load balancer may send work here, and why not.

mod common;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use common::{Answer, ask, get};
use ember::health::Health;
use ember::policy::Breaker;
use ember::watch::{self, Watch as _};
use ember_serve::{Serve, Server};
use serde_json::json;

/// Breakers are those of the process.
static PROCESS: Mutex<()> = Mutex::new(());

fn served(health: Health) -> Server {
    Serve::builder().health(health).build().unwrap().start().unwrap()
}

fn ready(server: &Server) -> Answer {
    get(server.address(), "/health/ready")
}

#[test]
fn r42_a_check_that_fails_is_answered_with_503_and_says_why() {
    let _process = PROCESS.lock().unwrap_or_else(PoisonError::into_inner);
    let is_there = Arc::new(AtomicBool::new(true));
    let asked = is_there.clone();
    let check = move || if asked.load(Ordering::Relaxed) { Ok(()) } else { Err("connection\nrefused") };
    let server = served(Health::builder().check("database", check).build().unwrap());
    let answer = ready(&server);
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json(), json!({ "version": 1, "ready": true, "status": "up", "reasons": [] }));
    is_there.store(false, Ordering::Relaxed);
    let answer = ready(&server);
    assert_eq!((answer.status, &answer.json()["status"]), (503, &"down".into()));
    let reason = json!({ "status": "down", "of": "database", "kind": "check", "text": "connection refused" });
    assert_eq!(answer.json()["reasons"][0], reason);
    let text = ask(server.address(), "GET /health/ready", &["Host: localhost", "Accept: text/plain"]);
    assert_eq!((text.status, text.body.as_str()), (503, "down\n- database (check): connection refused\n"));
    let live = ask(server.address(), "GET /health/live", &["Host: localhost", "Accept: text/plain"]);
    assert_eq!((live.status, live.body.as_str()), (200, "live\n"), "it lives");
    is_there.store(true, Ordering::Relaxed);
    assert_eq!(ready(&server).status, 200);
}

#[test]
fn r42_an_open_breaker_degrades_and_is_still_answered_with_200() {
    let _process = PROCESS.lock().unwrap_or_else(PoisonError::into_inner);
    let breaker = Arc::new(Breaker::builder().build().unwrap());
    let seen = breaker.clone();
    let _registration = watch::register("suppliers", move || Some(seen.watch()));
    let server = served(Health::builder().degrading_check("mirror", || Err("behind")).build().unwrap());
    breaker.force_open();
    let answer = ready(&server);
    assert_eq!((answer.status, &answer.json()["status"]), (200, &"degraded".into()));
    let reasons = answer.json()["reasons"].clone();
    let told: Vec<_> = reasons.as_array().unwrap().iter().map(|reason| &reason["of"]).collect();
    assert_eq!(told, ["mirror", "suppliers"]);
    assert_eq!(reasons[1]["kind"], "breaker");
}

#[test]
fn r42_a_check_that_hangs_is_answered_with_503_and_asked_once() {
    let begun = Arc::new(AtomicUsize::new(0));
    let calls = begun.clone();
    // Once the one end is dropped, no call hangs any more.
    let (go, gate) = mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    let check = move || {
        calls.fetch_add(1, Ordering::SeqCst);
        let _ = gate.lock().unwrap().recv();
        Ok::<(), String>(())
    };
    let health = Health::builder().check("database", check).build().unwrap();
    let serve = Serve::builder().health(health).work_time(Duration::from_millis(100));
    let server = serve.build().unwrap().start().unwrap();
    let address = server.address();
    let asking: Vec<_> = (0..4).map(|_| thread::spawn(move || get(address, "/health/ready"))).collect();
    for answer in asking.into_iter().map(|asking| asking.join().unwrap()) {
        assert_eq!((answer.status, &answer.json()["status"]), (503, &"down".into()));
        let text = "the checks have not answered within 100ms";
        assert_eq!(answer.json()["reasons"][0]["text"], text);
    }
    assert_eq!(begun.load(Ordering::SeqCst), 1);
    assert_eq!(get(address, "/graphs").status, 200, "all else goes on");
    drop(go);
    // This may still be the answer of the first call.
    while get(address, "/health/ready").status != 200 {}
    get(address, "/health/ready");
    assert!(begun.load(Ordering::SeqCst) > 1, "who asks behind the first begins a call of his own");
}

#[test]
fn r42_a_check_that_panics_has_failed_and_the_server_goes_on() {
    let check = || -> Result<(), String> { panic!("a check that is broken") };
    let server = served(Health::builder().check("broken", check).build().unwrap());
    for _ in 0..2 {
        let answer = ready(&server);
        assert_eq!((answer.status, &answer.json()["reasons"][0]["of"]), (503, &"broken".into()));
    }
}
