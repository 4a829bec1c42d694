//! How errors read.

use std::error::Error as StdError;
use std::fmt::{self, Display, Formatter, Write};

use super::panic::{NO_TEXT, Payload};
use super::{Counts, Error, Kind, Site, chain};
use crate::Stopped;

/// Where it happened, innermost first: ``node `y` of graph `inner`, run by node `a` of graph `outer`,``.
pub(super) struct Place<'a> {
    pub(super) site: &'a Site,
    pub(super) trail: &'a [Site],
}

impl Display for Place<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.site, RunBy(self.trail))
    }
}

/// The enclosing nodes, as an apposition; nothing where there are none.
struct RunBy<'a>(&'a [Site]);

impl RunBy<'_> {
    /// A graph may run itself, a thousand times deep: then the middle is left out.
    const SHOWN: usize = 8;
}

impl Display for RunBy<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (near, far) = match self.0.split_last() {
            Some((outermost, between)) if between.len() >= Self::SHOWN => {
                (&between[..Self::SHOWN - 1], Some((between.len() + 1 - Self::SHOWN, outermost)))
            }
            _ => (self.0, None),
        };
        for site in near {
            write!(f, ", run by node `{}` of graph `{}`", site.node(), site.graph())?;
            if site.attempt() > 1 {
                write!(f, " at attempt {}", site.attempt())?;
            }
        }
        if let Some((hidden, site)) = far {
            let (node, graph) = (site.node(), site.graph());
            write!(f, ", run through {hidden} more by node `{node}` of graph `{graph}`")?;
        }
        if self.0.is_empty() { Ok(()) } else { f.write_char(',') }
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.fmt_headline(f)?;
        if f.alternate() {
            for cause in chain::causes(self) {
                write!(f, ": {cause}")?;
            }
        }
        Ok(())
    }
}

impl Error {
    fn fmt_headline(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(why) = self.unplaced() {
            return why.fmt(f);
        }
        let graph = self.graph();
        let trail = &self.0.trail[..];
        let Some(site) = &self.0.site else {
            let run_by = RunBy(trail);
            return match &self.0.kind {
                Kind::Panicked(Payload::Named(text)) => f.write_str(text),
                Kind::Panicked(payload) => {
                    write!(f, "graph `{graph}`{run_by}, when its values were dropped, ")?;
                    match payload.text() {
                        Some(text) => write!(f, "panicked: {text}"),
                        None => write!(f, "{NO_TEXT}"),
                    }
                }
                Kind::Stopped(Stopped::DeadlineExceeded, _) => {
                    write!(f, "the deadline passed before graph `{graph}`{run_by} was done")
                }
                _ => write!(f, "graph `{graph}`{run_by} was cancelled"),
            };
        };
        let place = Place { site, trail };
        match &self.0.kind {
            Kind::Failed(_) if self.attempt() > 1 => {
                write!(f, "{place} failed, at attempt {}", self.attempt())
            }
            Kind::Failed(_) => write!(f, "{place} failed"),
            Kind::Refused(refused) if self.attempt() > 1 => {
                write!(f, "{place} {refused}, at attempt {}", self.attempt())
            }
            Kind::Refused(refused) => write!(f, "{place} {refused}"),
            Kind::Panicked(payload) => match payload.text() {
                Some(text) => write!(f, "{place} panicked: {text}"),
                None => write!(f, "{place} {NO_TEXT}"),
            },
            Kind::Stopped(Stopped::Cancelled, Some(_)) => write!(f, "{place} was cancelled"),
            Kind::Stopped(Stopped::DeadlineExceeded, Some(_)) => {
                write!(f, "{place} stopped at the deadline")
            }
            Kind::Stopped(Stopped::Cancelled, None) => {
                let (run_by, node) = (RunBy(trail), self.node());
                write!(f, "graph `{graph}`{run_by} was cancelled before node `{node}` started")
            }
            Kind::Stopped(Stopped::DeadlineExceeded, None) => {
                let (run_by, node) = (RunBy(trail), self.node());
                write!(f, "the deadline passed before node `{node}` of graph `{graph}`{run_by} started")
            }
            Kind::Left(Stopped::Cancelled) => {
                let (run_by, node) = (RunBy(trail), self.node());
                write!(f, "graph `{graph}`{run_by} was cancelled while node `{node}` waited")
            }
            Kind::Left(Stopped::DeadlineExceeded) => {
                let (run_by, node) = (RunBy(trail), self.node());
                write!(f, "the deadline passed while node `{node}` of graph `{graph}`{run_by} waited")
            }
            Kind::AtMost(bound) => {
                write!(f, "{place} did not break within its bound, `#[at_most({bound})]`")
            }
        }
    }

    /// All there is to say, over several lines: the failure, its places in the source, its causes, the
    /// other failures of the run, what became of its nodes, and the correlation id.
    ///
    /// ```
    /// use ember_core::Error;
    /// # use ember_core::{At, Counts, Site};
    /// # use ember_graph::{Description, Kind, Node};
    /// # static NODES: [Node<'static>; 1] =
    /// #     [Node::__new("port", "parse", Kind::Operator, None, "", true, 5, 13, None)];
    /// # static LOAD: Description<'static> =
    /// #     Description::__new("load", "src/load.rs", 3, &[], &NODES, &[], Some(0));
    /// # fn load() -> Result<(), Error> {
    /// #     let source = "8o80".parse::<u16>().unwrap_err();
    /// #     let error = Error::from(At::__new(source, Site::__new(&LOAD, 0, &[])));
    /// #     Err(error.__with_run(Vec::new(), 0, Counts::__new(2, 1, 0, 3), "order-17"))
    /// # }
    ///
    /// let error: Error = load().unwrap_err();
    /// assert_eq!(error.report().to_string(), "\
    /// node `port` (operator `parse`) of graph `load` failed
    ///   at src/load.rs:5:13
    ///
    /// Caused by:
    ///   invalid digit found in string
    ///
    /// Nodes: 2 finished, 1 failed, 0 cancelled, 3 not started
    /// Correlation id: order-17");
    /// ```
    pub fn report(&self) -> impl Display {
        Report(self)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Report(self).fmt(f)
    }
}

struct Report<'a>(&'a Error);

impl Display for Report<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let error = self.0;
        write!(f, "{error}")?;
        if let Some(site) = error.site() {
            write!(f, "\n  at {}:{}:{}", site.file(), site.line(), site.column())?;
        }
        for site in error.0.trail.iter().take(RunBy::SHOWN) {
            write!(f, "\n  run at {}:{}:{}", site.file(), site.line(), site.column())?;
        }

        let causes: Vec<&dyn StdError> = chain::causes(error).collect();
        match &causes[..] {
            [] => {}
            [cause] => {
                f.write_str("\n\nCaused by:\n  ")?;
                write!(Indented { to: f, by: "  " }, "{cause}")?;
            }
            causes => {
                f.write_str("\n\nCaused by:")?;
                for (number, cause) in causes.iter().enumerate() {
                    write!(f, "\n  {number}: ")?;
                    write!(Indented { to: f, by: "     " }, "{cause}")?;
                }
            }
        }

        if !error.0.others.is_empty() || error.0.omitted > 0 {
            f.write_str("\n\nAlso failed:")?;
            for other in &error.0.others {
                f.write_str("\n  ")?;
                write!(Indented { to: f, by: "  " }, "{other:#}")?;
            }
            if error.0.omitted > 0 {
                write!(f, "\n  and {} more", error.0.omitted)?;
            }
        }

        let counted = error.0.counts != Counts::default();
        let named = !error.correlation_id().is_empty();
        if counted || named {
            f.write_char('\n')?;
        }
        if counted {
            write!(f, "\nNodes: {}", error.0.counts)?;
        }
        if named {
            write!(f, "\nCorrelation id: {}", error.correlation_id())?;
        }
        Ok(())
    }
}

/// Keeps the further lines of a message of several below its first.
struct Indented<'a, 'f> {
    to: &'a mut Formatter<'f>,
    by: &'static str,
}

impl Write for Indented<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut lines = text.split('\n');
        self.to.write_str(lines.next().unwrap_or_default())?;
        for line in lines {
            write!(self.to, "\n{}{line}", self.by)?;
        }
        Ok(())
    }
}
