//! The plain function of a shape, and its edges.

use std::fmt::Write;

use crate::shapes::{Shape, sum};

pub(crate) fn write(shape: &Shape) -> String {
    let mut text = String::new();
    let value = |node: usize| format!("n{node}");
    let _ = writeln!(text, "pub(crate) mod {} {{", shape.name);
    let _ = writeln!(text, "    use crate::op::step;");
    let _ = writeln!(text, "    pub(crate) const NODES: usize = {};", shape.len());
    let preds: Vec<String> = shape.preds.iter().map(|preds| format!("&{preds:?}")).collect();
    let _ = writeln!(text, "    pub(crate) static PREDS: [&[usize]; NODES] = [{}];", preds.join(", "));
    let _ = writeln!(text, "    #[inline(never)] pub(crate) fn plain(x: u64, w: u32) -> u64 {{");
    for node in 0..shape.len() {
        let _ = writeln!(text, "        let n{node} = step({node}, {}, w);", shape.given(node, value));
    }
    let _ = writeln!(text, "        {}\n    }}\n}}", sum(&shape.sinks(), value));
    text
}
