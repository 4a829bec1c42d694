//! Writes graphs that nobody would write by hand: with hundreds of nodes.

use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let code = [
        "graph! {".to_owned(),
        chain(600),
        fan(300),
        caterpillar(300),
        hub(100),
        wide(40),
        ladder(200),
        fragile(200),
        "}".to_owned(),
    ];
    let to = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&to).join("large.rs"), code.join("\n")).expect("OUT_DIR can be written to");
}

/// A graph with these lines and the sum of these values.
fn graph(name: &str, parameters: &str, lines: &str, summed: &[String]) -> String {
    format!("fn {name}({parameters}) -> u64 {{\n{lines}let all = sum(&[{}]);\nall\n}}", summed.join(", "))
}

fn names(prefix: &str, count: usize) -> Vec<String> {
    (0..count).map(|i| format!("{prefix}{i}")).collect()
}

fn lines(count: usize, line: impl Fn(usize, &mut String)) -> String {
    let mut lines = String::new();
    for i in 0..count {
        line(i, &mut lines);
    }
    lines
}

/// Each node feeds the next.
fn chain(length: usize) -> String {
    let lines = lines(length, |i, to| {
        let from = i.checked_sub(1).map_or("n".to_owned(), |i| format!("x{i}"));
        writeln!(to, "let x{i} = step({from});").unwrap();
    });
    graph("chain", "n: u64", &lines, &[format!("x{}", length - 1)])
}

/// One node feeds all others.
fn fan(width: usize) -> String {
    let lines = lines(width, |i, to| writeln!(to, "let x{i} = add(root, {i});").unwrap());
    graph("fan", "n: u64", &format!("let root = step(n);\n{lines}"), &names("x", width))
}

/// A chain with a leg at each of its nodes.
fn caterpillar(length: usize) -> String {
    let lines = lines(length, |i, to| {
        let from = i.checked_sub(1).map_or("n".to_owned(), |i| format!("x{i}"));
        writeln!(to, "let x{i} = step({from});\nlet leg{i} = add(x{i}, {i});").unwrap();
    });
    graph("caterpillar", "n: u64", &lines, &names("leg", length))
}

/// Two nodes that all others wait for.
fn hub(width: usize) -> String {
    let lines = lines(width, |i, to| {
        writeln!(to, "let x{i} = mix(one, two, {i});\nlet y{i} = step(x{i});").unwrap();
    });
    let roots = "let one = step(n);\nlet two = add(n, 5);\n";
    graph("hub", "n: u64", &format!("{roots}{lines}"), &names("y", width))
}

/// One node feeds all others, of which one may panic.
fn fragile(width: usize) -> String {
    let lines = lines(width, |i, to| writeln!(to, "let x{i} = other_than(bad, root, {i});").unwrap());
    graph("fragile", "n: u64, bad: u64", &format!("let root = step(n);\n{lines}"), &names("x", width))
}

/// Nodes that can only go on together.
fn wide(width: usize) -> String {
    let first = lines(width, |i, to| writeln!(to, "let x{i} = meet(together, {i});").unwrap());
    let second = lines(width, |i, to| {
        writeln!(to, "let y{i} = meet_after(together, x0, x{}, {i});", width - 1).unwrap();
    });
    let both = [names("x", width), names("y", width)].concat();
    graph("wide", "together: &Barrier", &format!("{first}{second}"), &both)
}

/// Two chains that meet at every rung.
fn ladder(length: usize) -> String {
    let lines = lines(length, |i, to| {
        let (a, b) =
            i.checked_sub(1).map_or(("n".to_owned(), "n".to_owned()), |i| (format!("a{i}"), format!("b{i}")));
        writeln!(to, "let a{i} = mix({a}, {b}, 1);\nlet b{i} = mix({b}, {a}, 2);").unwrap();
    });
    graph("ladder", "n: u64", &lines, &[format!("a{}", length - 1), format!("b{}", length - 1)])
}
