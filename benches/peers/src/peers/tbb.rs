//! The flow graph of oneTBB, from `cpp/flow_graph.cpp`.
#![expect(unsafe_code, reason = "C++ is reached through C")]

use super::System;
use crate::THREADS;
use crate::sampling::{Plan, drive};
use crate::shape::Shape;

/// A graph on the other side.
#[repr(C)]
struct Opaque([u8; 0]);

unsafe extern "C" {
    safe fn flow_graph_new(threads: usize, w: u32) -> *mut Opaque;
    fn flow_graph_add(graph: *mut Opaque, preds: *const usize, count: usize);
    fn flow_graph_run(graph: *mut Opaque, x: u64) -> u64;
    fn flow_graph_delete(graph: *mut Opaque);
}

struct FlowGraph(*mut Opaque);

pub(super) fn make(shape: &'static Shape, w: u32) -> Box<dyn System> {
    let graph = FlowGraph(flow_graph_new(THREADS, w));
    for preds in shape.preds {
        // SAFETY: the graph lives, and copies the predecessors, which are nodes that it already has.
        unsafe { flow_graph_add(graph.0, preds.as_ptr(), preds.len()) }
    }
    Box::new(graph)
}

impl System for FlowGraph {
    fn sample(&mut self, plan: &Plan) -> Vec<f64> {
        // SAFETY: the graph lives, and nobody else runs it.
        drive(plan, |x| unsafe { flow_graph_run(self.0, x) })
    }
}

impl Drop for FlowGraph {
    fn drop(&mut self) {
        // SAFETY: the graph lives, and is not used again.
        unsafe { flow_graph_delete(self.0) }
    }
}
