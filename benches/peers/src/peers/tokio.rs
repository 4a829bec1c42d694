//! tokio: a task for each node but the first of a level, level by level; and the runtime that other systems run on.

use std::future::Future;
use std::sync::{Arc, LazyLock};

use ::tokio::runtime::{Builder, Runtime};

use super::System;
use crate::THREADS;
use crate::board::Board;
use crate::sampling::{Meter, Plan};
use crate::shape::Shape;

pub(super) static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_multi_thread().worker_threads(THREADS).build().expect("a runtime"));

/// Runs a future on a thread of the runtime, where tasks are spawned without a wake-up of this one.
pub(super) fn inside<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> T {
    RUNTIME.block_on(RUNTIME.spawn(future)).expect("a sample that does not panic")
}

struct Levels {
    shape: &'static Shape,
    w: u32,
}

pub(super) fn make(shape: &'static Shape, w: u32) -> Box<dyn System> {
    Box::new(Levels { shape, w })
}

impl System for Levels {
    fn sample(&mut self, plan: &Plan) -> Vec<f64> {
        let board = Board::new(self.shape, self.w);
        let levels = self.shape.levels();
        let plan = plan.clone();
        inside(async move {
            let mut meter = Meter::new(&plan);
            while let Some(runs) = meter.batch() {
                meter.start();
                for _ in 0..runs {
                    board.begin(meter.x());
                    run(&levels, &board).await;
                }
                meter.stop(board.value());
            }
            meter.into_times()
        })
    }
}

async fn run(levels: &[Vec<usize>], board: &Arc<Board>) {
    for level in levels {
        let spawn = |&node: &usize| {
            let board = Arc::clone(board);
            ::tokio::spawn(async move { board.run(node) })
        };
        let tasks: Vec<_> = level[1..].iter().map(spawn).collect();
        board.run(level[0]);
        for task in tasks {
            task.await.expect("a node that does not panic");
        }
    }
}
