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
        write!(self.text, "{{\"displayTimeUnit\":\"ms\",\"otherData\":{{\"dropped_events\":")?;
        write!(self.text, "{}}},\"traceEvents\":[\n", self.recording.dropped)?;
        let process = "\"name\":\"process_name\",\"ph\":\"M\",\"pid\"";
        write!(self.text, "{{{process}:{PROCESS},\"tid\":0,\"args\":{{\"name\":\"ember\"}}}}")?;
        for (number, name) in &self.recording.threads {
            self.next("thread_name", 'M', *number)?;
            write!(self.text, ",\"args\":{{\"name\":{}}}}}", Json(name))?;
            self.next("thread_sort_index", 'M', *number)?;
            write!(self.text, ",\"args\":{{\"sort_index\":{number}}}}}")?;
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
        self.text.push_str("\n]}\n");
        Ok(())
    }

    /// The beginning of an event.
    fn next(&mut self, name: &str, phase: char, thread: u32) -> fmt::Result {
        write!(self.text, ",\n{{\"name\":{},\"ph\":\"{phase}\"", Json(name))?;
        write!(self.text, ",\"pid\":{PROCESS},\"tid\":{thread}")
    }

    fn bar(&mut self, at: usize) -> fmt::Result {
        let bar = &self.recording.bars[at];
        let name = bar.name(self.recording);
        let category = if bar.site.is_some() { "node" } else { "run" };
        let (from, to) = (bar.started.at, bar.ended.at);
        match bar.track {
            Track::Thread { thread, .. } => {
                self.next(&name, 'X', thread)?;
                write!(self.text, ",\"cat\":\"{category}\",\"ts\":{}", Micros(from))?;
                write!(self.text, ",\"dur\":{},\"args\":{{", Micros(to - from))?;
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
                bar.told.iter().try_for_each(|told| self.told(told, Some((0, Some(id)))))?;
                self.apart(&name, 'e', id, to)?;
                self.text.push('}');
                Ok(())
            }
        }
    }

    /// The beginning of an event on a track of its own.
    fn apart(&mut self, name: &str, phase: char, id: usize, at: Nanos) -> fmt::Result {
        self.next(name, phase, 0)?;
        // Events of one track are told by their category too.
        write!(self.text, ",\"cat\":\"ember\",\"id\":\"0x{id:x}\",\"ts\":{}", Micros(at))
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
                self.next(wait.word(), 'X', thread)?;
                write!(self.text, ",\"cat\":\"wait\",\"ts\":{}", Micros(told.at))?;
                write!(self.text, ",\"dur\":{},\"args\":{{\"attempt\":{}}}}}", Micros(*took), told.attempt)
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
                        self.next(&name, 'i', thread)?;
                        write!(self.text, ",\"cat\":\"policy\",\"s\":\"t\",\"ts\":{}", Micros(told.at))?;
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
            let id = pair[1] + 1;
            self.next("critical path", 's', source)?;
            write!(self.text, ",\"cat\":\"critical\",\"id\":{id},\"ts\":{}}}", Micros(from.started.at))?;
            self.next("critical path", 'f', target)?;
            let at = Micros(to.started.at);
            write!(self.text, ",\"cat\":\"critical\",\"id\":{id},\"bp\":\"e\",\"ts\":{at}}}")?;
        }
        Ok(())
    }
}
