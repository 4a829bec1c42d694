//! Keeps the spans and events of `tracing` of the whole test program, so that tests can ask where one stood.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::thread::{self, ThreadId};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// Fields as text.
pub type Fields = BTreeMap<&'static str, String>;

/// A span, as it was when it was looked at.
#[derive(Clone, Debug)]
pub struct Span {
    number: usize,
    around: Option<usize>,
    /// Its name.
    pub name: &'static str,
    /// What was recorded.
    pub fields: Fields,
    /// Whether it has been closed.
    pub is_closed: bool,
    /// How often threads have entered it and not left it.
    pub inside: isize,
}

/// A line.
#[derive(Clone, Debug)]
pub struct Line {
    within: Option<usize>,
    /// Of the event.
    pub level: Level,
    /// Its fields, the message among them.
    pub fields: Fields,
    /// Where it was written.
    pub thread: ThreadId,
}

/// All that has been written.
#[derive(Clone, Debug, Default)]
pub struct Traces {
    spans: Vec<Span>,
    lines: Vec<Line>,
}

static KEPT: LazyLock<Arc<Mutex<Traces>>> = LazyLock::new(Arc::default);

/// The layer that keeps them, for the program's one subscriber.
#[derive(Debug)]
pub struct Keep;

impl Traces {
    /// All so far.
    pub fn now() -> Self {
        kept(|traces| traces.clone())
    }

    /// Spans of that name with that value in a field, in the order in which they were made.
    pub fn spans(&self, name: &str, field: &str, value: &str) -> Vec<&Span> {
        let spans = self.spans.iter().filter(|span| span.name == name && span.get(field) == value);
        spans.collect()
    }

    /// Those of nodes of a correlation id.
    pub fn nodes(&self, correlation_id: &str) -> Vec<&Span> {
        self.spans("ember.node", "correlation_id", correlation_id)
    }

    /// Those of runs of a correlation id.
    pub fn runs(&self, correlation_id: &str) -> Vec<&Span> {
        self.spans("ember.run", "correlation_id", correlation_id)
    }

    /// The span around one.
    pub fn around(&self, span: &Span) -> Option<&Span> {
        span.around.map(|around| &self.spans[around])
    }

    /// The lines with that message.
    pub fn lines(&self, message: &str) -> Vec<&Line> {
        self.lines.iter().filter(|line| line.get("message") == message).collect()
    }

    /// The lines that a span has right within it.
    pub fn lines_in(&self, span: &Span) -> Vec<&Line> {
        self.lines.iter().filter(|line| line.within == Some(span.number)).collect()
    }

    /// The span that a line stands in.
    pub fn span_of(&self, line: &Line) -> Option<&Span> {
        line.within.map(|within| &self.spans[within])
    }
}

impl Span {
    /// What a field says; empty without it.
    pub fn get(&self, field: &str) -> &str {
        self.fields.get(field).map_or("", String::as_str)
    }
}

impl Line {
    /// What a field says; empty without it.
    pub fn get(&self, field: &str) -> &str {
        self.fields.get(field).map_or("", String::as_str)
    }
}

/// What a span is known by here.
struct Number(usize);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Keep {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, cx: Context<'_, S>) {
        let Some(span) = cx.span(id) else { return };
        let around = span.parent().and_then(|around| Some(around.extensions().get::<Number>()?.0));
        let mut fields = Fields::new();
        attributes.record(&mut Write(&mut fields));
        let number = kept(|traces| {
            let number = traces.spans.len();
            traces.spans.push(Span {
                number,
                around,
                name: span.name(),
                fields,
                is_closed: false,
                inside: 0,
            });
            number
        });
        span.extensions_mut().insert(Number(number));
    }

    fn on_enter(&self, id: &Id, cx: Context<'_, S>) {
        let Some(number) = number(id, &cx) else { return };
        kept(|traces| traces.spans[number].inside += 1);
    }

    fn on_exit(&self, id: &Id, cx: Context<'_, S>) {
        let Some(number) = number(id, &cx) else { return };
        kept(|traces| traces.spans[number].inside -= 1);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, cx: Context<'_, S>) {
        let Some(number) = number(id, &cx) else { return };
        kept(|traces| values.record(&mut Write(&mut traces.spans[number].fields)));
    }

    fn on_event(&self, event: &Event<'_>, cx: Context<'_, S>) {
        let within = cx.event_span(event).and_then(|span| Some(span.extensions().get::<Number>()?.0));
        let mut fields = Fields::new();
        event.record(&mut Write(&mut fields));
        let line = Line { within, level: *event.metadata().level(), fields, thread: thread::current().id() };
        kept(|traces| traces.lines.push(line));
    }

    fn on_close(&self, id: Id, cx: Context<'_, S>) {
        let Some(number) = number(&id, &cx) else { return };
        kept(|traces| traces.spans[number].is_closed = true);
    }
}

fn number<S: Subscriber + for<'a> LookupSpan<'a>>(id: &Id, cx: &Context<'_, S>) -> Option<usize> {
    cx.span(id)?.extensions().get::<Number>().map(|number| number.0)
}

fn kept<R>(f: impl FnOnce(&mut Traces) -> R) -> R {
    f(&mut KEPT.lock().unwrap_or_else(PoisonError::into_inner))
}

struct Write<'f>(&'f mut Fields);

impl Visit for Write<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}
