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
use std::io;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use ember::observe::{Event, Logs, Observer, Otlp, Recorder, Timeline};
use ember::prelude::*;
use ember_tests::STRATEGIES;
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
    errors: String,
}

impl Seen {
    fn otlp(&self) -> String {
        self.otlp.flush().unwrap();
        let bodies = self.collector.requests().into_iter().map(|request| request.body);
        bodies.map(|body| String::from_utf8_lossy(&body).into_owned()).collect()
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
        for strategy in STRATEGIES {
            let cx = Context::builder().strategy(strategy).observer(Logs::default()).observer(told.clone());
            run(&cx.observer(recorder.clone()).observer(timeline.clone()).build(), &mut errors);
        }
        Seen { text, json, collector, otlp, told, recorder, timeline, errors }
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
    for (name, output) in OUTPUTS.iter().filter(|(name, _)| ["recorder", "errors"].contains(name)) {
        assert!(output(seen).contains("eve was refused"), "{name}");
    }
    assert!(seen.errors.contains("is broken on purpose"));
}
