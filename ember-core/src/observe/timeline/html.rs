//! The page of a recording: its picture, to be moved and enlarged, and the same as a table.

use std::fmt::{self, Write as _};

use super::escape::Xml;
use super::layout::Layout;
use super::record::Outcome;
use super::recording::{Recording, Track};
use super::svg::Drawing;
use super::words::{summary, time, title};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

impl Recording {
    pub(super) fn html(&self) -> String {
        let mut text = String::new();
        // A `String` takes what is written.
        let _ = self.write_html(&mut text);
        text
    }

    fn write_html(&self, text: &mut String) -> fmt::Result {
        let layout = Layout::new(self);
        let title = title(self);
        writeln!(
            text,
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
             script-src 'unsafe-inline'\">\n\
             <meta name=\"viewport\" content=\"width=device-width\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
             <title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>",
            Xml(&title)
        )?;
        writeln!(text, "<h1>{}</h1>\n<p>{}</p>", Xml(&title), Xml(&summary(self)))?;
        writeln!(
            text,
            "<p class=\"keys\"><kbd>←</kbd> <kbd>→</kbd> next bar, <kbd>Shift</kbd> with them moves, \
             <kbd>+</kbd> <kbd>−</kbd> or the wheel with <kbd>Ctrl</kbd> enlarges, <kbd>0</kbd> shows all. Drag to move.</p>"
        )?;
        writeln!(
            text,
            "<div id=\"picture\" tabindex=\"0\" role=\"application\" aria-label=\"Timeline\" aria-describedby=\"details\">"
        )?;
        Drawing { recording: self, layout: &layout, text }.write("")?;
        writeln!(
            text,
            "</div>\n<pre id=\"details\" aria-live=\"polite\">Point at a bar, or choose one with the arrow keys.</pre>"
        )?;
        self.table(&layout, text)?;
        writeln!(text, "</main>\n<script>\n{SCRIPT}</script>\n</body>\n</html>")
    }

    /// For those who would rather read than look.
    fn table(&self, layout: &Layout, text: &mut String) -> fmt::Result {
        writeln!(
            text,
            "<details>\n<summary>The same as a table</summary>\n<table>\n<thead><tr><th scope=\"col\">From</th>\
             <th scope=\"col\">Took</th><th scope=\"col\">Waited</th><th scope=\"col\">What</th><th scope=\"col\">Where</th>\
             <th scope=\"col\">Ended</th><th scope=\"col\">Attempts</th><th scope=\"col\">Critical</th></tr></thead>\n<tbody>"
        )?;
        for placed in &layout.placed {
            let bar = &self.bars[placed.bar];
            let place = match bar.track {
                Track::Thread { thread, .. } => self.threads.get(&thread).map_or("?", |name| name),
                Track::Own => "no thread",
            };
            let ended = bar.outcome.map_or("is not over", Outcome::word);
            let what = if bar.site.is_some() { "" } else { "graph " };
            writeln!(
                text,
                "<tr><td>{}</td><td>{}</td><td>{}</td><th scope=\"row\">{what}{}</th><td>{}</td><td>{ended} {}</td><td>{}</td><td>{}</td></tr>",
                time(bar.started.at),
                time(bar.took()),
                time(bar.waited()),
                Xml(&bar.name(self)),
                Xml(place),
                Xml(&bar.text),
                bar.attempts,
                if placed.is_critical { "yes" } else { "" },
            )?;
        }
        writeln!(text, "</tbody>\n</table>\n</details>")
    }
}
