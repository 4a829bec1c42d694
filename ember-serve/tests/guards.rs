//! Who may ask, what stands in every answer, and how the server ends.

mod common;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::mpsc;
use std::sync::{Arc, Barrier};
use std::time::Duration;

use common::{Listener, ask, connect, get, read};
use ember_serve::{Serve, Server};

fn server() -> Server {
    Serve::builder().build().unwrap().start().unwrap()
}

#[test]
fn r42_it_listens_on_this_machine_only_unless_that_is_said() {
    let server = server();
    assert!(server.address().ip().is_loopback() && server.address().port() > 0);
    assert_eq!(server.url(), format!("http://{}/", server.address()));
}

#[test]
fn r42_a_name_that_only_points_here_is_refused() {
    let server = server();
    let status = |host: &str| ask(server.address(), "GET /graphs", &[&format!("Host: {host}")]).status;
    assert_eq!(status("rebound.example"), 421);
    assert_eq!(status(&server.address().to_string()), 200);
    assert_eq!(status("localhost:1"), 200);
    assert_eq!(ask(server.address(), "GET /graphs", &[]).status, 400, "HTTP/1.1 wants a host");
    assert_eq!(ask(server.address(), "GET /graphs", &["Host: localhost", "Host: localhost"]).status, 400);
}

#[test]
fn r42_pages_of_other_sites_may_not_ask() {
    let server = server();
    let status = |headers: &[&str]| ask(server.address(), "GET /events", headers).status;
    assert_eq!(status(&["Host: localhost", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: cors"]), 403);
    let link = ["Host: localhost", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate"];
    assert_eq!(ask(server.address(), "GET /", &link).status, 200, "a link from elsewhere works");
}

#[test]
fn r42_every_answer_says_what_it_may_be_used_for() {
    let server = server();
    for path in ["/", "/graphs", "/metrics", "/health/live", "/health/ready", "/pictures/7", "/nowhere"] {
        let answer = get(server.address(), path);
        let header = |name| answer.header(name).unwrap_or_else(|| panic!("{path} has no {name}"));
        assert_eq!(header("cache-control"), "no-store", "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("x-frame-options"), "DENY", "{path}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(header("cross-origin-resource-policy"), "same-origin", "{path}");
        assert!(header("content-security-policy").starts_with("default-src 'none';"), "{path}");
        assert!(!header("content-security-policy").contains("unsafe"), "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), None, "{path}");
    }
}

#[test]
fn r42_the_page_runs_what_stands_in_it_and_no_word_is_used_twice() {
    let server = server();
    let policy = |answer: &common::Answer| answer.header("content-security-policy").unwrap().to_owned();
    let (one, other) = (get(server.address(), "/"), get(server.address(), "/"));
    let nonce = policy(&one).split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned();
    assert_eq!(nonce.len(), 32);
    assert!(one.body.contains(&format!("<script type=\"module\" nonce=\"{nonce}\">")));
    assert_ne!(policy(&one), policy(&other));
}

#[test]
fn r42_methods_and_paths_that_are_not_there_are_told() {
    let server = server();
    let host = ["Host: localhost"];
    let wrong = ask(server.address(), "DELETE /graphs", &host);
    assert_eq!((wrong.status, wrong.header("allow")), (405, Some("GET,HEAD")));
    assert_eq!(get(server.address(), "/graphs/").status, 404);
    assert_eq!(get(server.address(), "/pictures/-1").status, 404);
    let (got, head) =
        (get(server.address(), "/health/live"), ask(server.address(), "HEAD /health/live", &host));
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert_eq!(head.header("content-length"), got.header("content-length"));
    assert_eq!(head.header("content-type"), Some("application/json"));
}

#[test]
fn r42_a_server_that_is_shut_down_ends_its_listeners_and_frees_its_port() {
    let server = server();
    let address = server.address();
    let mut listener = Listener::new(address);
    assert!(listener.next().is_some());
    let mut half = connect(address);
    half.write_all(b"GET / HT").unwrap();
    server.shutdown();
    while listener.next().is_some() {}
    assert!(TcpStream::connect(address).is_err());
    assert!(Serve::builder().address(address).build().unwrap().start().is_ok());
}

#[test]
fn r42_an_answer_that_is_under_way_is_given_before_the_server_ends() {
    let (begun, gate) = (mpsc::channel(), Arc::new(Barrier::new(2)));
    let (begins, opens) = (begun.0, gate.clone());
    let serve = Serve::builder().grace(Duration::from_mins(1)).metrics(move || {
        begins.send(()).unwrap();
        opens.wait();
        String::from("figures 1\n")
    });
    let server = serve.build().unwrap().start().unwrap();
    let address = server.address();
    let client = std::thread::spawn(move || get(address, "/metrics"));
    begun.1.recv().unwrap();
    let ends = std::thread::spawn(move || server.shutdown());
    while TcpStream::connect(address).is_ok() {
        std::thread::yield_now();
    }
    gate.wait();
    ends.join().unwrap();
    assert_eq!(client.join().unwrap().body, "figures 1\n");
}

#[test]
fn r42_what_hangs_neither_stops_liveness_nor_the_end() {
    let gate = Arc::new(Barrier::new(2));
    let hangs = gate.clone();
    let serve = Serve::builder()
        .work_time(Duration::from_millis(20))
        .grace(Duration::from_millis(20))
        .metrics(move || {
            hangs.wait();
            String::new()
        });
    let server = serve.build().unwrap().start().unwrap();
    for _ in 0..3 {
        assert_eq!(get(server.address(), "/metrics").status, 503);
        assert_eq!(get(server.address(), "/health/live").status, 200);
    }
    server.shutdown();
    gate.wait();
}

#[test]
fn r42_metrics_that_panic_are_told_and_asked_for_again() {
    let calls = std::sync::atomic::AtomicUsize::new(0);
    let serve = Serve::builder().metrics(move || {
        assert!(calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed) > 0, "at first");
        String::from("figures 1\n")
    });
    let server = serve.build().unwrap().start().unwrap();
    assert_eq!(get(server.address(), "/metrics").status, 503);
    assert_eq!(get(server.address(), "/metrics").body, "figures 1\n");
}

#[test]
fn r42_a_port_that_is_taken_is_an_error() {
    let server = server();
    let error = Serve::builder().address(server.address()).build().unwrap().start().unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
}

#[test]
fn r42_garbage_does_no_harm() {
    let server = server();
    for garbage in [&b"\x16\x03\x01\x02\x00\x01"[..], b"\r\n\r\n\r\n", b"GET\r\n\r\n", b"\0\0\0\0\n\n"] {
        let mut stream = connect(server.address());
        stream.write_all(garbage).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let _ = stream.read_to_end(&mut Vec::new());
    }
    let mut stream = connect(server.address());
    stream.write_all(b"GET /health/live HTTP/1.0\r\n\r\n").unwrap();
    assert_eq!(read(&mut stream).status, 200);
}
