//! shred: a dispatcher on a rayon pool of its own, called inside, since it cannot be sent there.

use std::sync::{Arc, LazyLock};

use ::shred::{Dispatcher, DispatcherBuilder, System as Task, World};
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::System;
use crate::THREADS;
use crate::board::Board;
use crate::sampling::{Plan, drive};
use crate::shape::Shape;

static POOL: LazyLock<Arc<ThreadPool>> =
    LazyLock::new(|| Arc::new(ThreadPoolBuilder::new().num_threads(THREADS).build().expect("a pool")));

struct Shred {
    shape: &'static Shape,
    w: u32,
}

struct Node {
    node: usize,
    board: Arc<Board>,
}

impl Task<'_> for Node {
    type SystemData = ();

    fn run(&mut self, (): ()) {
        self.board.run(self.node);
    }
}

pub(super) fn make(shape: &'static Shape, w: u32) -> Box<dyn System> {
    Box::new(Shred { shape, w })
}

impl System for Shred {
    fn sample(&mut self, plan: &Plan) -> Vec<f64> {
        let board = Board::new(self.shape, self.w);
        POOL.install(|| {
            let mut dispatcher = build(self.shape, &board);
            let world = World::empty();
            drive(plan, |x| {
                board.begin(x);
                dispatcher.dispatch_par(&world);
                board.value()
            })
        })
    }
}

fn build(shape: &Shape, board: &Arc<Board>) -> Dispatcher<'static, 'static> {
    let name = |node: usize| format!("n{node}");
    let mut builder = DispatcherBuilder::new();
    for (node, preds) in shape.preds.iter().enumerate() {
        let preds: Vec<String> = preds.iter().map(|&pred| name(pred)).collect();
        let preds: Vec<&str> = preds.iter().map(String::as_str).collect();
        builder.add(Node { node, board: Arc::clone(board) }, &name(node), &preds);
    }
    builder.with_pool(Arc::clone(&POOL)).build()
}
