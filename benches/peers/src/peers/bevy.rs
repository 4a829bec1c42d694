//! `bevy_ecs`: a schedule of systems without data, ordered by sets.

use std::sync::Arc;

use bevy_ecs::schedule::{IntoScheduleConfigs, MultiThreadedExecutor, Schedule, SystemSet};
use bevy_ecs::world::World;
use bevy_tasks::{ComputeTaskPool, TaskPoolBuilder};

use super::System;
use crate::THREADS;
use crate::board::Board;
use crate::sampling::{Plan, drive};
use crate::shape::Shape;

struct Bevy {
    board: Arc<Board>,
    schedule: Schedule,
    world: World,
}

#[derive(SystemSet, Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Node(usize);

pub(super) fn make(shape: &'static Shape, w: u32) -> Box<dyn System> {
    ComputeTaskPool::get_or_init(|| TaskPoolBuilder::new().num_threads(THREADS).build());
    let board = Board::new(shape, w);
    let mut schedule = Schedule::default();
    schedule.set_executor(MultiThreadedExecutor::new());
    for (node, preds) in shape.preds.iter().enumerate() {
        let run = Arc::clone(&board);
        let mut system = (move || run.run(node)).in_set(Node(node));
        for &pred in *preds {
            system = system.after(Node(pred));
        }
        schedule.add_systems(system);
    }
    let mut world = World::new();
    schedule.initialize(&mut world).expect("a schedule without cycles");
    Box::new(Bevy { board, schedule, world })
}

impl System for Bevy {
    fn sample(&mut self, plan: &Plan) -> Vec<f64> {
        drive(plan, |x| {
            self.board.begin(x);
            self.schedule.run(&mut self.world);
            self.board.value()
        })
    }
}
