//! Any order of what can happen to a machine. An obvious record of it, a list with the step at which each thing happened,
//! says what may come out.

use std::sync::Arc;
use std::task::{Poll, Waker};
use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::*;

use super::{Joined, Kind, Lead, Life, Machine, Ticket, Turn, Want};
use crate::policy::wait::turn::Wait;

/// A value is the step at which its load began.
type Value = usize;

#[derive(Clone, Copy, Debug)]
enum Step {
    Ask { newer: bool, thread: bool },
    Poll(usize),
    Aside(usize),
    Leave(usize),
    Land(usize),
    Queue(usize),
    Begin(usize),
    Fail(usize, bool),
    Drop(usize),
    Clear,
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => any::<(bool, bool)>().prop_map(|(newer, thread)| Step::Ask { newer, thread }),
        3 => any::<usize>().prop_map(Step::Poll),
        1 => any::<usize>().prop_map(Step::Aside),
        1 => any::<usize>().prop_map(Step::Leave),
        2 => any::<usize>().prop_map(Step::Land),
        1 => any::<usize>().prop_map(Step::Queue),
        1 => any::<usize>().prop_map(Step::Begin),
        1 => (any::<usize>(), any::<bool>()).prop_map(|(at, delayed)| Step::Fail(at, delayed)),
        1 => any::<usize>().prop_map(Step::Drop),
        1 => Just(Step::Clear),
        2 => (1..8u64).prop_map(Step::Pass),
    ]
}

const FRESH: u64 = 10;
const STALE: u64 = 5;
const DELAY: u64 = 4;

struct Leading {
    lead: Lead<Value, &'static str>,
    began: usize,
    queued: bool,
}

struct Asking {
    ticket: Ticket<Value, &'static str>,
    /// What it gets must have begun at this step or later.
    since: usize,
    kind: Kind,
}

struct World {
    machine: Arc<Machine<Value, &'static str>>,
    start: Instant,
    now: u64,
    step: usize,
    cleared: usize,
    /// The loads that have come, with their time.
    landed: Vec<(Value, u64)>,
    leads: Vec<Leading>,
    asking: Vec<Asking>,
}

impl World {
    fn new() -> Self {
        let life = Life { fresh: Duration::from_secs(FRESH), stale: Duration::from_secs(STALE) };
        Self {
            machine: Arc::new(Machine::new(Some(life))),
            start: Instant::now(),
            now: 0,
            step: 0,
            cleared: 0,
            landed: Vec::new(),
            leads: Vec::new(),
            asking: Vec::new(),
        }
    }

    fn moment(&self) -> Instant {
        self.start + Duration::from_secs(self.now)
    }

    fn lead(&mut self, lead: Lead<Value, &'static str>) {
        let counts = |leading: &&Leading| leading.began > self.cleared && !leading.queued;
        assert_eq!(self.leads.iter().filter(counts).count(), 0, "no two loads are under way that both count");
        self.leads.push(Leading { lead, began: self.step, queued: false });
    }

    fn given(&self, value: Value, since: usize, at_most: u64) {
        assert!(value > self.cleared, "nothing from before a clear");
        assert!(value >= since, "nothing older than the wish");
        let came = self.landed.iter().rev().find(|(landed, _)| *landed == value).expect("it has come").1;
        assert!(self.now - came < at_most, "not too old");
        assert_eq!(self.landed.iter().rev().find(|(v, _)| *v > self.cleared).map(|(v, _)| *v), Some(value));
    }

    fn ask(&mut self, want: Want, kind: Kind, since: usize) {
        match self.machine.join(want, kind, Some(self.moment())) {
            Joined::Found(value) => self.given(value, since, FRESH + STALE),
            Joined::Refresh(value, lead) => {
                self.given(value, since, FRESH + STALE);
                self.lead(lead);
            }
            Joined::Lead(lead) => self.lead(lead),
            Joined::Wait(ticket) => self.asking.push(Asking { ticket, since, kind }),
            Joined::Failed(_, left) => {
                assert!(matches!(want, Want::Any) && left <= Duration::from_secs(DELAY));
            }
            Joined::Busy => unreachable!("so many are not there"),
        }
    }

    /// Tells whether something came of it.
    fn poll(&mut self, at: usize) -> bool {
        match self.asking[at].ticket.poll(Waker::noop()) {
            Poll::Pending => false,
            Poll::Ready(turn) => {
                let asking = self.asking.remove(at);
                match turn {
                    Turn::Lead(lead) => self.lead(lead),
                    Turn::Again(want) => self.ask(want, asking.kind, asking.since),
                }
                true
            }
        }
    }

    fn land(&mut self, at: usize) {
        let Leading { lead, began, queued } = self.leads.remove(at);
        if queued && !lead.begin() {
            return;
        }
        if began > self.cleared {
            self.landed.push((began, self.now));
        }
        lead.land(began, self.moment());
    }

    fn take(&mut self, step: Step) {
        self.step += 1;
        let pick = |at: usize, of: usize| (of > 0).then(|| at % of);
        match step {
            Step::Ask { newer, thread } => {
                let (want, since) = if newer { (Want::Newer, self.step) } else { (Want::Any, 0) };
                self.ask(want, if thread { Kind::Thread } else { Kind::Future }, since);
            }
            Step::Poll(at) => {
                if let Some(at) = pick(at, self.asking.len()) {
                    self.poll(at);
                }
            }
            Step::Aside(at) => {
                if let Some(at) = pick(at, self.asking.len()) {
                    self.asking[at].ticket.step_aside();
                }
            }
            Step::Leave(at) => drop(pick(at, self.asking.len()).map(|at| self.asking.remove(at))),
            Step::Land(at) => {
                if let Some(at) = pick(at, self.leads.len()) {
                    self.land(at);
                }
            }
            Step::Queue(at) => {
                if let Some(at) = pick(at, self.leads.len()) {
                    self.leads[at].lead.queue();
                    self.leads[at].queued = true;
                }
            }
            Step::Begin(at) => {
                if let Some(at) = pick(at, self.leads.len())
                    && self.leads[at].queued
                {
                    if self.leads[at].lead.begin() {
                        self.leads[at].queued = false;
                    } else {
                        drop(self.leads.remove(at));
                    }
                }
            }
            Step::Fail(at, delayed) => {
                if let Some(at) = pick(at, self.leads.len()).filter(|at| !self.leads[*at].queued) {
                    let delay = delayed.then_some(Duration::from_secs(DELAY));
                    self.leads.remove(at).lead.fail("failed", self.moment(), |_, _| delay);
                }
            }
            Step::Drop(at) => drop(pick(at, self.leads.len()).map(|at| self.leads.remove(at).lead)),
            Step::Clear => {
                self.cleared = self.step;
                self.machine.clear();
            }
            Step::Pass(time) => self.now += time,
        }
    }

    /// All who wait come to an end, if somebody looks after each load.
    fn settle(&mut self) {
        for _ in 0..10_000 {
            self.step += 1;
            while !self.leads.is_empty() {
                self.land(0);
            }
            if self.asking.is_empty() {
                let look = self.machine.look();
                assert!(!look.is_loading && look.waiting == 0);
                return;
            }
            let went_on = (0..self.asking.len()).rev().any(|at| self.poll(at));
            assert!(went_on, "somebody waits, and nobody loads");
        }
        panic!("it never ends");
    }
}

proptest! {
    #[test]
    fn r36_whatever_happens_nobody_waits_for_a_load_that_nobody_does(steps in vec(step(), 0..60)) {
        let mut world = World::new();
        for step in steps {
            world.take(step);
        }
        world.settle();
    }
}
