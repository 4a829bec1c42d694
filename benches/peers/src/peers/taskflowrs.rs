//! taskflowrs: starts its threads for each run. A graph runs once, so as many as a batch needs are built before it, which
//! is not timed.

use std::sync::Arc;

use ::taskflowrs::{Executor, Taskflow};

use super::System;
use crate::THREADS;
use crate::board::Board;
use crate::sampling::{Meter, Plan};
use crate::shape::Shape;

struct Flow {
    shape: &'static Shape,
    board: Arc<Board>,
}

pub(super) fn make(shape: &'static Shape, w: u32) -> Box<dyn System> {
    Box::new(Flow { shape, board: Board::new(shape, w) })
}

impl System for Flow {
    fn sample(&mut self, plan: &Plan) -> Vec<f64> {
        let mut executor = Executor::new(THREADS);
        let mut meter = Meter::new(plan);
        while let Some(runs) = meter.batch() {
            let flows: Vec<Taskflow> = (0..runs).map(|_| build(self.shape, &self.board)).collect();
            meter.start();
            for flow in &flows {
                self.board.begin(meter.x());
                executor.run(flow).wait();
            }
            meter.stop(self.board.value());
        }
        meter.into_times()
    }
}

fn build(shape: &Shape, board: &Arc<Board>) -> Taskflow {
    let mut flow = Taskflow::new();
    let mut tasks = Vec::with_capacity(shape.nodes());
    for (node, preds) in shape.preds.iter().enumerate() {
        let board = Arc::clone(board);
        let task = flow.emplace(move || board.run(node));
        for &pred in *preds {
            task.succeed(&tasks[pred]);
        }
        tasks.push(task);
    }
    flow
}
