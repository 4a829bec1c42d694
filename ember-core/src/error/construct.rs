//! How the runtime makes errors.

use std::any::Any;
use std::panic::resume_unwind;
use std::sync::Arc;

use ember_graph::Description;

use super::panic::Payload;
use super::site::Key;
use super::{At, BoxedError, Counts, Error, Inner, Kind, MAX_FAILURES, NodePanic, Refused, Site, chain};
use crate::Stopped;

/// An error of a node gets its node's name. An [`Error`] of a graph that was the node's operator stays
/// what it is and gets the node as the end of its [`trail`](Error::trail).
impl<E: Into<BoxedError>> From<At<E>> for Error {
    fn from(at: At<E>) -> Self {
        let (source, site) = at.__into_parts();
        let source: BoxedError = match source.into().downcast::<Self>() {
            Ok(nested) => match nested.unplaced() {
                Some(why) => Box::new(why),
                None => return nested.run_by(&site),
            },
            Err(source) => source,
        };
        let kind = match chain::stopped(&*source) {
            Some(why) => Kind::Stopped(why, Some(source)),
            None => Kind::Failed(source),
        };
        Self::at(site, kind)
    }
}

/// For operators that return an [`Error`]: their `cx.check()?`. The graph that runs the operator adds the node.
impl From<Stopped> for Error {
    fn from(why: Stopped) -> Self {
        Self::new(None, None, Kind::Stopped(why, None))
    }
}

impl Error {
    fn at(site: Site, kind: Kind) -> Self {
        Self::new(Some(site.description()), Some(site), kind)
    }

    fn new(graph: Option<&'static Description<'static>>, site: Option<Site>, kind: Kind) -> Self {
        let node = site.as_ref().map_or(String::new(), |site| site.node().into_owned());
        Self(Box::new(Inner {
            kind,
            graph,
            site,
            trail: Vec::new(),
            node,
            others: Vec::new(),
            position: 0,
            omitted: 0,
            counts: Counts::default(),
            correlation_id: Arc::from(""),
        }))
    }

    /// What an operator was told by its context, before any graph has added the node.
    pub(super) fn unplaced(&self) -> Option<Stopped> {
        if self.0.graph.is_none() { self.stopped() } else { None }
    }

    /// The graph of this error was run by a node of another graph.
    fn run_by(mut self, site: &Site) -> Self {
        for error in &mut self.0.others {
            error.0.trail.push(site.clone());
        }
        self.0.trail.push(site.clone());
        self
    }

    /// Where the error stands in the source of the outermost graph, then of the next, and so on. What
    /// stopped a graph as a whole stands behind its nodes.
    fn place(&self) -> Vec<Key> {
        let innermost = self.site().map_or_else(Key::end, Site::__key);
        self.trail().map(Site::__key).chain([innermost]).collect()
    }
}

/// Constructors for the runtime and for generated code; not part of the public interface.
#[doc(hidden)]
impl Error {
    /// Keeps the innermost node where the payload is a [`NodePanic`] of a graph that returns no `Result`.
    pub fn __panicked(site: Site, payload: Box<dyn Any + Send>) -> Self {
        match payload.downcast::<NodePanic>() {
            Ok(nested) => {
                let (innermost, trail, payload) = nested.into_parts();
                let mut error = Self::at(innermost, Kind::Panicked(Payload::new(payload)));
                error.0.trail = trail;
                error.run_by(&site)
            }
            Err(payload) => Self::at(site, Kind::Panicked(Payload::new(payload))),
        }
    }

    /// A panic that came out of a graph that returns no `Result`. Its text, if it has one, names the node, unless it is that of
    /// a destructor.
    pub fn __panicked_whole(graph: &'static Description<'static>, payload: Box<dyn Any + Send>) -> Self {
        match payload.downcast::<NodePanic>() {
            Ok(nested) => {
                let (site, trail, payload) = nested.into_parts();
                let mut error = Self::at(site, Kind::Panicked(Payload::new(payload)));
                error.0.trail = trail;
                error
            }
            Err(payload) => {
                let mut error = Self::__panicked_at_end(graph, payload);
                if let Kind::Panicked(payload) = &mut error.0.kind {
                    payload.name();
                }
                error
            }
        }
    }

    /// A panic when all nodes had ended: of a value that was dropped.
    pub fn __panicked_at_end(graph: &'static Description<'static>, payload: Box<dyn Any + Send>) -> Self {
        Self::new(Some(graph), None, Kind::Panicked(Payload::new(payload)))
    }

    /// The site is that of the first node that did not start, if there is one.
    pub fn __stopped(site: Option<Site>, graph: &'static Description<'static>, why: Stopped) -> Self {
        Self::new(Some(graph), site, Kind::Stopped(why, None))
    }

    /// The site is that of a node that had started, and was waiting.
    pub fn __left(site: Site, why: Stopped) -> Self {
        Self::at(site, Kind::Left(why))
    }

    /// Goes on with a panic out of a graph that returns no `Result`, as [`__resume`](super::__resume) does.
    pub fn __resume(mut self) -> ! {
        let inner = &mut *self.0;
        let Kind::Panicked(payload) = &mut inner.kind else { resume_unwind(Box::new(format!("{self:#}"))) };
        if payload.text().is_some() {
            resume_unwind(Box::new(self.to_string()))
        }
        // A value that was dropped at the end belongs to no node.
        let Some(site) = &inner.site else { resume_unwind(payload.take()) };
        resume_unwind(Box::new(NodePanic::new(
            site.clone(),
            std::mem::take(&mut inner.trail),
            payload.take(),
        )))
    }

    /// What the policies of a node say in its operator's place.
    pub(crate) fn of_policy(site: Site, refused: Refused, attempt: u32) -> Self {
        Self::at(site, Kind::Refused(refused)).__with_attempt(attempt)
    }

    /// The site is that of the loop.
    pub fn __at_most(site: Site, bound: usize) -> Self {
        Self::at(site, Kind::AtMost(bound))
    }

    /// The attempt is that of the outermost node: what policies told it.
    #[must_use]
    pub fn __with_attempt(mut self, attempt: u32) -> Self {
        let Inner { site, trail, .. } = &mut *self.0;
        if let Some(site) = trail.last_mut().or(site.as_mut()) {
            site.set_attempt(attempt);
        }
        self
    }

    /// Adds what the run knows when it is over. The others may come in any order, and may hold failures
    /// of graphs that they ran.
    #[must_use]
    pub fn __with_run(
        mut self,
        others: Vec<Self>,
        omitted: usize,
        counts: Counts,
        correlation_id: &str,
    ) -> Self {
        let mut all = std::mem::take(&mut self.0.others);
        let mut omitted = omitted + self.0.omitted;
        for mut other in others {
            omitted += std::mem::take(&mut other.0.omitted);
            all.append(&mut other.0.others);
            all.push(other);
        }
        all.sort_by_cached_key(Self::place);
        omitted += all.len().saturating_sub(MAX_FAILURES - 1);
        all.truncate(MAX_FAILURES - 1);

        let id: Arc<str> = correlation_id.into();
        for error in all.iter_mut().chain([&mut self]) {
            error.0.counts = counts;
            error.0.correlation_id = id.clone();
        }
        let place = self.place();
        self.0.position = all.partition_point(|other| other.place() < place);
        self.0.others = all;
        self.0.omitted = omitted;
        self
    }

    /// Where it happened, in the innermost graph.
    pub fn __site(&self) -> Option<&Site> {
        self.site()
    }

    /// Where it happened, in the outermost graph.
    pub fn __outermost_site(&self) -> Option<&Site> {
        self.trail().next().or(self.site())
    }
}
