//! The description: plain data, made of constants by `graph!`.

use crate::policies::Said;

/// A graph as it was written: its inputs, its nodes and what flows between them.
///
/// A description says all that an interpreter of the graph needs besides the operators themselves.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Description<'a> {
    /// The graph's name.
    pub name: &'a str,
    /// The source file that holds the graph, as the compiler names it.
    pub file: &'a str,
    /// The line of the graph's name, counted from one.
    pub line: u32,
    /// The parameters, in order.
    pub inputs: &'a [Input<'a>],
    /// The nodes, in source order; a construct stands before the nodes of its body.
    pub nodes: &'a [Node<'a>],
    /// What each node waits for, sorted by the node that waits.
    pub edges: &'a [Edge<'a>],
    /// The node that gives the graph's value, if the graph ends with one.
    pub output: Option<u32>,
    /// Whether the graph is an `async fn`.
    pub is_async: bool,
}

/// A parameter of a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Input<'a> {
    /// The parameter's name.
    pub name: &'a str,
    /// Its type as written.
    pub ty: &'a str,
}

/// One node of a graph.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Node<'a> {
    /// The node's name within its graph, unique and independent of the order of the lines:
    /// `facts`, or `best.then` for a node inside a construct.
    pub path: &'a str,
    /// The operator as written, such as `search` or `ops::search`; empty where the node calls none.
    pub operator: &'a str,
    /// What the node is.
    pub kind: Kind,
    /// The construct whose body holds the node, as an index into [`Description::nodes`].
    pub parent: Option<u32>,
    /// The part of the parent that holds the node, such as `then`, `else` or a pattern; empty outside
    /// of constructs.
    pub part: &'a str,
    /// Whether a failure of the node ends the run (`?`).
    pub fallible: bool,
    /// The line of the node, counted from one.
    pub line: u32,
    /// The column of the node, counted from one.
    pub column: u32,
    /// Gives the description of the graph that the node runs, where its operator is a graph.
    pub graph: Option<fn() -> Option<&'static Description<'static>>>,
    pub(crate) said: Said<'a>,
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A call of an operator, or of a graph.
    Operator,
    /// Plain Rust between the operators.
    Glue,
    /// `if` or `match`: one of its parts runs.
    Branch,
    /// `for`: its body runs once per item, items in parallel.
    FanOut,
    /// `loop`: its body runs until it breaks, at most a given number of times.
    Loop,
    /// An array or a tuple of nodes.
    Group,
}

/// A dependency between two nodes, or of a node on an input.
///
/// Both ends of an edge stand in the same body, or the edge leads from a body's surroundings to the
/// node inside that uses the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Edge<'a> {
    /// Where the value comes from.
    pub from: Source,
    /// The node that waits, as an index into [`Description::nodes`].
    pub to: u32,
    /// How the value is used.
    pub access: Access,
    /// The name of the value, empty for [`Access::Order`].
    pub value: &'a str,
}

/// The start of an [`Edge`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// A parameter, as an index into [`Description::inputs`].
    Input(u32),
    /// A node, as an index into [`Description::nodes`].
    Node(u32),
}

/// How a node uses a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Access {
    /// By shared reference.
    Borrow,
    /// By exclusive reference.
    BorrowMut,
    /// By value.
    Take,
    /// Not at all: the node only comes later (`#[after(..)]`, or one use of a value keeps another waiting).
    Order,
}

/// Constructors for generated code; not part of the public interface.
#[doc(hidden)]
#[allow(missing_docs, clippy::too_many_arguments)]
impl<'a> Description<'a> {
    pub const fn __new(
        name: &'a str,
        file: &'a str,
        line: u32,
        inputs: &'a [Input<'a>],
        nodes: &'a [Node<'a>],
        edges: &'a [Edge<'a>],
        output: Option<u32>,
    ) -> Self {
        Self { name, file, line, inputs, nodes, edges, output, is_async: false }
    }

    /// The same of a graph that is `async`, or is not.
    #[must_use]
    pub const fn __async(mut self, is_async: bool) -> Self {
        self.is_async = is_async;
        self
    }
}

#[doc(hidden)]
#[allow(missing_docs)]
impl<'a> Input<'a> {
    pub const fn __new(name: &'a str, ty: &'a str) -> Self {
        Self { name, ty }
    }
}

#[doc(hidden)]
#[allow(missing_docs, clippy::too_many_arguments)]
impl<'a> Node<'a> {
    pub const fn __new(
        path: &'a str,
        operator: &'a str,
        kind: Kind,
        parent: Option<u32>,
        part: &'a str,
        fallible: bool,
        line: u32,
        column: u32,
        graph: Option<fn() -> Option<&'static Description<'static>>>,
    ) -> Self {
        let said = Said::NONE;
        Self { path, operator, kind, parent, part, fallible, line, column, graph, said }
    }
}

#[doc(hidden)]
#[allow(missing_docs)]
impl<'a> Edge<'a> {
    pub const fn __new(from: Source, to: u32, access: Access, value: &'a str) -> Self {
        Self { from, to, access, value }
    }
}
