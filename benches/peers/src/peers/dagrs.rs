//! dagrs: tasks that send values through channels. A graph is built for each run, which is not timed: to reset one and
//! run it again takes no less.

use std::sync::Arc;

use ::dagrs::{
    Action, Content, DefaultNode, EnvVar, Graph, InChannels, Node, NodeTable, OutChannels, Output,
    async_trait::async_trait,
};

use super::{System, tokio};
use crate::board::Board;
use crate::op::step;
use crate::sampling::{Meter, Plan};
use crate::shape::Shape;

struct Dagrs {
    shape: &'static Shape,
    w: u32,
}

pub(super) fn make(shape: &'static Shape, w: u32) -> Box<dyn System> {
    Box::new(Dagrs { shape, w })
}

impl System for Dagrs {
    fn sample(&mut self, plan: &Plan) -> Vec<f64> {
        let (shape, w, plan) = (self.shape, self.w, plan.clone());
        let board = Board::new(shape, w);
        tokio::inside(async move {
            let mut meter = Meter::new(&plan);
            while let Some(runs) = meter.batch() {
                board.begin(meter.x());
                let mut graphs: Vec<Graph> = (0..runs).map(|_| build(shape, &board, w)).collect();
                meter.start();
                for graph in &mut graphs {
                    graph.async_start().await.expect("nodes that do not fail");
                }
                meter.stop(board.value());
            }
            meter.into_times()
        })
    }
}

struct Step {
    node: usize,
    w: u32,
    is_root: bool,
    is_sink: bool,
    board: Arc<Board>,
}

#[async_trait]
impl Action for Step {
    async fn run(&self, inputs: &mut InChannels, outputs: &mut OutChannels, _: Arc<EnvVar>) -> Output {
        let given = if self.is_root {
            self.board.x()
        } else {
            let value = |content: Result<Content, _>| {
                *content.ok().and_then(Content::into_inner::<u64>).expect("a predecessor's value")
            };
            inputs.map(value).await.into_iter().fold(0, u64::wrapping_add)
        };
        let value = step(self.node as u64, given, self.w);
        if self.is_sink {
            self.board.set(self.node, value);
        } else {
            outputs.broadcast(Content::new(value)).await;
        }
        Output::empty()
    }
}

fn build(shape: &Shape, board: &Arc<Board>, w: u32) -> Graph {
    let mut table = NodeTable::default();
    let mut graph = Graph::new();
    let mut ids = Vec::with_capacity(shape.nodes());
    for (node, preds) in shape.preds.iter().enumerate() {
        let is_sink = shape.succs(node).is_empty();
        let step = Step { node, w, is_root: preds.is_empty(), is_sink, board: Arc::clone(board) };
        let node = DefaultNode::with_action(format!("n{node}"), step, &mut table);
        ids.push(node.id());
        graph.add_node(node).expect("a node of another id");
    }
    for node in 0..shape.nodes() {
        let succs: Vec<_> = shape.succs(node).into_iter().map(|succ| ids[succ]).collect();
        if !succs.is_empty() {
            graph.add_edge(ids[node], succs).expect("nodes of this graph");
        }
    }
    graph.set_env(EnvVar::new(table));
    graph
}
