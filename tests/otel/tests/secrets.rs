//! Secrets that go through graphs stand in none of the outputs that ember has.
//!
//! An output that is added has one line in `OUTPUTS`.
#![allow(
    clippy::unnecessary_wraps,
    clippy::needless_pass_by_value,
    reason = "the operators are as plain as can be"
)]

mod collector;

use std::fmt::Write as _;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use ember::health::Health;
use ember::observe::{Event, Logs, Metrics, Observer, Otlp, Recorder, Statistics, Timeline};
use ember::prelude::*;
use ember::serve::{Serve, Server};
use ember::watch;
use ember_tests::STRATEGIES;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use secrecy::{ExposeSecret, SecretString};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::SubscriberExt;

use self::collector::Collector;

/// What must be seen nowhere, as it stands in a value that hides it and in plain values that nobody lets be logged.
const SECRET: &str = "correct horse battery staple";

/// What an output is and how it is read. Each must show something of the graph `signs_in`, so that it is known to be read.
const OUTPUTS: &[(&str, Output)] = &[
    ("text", |seen| seen.text.read()),
    ("JSON", |seen| seen.json.read()),
    ("OTLP", Seen::otlp),
    ("events", |seen| seen.told.0.lock().unwrap().clone()),
    ("recorder", |seen| format!("{:#?} {:#?}", seen.recorder, seen.recorder.events())),
    ("timeline as JSON", |seen| seen.timeline.to_chrome_json()),
    ("timeline as a page", |seen| seen.timeline.to_html()),
    ("errors", |seen| seen.errors.clone()),
    ("pictures", |_| pictures()),
    ("statistics", |seen| format!("{:#?}", seen.statistics.graphs())),
    ("profiles", |seen| format!("{0} {0:?}", signs_in::explain().with(&seen.statistics))),
    ("metrics", |seen| seen.prometheus.render()),
    ("states", |_| format!("sign_in: {:#?} {}", watch::states(), Health::default().report())),
    ("live page", |seen| format!("sign_in: {}", seen.asked(""))),
    ("health over HTTP", |seen| format!("sign_in: {}", seen.asked("health/ready"))),
    ("graphs over HTTP", |seen| seen.asked("graphs")),
    ("events over HTTP", Seen::heard),
    ("metrics over HTTP", |seen| seen.asked("metrics")),
    ("pictures over HTTP", |seen| seen.asked("pictures/0")),
    ("explanations", |_| format!("graph signs_in: {} {:?}", signs_in::explain(), signs_in::explain())),
];

type Output = fn(&Seen) -> String;

/// Whatever a run left.
struct Seen {
    text: Lines,
    json: Lines,
    collector: Collector,
    otlp: Otlp,
    told: Arc<Told>,
    recorder: Recorder,
    timeline: Timeline,
    statistics: Statistics,
    prometheus: PrometheusHandle,
    server: Server,
    errors: String,
}

impl Seen {
    fn otlp(&self) -> String {
        self.otlp.flush().unwrap();
        let bodies = self.collector.requests().into_iter().map(|request| request.body);
        bodies.map(|body| String::from_utf8_lossy(&body).into_owned()).collect()
    }

    /// What the server of the process answers, with its head.
    fn asked(&self, path: &str) -> String {
        let mut connection = TcpStream::connect(self.server.address()).unwrap();
        let host = self.server.address();
        write!(connection, "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        answer
    }

    /// What it tells one who listens, until he knows how all is.
    fn heard(&self) -> String {
        let host = self.server.address();
        let mut connection = TcpStream::connect(host).unwrap();
        write!(connection, "GET /events HTTP/1.1\r\nHost: {host}\r\n\r\n").unwrap();
        let mut heard = String::new();
        for line in BufReader::new(connection).lines() {
            heard += &line.unwrap();
            heard.push('\n');
            // Health is asked beside the figures, and told when it has answered.
            if heard.contains("\"whole\":true") && heard.contains("\"health\":{") {
                return heard;
            }
        }
        panic!("the server ended: {heard}");
    }
}

/// Lines of a subscriber.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    fn read(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Events as text, in both ways that there are, with the values that operators let be logged.
#[derive(Default)]
struct Told(Mutex<String>);

impl Observer for Told {
    fn event(&self, event: &Event<'_>) {
        let text = format!("{event}\n{event:#?}\n{:?}\n", event.what());
        self.0.lock().unwrap().push_str(&text);
    }

    fn wants_values(&self) -> bool {
        true
    }
}

#[derive(Debug, Clone)]
struct Session {
    user: String,
    token: SecretString,
}

/// It says what was tried, and wraps what with.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{user} was refused")]
struct Refused {
    user: String,
    with: SecretString,
}

#[operator(log(args = [user, password], returned), idempotent, retry(attempts = 2, backoff = constant("1ms"), jitter = none))]
fn sign_in(user: &str, password: &SecretString) -> Result<Session, Refused> {
    tracing::info!(?password, "signs {user} in");
    if user == "eve" {
        return Err(Refused { user: user.to_owned(), with: password.clone() });
    }
    Ok(Session { user: user.to_owned(), token: password.clone() })
}

/// A plain text comes in, and one goes out.
#[operator(log(args = [length]), cache(capacity = 10))]
fn derive(password: String, length: usize) -> String {
    password.chars().cycle().take(length).collect()
}

#[operator(log(args = [session]))]
fn opens(session: &Session, key: &str) -> usize {
    assert!(session.user != "mallory", "{session:?} is broken on purpose");
    session.token.expose_secret().len() + key.len()
}

graph! {
    fn signs_in(user: &str, password: &SecretString) -> Result<usize, ember::Error> {
        let session = sign_in(user, password)?;
        let key = derive(password.expose_secret().to_owned(), 100);
        let sizes = for _ in 0..3 { opens(&session, &key) };
        Ok(sizes.into_iter().sum())
    }
}

fn seen() -> &'static Seen {
    static ONCE: OnceLock<Seen> = OnceLock::new();
    ONCE.get_or_init(|| {
        ember_tests::quiet();
        let (text, json) = (Lines::default(), Lines::default());
        let collector = Collector::start("200 OK");
        let otlp =
            Otlp::builder().endpoint(&collector.endpoint).delay(Duration::from_hours(1)).build().unwrap();
        let (to_text, to_json) = (text.clone(), json.clone());
        let subscriber = tracing_subscriber::registry()
            .with(otlp.layer())
            .with(tracing_subscriber::fmt::layer().with_writer(move || to_text.clone()).boxed())
            .with(tracing_subscriber::fmt::layer().json().with_writer(move || to_json.clone()).boxed());
        tracing::subscriber::set_global_default(subscriber).unwrap();
        let (told, recorder) = (Arc::new(Told::default()), Recorder::new(10_000));
        let (timeline, mut errors) = (Timeline::new(10_000), String::new());
        let statistics = Statistics::new();
        let prometheus = PrometheusBuilder::new().build_recorder();
        let (prometheus, metrics) = (prometheus.handle(), Metrics::with_recorder(prometheus));
        let text_of = prometheus.clone();
        let serve = Serve::builder().statistics(statistics.clone()).metrics(move || text_of.render());
        let server = serve.build().unwrap().start().unwrap();
        for strategy in STRATEGIES {
            let cx = Context::builder().strategy(strategy).observer(Logs::default()).observer(told.clone());
            let cx = cx.observer(recorder.clone()).observer(timeline.clone());
            run(&cx.observer(statistics.clone()).observer(metrics.clone()).build(), &mut errors);
        }
        metrics.refresh();
        Seen { text, json, collector, otlp, told, recorder, timeline, statistics, prometheus, server, errors }
    })
}

/// A run that works, one that fails, and one that panics.
fn run(cx: &Context, errors: &mut String) {
    let password = SecretString::from(SECRET);
    cx.scope(|| {
        assert!(signs_in("alice", &password).unwrap() > SECRET.len());
        for user in ["eve", "mallory"] {
            let error = signs_in(user, &password).unwrap_err();
            writeln!(errors, "{error}\n{error:#}\n{error:?}\n{error:#?}\n{}", error.report()).unwrap();
            writeln!(errors, "{:?}", error.trail().collect::<Vec<_>>()).unwrap();
            writeln!(errors, "{:?}", error.panic_message()).unwrap();
            let causes =
                std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
            causes.for_each(|cause| writeln!(errors, "{cause} {cause:?}").unwrap());
        }
    });
}

fn pictures() -> String {
    let described = signs_in::describe();
    let (mermaid, dot, svg) = (described.to_mermaid(), described.to_dot(), described.to_svg());
    format!("{described:?}\n{mermaid}\n{dot}\n{svg}")
}

#[test]
fn r27_secrets_stand_in_no_output() {
    let seen = seen();
    for (name, output) in OUTPUTS {
        let shown = output(seen);
        assert!(shown.contains("sign"), "{name} shows nothing of the graph");
        assert!(!shown.contains(SECRET), "{name} shows the secret:\n{shown}");
        // Nor a part of it.
        assert!(
            !shown.contains("battery") && !shown.contains("staple"),
            "{name} shows a part of the secret:\n{shown}"
        );
    }
}

/// What may be seen is: else nothing were shown by the test above.
#[test]
fn r27_what_operators_let_be_logged_stands_where_it_belongs() {
    let seen = seen();
    for (name, output) in OUTPUTS.iter().filter(|(name, _)| ["text", "JSON", "OTLP", "events"].contains(name))
    {
        let shown = output(seen);
        assert!(shown.contains("alice"), "{name}");
        assert!(shown.contains("length = 100"), "{name}");
        assert!(shown.contains("eve was refused"), "{name}");
        assert!(shown.contains("[REDACTED"), "{name}");
    }
    let told = ["recorder", "errors", "graphs over HTTP", "events over HTTP"];
    for (name, output) in OUTPUTS.iter().filter(|(name, _)| told.contains(name)) {
        assert!(output(seen).contains("eve was refused"), "{name}");
    }
    assert!(seen.errors.contains("is broken on purpose"));
}
