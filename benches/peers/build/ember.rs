//! A shape as an ember graph.

use std::fmt::Write;

use crate::shapes::{Shape, sum};

pub(crate) fn write(shape: &Shape) -> String {
    let mut text = String::new();
    let value = |node: usize| format!("n{node}");
    let _ = writeln!(text, "graph! {{\n    pub(crate) fn {}(x: u64, w: u32) -> u64 {{", shape.name);
    for node in 0..shape.len() {
        let _ = writeln!(text, "        let n{node} = step({node}, {}, w);", shape.given(node, value));
    }
    let _ = writeln!(text, "        {}\n    }}\n}}", sum(&shape.sinks(), value));
    text
}
