//! Ember, called from outside the pool.

use ember::{Context, ContextBuilder, Strategy};

use super::System;
use crate::sampling::{Plan, drive};
use crate::shape::{Run, Shape};

struct Ember {
    context: Context,
    graph: Run,
    w: u32,
}

/// Whatever ember does unless told otherwise.
pub(super) fn by_default(shape: &'static Shape, w: u32) -> Box<dyn System> {
    make(Context::builder(), shape, w)
}

pub(super) fn sequential(shape: &'static Shape, w: u32) -> Box<dyn System> {
    make(Context::builder().strategy(Strategy::Sequential), shape, w)
}

pub(super) fn parallel(shape: &'static Shape, w: u32) -> Box<dyn System> {
    make(Context::builder().strategy(Strategy::Parallel), shape, w)
}

fn make(context: ContextBuilder, shape: &'static Shape, w: u32) -> Box<dyn System> {
    Box::new(Ember { context: context.build(), graph: shape.ember, w })
}

impl System for Ember {
    fn sample(&mut self, plan: &Plan) -> Vec<f64> {
        let Self { graph, w, .. } = *self;
        self.context.scope(|| drive(plan, |x| graph(x, w)))
    }
}
