//! Where in a graph something happened.

use std::borrow::Cow;
use std::fmt;

use ember_graph::{Description, Kind, Node};

/// A node of a graph, with the indices of the items and rounds it stands in.
///
/// It displays as ``node `x[3].y` (operator `parse`) of graph `load` ``.
#[derive(Clone)]
pub struct Site {
    graph: &'static Description<'static>,
    node: u32,
    attempt: u32,
    index: Index,
}

/// One index for each `for` and `loop` around the node, outermost first.
#[derive(Clone)]
enum Index {
    /// Nearly always: small, and without an allocation.
    Inline {
        len: u8,
        items: [u32; INLINE],
    },
    Heap(Box<Deep>),
}

/// Thin behind its box, since a site travels in the `Result` of every node.
#[derive(Clone)]
struct Deep(Box<[usize]>);

const INLINE: usize = 2;

impl Index {
    fn new(index: &[usize]) -> Self {
        let mut items = [0; INLINE];
        if index.len() > INLINE {
            return Self::Heap(Box::new(Deep(index.into())));
        }
        for (item, &at) in items.iter_mut().zip(index) {
            match u32::try_from(at) {
                Ok(at) => *item = at,
                Err(_) => return Self::Heap(Box::new(Deep(index.into()))),
            }
        }
        #[expect(clippy::cast_possible_truncation, reason = "at most `INLINE`")]
        let len = index.len() as u8;
        Self::Inline { len, items }
    }

    fn iter(&self) -> impl Iterator<Item = usize> {
        let (inline, heap) = match self {
            Self::Inline { len, items } => (&items[..usize::from(*len)], &[][..]),
            Self::Heap(deep) => (&[][..], &*deep.0),
        };
        inline.iter().map(|&at| at as usize).chain(heap.iter().copied())
    }
}

impl Site {
    #[doc(hidden)]
    pub fn __new(graph: &'static Description<'static>, node: u32, index: &[usize]) -> Self {
        Self { graph, node, attempt: 1, index: Index::new(index) }
    }

    /// The graph's name.
    pub fn graph(&self) -> &'static str {
        self.graph.name
    }

    /// The node as an index into [`Description::nodes`](ember_graph::Description::nodes).
    pub fn number(&self) -> u32 {
        self.node
    }

    /// The node's name within its graph, with its indices filled in, such as `x[3].y`.
    pub fn node(&self) -> Cow<'static, str> {
        let Some(node) = self.described() else { return Cow::Borrowed("?") };
        // Most stand in no item or round, which a search for one letter tells.
        if !node.path.contains('[') {
            return Cow::Borrowed(node.path);
        }
        let mut parts = node.path.split("[]");
        let mut filled = parts.next().unwrap_or_default().to_owned();
        let mut index = self.index.iter().map(|at| at.to_string());
        for part in parts {
            filled.push('[');
            filled.push_str(&index.next().unwrap_or_default());
            filled.push(']');
            filled.push_str(part);
        }
        Cow::Owned(filled)
    }

    /// The operator as written in the graph; empty where the node calls none.
    pub fn operator(&self) -> &'static str {
        self.described().map_or("", |node| node.operator)
    }

    /// The indices of the items and rounds that the node stands in, outermost first.
    pub fn indices(&self) -> impl Iterator<Item = usize> {
        self.index.iter()
    }

    /// Which attempt at the node it was, counted from one: the last, of an operator with `retry`.
    pub const fn attempt(&self) -> u32 {
        self.attempt
    }

    pub(super) fn set_attempt(&mut self, attempt: u32) {
        self.attempt = attempt;
    }

    /// The source file that holds the graph, as the compiler names it.
    pub fn file(&self) -> &'static str {
        self.graph.file
    }

    /// The line of the node, counted from one.
    pub fn line(&self) -> u32 {
        self.described().map_or(self.graph.line, |node| node.line)
    }

    /// The column of the node, counted from one.
    pub fn column(&self) -> u32 {
        self.described().map_or(1, |node| node.column)
    }

    pub(super) fn description(&self) -> &'static Description<'static> {
        self.graph
    }

    fn described(&self) -> Option<&'static Node<'static>> {
        self.graph.nodes.get(self.node as usize)
    }

    /// Orders the sites of one graph as the plain function would reach them.
    #[doc(hidden)]
    pub fn __key(&self) -> Key {
        let mut around = vec![self.node];
        while let Some(parent) = around.last().and_then(|&node| self.parent_of(node)) {
            around.push(parent);
        }
        let mut index = self.index.iter();
        let mut key = Vec::with_capacity(around.len() * 2);
        for &node in around.iter().rev() {
            key.push(node as usize);
            let kind = self.graph.nodes.get(node as usize).map(|node| node.kind);
            if matches!(kind, Some(Kind::FanOut | Kind::Loop)) {
                key.extend(index.next());
            }
        }
        Key(key)
    }

    /// A construct stands before its body, which is why the walk upwards ends.
    fn parent_of(&self, node: u32) -> Option<u32> {
        let parent = self.graph.nodes.get(node as usize)?.parent?;
        (parent < node).then_some(parent)
    }
}

/// The node ids from the outermost construct down to the node, each followed, where it has a body that
/// runs again and again, by the index of the item or round.
///
/// So two nodes of one body are told apart by their item first and their place in the body second. A
/// `for` or `loop` itself comes before all of its items; with an index (which an iterator that fails
/// may give) it comes after the items before that one.
#[doc(hidden)]
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key(Vec<usize>);

impl Key {
    /// Comes after all nodes.
    pub(crate) fn end() -> Self {
        Self(vec![usize::MAX])
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "node `{}`", self.node())?;
        if !self.operator().is_empty() {
            write!(f, " (operator `{}`)", self.operator())?;
        }
        write!(f, " of graph `{}`", self.graph())
    }
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Site")
            .field("graph", &self.graph())
            .field("node", &self.node())
            .field("operator", &self.operator())
            .field("at", &format_args!("{}:{}:{}", self.file(), self.line(), self.column()))
            .finish()
    }
}
