//! `dfir_rs`: the shapes as `dfir_syntax!`, written by `build/dfir.rs`. It runs on one thread.

use super::System;
use crate::sampling::{Plan, drive};
use crate::shape::Shape;

struct Dfir(Box<dyn FnMut(u64) -> u64>);

pub(super) fn make(shape: &'static Shape, w: u32) -> Box<dyn System> {
    Box::new(Dfir(written::make(shape.name, w)))
}

impl System for Dfir {
    fn sample(&mut self, plan: &Plan) -> Vec<f64> {
        drive(plan, |x| (self.0)(x))
    }
}

#[allow(warnings, clippy::all, clippy::pedantic, reason = "written for the compiler, not for readers")]
mod written {
    use crate::op::step;

    include!(concat!(env!("OUT_DIR"), "/dfir.rs"));
}
