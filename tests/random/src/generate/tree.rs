//! A generated graph as a tree. Both texts, the graph's and the plain function's, are written from it.

use std::collections::BTreeSet;

use super::construct::Construct;
use super::render::{Text, is_method};
use super::types::Ty;

/// A random graph, valid as straight-line Rust by construction.
#[derive(Clone)]
pub struct Graph {
    pub(super) seed: u64,
    /// What stands after `g` and `p` in the names of the two functions.
    pub(super) name: String,
    pub(super) parameters: Vec<Parameter>,
    pub(super) returns: Ty,
    pub(super) fallible: bool,
    pub(super) body: Block,
    pub(super) nodes: usize,
    pub(super) constructs: BTreeSet<Construct>,
    /// Pairs of marks of which the first is set before the second, by `#[after(..)]` or through values.
    pub(super) orders: Vec<(usize, usize)>,
    /// The graphs that are nodes of this one, each before those that use it.
    pub(super) inner: Vec<Graph>,
}

#[derive(Clone)]
pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) ty: Ty,
    pub(super) mutable: bool,
}

#[derive(Clone, Default)]
pub(super) struct Block {
    pub(super) statements: Vec<Statement>,
    pub(super) value: Option<Box<Expression>>,
}

#[derive(Clone)]
pub(super) enum Statement {
    Let {
        attribute: Option<String>,
        pattern: String,
        value: Expression,
    },
    /// `value;`
    Run {
        attribute: Option<String>,
        value: Expression,
    },
    /// `if condition { break value }`
    BreakIf {
        condition: Expression,
        value: String,
    },
}

#[derive(Clone)]
pub(super) enum Expression {
    /// A call of an operator, the same in both texts.
    Node(String),
    /// Plain Rust that holds no node.
    Glue(String),
    /// A call of another graph; its name goes without the prefix.
    Graph {
        name: String,
        arguments: String,
        question: bool,
    },
    If {
        condition: Box<Expression>,
        pattern: Option<String>,
        then: Block,
        otherwise: Option<Block>,
    },
    Match {
        scrutinee: Box<Expression>,
        arms: Vec<Arm>,
    },
    /// Collects the values of its body, unless it stands as a statement.
    For {
        pattern: String,
        over: String,
        body: Block,
    },
    Array(Vec<Expression>),
    Tuple(Vec<Expression>),
    Loop {
        at_most: usize,
        body: Block,
    },
}

#[derive(Clone)]
pub(super) struct Arm {
    pub(super) pattern: String,
    pub(super) body: Block,
    /// Without braces around its value, where it has no statements.
    pub(super) bare: bool,
}

impl Block {
    pub(super) fn of(value: Expression) -> Self {
        Self { statements: Vec::new(), value: Some(Box::new(value)) }
    }
}

impl Expression {
    pub(super) fn is_node(&self) -> bool {
        matches!(self, Self::Node(_) | Self::Graph { .. })
    }
}

impl Graph {
    /// The seed that it came from.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// How many nodes it is written with; a node in a `for` counts once.
    pub fn nodes(&self) -> usize {
        self.nodes
    }

    /// What it is made of, the graphs inside it included.
    pub fn constructs(&self) -> &BTreeSet<Construct> {
        &self.constructs
    }
}

impl Graph {
    /// Whether it is a node of no other.
    pub(super) fn is_outermost(&self) -> bool {
        !self.name.contains('_')
    }

    /// Which of the texts of an `async` graph it can have, if any.
    pub(super) fn waits_as(&self) -> Option<Text> {
        let all = || std::iter::once(self).chain(&self.inner);
        let borrows = |parameter: &Parameter| matches!(parameter.ty, Ty::Str | Ty::Slice | Ty::Ref(_));
        let lends =
            |graph: &Self| graph.parameters.iter().any(borrows) || graph.returns.text().contains('\'');
        if !all().any(lends) {
            return Some(Text::Mixed);
        }
        let methods = all().any(|graph| graph.body.calls_methods());
        (!methods).then_some(Text::Waiting)
    }
}

impl Block {
    fn calls_methods(&self) -> bool {
        let statement = |statement: &Statement| match statement {
            Statement::Let { value, .. } | Statement::Run { value, .. } => value.calls_methods(),
            Statement::BreakIf { condition, .. } => condition.calls_methods(),
        };
        self.statements.iter().any(statement)
            || self.value.as_ref().is_some_and(|value| value.calls_methods())
    }
}

impl Expression {
    fn calls_methods(&self) -> bool {
        match self {
            Self::Node(text) => is_method(text),
            Self::Glue(_) | Self::Graph { .. } => false,
            Self::If { condition, then, otherwise, .. } => {
                condition.calls_methods()
                    || then.calls_methods()
                    || otherwise.as_ref().is_some_and(Block::calls_methods)
            }
            Self::Match { scrutinee, arms } => {
                scrutinee.calls_methods() || arms.iter().any(|arm| arm.body.calls_methods())
            }
            Self::For { body, .. } | Self::Loop { body, .. } => body.calls_methods(),
            Self::Array(elements) | Self::Tuple(elements) => elements.iter().any(Self::calls_methods),
        }
    }
}
