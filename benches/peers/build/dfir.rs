//! A shape in the language of `dfir_rs`.

use std::fmt::Write;

use crate::shapes::Shape;

/// Adds up what arrives in a tick.
const SUM: &str =
    "union() -> fold::<'tick>(|| 0u64, |sum: &mut u64, value: u64| *sum = sum.wrapping_add(value))";

/// All shapes, found by name.
pub(crate) fn write_all(shapes: &[Shape]) -> String {
    let mut text: String = shapes.iter().map(write).collect();
    text += "pub fn make(name: &str, w: u32) -> Box<dyn FnMut(u64) -> u64> {\n    match name {\n";
    for Shape { name, .. } in shapes {
        let _ = writeln!(text, "        {name:?} => {name}(w),");
    }
    text + "        _ => unreachable!(),\n    }\n}\n"
}

fn write(shape: &Shape) -> String {
    let mut text = String::new();
    let tee = |is_shared: bool| if is_shared { " -> tee()" } else { "" };
    let _ = writeln!(text, "fn {}(w: u32) -> Box<dyn FnMut(u64) -> u64> {{", shape.name);
    let _ = writeln!(
        text,
        "    let (input, output) = (std::rc::Rc::new(std::cell::Cell::new(0u64)), std::rc::Rc::new(std::cell::Cell::new(0u64)));"
    );
    let _ = writeln!(text, "    let (x, value) = (input.clone(), output.clone());");
    let _ = writeln!(text, "    let mut flow = dfir_rs::dfir_syntax! {{");
    let _ = writeln!(text, "        source = spin() -> map(|()| x.get()){};", tee(shape.roots().len() > 1));
    for (node, preds) in shape.preds.iter().enumerate() {
        let run =
            format!("map(move |given: u64| step({node}, given, w)){}", tee(shape.succs(node).len() > 1));
        let _ = match preds[..] {
            [] => writeln!(text, "        n{node} = source -> {run};"),
            [only] => writeln!(text, "        n{node} = n{only} -> {run};"),
            _ => {
                let edges = edges(preds, &format!("n{node}"));
                write!(text, "        n{node} = {SUM} -> {run};\n{edges}")
            }
        };
    }
    let end = "for_each(|sum: u64| value.set(sum))";
    let _ = match shape.sinks()[..] {
        [only] => writeln!(text, "        n{only} -> {end};"),
        ref sinks => {
            let edges = edges(sinks, "sum");
            write!(text, "        sum = {SUM} -> {end};\n{edges}")
        }
    };
    let _ = writeln!(
        text,
        "    }};\n    Box::new(move |x| {{ input.set(x); flow.run_tick_sync(); output.get() }})\n}}"
    );
    text
}

fn edges(from: &[usize], to: &str) -> String {
    from.iter().fold(String::new(), |text, node| text + &format!("        n{node} -> {to};\n"))
}
