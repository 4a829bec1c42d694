//! A client that says exactly what a test wants it to say.
#![allow(dead_code, unreachable_pub, reason = "each test uses a part")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Ends a test that would wait for ever.
pub const PATIENCE: Duration = Duration::from_secs(30);

pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

pub fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("the server listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
    stream
}

/// Asks with the lines behind the first, each without its end.
pub fn ask(address: SocketAddr, line: &str, headers: &[&str]) -> Answer {
    let mut stream = connect(address);
    let headers: String = headers.iter().flat_map(|header| [header, "\r\n"]).collect();
    // A server that refuses closes before it has read all.
    let _ = write!(stream, "{line} HTTP/1.1\r\nConnection: close\r\n{headers}\r\n");
    read(&mut stream)
}

pub fn get(address: SocketAddr, path: &str) -> Answer {
    ask(address, &format!("GET {path}"), &["Host: localhost"])
}

/// All that comes until the server closes.
pub fn read(stream: &mut TcpStream) -> Answer {
    let mut text = Vec::new();
    // A server that closes while something is unread resets the connection behind its answer.
    let _ = stream.read_to_end(&mut text);
    let text = String::from_utf8(text).expect("text");
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}

/// Whether the server closes a connection on which it says nothing more.
pub fn is_closed(stream: &mut TcpStream) -> bool {
    let mut byte = [0];
    match stream.read(&mut byte) {
        Ok(count) => count == 0,
        Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
    }
}

/// One who listens to events.
pub struct Listener {
    lines: BufReader<TcpStream>,
    pub status: u16,
}

impl Listener {
    pub fn new(address: SocketAddr) -> Self {
        let mut stream = connect(address);
        write!(stream, "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("the server reads");
        let mut lines = BufReader::new(stream);
        let mut first = String::new();
        lines.read_line(&mut first).expect("an answer");
        let status = first.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        Self { lines, status }
    }

    /// The next event, with its data; nothing if the stream has ended.
    pub fn next(&mut self) -> Option<(String, String)> {
        let mut name = String::new();
        loop {
            let mut line = String::new();
            if self.lines.read_line(&mut line).unwrap_or(0) == 0 {
                return None;
            }
            if let Some(rest) = line.strip_prefix("event: ") {
                rest.trim_end().clone_into(&mut name);
            }
            if let Some(data) = line.strip_prefix("data: ") {
                return Some((name, data.trim_end().to_owned()));
            }
        }
    }

    /// The next event that tells of changes.
    pub fn change(&mut self) -> serde_json::Value {
        loop {
            let (name, data) = self.next().expect("an event");
            if name == "change" {
                return serde_json::from_str(&data).expect("JSON");
            }
        }
    }
}
