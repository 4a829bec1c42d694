//! dagx: a graph runs once, so as many as a batch needs are built before it, which is not timed.
#![expect(clippy::unused_async, reason = "a task is an async function")]

use ::dagx::{DagRunner, Task, TaskHandle, task};

use super::{System, tokio};
use crate::op::step;
use crate::sampling::{Meter, Plan};
use crate::shape::Shape;

struct Dagx {
    shape: &'static Shape,
    w: u32,
}

pub(super) fn make(shape: &'static Shape, w: u32) -> Box<dyn System> {
    Box::new(Dagx { shape, w })
}

impl System for Dagx {
    fn sample(&mut self, plan: &Plan) -> Vec<f64> {
        let (shape, w, plan) = (self.shape, self.w, plan.clone());
        tokio::inside(async move {
            let mut meter = Meter::new(&plan);
            while let Some(runs) = meter.batch() {
                let graphs: Vec<_> = (0..runs).map(|_| build(shape, meter.x(), w)).collect();
                meter.start();
                for (graph, _) in &graphs {
                    graph.run(|task| drop(::tokio::spawn(task))).await.expect("nodes that do not fail");
                }
                let (graph, sinks) = graphs.last().expect("a batch has runs");
                let values = sinks.iter().map(|&sink| graph.get(sink).expect("a sink's value"));
                meter.stop(values.fold(0, u64::wrapping_add));
            }
            meter.into_times()
        })
    }
}

struct Root(u64, u64, u32);

#[task]
impl Root {
    async fn run(&mut self) -> u64 {
        step(self.0, self.1, self.2)
    }
}

struct One(u64, u32);

#[task]
impl One {
    async fn run(&mut self, a: &u64) -> u64 {
        step(self.0, *a, self.1)
    }
}

struct Two(u64, u32);

#[task]
impl Two {
    async fn run(&mut self, a: &u64, b: &u64) -> u64 {
        step(self.0, a.wrapping_add(*b), self.1)
    }
}

struct Three(u64, u32);

#[task]
impl Three {
    async fn run(&mut self, a: &u64, b: &u64, c: &u64) -> u64 {
        step(self.0, a.wrapping_add(*b).wrapping_add(*c), self.1)
    }
}

struct Four(u64, u32);

#[task]
impl Four {
    async fn run(&mut self, a: &u64, b: &u64, c: &u64, d: &u64) -> u64 {
        step(self.0, a.wrapping_add(*b).wrapping_add(*c).wrapping_add(*d), self.1)
    }
}

/// A task has at most eight inputs, so a node of 32 adds up four sums.
struct Sum;

#[task]
impl Sum {
    #[expect(clippy::too_many_arguments, reason = "as many as a task may have")]
    async fn run(&mut self, a: &u64, b: &u64, c: &u64, d: &u64, e: &u64, f: &u64, g: &u64, h: &u64) -> u64 {
        [a, b, c, d, e, f, g, h].into_iter().fold(0, |sum, &value| sum.wrapping_add(value))
    }
}

type Handle = TaskHandle<u64>;

fn build(shape: &Shape, x: u64, w: u32) -> (DagRunner, Vec<Handle>) {
    let graph = DagRunner::new();
    let mut handles: Vec<Handle> = Vec::with_capacity(shape.nodes());
    for (node, preds) in shape.preds.iter().enumerate() {
        let id = node as u64;
        let inputs: Vec<&Handle> = preds.iter().map(|&pred| &handles[pred]).collect();
        let handle = match inputs[..] {
            [] => (&graph.add_task(Root(id, x, w))).into(),
            [a] => graph.add_task(One(id, w)).depends_on(a),
            [a, b] => graph.add_task(Two(id, w)).depends_on((a, b)),
            [a, b, c] => graph.add_task(Three(id, w)).depends_on((a, b, c)),
            [a, b, c, d] => graph.add_task(Four(id, w)).depends_on((a, b, c, d)),
            _ => {
                let sum = |part: &[&Handle]| match *part {
                    [a, b, c, d, e, f, g, h] => graph.add_task(Sum).depends_on((a, b, c, d, e, f, g, h)),
                    _ => unreachable!("a node of more than four inputs has 32"),
                };
                let sums: Vec<Handle> = inputs.chunks(8).map(sum).collect();
                graph.add_task(Four(id, w)).depends_on((&sums[0], &sums[1], &sums[2], &sums[3]))
            }
        };
        handles.push(handle);
    }
    let sinks = shape.sinks().into_iter().map(|sink| handles[sink]).collect();
    (graph, sinks)
}
