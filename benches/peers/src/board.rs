//! Values for systems that order tasks but carry no data between them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::op::step;
use crate::shape::Shape;

/// One run of a shape. Relaxed accesses suffice, because a system synchronises the tasks that it orders.
pub(crate) struct Board {
    shape: &'static Shape,
    w: u32,
    x: AtomicU64,
    values: Vec<AtomicU64>,
    sinks: Vec<usize>,
}

impl Board {
    pub(crate) fn new(shape: &'static Shape, w: u32) -> Arc<Self> {
        let values = shape.preds.iter().map(|_| AtomicU64::new(0)).collect();
        Arc::new(Self { shape, w, x: AtomicU64::new(0), values, sinks: shape.sinks() })
    }

    /// Begins a run.
    #[inline(always)]
    pub(crate) fn begin(&self, x: u64) {
        self.x.store(x, Ordering::Relaxed);
    }

    /// What a root is given.
    #[inline(always)]
    pub(crate) fn x(&self) -> u64 {
        self.x.load(Ordering::Relaxed)
    }

    /// Runs a node whose predecessors have run.
    #[inline(always)]
    pub(crate) fn run(&self, node: usize) {
        let preds = self.shape.preds[node];
        let given = if preds.is_empty() { self.x() } else { self.sum(preds) };
        self.set(node, step(node as u64, given, self.w));
    }

    #[inline(always)]
    pub(crate) fn set(&self, node: usize, value: u64) {
        self.values[node].store(value, Ordering::Relaxed);
    }

    /// The value of the run.
    #[inline(always)]
    pub(crate) fn value(&self) -> u64 {
        self.sum(&self.sinks)
    }

    #[inline(always)]
    fn sum(&self, nodes: &[usize]) -> u64 {
        nodes.iter().fold(0, |sum: u64, &node| sum.wrapping_add(self.values[node].load(Ordering::Relaxed)))
    }
}
