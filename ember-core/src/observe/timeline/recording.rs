//! What the records tell when they are read together: bars, from the start of something to its end.

use std::collections::BTreeMap;

use ember_graph::Description;

use super::buffer::Snapshot;
use super::record::{Note, Outcome, Record, Wait};
use crate::error::Site;
use crate::observe::{EventKind, Form};
use crate::sync::nanos;

/// Nanoseconds since the first record.
pub(super) type Nanos = u64;

#[derive(Default)]
pub(super) struct Recording {
    /// In the order of their starts.
    pub(super) bars: Vec<Bar>,
    pub(super) runs: Vec<Run>,
    /// What happened outside of all graphs.
    pub(super) outside: Vec<Told>,
    pub(super) threads: BTreeMap<u32, Box<str>>,
    pub(super) end: Nanos,
    pub(super) dropped: usize,
}

pub(super) struct Run {
    pub(super) id: u64,
    pub(super) description: Option<&'static Description<'static>>,
    pub(super) correlation_id: Box<str>,
    pub(super) is_async: bool,
    /// The bar of the run as a whole.
    pub(super) bar: usize,
    /// The bars of its nodes.
    pub(super) nodes: Vec<usize>,
    /// No run called it that is recorded.
    pub(super) is_outermost: bool,
}

/// A run or a node from its start to its end.
pub(super) struct Bar {
    /// As an index into the runs.
    pub(super) run: usize,
    /// None for the run as a whole.
    pub(super) site: Option<Site>,
    pub(super) started: Moment,
    /// Of what is not over, the end of the recording.
    pub(super) ended: Moment,
    pub(super) outcome: Option<Outcome>,
    pub(super) text: Box<str>,
    pub(super) attempts: u32,
    pub(super) told: Vec<Told>,
    /// The bar of its run, or of the node that called the run.
    pub(super) above: Option<usize>,
    /// Where it stands.
    pub(super) track: Track,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment {
    pub(super) at: Nanos,
    pub(super) place: u64,
}

/// Something that happened at a moment.
pub(super) struct Told {
    pub(super) at: Nanos,
    pub(super) thread: u32,
    pub(super) attempt: u32,
    pub(super) what: Said,
}

pub(super) enum Said {
    /// It waited from the moment on, and so long.
    Waited(Wait, Nanos),
    Happened(EventKind, Box<str>),
}

/// Where a bar stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Track {
    /// On a thread, within so many other bars.
    Thread { thread: u32, depth: usize },
    /// By itself, as what waits is on no thread: or as bars would cross that ought to stand within each other.
    Own,
}

impl Bar {
    pub(super) fn took(&self) -> Nanos {
        self.ended.at - self.started.at
    }

    /// For permits, rates and between attempts, which are at different times.
    pub(super) fn waited(&self) -> Nanos {
        let waits = self.told.iter().map(|told| match told.what {
            Said::Waited(_, took) => took,
            Said::Happened(..) => 0,
        });
        waits.fold(0, Nanos::saturating_add).min(self.took())
    }

    pub(super) fn name(&self, recording: &Recording) -> String {
        match &self.site {
            Some(site) => site.node().into_owned(),
            None => recording.runs[self.run].name().to_owned(),
        }
    }

    pub(super) fn is_failure(&self) -> bool {
        self.outcome.is_some_and(Outcome::is_failure)
    }
}

impl Run {
    pub(super) fn name(&self) -> &'static str {
        self.description.map_or("", |description| description.name)
    }
}

impl Recording {
    pub(super) fn new((records, threads): Snapshot, dropped: usize) -> Self {
        let mut reader =
            Reader { recording: Self { threads, dropped, ..Self::default() }, ..Reader::default() };
        let Some(origin) = records.iter().map(|record| record.at).min() else { return reader.recording };
        for record in records {
            let at = nanos(record.at.saturating_duration_since(origin));
            reader.recording.end = reader.recording.end.max(at);
            reader.read(record, at);
        }
        reader.finish()
    }
}

/// A node within its run.
type Key = (usize, u32, Vec<usize>);

#[derive(Default)]
struct Reader {
    recording: Recording,
    runs: BTreeMap<u64, usize>,
    open: BTreeMap<Key, usize>,
    /// The open bars of each thread, innermost last, with how deep they stand.
    stacks: BTreeMap<u32, Vec<(usize, usize)>>,
}

impl Reader {
    fn read(&mut self, record: Record, at: Nanos) {
        let moment = Moment { at, place: record.place };
        let run = self.runs.get(&record.run).copied();
        let key = |run, site: &Site| -> Key { (run, site.number(), site.indices().collect()) };
        match (record.note, run, record.site) {
            (Note::RunStarted(started), None, _) => {
                let above = started.caller.and_then(|(run, site)| {
                    let run = *self.runs.get(&run)?;
                    self.open.get(&key(run, &site)).copied()
                });
                let (run, bar) = (self.recording.runs.len(), self.recording.bars.len());
                self.recording.runs.push(Run {
                    id: record.run,
                    description: started.description,
                    correlation_id: started.correlation_id,
                    is_async: started.form == Form::Async,
                    bar,
                    nodes: Vec::new(),
                    is_outermost: above.is_none(),
                });
                self.runs.insert(record.run, run);
                self.begin(run, None, moment, record.thread, above);
            }
            (Note::RunEnded(outcome, text), Some(run), _) => {
                self.end(self.recording.runs[run].bar, moment, record.thread, outcome, text, 1);
            }
            (Note::NodeStarted, Some(run), Some(site)) => {
                let above = self.recording.runs[run].bar;
                self.recording.runs[run].nodes.push(self.recording.bars.len());
                self.open.insert(key(run, &site), self.recording.bars.len());
                self.begin(run, Some(site), moment, record.thread, Some(above));
            }
            (Note::NodeEnded(outcome, text), Some(run), Some(site)) => {
                if let Some(bar) = self.open.remove(&key(run, &site)) {
                    self.end(bar, moment, record.thread, outcome, text, record.attempt);
                }
            }
            (note, run, site) => {
                let Some((from, what)) = told(note, at) else { return };
                let told = Told { at: from, thread: record.thread, attempt: record.attempt, what };
                let node = run.and_then(|run| self.open.get(&key(run, &site?)).copied());
                match node.or_else(|| run.map(|run| self.recording.runs[run].bar)) {
                    Some(bar) => self.recording.bars[bar].told.push(told),
                    None => self.recording.outside.push(told),
                }
            }
        }
    }

    fn begin(&mut self, run: usize, site: Option<Site>, started: Moment, thread: u32, above: Option<usize>) {
        let bar = self.recording.bars.len();
        let track = if self.recording.runs[run].is_async {
            Track::Own
        } else {
            let stack = self.stacks.entry(thread).or_default();
            let depth = stack.last().map_or(0, |(_, depth)| depth + 1);
            stack.push((bar, depth));
            Track::Thread { thread, depth }
        };
        self.recording.bars.push(Bar {
            run,
            site,
            started,
            ended: started,
            outcome: None,
            text: Box::default(),
            attempts: 1,
            told: Vec::new(),
            above,
            track,
        });
    }

    fn end(
        &mut self,
        bar: usize,
        moment: Moment,
        thread: u32,
        outcome: Outcome,
        text: Box<str>,
        attempts: u32,
    ) {
        let this = &mut self.recording.bars[bar];
        this.ended = Moment { at: moment.at.max(this.started.at), ..moment };
        this.outcome = Some(outcome);
        this.text = text;
        this.attempts = attempts;
        if let Track::Thread { thread: from, .. } = this.track {
            let stack = self.stacks.entry(from).or_default();
            if thread != from || stack.last().is_none_or(|(last, _)| *last != bar) {
                this.track = Track::Own;
            }
            stack.retain(|(other, _)| *other != bar);
        }
    }

    fn finish(mut self) -> Recording {
        let end = Moment { at: self.recording.end, place: u64::MAX };
        for bar in self.recording.bars.iter_mut().filter(|bar| bar.outcome.is_none()) {
            bar.ended = end;
        }
        for bar in &mut self.recording.bars {
            let (from, to) = (bar.started.at, bar.ended.at);
            // What was said of a wait stands within the bar, whatever clocks tell.
            for told in &mut bar.told {
                told.at = told.at.clamp(from, to);
                if let Said::Waited(_, took) = &mut told.what {
                    *took = (*took).min(to - told.at);
                }
            }
        }
        self.recording
    }
}

fn told(note: Note, at: Nanos) -> Option<(Nanos, Said)> {
    match note {
        Note::Waited(wait, took) => {
            let took = nanos(took).min(at);
            (took > 0).then_some((at - took, Said::Waited(wait, took)))
        }
        Note::Backoff(delay) => Some((at, Said::Waited(Wait::Backoff, nanos(delay)))),
        Note::Told(kind, text) => Some((at, Said::Happened(kind, text))),
        _ => None,
    }
}
