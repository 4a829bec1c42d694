//! The shapes with all their forms.

use crate::sampling::Plan;
use crate::steps::{self, Steps};
use crate::{by_hand, graphs, limit, plain};

/// A form of a shape that is called like the plain function: with the input and the steps that a node makes.
pub(crate) type Run = fn(u64, u32) -> u64;

/// A graph that all systems run.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    /// Whose values each node adds up; the nodes before it in the list.
    pub(crate) preds: &'static [&'static [usize]],
    pub(crate) plain: Run,
    pub(crate) ember: Run,
    pub(crate) joins: Run,
    pub(crate) counters: Run,
    pub(crate) levels: Run,
    pub(crate) limit: Run,
    pub(crate) broken_off: fn(u64, u32, usize) -> u64,
    pub(crate) spinning: fn(u32, &Plan) -> Vec<f64>,
    #[cfg(feature = "crates")]
    pub(crate) chili: crate::peers::chili::Run,
}

macro_rules! shapes {
    ($($name:ident $steps:ident),*) => {
        /// All shapes, in the order of the tables.
        pub(crate) static SHAPES: [Shape; [$(stringify!($name)),*].len()] =
            [$(shape::<{ plain::$name::NODES }, steps::$steps>(
                stringify!($name),
                &plain::$name::PREDS,
                plain::$name::plain,
                graphs::$name,
            )),*];
    };
}

shapes!(chain32 Chain32, diamond Diamond, fan32 Fan32, tree31 Tree31, grid8 Grid8, rand64 Rand64);

const fn shape<const N: usize, S: Steps<N>>(
    name: &'static str,
    preds: &'static [&'static [usize]],
    plain: Run,
    ember: Run,
) -> Shape {
    Shape {
        name,
        preds,
        plain,
        ember,
        joins: by_hand::joins::<N, S>,
        counters: by_hand::counters::<N, S>,
        levels: by_hand::levels::<N, S>,
        limit: limit::run::<N, S>,
        broken_off: limit::broken_off::<N, S>,
        spinning: limit::spinning::<N, S>,
        #[cfg(feature = "crates")]
        chili: crate::peers::chili::run::<N, S>,
    }
}

impl Shape {
    pub(crate) fn nodes(&self) -> usize {
        self.preds.len()
    }
}

#[cfg(feature = "crates")]
impl Shape {
    /// The nodes that use a node's value.
    pub(crate) fn succs(&self, node: usize) -> Vec<usize> {
        (node + 1..self.nodes()).filter(|&other| self.preds[other].contains(&node)).collect()
    }

    /// The nodes whose values nobody uses; the graph's value is their sum.
    pub(crate) fn sinks(&self) -> Vec<usize> {
        (0..self.nodes()).filter(|&node| self.succs(node).is_empty()).collect()
    }

    /// The nodes by the length of the longest way to them.
    pub(crate) fn levels(&self) -> Vec<Vec<usize>> {
        let mut levels: Vec<Vec<usize>> = Vec::new();
        let mut level_of = Vec::new();
        for (node, preds) in self.preds.iter().enumerate() {
            let level = preds.iter().map(|&pred| level_of[pred] + 1).max().unwrap_or(0);
            level_of.push(level);
            levels.resize(levels.len().max(level + 1), Vec::new());
            levels[level].push(node);
        }
        levels
    }
}
