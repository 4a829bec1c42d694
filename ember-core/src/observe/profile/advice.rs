//! What would help a graph most: a few rules, each with a bound that what was counted must pass.

use std::fmt;
use std::time::Duration;

use super::costs::{Costs, median};
use crate::observe::{GraphStatistics, Tally};
use crate::strategy::Strategy;
use crate::sync::nanos;

/// Of fewer runs, and of fewer calls of a node, nothing is said.
pub(super) const FEW: u64 = 20;
/// A node is worth to look at from this share of a run on, if a run could be so many times as fast without it.
const BOTTLENECK: f64 = 0.5;
const GAIN: f64 = 1.1;
/// Nodes are tiny if none takes longer, and a run no longer than it takes to wake a thread.
const TINY_NODE: u64 = 2_000;
const TINY_RUN: u64 = 40_000;
/// The share of attempts that are further ones.
const RETRIES: f64 = 0.1;
/// The share of values that a cache has.
const HITS: f64 = 0.1;
/// The share of a node's time that is spent in a queue.
const WAITING: f64 = 0.2;
/// The share of attempts that a breaker turns away.
const REFUSED: f64 = 0.1;
/// The share of attempts that take too long, and how many times the median a limit is that is near it.
const TIMEOUTS: f64 = 0.05;
const NEAR: u32 = 4;
/// The share of calls that end in a fallback.
const FALLBACKS: f64 = 0.1;

/// Something that would make a graph faster, told by its [`Profile`](super::Profile). As text it is one line.
///
/// Shares are from 0 to 1. Nothing is said of fewer than 20 runs, or of a policy of a node with fewer than 20 calls.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Advice {
    /// One node is more than half of the critical path, or of a run that goes in order, and without it a run would take at
    /// most ten elevenths of the time. Splitting it into nodes that can run beside each other, a cache or a faster way bound
    /// the gain, by Amdahl's law ("Validity of the single processor approach to achieving large scale computing
    /// capabilities", AFIPS 1967), where what would then be the critical path counts too.
    Bottleneck {
        /// The node.
        node: &'static str,
        /// Its share of the critical path; where [`in_order`](Self::Bottleneck::in_order), of all nodes.
        share: f64,
        /// How many times as fast a run would be if the node took no time; nothing where no other node takes any.
        gain: Option<f64>,
        /// Whether runs go in order, so that all nodes count.
        in_order: bool,
    },
    /// No node takes more than 2 µs in the median, and all nodes of a run no more than 40 µs.
    Tiny {
        /// What all nodes of a run take.
        run: Duration,
    },
    /// More than a tenth of a node's attempts are retries.
    Retries {
        /// The node.
        node: &'static str,
        /// The share of its attempts that are retries.
        share: f64,
    },
    /// The cache of a node has less than a tenth of the values that it is asked for.
    CacheMisses {
        /// The node.
        node: &'static str,
        /// The share of values that it has, or that a call under way gives.
        share: f64,
        /// How many entries gave way to others.
        evicted: u64,
    },
    /// More than a fifth of a node's time goes by while it waits for a permit.
    PermitWaits {
        /// The node.
        node: &'static str,
        /// The share of its time.
        share: f64,
    },
    /// More than a fifth of a node's time goes by while it waits for its turn in a rate.
    RateWaits {
        /// The node.
        node: &'static str,
        /// The share of its time.
        share: f64,
    },
    /// More than a fifth of a node's time goes by while it waits for room in a memory budget.
    MemoryWaits {
        /// The node.
        node: &'static str,
        /// The share of its time.
        share: f64,
    },
    /// A circuit breaker turns away more than a tenth of the attempts at a node.
    BreakerRefusals {
        /// The node.
        node: &'static str,
        /// The share of its attempts.
        share: f64,
        /// How often breakers changed there.
        changes: u64,
    },
    /// More than a twentieth of the attempts at a node take longer than they may. Is the limit less than four times the median
    /// of all calls, which are long for such calls too, it is the limit that is short; else some calls hang.
    Timeouts {
        /// The node.
        node: &'static str,
        /// The share of its attempts.
        share: f64,
        /// How long the last of them may take.
        limit: Duration,
        /// How long half of the node's calls take at most.
        median: Duration,
    },
    /// More than a tenth of a node's calls end in its fallback.
    Fallbacks {
        /// The node.
        node: &'static str,
        /// The share of its calls.
        share: f64,
        /// How often the fallback failed too.
        failed: u64,
    },
}

/// All that applies, with what concerns a node by how much of the time it takes.
pub(super) fn advise(of: &GraphStatistics, costs: &Costs, strategy: Strategy) -> Vec<Advice> {
    if of.runs.ended() < FEW {
        return Vec::new();
    }
    let mut advice: Vec<Advice> =
        tiny(of, costs).or_else(|| bottleneck(of, costs, strategy)).into_iter().collect();
    let mut nodes: Vec<(&'static str, &Tally)> = of
        .description()
        .nodes
        .iter()
        .map(|node| node.path)
        .zip(&of.nodes)
        .filter(|(_, node)| node.ended() >= FEW)
        .collect();
    nodes.sort_by_key(|(_, node)| std::cmp::Reverse(node.latency.sum()));
    advice.extend(nodes.into_iter().flat_map(|(path, node)| policies(path, node)));
    advice
}

/// An `async` graph that waits is not tiny, and one that has a single node has one way to run.
fn tiny(of: &GraphStatistics, costs: &Costs) -> Option<Advice> {
    let several = of.nodes.iter().filter(|node| node.latency.count() != 0).nth(1).is_some();
    let all = !of.description().is_async && of.nodes.iter().all(|node| median(node) <= TINY_NODE);
    (several && all && costs.work <= TINY_RUN).then(|| Advice::Tiny { run: Duration::from_nanos(costs.work) })
}

fn bottleneck(of: &GraphStatistics, costs: &Costs, strategy: Strategy) -> Option<Advice> {
    let in_order = strategy == Strategy::Sequential;
    let nodes = 0..u32::try_from(of.nodes.len()).ok()?;
    let dearest = if in_order {
        nodes.max_by_key(|&node| costs.in_order(node))?
    } else {
        costs.path.iter().copied().max_by_key(|&node| costs.on_chain(node))?
    };
    let (cost, whole, without) = if in_order {
        let cost = costs.in_order(dearest);
        (cost, costs.work, costs.work.saturating_sub(cost))
    } else {
        (costs.on_chain(dearest), costs.span, costs.span_without(dearest))
    };
    let (share, gain) = (ratio(cost, whole), (without != 0).then(|| ratio(whole, without)));
    let node = of.description().nodes[dearest as usize].path;
    (share > BOTTLENECK && gain.is_none_or(|gain| gain >= GAIN)).then_some(Advice::Bottleneck {
        node,
        share,
        gain,
        in_order,
    })
}

fn policies(node: &'static str, of: &Tally) -> impl Iterator<Item = Advice> {
    let retries = ratio(of.backoffs, attempts(of));
    let had = of.cache_hits + of.cache_joined;
    let asked = had + of.cache_misses;
    let hits = ratio(had, asked);
    let time = of.latency.sum();
    let [permits, rates, memory] =
        [of.permit_time, of.rate_time, of.memory_time].map(|waited| ratio(nanos(waited), nanos(time)));
    let evicted = of.cache_evicted;
    let [refused, late] = [of.breaker_refused, of.timeouts].map(|some| ratio(some, attempts(of)));
    let (limit, median) = (of.timeout_limit.unwrap_or_default(), Duration::from_nanos(median(of)));
    let instead = ratio(of.fallbacks + of.fallbacks_failed, of.started);
    let (changes, failed) = (of.breaker_changes, of.fallbacks_failed);
    [
        (retries > RETRIES).then_some(Advice::Retries { node, share: retries }),
        (asked >= FEW && hits < HITS).then_some(Advice::CacheMisses { node, share: hits, evicted }),
        (permits > WAITING).then_some(Advice::PermitWaits { node, share: permits }),
        (rates > WAITING).then_some(Advice::RateWaits { node, share: rates }),
        (memory > WAITING).then_some(Advice::MemoryWaits { node, share: memory }),
        (refused > REFUSED).then_some(Advice::BreakerRefusals { node, share: refused, changes }),
        (late > TIMEOUTS).then_some(Advice::Timeouts { node, share: late, limit, median }),
        (instead > FALLBACKS).then_some(Advice::Fallbacks { node, share: instead, failed }),
    ]
    .into_iter()
    .flatten()
}

/// How often an operator was called for: the first time, again, and beside a slow call. What a cache gave is no attempt.
pub(super) fn attempts(of: &Tally) -> u64 {
    of.started.saturating_sub(of.cache_hits + of.cache_joined) + of.backoffs + of.hedges
}

/// 0 of nothing.
#[expect(clippy::cast_precision_loss, reason = "it is told in per cent")]
pub(super) fn ratio(of: u64, all: u64) -> f64 {
    if all == 0 { 0.0 } else { of as f64 / all as f64 }
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bottleneck { node, share, gain, in_order } => {
                let whole = if *in_order { "what a run takes in order" } else { "the critical path" };
                write!(f, "`{node}` is {} of {whole}: ", Percent(*share))?;
                match gain {
                    Some(gain) if *in_order => {
                        write!(f, "a cache or a faster way makes a run at most {gain:.1} times as fast")
                    }
                    Some(gain) => {
                        write!(f, "splitting or caching it makes a run at most {gain:.1} times as fast")
                    }
                    None => f.write_str("a run gets faster as it does"),
                }
            }
            Self::Tiny { run } => write!(
                f,
                "all nodes are tiny, {run:.1?} in a run: in order is right, as another thread takes longer to reach"
            ),
            Self::Retries { node, share } => write!(
                f,
                "{} of the attempts at `{node}` are retries: see why they fail, or let a breaker spare them",
                Percent(*share)
            ),
            Self::CacheMisses { node, share, evicted: 0 } => write!(
                f,
                "the cache of `{node}` has {} of what is asked for: a coarser key, a longer life, or no cache",
                Percent(*share)
            ),
            Self::CacheMisses { node, share, evicted } => write!(
                f,
                "the cache of `{node}` has {} of what is asked for, and {evicted} entries gave way: more room, or no cache",
                Percent(*share)
            ),
            Self::PermitWaits { node, share } => write!(
                f,
                "{} of the time of `{node}` it waits for a permit: a higher limit, if what is behind it bears that",
                Percent(*share)
            ),
            Self::RateWaits { node, share } => write!(
                f,
                "{} of the time of `{node}` it waits for its turn: a higher rate, if what is behind it bears that",
                Percent(*share)
            ),
            Self::MemoryWaits { node, share } => write!(
                f,
                "{} of the time of `{node}` it waits for memory: a larger budget, or calls that hold less",
                Percent(*share)
            ),
            Self::BreakerRefusals { node, share, changes } => write!(
                f,
                "the breaker of `{node}` turned away {} of the attempts, and changed {changes} times: see why they fail, or \
                 have a fallback",
                Percent(*share)
            ),
            Self::Timeouts { node, share, limit, median } => {
                let what = if *limit < NEAR * *median {
                    "a longer limit, or a faster way"
                } else {
                    "see what hangs, or try again sooner"
                };
                write!(
                    f,
                    "{} of the attempts at `{node}` took longer than {limit:.1?}, with a median of {median:.1?}: {what}",
                    Percent(*share)
                )
            }
            Self::Fallbacks { node, share, failed } => {
                write!(f, "{} of the calls of `{node}` ended in its fallback", Percent(*share))?;
                if *failed > 0 {
                    write!(f, ", which failed {failed} times")?;
                }
                f.write_str(": see why they fail")
            }
        }
    }
}

/// A share as per cent, with the width of the formatter.
pub(super) struct Percent(pub(super) f64);

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:.1} %", self.0 * 100.0))
    }
}
