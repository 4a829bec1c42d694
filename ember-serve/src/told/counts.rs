//! Counts of what runs do, for each graph and node.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use ember_core::Error;
use ember_core::observe::{End, Event, Observer, What};
use ember_graph::Description;

use super::{Figures, Graph, LastFailure, State};
use crate::program::unix_millis;

/// The latest times that quantiles are made of.
const TIMES: usize = 256;
/// The most bytes that are kept of a failure's text.
const TEXT: usize = 4096;

/// Counts what it is told as an observer.
#[derive(Default)]
pub struct Counts {
    graphs: Mutex<Vec<Known>>,
}

#[derive(Clone)]
struct Known {
    description: &'static Description<'static>,
    lots: Arc<Mutex<Vec<Lot>>>,
}

/// A graph's runs, or a node's calls.
#[derive(Clone, Default)]
struct Lot {
    figures: Figures,
    times: Vec<Duration>,
    next: usize,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Observer for Counts {
    fn event(&self, event: &Event<'_>) {
        let Some(description) = event.description() else { return };
        let failure = event.error().map(|error| failure(error, event));
        let mut graphs = lock(&self.graphs);
        let known = match graphs.iter().find(|known| std::ptr::eq(known.description, description)) {
            Some(known) => known.clone(),
            None => {
                let lots = vec![Lot::default(); description.nodes.len() + 1];
                graphs.push(Known { description, lots: Arc::new(Mutex::new(lots)) });
                graphs[graphs.len() - 1].clone()
            }
        };
        drop(graphs);
        let index = event.site().map_or(0, |site| site.number() as usize + 1);
        if let Some(lot) = lock(&known.lots).get_mut(index) {
            lot.take(event.what(), failure);
        }
    }
}

fn failure(error: &Error, event: &Event<'_>) -> LastFailure {
    let mut text = format!("{error:#}");
    let end = (0..=text.len().min(TEXT)).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    text.truncate(end);
    LastFailure {
        at: unix_millis(SystemTime::now()),
        panicked: error.is_panic(),
        attempt: event.attempt(),
        correlation_id: event.correlation_id().to_owned(),
        text,
    }
}

impl Lot {
    fn take(&mut self, what: What<'_>, failure: Option<LastFailure>) {
        let figures = &mut self.figures;
        let (end, took) = match what {
            What::RunStarted { .. } | What::NodeStarted => {
                figures.running += 1;
                return;
            }
            What::RunEnded { end, took, .. } | What::NodeEnded { end, took } => (end, took),
            _ => return,
        };
        figures.running = figures.running.saturating_sub(1);
        match end {
            End::Finished => figures.finished += 1,
            End::Failed(_) => figures.failed += 1,
            End::Panicked(_) => figures.panicked += 1,
            _ => figures.cancelled += 1,
        }
        figures.state = match end {
            End::Failed(_) | End::Panicked(_) => State::Failing,
            End::Finished => State::Ok,
            _ => figures.state,
        };
        if let Some(failure) = failure {
            figures.last_failure = Some(Arc::new(failure));
        }
        if self.times.len() < TIMES {
            self.times.push(took);
        } else {
            self.times[self.next % TIMES] = took;
        }
        self.next = self.next.wrapping_add(1);
    }

    fn figures(&self) -> Figures {
        let mut figures = self.figures.clone();
        if figures.state != State::Failing && figures.running > 0 {
            figures.state = State::Running;
        }
        let mut times = self.times.clone();
        times.sort_unstable();
        let quantile = |part: usize| times.get((times.len() * part / 100).min(times.len().saturating_sub(1)));
        let micros = |part| quantile(part).map(|time| time.as_secs_f64() * 1e6);
        (figures.p50_us, figures.p90_us, figures.p99_us) = (micros(50), micros(90), micros(99));
        figures
    }
}

impl Counts {
    pub(crate) fn descriptions(&self) -> Vec<(u64, &'static Description<'static>)> {
        (0..).zip(lock(&self.graphs).iter().map(|known| known.description)).collect()
    }

    pub(crate) fn graphs(&self) -> BTreeMap<u64, Graph> {
        let known = lock(&self.graphs).clone();
        (0..).zip(known.iter().map(|known| graph(&lock(&known.lots)))).collect()
    }
}

fn graph(lots: &[Lot]) -> Graph {
    Graph { runs: lots[0].figures(), nodes: lots[1..].iter().map(Lot::figures).collect() }
}
