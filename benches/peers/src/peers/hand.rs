//! Code written by hand: the plain function, the limit, and rayon.

use super::System;
use crate::sampling::{Plan, drive};
use crate::shape::{Run, Shape};

/// A function that is called where the sample is taken.
struct Called {
    run: Run,
    w: u32,
}

/// A function that is called on a thread of the pool.
struct Inside(Called);

/// Two threads of the sample's own.
struct Spinning {
    sample: fn(u32, &Plan) -> Vec<f64>,
    w: u32,
}

impl System for Called {
    fn sample(&mut self, plan: &Plan) -> Vec<f64> {
        let Self { run, w } = *self;
        drive(plan, |x| run(x, w))
    }
}

impl System for Inside {
    fn sample(&mut self, plan: &Plan) -> Vec<f64> {
        rayon::scope(|_| self.0.sample(plan))
    }
}

impl System for Spinning {
    fn sample(&mut self, plan: &Plan) -> Vec<f64> {
        (self.sample)(self.w, plan)
    }
}

pub(super) fn sequential(shape: &'static Shape, w: u32) -> Box<dyn System> {
    Box::new(Called { run: shape.plain, w })
}

pub(super) fn limit(shape: &'static Shape, w: u32) -> Box<dyn System> {
    Box::new(Called { run: shape.limit, w })
}

pub(super) fn spinning(shape: &'static Shape, w: u32) -> Box<dyn System> {
    Box::new(Spinning { sample: shape.spinning, w })
}

pub(super) fn joins(shape: &'static Shape, w: u32) -> Box<dyn System> {
    Box::new(Called { run: shape.joins, w })
}

pub(super) fn joins_inside(shape: &'static Shape, w: u32) -> Box<dyn System> {
    Box::new(Inside(Called { run: shape.joins, w }))
}

pub(super) fn counters_inside(shape: &'static Shape, w: u32) -> Box<dyn System> {
    Box::new(Inside(Called { run: shape.counters, w }))
}

pub(super) fn levels_inside(shape: &'static Shape, w: u32) -> Box<dyn System> {
    Box::new(Inside(Called { run: shape.levels, w }))
}
