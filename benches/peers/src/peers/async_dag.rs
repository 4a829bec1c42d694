//! `async_dag`: futures that run on one thread, since its graphs cannot be sent. A graph runs once, so as many as a batch
//! needs are built before it, which is not timed.

use ::async_dag::{Graph, NodeIndex};

use super::System;
use super::tokio::RUNTIME;
use crate::op::step;
use crate::sampling::{Meter, Plan};
use crate::shape::Shape;

struct AsyncDag {
    shape: &'static Shape,
    w: u32,
}

pub(super) fn make(shape: &'static Shape, w: u32) -> Box<dyn System> {
    Box::new(AsyncDag { shape, w })
}

impl System for AsyncDag {
    fn sample(&mut self, plan: &Plan) -> Vec<f64> {
        RUNTIME.block_on(async {
            let mut meter = Meter::new(plan);
            while let Some(runs) = meter.batch() {
                let mut graphs: Vec<_> = (0..runs).map(|_| build(self.shape, meter.x(), self.w)).collect();
                meter.start();
                for (graph, _) in &mut graphs {
                    graph.run().await;
                }
                let (graph, sinks) = graphs.last().expect("a batch has runs");
                let values = sinks.iter().map(|&sink| graph.get_value::<u64>(sink).expect("a sink's value"));
                meter.stop(values.fold(0, u64::wrapping_add));
            }
            meter.into_times()
        })
    }
}

fn build(shape: &Shape, x: u64, w: u32) -> (Graph<'static>, Vec<NodeIndex>) {
    let mut graph = Graph::new();
    let mut nodes: Vec<NodeIndex> = Vec::with_capacity(shape.nodes());
    for (node, preds) in shape.preds.iter().enumerate() {
        let id = node as u64;
        let mut inputs: Vec<NodeIndex> = preds.iter().map(|&pred| nodes[pred]).collect();
        if inputs.len() > 8 {
            // A task has few inputs, so a node of 32 adds up four sums.
            inputs = inputs.chunks(8).map(|part| sum(&mut graph, part)).collect();
        }
        let node = match inputs.len() {
            0 => graph.add_task(move || async move { step(id, x, w) }),
            1 => graph.add_task(move |a: u64| async move { step(id, a, w) }),
            2 => graph.add_task(move |a: u64, b: u64| async move { step(id, a.wrapping_add(b), w) }),
            3 => graph.add_task(move |a: u64, b: u64, c: u64| async move {
                step(id, a.wrapping_add(b).wrapping_add(c), w)
            }),
            4 => graph.add_task(move |a: u64, b: u64, c: u64, d: u64| async move {
                step(id, a.wrapping_add(b).wrapping_add(c).wrapping_add(d), w)
            }),
            _ => unreachable!("nodes have up to four inputs, or 32"),
        };
        depend(&mut graph, &inputs, node);
        nodes.push(node);
    }
    let sinks = shape.sinks().into_iter().map(|sink| nodes[sink]).collect();
    (graph, sinks)
}

fn sum(graph: &mut Graph<'static>, inputs: &[NodeIndex]) -> NodeIndex {
    let node = graph.add_task(|a: u64, b: u64, c: u64, d: u64, e: u64, f: u64, g: u64, h: u64| async move {
        [a, b, c, d, e, f, g, h].into_iter().fold(0, u64::wrapping_add)
    });
    depend(graph, inputs, node);
    node
}

fn depend(graph: &mut Graph<'static>, inputs: &[NodeIndex], node: NodeIndex) {
    for (&input, place) in inputs.iter().zip(0..) {
        graph.update_dependency(input, node, place).expect("an input of the right type");
    }
}
