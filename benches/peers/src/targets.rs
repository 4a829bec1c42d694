//! What ember's default strategy must reach, and what it reaches.

use std::fmt;

use crate::figures::Figures;
use crate::peers::{EMBER, Kind, LIMIT, Peer, SEQUENTIAL};
use crate::workload::{Mode, Workload};

/// Ember's time over a rival's.
pub(crate) struct Ratio {
    pub(crate) name: &'static str,
    /// The name of the best of several.
    pub(crate) rival: Option<&'static str>,
    /// Nothing if one of the two did not run.
    pub(crate) value: Option<f64>,
    /// Whether the target is met, if there is one.
    meets: Option<bool>,
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(value) = self.value else { return f.write_str("-") };
        let mark = match self.meets {
            Some(true) => "PASS",
            Some(false) => "—",
            None => "",
        };
        if value < 100.0 { write!(f, "{value:.2} {mark:4}") } else { write!(f, "{value:.0} {mark:4}") }
    }
}

/// The best of some systems, with its time.
type Rival = Option<(&'static str, f64)>;

/// All ratios of a workload, always the same ones in the same order.
pub(crate) fn ratios(figures: &Figures, workload: &Workload, peers: &[&'static Peer]) -> Vec<Ratio> {
    let best = |is_rival: &dyn Fn(&Peer) -> bool| -> Rival {
        let rivals = peers.iter().filter(|peer| is_rival(peer));
        rivals
            .filter_map(|peer| Some((peer.name, figures.get(workload, peer.name)?)))
            .min_by(|one, other| one.1.total_cmp(&other.1))
    };
    let named = |name: &'static str| best(&move |peer: &Peer| peer.name == name);
    let ember = figures.get(workload, EMBER);
    let is_tiny = workload.micros == 0.0;
    let is_hot = workload.mode == Mode::Hot;
    let nodes = workload.shape.nodes() as f64;

    let to = |name, rival: Rival, is_best: bool, bound: Option<&dyn Fn(f64) -> f64>| Ratio {
        name,
        rival: rival.filter(|_| is_best).map(|(name, _)| name),
        value: ember.zip(rival).map(|(ember, (_, other))| ember / other),
        meets: ember.zip(rival).zip(bound).map(|((ember, (_, other)), bound)| ember <= bound(other)),
    };
    let of_sequential: &dyn Fn(f64) -> f64 = &|other| 1.5 * other + 15.0;
    let of_cheapest: &dyn Fn(f64) -> f64 = if is_hot { &|other| 1.1 * other } else { &|other| 1.15 * other };
    let of_limit: &dyn Fn(f64) -> f64 =
        if is_tiny { &|other| other + 20.0 + nodes } else { &|other| 1.1 * other };
    let of_library: &dyn Fn(f64) -> f64 = &|other| 1.03 * other;

    // Ways whose threads sleep when there is nothing to do: all but the spinning threads and the limit.
    let sleeps = |peer: &Peer| matches!(peer.kind, Kind::Plain | Kind::Hand | Kind::Library);
    vec![
        to("ember / sequential", named(SEQUENTIAL), false, (is_tiny && is_hot).then_some(of_sequential)),
        to("ember / cheapest way", best(&sleeps), true, (!is_tiny).then_some(of_cheapest)),
        to("ember / limit", named(LIMIT), false, Some(of_limit)),
        to("ember / best library", best(&|peer| peer.kind == Kind::Library), true, Some(of_library)),
    ]
}

/// The geometric mean of ember's ratios to the best library, over the workloads of at most a microsecond a node.
pub(crate) fn geometric_mean(
    figures: &Figures,
    workloads: &[Workload],
    peers: &[&'static Peer],
) -> Option<f64> {
    let small = workloads.iter().filter(|workload| workload.micros <= 1.0);
    let logs: Vec<f64> =
        small.filter_map(|workload| ratios(figures, workload, peers).pop()?.value).map(f64::ln).collect();
    (!logs.is_empty()).then(|| (logs.iter().sum::<f64>() / logs.len() as f64).exp())
}
