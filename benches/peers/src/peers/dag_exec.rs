//! `dag_exec`: a pool of threads for each run.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ::dag_exec::{Dag, DagBuilder, Executor, ExecutorConfig};

use super::System;
use crate::THREADS;
use crate::op::step;
use crate::sampling::{Plan, drive};
use crate::shape::Shape;

struct DagExec {
    dag: Dag<usize, u64, ()>,
    input: Arc<AtomicU64>,
    sinks: Vec<usize>,
}

pub(super) fn make(shape: &'static Shape, w: u32) -> Box<dyn System> {
    let input = Arc::new(AtomicU64::new(0));
    let mut builder = DagBuilder::new();
    for (node, preds) in shape.preds.iter().enumerate() {
        let input = Arc::clone(&input);
        let is_root = preds.is_empty();
        let run = move |values: &[Arc<u64>]| {
            let sum = || values.iter().fold(0, |sum: u64, value| sum.wrapping_add(**value));
            Ok(step(node as u64, if is_root { input.load(Ordering::Relaxed) } else { sum() }, w))
        };
        builder.add_task(node, preds.to_vec(), run).expect("a node of another key");
    }
    let dag = builder.build().expect("no cycle");
    Box::new(DagExec { dag, input, sinks: shape.sinks() })
}

impl System for DagExec {
    fn sample(&mut self, plan: &Plan) -> Vec<f64> {
        let config = ExecutorConfig { max_workers: THREADS, max_in_flight: 3 * THREADS, worker_queue_cap: 2 };
        let executor = Executor::new(config);
        drive(plan, |x| {
            self.input.store(x, Ordering::Relaxed);
            let values = executor.run_parallel(&self.dag, self.sinks.iter().copied());
            values
                .expect("nodes that do not fail")
                .values()
                .fold(0, |sum: u64, value| sum.wrapping_add(**value))
        })
    }
}
