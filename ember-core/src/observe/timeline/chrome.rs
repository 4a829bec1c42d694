//! The trace format of Chrome, which Perfetto reads.
//!
//! It is that of "Trace Event Format" (Google), as an object. Bars on threads are complete events (`X`), which must stand
//! within each other on one thread, and do by how tracks are given. Bars on tracks of their own are nestable asynchronous
//! events (`b`, `e`) with an id for each. Waits are bars within bars, and what policies tell are instants (`i`, `n`).
//! Nodes of the critical path that stand on threads are joined by flows (`s`, `f`).

use std::fmt::{self, Write as _};

use super::escape::Json;
use super::recording::{Bar, Nanos, Recording, Said, Told, Track};

/// The process that all is shown in.
const PROCESS: u32 = 1;

/// Names a thread where there is none: the first, as zero is the idle one to Perfetto.
const NO_THREAD: u32 = 1;

impl Recording {
    pub(super) fn chrome_json(&self) -> String {
        let mut out = Events { recording: self, text: String::new() };
        // A `String` takes what is written.
        let _ = out.write_all();
        out.text
    }
}

struct Events<'a> {
    recording: &'a Recording,
    text: String,
}

/// Microseconds, to the nanosecond.
struct Micros(Nanos);

impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}", self.0 / 1000, self.0 % 1000)
    }
}

impl Events<'_> {
    fn write_all(&mut self) -> fmt::Result {
        write!(self.text, "{{\"traceEvents\":[\n{{\"ph\":\"M\",\"pid\":{PROCESS},\"tid\":{NO_THREAD}")?;
        write!(self.text, ",\"name\":\"process_name\",\"args\":{{\"name\":\"ember\"}}}}")?;
        for (number, name) in &self.recording.threads {
            self.next('M', *number)?;
            write!(self.text, ",\"name\":\"thread_name\",\"args\":{{\"name\":{}}}}}", Json(name))?;
        }
        for at in 0..self.recording.bars.len() {
            self.bar(at)?;
        }
        for told in &self.recording.outside {
            self.told(told, None)?;
        }
        for run in (0..self.recording.runs.len()).filter(|&run| self.recording.runs[run].is_outermost) {
            self.flows(run)?;
        }
        write!(self.text, "\n],\"metadata\":{{\"dropped_events\":{}}}}}\n", self.recording.dropped)
    }

    /// The beginning of an event. Readers of Perfetto's kind look for the time of an event without understanding all
    /// escapes in strings, so what is free text comes last.
    fn next(&mut self, phase: char, thread: u32) -> fmt::Result {
        write!(self.text, ",\n{{\"ph\":\"{phase}\",\"pid\":{PROCESS},\"tid\":{thread}")
    }

    fn bar(&mut self, at: usize) -> fmt::Result {
        let bar = &self.recording.bars[at];
        let name = bar.name(self.recording);
        let category = if bar.site.is_some() { "node" } else { "run" };
        let (from, to) = (bar.started.at, bar.ended.at);
        match bar.track {
            Track::Thread { thread, .. } => {
                self.lasting(&name, category, thread, from, to - from)?;
                self.arguments(bar)?;
                self.text.push_str("}}");
                bar.told.iter().try_for_each(|told| self.told(told, Some((thread, None))))
            }
            Track::Own => {
                let id = at + 1;
                self.apart(&name, 'b', id, from)?;
                self.text.push_str(",\"args\":{");
                self.arguments(bar)?;
                self.text.push_str("}}");
                bar.told.iter().try_for_each(|told| self.told(told, Some((NO_THREAD, Some(id)))))?;
                self.apart(&name, 'e', id, to)?;
                self.text.push('}');
                Ok(())
            }
        }
    }

    /// An event on a thread, up to its arguments.
    fn lasting(&mut self, name: &str, category: &str, thread: u32, from: Nanos, took: Nanos) -> fmt::Result {
        self.next('X', thread)?;
        write!(self.text, ",\"ts\":{},\"dur\":{},\"cat\":\"{category}\"", Micros(from), Micros(took))?;
        write!(self.text, ",\"name\":{},\"args\":{{", Json(name))
    }

    /// An event on a track of its own, up to its arguments. One track is told from another by the category too.
    fn apart(&mut self, name: &str, phase: char, id: usize, at: Nanos) -> fmt::Result {
        self.next(phase, NO_THREAD)?;
        write!(
            self.text,
            ",\"ts\":{},\"id\":\"0x{id:x}\",\"cat\":\"ember\",\"name\":{}",
            Micros(at),
            Json(name)
        )
    }

    fn arguments(&mut self, bar: &Bar) -> fmt::Result {
        let run = &self.recording.runs[bar.run];
        write!(self.text, "\"run\":{},\"graph\":{}", run.id, Json(run.name()))?;
        write!(self.text, ",\"correlation_id\":{}", Json(&run.correlation_id))?;
        if let Some(site) = &bar.site {
            write!(self.text, ",\"node\":{},\"operator\":{}", Json(&site.node()), Json(site.operator()))?;
            write!(self.text, ",\"attempts\":{}", bar.attempts)?;
        }
        let outcome = bar.outcome.map_or("not over", super::record::Outcome::word);
        write!(self.text, ",\"outcome\":{}", Json(outcome))?;
        if !bar.text.is_empty() {
            write!(self.text, ",\"error\":{}", Json(&bar.text))?;
        }
        Ok(())
    }

    /// What was told of a bar, which stands on a thread or on a track of its own; or of none.
    fn told(&mut self, told: &Told, of: Option<(u32, Option<usize>)>) -> fmt::Result {
        let thread = of.map_or(told.thread, |(thread, _)| thread);
        let track = of.and_then(|(_, track)| track);
        match (&told.what, track) {
            (Said::Waited(wait, took), None) => {
                self.lasting(wait.word(), "wait", thread, told.at, *took)?;
                write!(self.text, "\"attempt\":{}}}}}", told.attempt)
            }
            (Said::Waited(wait, took), Some(id)) => {
                self.apart(wait.word(), 'b', id, told.at)?;
                write!(self.text, ",\"args\":{{\"attempt\":{}}}}}", told.attempt)?;
                self.apart(wait.word(), 'e', id, told.at + took)?;
                self.text.push('}');
                Ok(())
            }
            (Said::Happened(kind, text), track) => {
                let name = format!("{kind:?}");
                match track {
                    Some(id) => self.apart(&name, 'n', id, told.at)?,
                    None => {
                        self.next('i', thread)?;
                        let at = Micros(told.at);
                        write!(self.text, ",\"ts\":{at},\"s\":\"t\",\"cat\":\"policy\",\"name\":\"{name}\"")?;
                    }
                }
                let attempt = told.attempt;
                write!(self.text, ",\"args\":{{\"attempt\":{attempt},\"what\":{}}}}}", Json(text))
            }
        }
    }

    /// From each node of the critical path to the next one, where both stand on threads.
    fn flows(&mut self, run: usize) -> fmt::Result {
        let path = self.recording.critical_bars(run);
        for pair in path.windows(2) {
            let [from, to] = [pair[0], pair[1]].map(|bar| &self.recording.bars[bar]);
            let (Track::Thread { thread: source, .. }, Track::Thread { thread: target, .. }) =
                (from.track, to.track)
            else {
                continue;
            };
            for (phase, thread, at) in [('s', source, from.started.at), ('f', target, to.started.at)] {
                self.next(phase, thread)?;
                let (at, id) = (Micros(at), pair[1] + 1);
                write!(self.text, ",\"ts\":{at},\"id\":{id},\"bp\":\"e\",\"cat\":\"critical\"")?;
                write!(self.text, ",\"name\":\"critical path\"}}")?;
            }
        }
        Ok(())
    }
}
