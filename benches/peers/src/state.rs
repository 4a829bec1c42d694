//! What the threads of one hand-written run share.
//!
//! Values are atomics that are read and written relaxed, which costs what a plain access costs: those who read a value
//! have learnt from `done`, from a counter or from rayon that it was written.

use std::array;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

/// A run of a shape of at most 64 nodes.
#[repr(C)]
pub(crate) struct State<const N: usize> {
    /// The finished nodes that others or the end of the run wait for.
    done: AtomicU64,
    /// Nodes that may run, for whoever takes them.
    shared: AtomicU64,
    x: AtomicU64,
    w: u32,
    values: Values<N>,
}

/// Begins a cache line, so that the first values do not share one with what all threads write.
#[repr(align(64))]
struct Values<const N: usize>([AtomicU64; N]);

impl<const N: usize> State<N> {
    #[inline(always)]
    pub(crate) fn new(x: u64, w: u32) -> Self {
        Self {
            done: AtomicU64::new(0),
            shared: AtomicU64::new(0),
            x: AtomicU64::new(x),
            w,
            values: Values([const { AtomicU64::new(0) }; N]),
        }
    }

    /// Begins again with another input. Nobody else works on the run.
    #[inline(always)]
    pub(crate) fn restart(&self, x: u64, ready: u64) {
        self.x.store(x, Ordering::Relaxed);
        self.resume(0, ready);
    }

    /// Puts the run where some nodes are finished and others may run.
    #[inline(always)]
    pub(crate) fn resume(&self, done: u64, ready: u64) {
        self.done.store(done, Ordering::Relaxed);
        self.shared.store(ready, Ordering::Relaxed);
    }

    #[inline(always)]
    pub(crate) fn inputs(&self) -> (u64, u32) {
        (self.x.load(Ordering::Relaxed), self.w)
    }

    #[inline(always)]
    pub(crate) fn get(&self, node: usize) -> u64 {
        self.values.0[node].load(Ordering::Relaxed)
    }

    #[inline(always)]
    pub(crate) fn set(&self, node: usize, value: u64) {
        self.values.0[node].store(value, Ordering::Relaxed);
    }

    /// Marks a node as finished and tells which are. Of those that another node waits for, exactly one is told that all
    /// are: the last.
    #[inline(always)]
    pub(crate) fn finish(&self, node: usize) -> u64 {
        let bit = 1 << node;
        self.done.fetch_or(bit, Ordering::AcqRel) | bit
    }

    #[inline(always)]
    pub(crate) fn has_finished(&self, nodes: u64) -> bool {
        self.done.load(Ordering::Acquire) == nodes
    }

    /// Whether nobody has nodes to give away.
    #[inline(always)]
    pub(crate) fn is_starved(&self) -> bool {
        self.shared.load(Ordering::Relaxed) == 0
    }

    #[inline(always)]
    pub(crate) fn share(&self, nodes: u64) {
        self.shared.fetch_or(nodes, Ordering::Release);
    }

    /// Takes about half of the shared nodes, the upper half or the lower.
    #[inline(always)]
    pub(crate) fn take(&self, upper: bool) -> u64 {
        let shared = self.shared.load(Ordering::Acquire);
        if shared == 0 {
            return 0;
        }
        let (low, high) = halves(shared);
        let wanted = if low == 0 || upper { high } else { low };
        self.shared.fetch_and(!wanted, Ordering::AcqRel) & wanted
    }
}

/// How many predecessors each node still waits for.
pub(crate) struct Counters<const N: usize>([AtomicU8; N]);

impl<const N: usize> Counters<N> {
    #[inline(always)]
    pub(crate) fn new(waiting: [u8; N]) -> Self {
        Self(array::from_fn(|node| AtomicU8::new(waiting[node])))
    }

    /// Whether this was the last predecessor of the node.
    #[inline(always)]
    pub(crate) fn arrive(&self, node: usize) -> bool {
        self.0[node].fetch_sub(1, Ordering::AcqRel) == 1
    }
}

/// The lower half of the bits that are set, and the upper one, which gets the middle one.
#[inline(always)]
pub(crate) fn halves(nodes: u64) -> (u64, u64) {
    let mut high = nodes;
    for _ in 0..nodes.count_ones() / 2 {
        high &= high - 1;
    }
    (nodes ^ high, high)
}

/// The lowest node of a set that is not empty.
#[inline(always)]
pub(crate) fn take_lowest(nodes: &mut u64) -> u32 {
    let node = nodes.trailing_zeros();
    *nodes &= *nodes - 1;
    node
}
