//! `fn_graph`: functions with logical edges, streamed to an async runtime. They run on the thread that polls the stream:
//! to spawn each took longer for these nodes.

use std::sync::Arc;

use ::fn_graph::{DataAccess, DataAccessDyn, FnGraph, FnGraphBuilder, TypeIds};

use super::System;
use super::tokio::RUNTIME;
use crate::board::Board;
use crate::sampling::{Meter, Plan};
use crate::shape::Shape;

struct Graph {
    board: Arc<Board>,
    graph: FnGraph<Node>,
}

struct Node {
    node: usize,
    board: Arc<Board>,
}

impl DataAccess for Node {
    fn borrows() -> TypeIds {
        TypeIds::new()
    }

    fn borrow_muts() -> TypeIds {
        TypeIds::new()
    }
}

impl DataAccessDyn for Node {
    fn borrows(&self) -> TypeIds {
        TypeIds::new()
    }

    fn borrow_muts(&self) -> TypeIds {
        TypeIds::new()
    }
}

pub(super) fn make(shape: &'static Shape, w: u32) -> Box<dyn System> {
    let board = Board::new(shape, w);
    let mut builder = FnGraphBuilder::new();
    let nodes = (0..shape.nodes()).map(|node| builder.add_fn(Node { node, board: Arc::clone(&board) }));
    let nodes: Vec<_> = nodes.collect();
    for (node, preds) in shape.preds.iter().enumerate() {
        for &pred in *preds {
            builder.add_logic_edge(nodes[pred], nodes[node]).expect("no cycle");
        }
    }
    Box::new(Graph { board, graph: builder.build() })
}

impl System for Graph {
    fn sample(&mut self, plan: &Plan) -> Vec<f64> {
        RUNTIME.block_on(async {
            let mut meter = Meter::new(plan);
            while let Some(runs) = meter.batch() {
                meter.start();
                for _ in 0..runs {
                    self.board.begin(meter.x());
                    self.graph
                        .for_each_concurrent(None, |node| async move { node.board.run(node.node) })
                        .await;
                }
                meter.stop(self.board.value());
            }
            meter.into_times()
        })
    }
}
