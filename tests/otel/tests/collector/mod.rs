//! A collector of traces: a real HTTP server, which keeps what it is sent by OTLP.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;

/// What was sent to it.
#[derive(Clone)]
pub(crate) struct Collector {
    pub(crate) endpoint: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

/// A request: its first line with its headers, and its body.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Collector {
    /// One that answers each request with this status.
    pub(crate) fn start(status: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let kept = requests.clone();
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let kept = kept.clone();
                thread::spawn(move || answer(&connection, status, &kept));
            }
        });
        Self { endpoint, requests }
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// All spans.
    pub(crate) fn spans(&self) -> Vec<Span> {
        let decoded = self.requests().into_iter().map(|request| {
            ExportTraceServiceRequest::decode(&*request.body).expect("a body is a protobuf of that type")
        });
        let resources = decoded.flat_map(|request| request.resource_spans);
        resources.flat_map(|resource| resource.scope_spans).flat_map(|scope| scope.spans).collect()
    }
}

fn answer(mut connection: &TcpStream, status: &str, kept: &Mutex<Vec<Request>>) {
    let mut reader = BufReader::new(connection.try_clone().unwrap());
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).is_ok_and(|read| read > 0) {
                continue;
            }
            return;
        }
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
        });
        let mut body = vec![0; length.unwrap_or(0)];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        kept.lock().unwrap().push(Request { head, body });
        let headers = "content-type: application/x-protobuf\r\ncontent-length: 0";
        if write!(connection, "HTTP/1.1 {status}\r\n{headers}\r\n\r\n").is_err() {
            return;
        }
    }
}

/// An attribute as text; empty without it.
pub(crate) fn attribute(attributes: &[KeyValue], name: &str) -> String {
    let found = attributes.iter().find(|attribute| attribute.key == name);
    let value = found.and_then(|attribute| attribute.value.as_ref());
    match value.and_then(|AnyValue { value, .. }| value.as_ref()) {
        None => String::new(),
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        Some(Value::DoubleValue(number)) => number.to_string(),
        Some(Value::BoolValue(value)) => value.to_string(),
        Some(other) => format!("{other:?}"),
    }
}
