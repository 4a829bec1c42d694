//! The crates that are compiled: the lines of a shape as a graph, and as the plain function.

use std::fmt::Write as _;

use crate::shape::Shape;

/// What passes between the nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Values {
    /// `u64`: nothing to drop.
    Numbers,
    /// `String`, read by reference, dropped at the end.
    Texts,
    /// The same, from operators that can fail: each line ends in `?`.
    Fallible,
    /// The same, from operators that wait: each line ends in `.await?`.
    Waiting,
    /// `u64` from operators that wait and cannot fail.
    WaitingNumbers,
}

impl Values {
    pub(crate) const ALL: [Self; 5] =
        [Self::Numbers, Self::Texts, Self::Fallible, Self::Waiting, Self::WaitingNumbers];

    /// The name on the command line and in tables.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Numbers => "numbers",
            Self::Texts => "texts",
            Self::Fallible => "fallible",
            Self::Waiting => "waiting",
            Self::WaitingNumbers => "waiting-numbers",
        }
    }

    const fn operators(self) -> &'static str {
        match self {
            Self::Numbers => NUMBERS,
            Self::Texts => TEXTS,
            Self::Fallible => FALLIBLE,
            Self::Waiting => WAITING,
            Self::WaitingNumbers => WAITING_NUMBERS,
        }
    }

    /// How a node is given a value.
    const fn borrow(self) -> &'static str {
        match self {
            Self::Numbers | Self::WaitingNumbers => "",
            Self::Texts | Self::Fallible | Self::Waiting => "&",
        }
    }

    const fn signature(self) -> &'static str {
        match self {
            Self::Numbers | Self::WaitingNumbers => "(x: u64) -> u64",
            Self::Texts => "(x: &str) -> String",
            Self::Fallible | Self::Waiting => "(x: &str) -> Result<String, Wrong>",
        }
    }
}

/// In which form the lines are compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Graph,
    Plain,
}

const NUMBERS: &str = "
#[operator]
fn one(node: u64, a: u64) -> u64 {
    (a ^ node).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

#[operator]
fn two(node: u64, a: u64, b: u64) -> u64 {
    (a ^ node).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ b
}

#[operator]
fn all(values: &[u64]) -> u64 {
    values.iter().fold(0, |sum, value| sum.wrapping_add(*value))
}
";

const TEXTS: &str = "
#[operator]
fn one(node: u64, a: &str) -> String {
    format!(\"{a}{node}\")
}

#[operator]
fn two(node: u64, a: &str, b: &str) -> String {
    format!(\"{a}{b}{node}\")
}

#[operator]
fn all(values: &[&str]) -> String {
    values.concat()
}
";

const FALLIBLE: &str = "
pub struct Wrong;

impl From<ember::Error> for Wrong {
    fn from(_: ember::Error) -> Self {
        Self
    }
}

#[operator]
fn one(node: u64, a: &str) -> Result<String, Wrong> {
    if a.len() < 1000 { Ok(format!(\"{a}{node}\")) } else { Err(Wrong) }
}

#[operator]
fn two(node: u64, a: &str, b: &str) -> Result<String, Wrong> {
    if a.len() < 1000 { Ok(format!(\"{a}{b}{node}\")) } else { Err(Wrong) }
}

#[operator]
fn all(values: &[&str]) -> String {
    values.concat()
}
";

const WAITING: &str = "
pub struct Wrong;

impl From<ember::Error> for Wrong {
    fn from(_: ember::Error) -> Self {
        Self
    }
}

#[operator]
async fn one(node: u64, a: &str) -> Result<String, Wrong> {
    if a.len() < 1000 { Ok(format!(\"{a}{node}\")) } else { Err(Wrong) }
}

#[operator]
async fn two(node: u64, a: &str, b: &str) -> Result<String, Wrong> {
    if a.len() < 1000 { Ok(format!(\"{a}{b}{node}\")) } else { Err(Wrong) }
}

#[operator]
async fn all(values: &[&str]) -> Result<String, Wrong> {
    Ok(values.concat())
}
";

const WAITING_NUMBERS: &str = "
#[operator]
async fn one(node: u64, a: u64) -> u64 {
    (a ^ node).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

#[operator]
async fn two(node: u64, a: u64, b: u64) -> u64 {
    (a ^ node).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ b
}

#[operator]
async fn all(values: &[u64]) -> u64 {
    values.iter().fold(0, |sum, value| sum.wrapping_add(*value))
}
";

/// Whoever spawns a future makes the compiler ask whether it is `Send`.
const SENT: &str = "
fn sent<F: Send>(_: F) {}

pub fn spawned() {
    sent(function(Default::default()));
}
";

/// The file of a crate with one function of `size` nodes.
pub(crate) fn function(shape: Shape, size: usize, values: Values, form: Form) -> String {
    let mark = match values {
        Values::Numbers | Values::Texts => "",
        Values::Fallible => "?",
        Values::Waiting => ".await?",
        Values::WaitingNumbers => ".await",
    };
    let (open, end) = match form {
        Form::Graph => ("graph! {\n", "}\n"),
        Form::Plain => ("", ""),
    };
    let mut text = format!("use ember::prelude::*;\n{}\n{open}", values.operators());
    let waits = matches!(values, Values::Waiting | Values::WaitingNumbers);
    let asynchronous = if waits { "async " } else { "" };
    let _ = writeln!(text, "pub {asynchronous}fn function{} {{", values.signature());
    let nodes = shape.nodes(size);
    let borrow = values.borrow();
    let mut used = vec![false; size];
    for (i, uses) in nodes.iter().enumerate() {
        let arguments: Vec<String> = uses.iter().map(|j| format!("{borrow}v{j}")).collect();
        let (name, arguments) = match &arguments[..] {
            [] => ("one", "x".to_owned()),
            [_] => ("one", arguments.join(", ")),
            _ => ("two", arguments.join(", ")),
        };
        let _ = writeln!(text, "    let v{i} = {name}({i}, {arguments}){mark};");
        for &j in uses {
            used[j] = true;
        }
    }
    let last: Vec<String> = (0..size).filter(|&i| !used[i]).map(|i| format!("{borrow}v{i}")).collect();
    let tail = format!("all(&[{}])", last.join(", "));
    let _ = match values {
        Values::Numbers | Values::Texts | Values::WaitingNumbers => writeln!(text, "    {tail}{mark}\n}}"),
        Values::Fallible => writeln!(text, "    Ok({tail})\n}}"),
        Values::Waiting => writeln!(text, "    let last = {tail}{mark};\n    Ok(last)\n}}"),
    };
    text += end;
    if waits {
        text += SENT;
    }
    text
}

/// The file of a crate with nothing in it but what it imports.
pub(crate) const EMPTY: &str = "pub use ember::prelude::*;\n";
