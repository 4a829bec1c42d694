//! The picture of a recording.

use std::fmt::{self, Write as _};

use super::escape::Xml;
use super::layout::{Layout, Placed};
use super::record::{Outcome, Wait};
use super::recording::{Bar, Nanos, Recording, Said};
use super::words::{Lines, details, label, summary, time, title};
use crate::observe::EventKind;

/// Where the bars begin, beside the names of the threads.
const LEFT: f64 = 188.0;
const WIDTH: f64 = 1000.0;
/// Beside the bars, for their frames.
const EDGE: f64 = 3.0;
const MARGIN: f64 = 16.0;
const TOP: f64 = 92.0;
const ROW: f64 = 24.0;
const BAR: f64 = 18.0;
/// Between two groups.
const BETWEEN: f64 = 14.0;
/// A letter is taken to be so wide.
const LETTER: f64 = 6.3;

const STYLE: &str = include_str!("style.css");

impl Recording {
    pub(super) fn svg(&self) -> String {
        let layout = Layout::new(self);
        let mut text = String::new();
        // A `String` takes what is written.
        let _ = Drawing { recording: self, layout: &layout, text: &mut text }.write("");
        text
    }
}

pub(super) struct Drawing<'a> {
    pub(super) recording: &'a Recording,
    pub(super) layout: &'a Layout,
    pub(super) text: &'a mut String,
}

impl Drawing<'_> {
    /// With further attributes.
    pub(super) fn write(mut self, attributes: &str) -> fmt::Result {
        let (width, height) = (LEFT + WIDTH + MARGIN, self.bottom() + 30.0);
        writeln!(
            self.text,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"ember-timeline\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{}\"{attributes}>",
            Xml(&summary(self.recording))
        )?;
        writeln!(self.text, "<title>{}</title>", Xml(&title(self.recording)))?;
        writeln!(self.text, "<desc>{}</desc>", Xml(&summary(self.recording)))?;
        writeln!(self.text, "<style>\n{STYLE}</style>\n{PATTERNS}")?;
        writeln!(self.text, "<rect class=\"et-page\" width=\"{width}\" height=\"{height}\" rx=\"6\"/>")?;
        writeln!(
            self.text,
            "<text class=\"et-title\" x=\"{MARGIN}\" y=\"28\">{}</text>",
            Xml(&title(self.recording))
        )?;
        self.legend()?;
        self.groups(width)?;
        // A picture in the picture, so that what is moved out of it is not seen.
        writeln!(
            self.text,
            "<svg class=\"et-plot\" x=\"{}\" y=\"0\" width=\"{}\" height=\"{height}\" viewBox=\"-{EDGE} 0 {} {height}\" \
             overflow=\"hidden\" data-width=\"{WIDTH}\" data-nanos=\"{}\" data-top=\"{TOP}\" data-bottom=\"{}\">",
            LEFT - EDGE,
            WIDTH + 2.0 * EDGE,
            WIDTH + 2.0 * EDGE,
            self.recording.end.max(1),
            self.bottom()
        )?;
        self.axis()?;
        for placed in &self.layout.placed {
            self.bar(*placed)?;
        }
        self.chains()?;
        self.text.push_str("</svg>\n");
        if let Some(note) = self.note() {
            let y = self.bottom() + 20.0;
            writeln!(self.text, "<text class=\"et-note\" x=\"{MARGIN}\" y=\"{y}\">{}</text>", Xml(&note))?;
        }
        self.text.push_str("</svg>\n");
        Ok(())
    }

    fn row(&self, row: usize) -> f64 {
        let before = self.layout.groups.iter().take_while(|group| group.first + group.rows <= row).count();
        TOP + number(row) * ROW + number(before) * BETWEEN + 8.0
    }

    fn bottom(&self) -> f64 {
        TOP + number(self.layout.rows) * ROW + number(self.layout.groups.len()) * BETWEEN + 8.0
    }

    fn x(&self, at: Nanos) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "it is a place on a screen")]
        let part = at as f64 / self.recording.end.max(1) as f64;
        part * WIDTH
    }

    fn groups(&mut self, width: f64) -> fmt::Result {
        for group in &self.layout.groups {
            let y = self.row(group.first);
            writeln!(
                self.text,
                "<rect class=\"et-group\" x=\"{MARGIN}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"4\"/>\
                 <text class=\"et-thread\" x=\"{}\" y=\"{:.1}\">{}</text>",
                y - 5.0,
                width - 2.0 * MARGIN + 8.0,
                number(group.rows) * ROW + 4.0,
                MARGIN + 8.0,
                y + 13.0,
                Xml(&fit(&group.name, LEFT - MARGIN - 16.0))
            )?;
        }
        Ok(())
    }

    fn axis(&mut self) -> fmt::Result {
        self.text.push_str("<g class=\"et-axis\">");
        let step = step(self.recording.end);
        let bottom = self.bottom();
        for at in (0..).map(|tick: u64| tick.saturating_mul(step)).take_while(|at| *at <= self.recording.end)
        {
            let x = self.x(at);
            write!(self.text, "<line x1=\"{x:.2}\" x2=\"{x:.2}\" y1=\"{TOP}\" y2=\"{bottom}\"/>")?;
            // At the edge there is no room for it.
            if x < WIDTH - 40.0 {
                write!(self.text, "<text x=\"{:.2}\" y=\"{}\">{}</text>", x + 3.0, TOP - 2.0, time(at))?;
            }
        }
        self.text.push_str("</g>\n");
        Ok(())
    }

    fn bar(&mut self, placed: Placed) -> fmt::Result {
        let bar = &self.recording.bars[placed.bar];
        let y = self.row(placed.row);
        let (from, to) = (self.x(bar.started.at), self.x(bar.ended.at));
        let critical = if placed.is_critical { " et-critical" } else { "" };
        write!(
            self.text,
            "<g class=\"et-bar\"><title>{}</title>",
            Lines(&details(self.recording, bar, placed.is_critical))
        )?;
        self.part(&format!("{}{critical}", class(bar)), y, from, to)?;
        let mut attempt = bar.started.at;
        for told in &bar.told {
            match &told.what {
                Said::Waited(wait, took) => {
                    self.part(wait_class(*wait), y, self.x(told.at), self.x(told.at + took))?;
                    attempt = told.at + took;
                }
                Said::Happened(EventKind::AttemptFailed, _) => {
                    // Of an only attempt the whole bar tells it.
                    if told.attempt < bar.attempts {
                        self.part("et-attempt", y, self.x(attempt), self.x(told.at))?;
                    }
                    attempt = told.at;
                }
                Said::Happened(..) => {
                    let x = self.x(told.at);
                    write!(
                        self.text,
                        "<circle class=\"et-told\" cx=\"{x:.2}\" cy=\"{:.1}\" r=\"2.6\"/>",
                        y + BAR - 1.0
                    )?;
                }
            }
        }
        if placed.is_critical {
            self.part("et-frame", y, from, to)?;
        }
        let label = label(self.recording, bar);
        let shown = fit(&label, to - from - 8.0);
        writeln!(
            self.text,
            "<text x=\"{:.2}\" y=\"{:.1}\" data-label=\"{}\">{}</text></g>",
            from + 5.0,
            y + 13.0,
            Xml(&label),
            Xml(&shown)
        )
    }

    fn part(&mut self, class: &str, y: f64, from: f64, to: f64) -> fmt::Result {
        let width = (to - from).max(1.0);
        write!(
            self.text,
            "<rect class=\"{class}\" x=\"{from:.2}\" y=\"{y:.1}\" width=\"{width:.2}\" height=\"{BAR}\" rx=\"2\"/>"
        )
    }

    /// From the end of each node that others waited for to the start of the next one.
    fn chains(&mut self) -> fmt::Result {
        let rows = |bar| {
            let at = self.layout.placed.binary_search_by_key(&bar, |placed| placed.bar).ok()?;
            Some(self.row(self.layout.placed[at].row))
        };
        let mut lines = Vec::new();
        for pair in self.layout.chains.iter().flat_map(|chain| chain.windows(2)) {
            let (Some(from), Some(to)) = (rows(pair[0]), rows(pair[1])) else { continue };
            let [first, second] = [pair[0], pair[1]].map(|bar| &self.recording.bars[bar]);
            lines.push((self.x(first.ended.at), from + BAR / 2.0, self.x(second.started.at), to + BAR / 2.0));
        }
        for (x1, y1, x2, y2) in lines {
            writeln!(
                self.text,
                "<line class=\"et-chain\" x1=\"{x1:.2}\" y1=\"{y1:.1}\" x2=\"{x2:.2}\" y2=\"{y2:.1}\"/>"
            )?;
        }
        Ok(())
    }

    fn legend(&mut self) -> fmt::Result {
        let entries = [
            ("et-work", "work"),
            ("et-failed", "failed"),
            ("et-cancelled", "cancelled"),
            ("et-backoff", "backoff"),
            ("et-permit", "waits for a permit"),
            ("et-rate", "waits for its rate"),
            ("et-memory", "waits for memory"),
            ("et-work et-critical", "critical path"),
        ];
        let mut x = MARGIN;
        for (class, word) in entries {
            write!(
                self.text,
                "<rect class=\"{class}\" x=\"{x:.1}\" y=\"44\" width=\"22\" height=\"14\" rx=\"2\"/>"
            )?;
            if class.ends_with("critical") {
                write!(
                    self.text,
                    "<rect class=\"et-frame\" x=\"{x:.1}\" y=\"44\" width=\"22\" height=\"14\" rx=\"2\"/>"
                )?;
            }
            writeln!(self.text, "<text class=\"et-key\" x=\"{:.1}\" y=\"55\">{word}</text>", x + 28.0)?;
            x += 50.0 + number(word.len()) * LETTER;
        }
        write!(self.text, "<circle class=\"et-told\" cx=\"{:.1}\" cy=\"51\" r=\"3\"/>", x + 4.0)?;
        writeln!(self.text, "<text class=\"et-key\" x=\"{:.1}\" y=\"55\">what a policy did</text>", x + 12.0)
    }

    /// What the picture does not show.
    fn note(&self) -> Option<String> {
        let mut notes = Vec::new();
        if self.layout.left_out > 0 {
            notes.push(format!("{} shorter bars are left out.", self.layout.left_out));
        }
        if self.recording.dropped > 0 {
            notes.push(format!("For {} events there was no room.", self.recording.dropped));
        }
        (!notes.is_empty()).then(|| notes.join(" "))
    }
}

const PATTERNS: &str = "<defs>\
<pattern id=\"et-backoff\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
<rect class=\"et-backoff-page\" width=\"6\" height=\"6\"/><rect class=\"et-backoff-ink\" width=\"2\" height=\"6\"/></pattern>\
<pattern id=\"et-permit\" width=\"5\" height=\"6\" patternUnits=\"userSpaceOnUse\">\
<rect class=\"et-permit-page\" width=\"5\" height=\"6\"/><rect class=\"et-permit-ink\" width=\"1.4\" height=\"6\"/></pattern>\
<pattern id=\"et-rate\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\">\
<rect class=\"et-rate-page\" width=\"6\" height=\"6\"/><circle class=\"et-rate-ink\" cx=\"3\" cy=\"3\" r=\"1.4\"/></pattern>\
<pattern id=\"et-memory\" width=\"6\" height=\"5\" patternUnits=\"userSpaceOnUse\">\
<rect class=\"et-memory-page\" width=\"6\" height=\"5\"/><rect class=\"et-memory-ink\" width=\"6\" height=\"1.4\"/></pattern>\
</defs>";

fn class(bar: &Bar) -> &'static str {
    match (bar.outcome, &bar.site) {
        (Some(Outcome::Failed | Outcome::Panicked), Some(_)) => "et-failed",
        (Some(Outcome::Failed | Outcome::Panicked), None) => "et-run et-run-failed",
        (Some(Outcome::Cancelled) | None, _) => "et-cancelled",
        (Some(Outcome::Finished), Some(_)) => "et-work",
        (Some(Outcome::Finished), None) => "et-run",
    }
}

const fn wait_class(wait: Wait) -> &'static str {
    match wait {
        Wait::Permit => "et-permit",
        Wait::Rate => "et-rate",
        Wait::Memory => "et-memory",
        Wait::Backoff => "et-backoff",
    }
}

/// Between two marks of the axis, of which there are at most eleven.
fn step(end: Nanos) -> Nanos {
    let rough = end / 10 + 1;
    let power = 10_u64.pow(rough.ilog10());
    let steps = [1, 2, 5, 10].into_iter().map(|times| power.saturating_mul(times));
    steps.into_iter().find(|&step| step >= rough).unwrap_or(rough)
}

/// The beginning of a text that has room.
fn fit(text: &str, width: f64) -> String {
    let letters = text.chars().count();
    if number(letters) * LETTER <= width {
        return text.to_owned();
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "few letters have room")]
    let room = (width / LETTER).max(0.0) as usize;
    if room < 3 {
        return String::new();
    }
    text.chars().take(room - 1).chain(['…']).collect()
}

#[expect(clippy::cast_precision_loss, reason = "it is a place on a screen")]
fn number(count: usize) -> f64 {
    count as f64
}
