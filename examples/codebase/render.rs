//! Lays a report out for a person.

use std::fmt::Write as _;

use crate::{
    report::Report,
    table::{Align, Paint, Table, bar, cut, grouped, percent, shown, sized, wide},
    walk::Reason,
};

/// For whom a report is laid out.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// How many columns a line may take.
    pub width: usize,
    /// Whether escape sequences may be used.
    pub colour: bool,
}

/// The report as text.
pub fn render(report: &Report, look: Look) -> String {
    let mut page = Page { out: String::new(), look };
    page.totals(report);
    page.languages(report);
    page.identifiers(report);
    page.functions(report);
    page.duplicates(report);
    page.replaced(report);
    page.skipped(report);
    page.out
}

struct Page {
    out: String,
    look: Look,
}

impl Page {
    fn totals(&mut self, report: &Report) {
        let all = &report.all;
        let mut parts = vec![
            counted(all.files, "file", "files"),
            counted(all.lines.total(), "line", "lines"),
            sized(all.bytes),
        ];
        if all.empty > 0 {
            parts.push(format!("{} empty", grouped(all.empty as u64)));
        }
        if !report.skipped.is_empty() {
            parts.push(format!("{} skipped", grouped(report.skipped.len() as u64)));
        }
        self.line(Paint::Plain, &parts.join(", "));
    }

    fn languages(&mut self, report: &Report) {
        if report.languages.is_empty() {
            return;
        }
        self.heading("Languages", "");
        let mut table = Table::new(
            &[
                (Align::Left, Paint::Name),
                (Align::Right, Paint::Number),
                (Align::Right, Paint::Number),
                (Align::Right, Paint::Plain),
                (Align::Right, Paint::Plain),
                (Align::Right, Paint::Plain),
                (Align::Left, Paint::Bar),
            ],
            &["language", "files", "code", "comment", "blank", "share", ""],
        );
        let code = report.all.lines.code;
        // The numbers take some 60 columns of a wide terminal; the bars may have the rest.
        let longest = self.look.width.saturating_sub(60).min(20);
        for count in report.languages.iter().chain([&report.all]) {
            let is_last = count.name == report.all.name;
            table.row([
                count.name.to_owned(),
                grouped(count.files as u64),
                grouped(count.lines.code),
                grouped(count.lines.comment),
                grouped(count.lines.blank),
                percent(count.lines.code, code),
                if is_last { String::new() } else { bar(count.lines.code, code, longest) },
            ]);
        }
        self.table(&table);
    }

    fn identifiers(&mut self, report: &Report) {
        let identifiers = &report.identifiers;
        if identifiers.most_used.is_empty() {
            return;
        }
        let distinct = format!("{} different ones", grouped(identifiers.distinct as u64));
        self.heading("Most used identifiers", &distinct);
        let columns =
            [(Align::Right, Paint::Number), (Align::Right, Paint::Plain), (Align::Left, Paint::Name)];
        let mut table = Table::new(&columns, &["uses", "files", "name"]);
        for one in &identifiers.most_used {
            table.row([grouped(one.uses), grouped(one.files as u64), one.name.clone()]);
        }
        self.table(&table);
    }

    fn functions(&mut self, report: &Report) {
        if report.functions.is_empty() {
            return;
        }
        self.heading("Longest functions", "");
        let columns =
            [(Align::Right, Paint::Number), (Align::Left, Paint::Name), (Align::Left, Paint::Plain)];
        let mut table = Table::new(&columns, &["lines", "name", "place"]);
        for placed in &report.functions {
            let function = &placed.function;
            let place = format!("{}:{}", shown(&placed.file), function.first);
            table.row([grouped(function.lines()), function.name.clone(), place]);
        }
        self.table(&table);
    }

    fn duplicates(&mut self, report: &Report) {
        let (duplicates, top) = (&report.duplicates, report.limits.top);
        if duplicates.found == 0 {
            return;
        }
        let part = percent(duplicates.lines as u64, report.compared);
        let (lines, compared) = (grouped(duplicates.lines as u64), grouped(report.compared));
        self.heading("Repeated passages", &format!("{lines} of {compared} lines of code ({part})"));
        for passage in &duplicates.passages {
            let lines = Paint::Number.on(&grouped(passage.lines as u64), self.look.colour);
            let _ = writeln!(self.out, "  {lines} lines in {} places", grouped(passage.places.len() as u64));
            for place in passage.places.iter().take(top) {
                self.indented(&format!("{}:{}-{}", shown(&place.file), place.first, place.last));
            }
            self.more(passage.places.len().saturating_sub(top), "place", "places");
        }
        let more = duplicates.found - duplicates.passages.len();
        if more > 0 {
            let noun = if more == 1 { "passage" } else { "passages" };
            self.line(Paint::Dim, &format!("  and {} more {noun}", grouped(more as u64)));
        }
    }

    fn replaced(&mut self, report: &Report) {
        if report.replaced.is_empty() {
            return;
        }
        self.heading(
            "Not UTF-8",
            &format!("{}, odd bytes replaced", counted(report.replaced.len(), "file", "files")),
        );
        self.names(report.replaced.iter().map(String::as_str), report.limits.top);
    }

    fn skipped(&mut self, report: &Report) {
        if report.skipped.is_empty() {
            return;
        }
        self.heading("Skipped", "");
        for same in report.skipped.chunk_by(|a, b| a.reason == b.reason) {
            let reason = match &same[0].reason {
                Reason::TooLarge => format!("larger than {}", sized(report.limits.max_bytes)),
                reason => reason.to_string(),
            };
            let number = Paint::Number.on(&grouped(same.len() as u64), self.look.colour);
            let _ = writeln!(self.out, "  {number} {reason}");
            self.names(same.iter().map(|one| &*one.name), report.limits.top);
        }
    }

    fn names<'n>(&mut self, names: impl ExactSizeIterator<Item = &'n str>, top: usize) {
        let more = names.len().saturating_sub(top);
        for name in names.take(top) {
            self.indented(&shown(name));
        }
        self.more(more, "", "");
    }

    fn more(&mut self, more: usize, one: &str, many: &str) {
        if more > 0 {
            let noun = if more == 1 { one } else { many };
            let line = format!("    and {} more {noun}", grouped(more as u64));
            self.line(Paint::Dim, line.trim_end());
        }
    }

    fn heading(&mut self, title: &str, note: &str) {
        self.out.push('\n');
        self.out.push_str(&Paint::Heading.on(title, self.look.colour));
        if !note.is_empty() {
            let fits = wide(title) + 2 + wide(note) <= self.look.width;
            self.out.push_str(if fits { "  " } else { "\n  " });
            self.out.push_str(&Paint::Dim.on(note, self.look.colour));
        }
        self.out.push('\n');
    }

    fn table(&mut self, table: &Table) {
        table.write(&mut self.out, self.look.width, self.look.colour);
    }

    fn indented(&mut self, text: &str) {
        let _ = writeln!(self.out, "    {}", cut(text, self.look.width.saturating_sub(4)));
    }

    fn line(&mut self, paint: Paint, text: &str) {
        self.out.push_str(&paint.on(text, self.look.colour));
        self.out.push('\n');
    }
}

fn counted(number: impl TryInto<u64>, one: &str, many: &str) -> String {
    let number = number.try_into().unwrap_or(u64::MAX);
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}
