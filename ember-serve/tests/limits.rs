//! What clients may use up, with real sockets. Where a time has to pass, a test waits until the server closes.

mod common;

use std::io::{Read as _, Write as _};
use std::time::Duration;

use common::{Listener, ask, connect, get, is_closed, read};
use ember_serve::{Serve, Server};

const SHORT: Duration = Duration::from_millis(50);

fn server() -> Server {
    Serve::builder().build().unwrap().start().unwrap()
}

#[test]
fn r42_a_head_that_never_ends_is_given_up() {
    let server = Serve::builder().head_time(SHORT).build().unwrap().start().unwrap();
    let mut stream = connect(server.address());
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n").unwrap();
    assert!(is_closed(&mut stream));
}

#[test]
fn r42_a_head_that_comes_byte_by_byte_has_no_more_time_than_another() {
    let server = Serve::builder().head_time(SHORT).build().unwrap().start().unwrap();
    let mut stream = connect(server.address());
    stream.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
    // The pace is that of the read, which waits for an answer that does not come.
    let closed = (0..1000).any(|_| {
        stream.write_all(b"x").is_err() || {
            let read = stream.read(&mut [0]);
            read.is_ok_and(|count| count == 0)
        }
    });
    assert!(closed, "it was given five seconds");
}

#[test]
fn r42_a_connection_that_is_idle_is_closed() {
    let server = Serve::builder().head_time(SHORT).build().unwrap().start().unwrap();
    let mut stream = connect(server.address());
    stream.write_all(b"HEAD /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let answer = read(&mut stream);
    assert_eq!(answer.status, 200, "it came before the connection was closed");
}

#[test]
fn r42_a_head_that_is_too_large_is_refused() {
    let server = server();
    let long = format!("X-Long: {}", "x".repeat(17 * 1024));
    assert_eq!(ask(server.address(), "GET /", &["Host: localhost", &long]).status, 431);
    let many: Vec<String> = (0..120).map(|number| format!("X-{number}: 1")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(ask(server.address(), "GET /", &many).status, 431);
    let path = format!("GET /{}", "x".repeat(17 * 1024));
    assert!(matches!(ask(server.address(), &path, &["Host: localhost"]).status, 414 | 431));
}

#[test]
fn r42_a_body_is_refused_before_it_is_read() {
    let server = server();
    for header in ["Content-Length: 1000000000", "Transfer-Encoding: chunked"] {
        let answer = ask(server.address(), "GET /graphs", &["Host: localhost", header]);
        assert_eq!((answer.status, answer.header("connection")), (413, Some("close")), "{header}");
    }
    assert_eq!(ask(server.address(), "GET /graphs", &["Host: localhost", "Content-Length: 0"]).status, 200);
}

#[test]
fn r42_no_more_connections_are_served_than_may_be_and_those_that_wait_come_next() {
    let serve = Serve::builder().connections(2).listeners(1).head_time(Duration::from_hours(1));
    let server = serve.build().unwrap().start().unwrap();
    let idle = [connect(server.address()), connect(server.address())];
    for mut stream in &idle {
        // They are being served, not only in line.
        stream.write_all(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        assert!(stream.read(&mut [0; 512]).unwrap() > 0);
    }
    let mut third = connect(server.address());
    third.write_all(b"GET /health/live HTTP/1.0\r\n\r\n").unwrap();
    third.set_read_timeout(Some(SHORT)).unwrap();
    assert!(third.read(&mut [0]).is_err(), "there is no room for it");
    third.set_read_timeout(Some(common::PATIENCE)).unwrap();
    drop(idle);
    assert_eq!(read(&mut third).status, 200);
}

#[test]
fn r42_no_more_listen_than_may_and_a_place_is_free_again_when_one_goes() {
    let server = Serve::builder().listeners(1).build().unwrap().start().unwrap();
    let mut first = Listener::new(server.address());
    assert!(first.next().is_some());
    let refused = get(server.address(), "/events");
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("10")));
    assert_eq!(get(server.address(), "/health/live").status, 200);
    drop(first);
    // The server finds out at the next beat, which it cannot deliver.
    while Listener::new(server.address()).status == 503 {
        std::thread::yield_now();
    }
}

#[test]
fn r42_clients_that_do_not_read_are_given_up_and_make_room() {
    let large = "x".repeat(64 * 1024 * 1024);
    let serve = Serve::builder().connections(2).listeners(1).write_time(SHORT);
    let server = serve.metrics(move || large.clone()).build().unwrap().start().unwrap();
    let mut clients = [connect(server.address()), connect(server.address())];
    for stream in &mut clients {
        stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        stream.read_exact(&mut [0]).unwrap();
    }
    assert_eq!(get(server.address(), "/health/live").status, 200);
}

#[test]
fn r42_requests_in_line_are_answered_one_by_one() {
    let server = server();
    let mut stream = connect(server.address());
    let request = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n";
    let last = format!("{request}Connection: close\r\n\r\n");
    let others = format!("{request}\r\n").repeat(19);
    // The last one says so itself: who closes his side before he has all answers is taken for gone.
    stream.write_all((others + &last).as_bytes()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    assert_eq!(text.matches("HTTP/1.1 200 OK").count(), 20);
}

#[test]
fn settings_out_of_bounds_are_refused() {
    let refused = |serve: ember_serve::ServeBuilder| serve.build().unwrap_err().to_string();
    let serve = Serve::builder;
    assert!(refused(serve().connections(1)).contains("`connections` is 1"));
    assert!(refused(serve().listeners(0)).contains("`listeners`"));
    assert!(refused(serve().connections(10).listeners(10)).contains("less than `connections`"));
    assert!(refused(serve().head_bytes(10)).contains("`head_bytes`"));
    assert!(refused(serve().head_time(Duration::ZERO)).contains("`head_time` is 0ns"));
    assert!(refused(serve().write_time(Duration::MAX)).contains("`write_time`"));
    assert!(refused(serve().title("")).contains("`title`"));
    assert!(refused(serve().host("http://x")).contains("`host`"));
    assert!(refused(serve().address(([0, 0, 0, 0], 0))).contains("open_to_network"));
    assert!(serve().address(([0, 0, 0, 0], 0)).open_to_network().build().is_ok());
}
