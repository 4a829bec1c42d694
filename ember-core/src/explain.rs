//! What a graph has cost so far, and what that says about its next run.

use std::fmt;
use std::time::Duration;

use ember_graph::{Description, Node};

use crate::context::Context;
use crate::executor::{ALWAYS_STRAIGHT, Place, is_among_others};
use crate::observe::{Profile, Statistics};
use crate::run::Info;
use crate::strategy::Strategy;

/// A graph with what was measured of its runs, and the way that the next one would take: given by `graph::explain()`.
///
/// Figures are of the process, and of runs under [`Strategy::Auto`] alone. They are those of the moment when they were
/// asked for. As text it is for a person to read.
#[derive(Clone, Debug)]
pub struct Explanation {
    description: &'static Description<'static>,
    strategy: Strategy,
    reason: Reason,
    in_order: Option<Duration>,
    parallel: [Option<Duration>; 3],
    tasks: Vec<(u32, Duration)>,
}

/// Why a run takes its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// The context asks for it.
    Asked,
    /// No two nodes could run at the same time, or the build has no threads.
    OnlyWay,
    /// Nothing is known about its cost yet: it starts in order, and goes on in parallel if it turns out long.
    NotMeasured,
    /// It has a `for` or a `loop`, so its last cost says little: it starts in order likewise.
    Varies,
    /// It is over before another thread could be reached, or in less time than the context's bound.
    Tiny,
    /// Runs are rare, and waking a thread would take longer than it could save.
    Asleep,
    /// In parallel it was measured to take no less time. It is tried again now and then.
    Dearer,
    /// It is called in an item of a stream, and each of the other threads has items to run too: none is there to help.
    Busy,
    /// It is `async`: its nodes wait at the same time, whatever they cost.
    Waits,
    /// In parallel it takes less time, as measured or as expected.
    Cheaper,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Asked => "the context asks for it",
            Self::OnlyWay => "there is no other way",
            Self::NotMeasured => "not measured yet, so it starts in order",
            Self::Varies => "its loops vary, so it starts in order",
            Self::Tiny => "it is over before another thread could be reached",
            Self::Asleep => "runs are rare, and a thread would have to be woken",
            Self::Busy => "all other threads have items of a stream to run",
            Self::Waits => "its nodes wait at the same time",
            Self::Dearer => "in parallel it takes no less time",
            Self::Cheaper => "in parallel it takes less time",
        })
    }
}

/// Explains a graph. `parallel` says whether it has parts that can run at the same time.
#[doc(hidden)]
pub fn explain(info: &'static Info, parallel: bool) -> Explanation {
    let asked = Context::__with(Context::strategy);
    let reason = if !parallel || ALWAYS_STRAIGHT {
        Reason::OnlyWay
    } else if asked.is_some_and(|strategy| strategy != Strategy::Auto) {
        Reason::Asked
    } else {
        Context::__with(|context| judged(info, context))
    };
    let strategy = match reason {
        Reason::Asked => asked.unwrap_or_default(),
        Reason::OnlyWay | Reason::Tiny | Reason::Asleep | Reason::Dearer | Reason::Busy => {
            Strategy::Sequential
        }
        Reason::NotMeasured | Reason::Varies | Reason::Waits => Strategy::Auto,
        #[cfg(feature = "parallel")]
        Reason::Cheaper => Strategy::Parallel,
        #[cfg(not(feature = "parallel"))]
        Reason::Cheaper => Strategy::Sequential,
    };
    Explanation { strategy, reason, ..figures(info) }
}

/// Why a run that is called here would go as it does, if nobody asks for a way.
pub(crate) fn judged(info: &'static Info, context: &Context) -> Reason {
    let place = Place::here();
    match info.gauge.judge(place, place != Place::Cold, context.parallel_from()) {
        Reason::Tiny => Reason::Tiny,
        _ if is_among_others() => Reason::Busy,
        reason => reason,
    }
}

/// Explains an `async` graph. `concurrent` says whether it has parts that can run at the same time.
#[doc(hidden)]
pub fn explain_async(info: &'static Info, concurrent: bool) -> Explanation {
    let (strategy, reason) = match Context::__with(Context::strategy) {
        _ if !concurrent => (Strategy::Sequential, Reason::OnlyWay),
        Some(asked) if asked != Strategy::Auto => (asked, Reason::Asked),
        _ => (Strategy::Auto, Reason::Waits),
    };
    Explanation { strategy, reason, ..figures(info) }
}

fn figures(info: &'static Info) -> Explanation {
    Explanation {
        description: &info.description,
        strategy: Strategy::Auto,
        reason: Reason::NotMeasured,
        in_order: info.gauge.in_order(),
        parallel: [Place::Warm, Place::Cold, Place::Inside].map(|place| info.gauge.parallel(place)),
        tasks: info.gauge.tasks(),
    }
}

impl Explanation {
    /// The graph.
    pub fn description(&self) -> &'static Description<'static> {
        self.description
    }

    /// The way that a run would take, called here and now: [`Strategy::Auto`] if that shows while it runs.
    pub fn strategy(&self) -> Strategy {
        self.strategy
    }

    /// Why.
    pub fn reason(&self) -> Reason {
        self.reason
    }

    /// The same with what runs did that were observed, where their time went, and what would help: as text, for a person.
    ///
    /// It has what `statistics` have of the graph, from any context that they observe, and takes time in the order of its
    /// nodes and edges.
    pub fn with(self, statistics: &Statistics) -> Profile {
        Profile::new(self, statistics)
    }

    /// What a run costs in order.
    pub fn in_order(&self) -> Option<Duration> {
        self.in_order
    }

    /// What a run took in parallel, called from outside of the pool with threads of it awake.
    pub fn in_parallel(&self) -> Option<Duration> {
        self.parallel[Place::Warm as usize]
    }

    /// The same with its threads asleep.
    pub fn in_parallel_from_sleep(&self) -> Option<Duration> {
        self.parallel[Place::Cold as usize]
    }

    /// The same called on a thread of the pool.
    pub fn in_parallel_in_pool(&self) -> Option<Duration> {
        self.parallel[Place::Inside as usize]
    }

    /// What nodes cost, in source order, as far as they ran in parallel. Of nodes that run one after the other in one
    /// piece, the first stands for all.
    pub fn nodes(&self) -> impl Iterator<Item = (&'static Node<'static>, Duration)> {
        self.tasks.iter().filter_map(|&(node, cost)| Some((self.description.nodes.get(node as usize)?, cost)))
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let way = match self.strategy {
            Strategy::Sequential => "runs in order",
            Strategy::Auto if self.reason == Reason::Waits => {
                "runs at the same time what does not depend on each other"
            }
            Strategy::Auto => "decides while it runs",
            #[cfg(feature = "parallel")]
            Strategy::Parallel => "runs in parallel",
        };
        writeln!(f, "{} {way}: {}", self.description.name, self.reason)?;
        if self.reason == Reason::Waits {
            return Ok(());
        }
        let rows = [
            ("in order", self.in_order),
            ("in parallel", self.in_parallel()),
            ("  threads asleep", self.in_parallel_from_sleep()),
            ("  in the pool", self.in_parallel_in_pool()),
        ];
        for (what, cost) in rows {
            match cost {
                Some(cost) => writeln!(f, "  {what:<18}{cost:.1?}")?,
                None => writeln!(f, "  {what:<18}-")?,
            }
        }
        for (node, cost) in self.nodes() {
            writeln!(f, "    {:<16}{cost:.1?}", node.path)?;
        }
        Ok(())
    }
}
