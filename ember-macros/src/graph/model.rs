//! The graph as the macro understands it: bodies of steps, and the values between them.
//!
//! Two numberings run through all later phases. A *node* has a place in the graph's table, in source order, and
//! is what users see: in descriptions, errors and pictures. A *step* is a statement of one body, numbered from
//! zero in each; most steps are one node.

use std::collections::BTreeMap;
use std::time::Duration;

use proc_macro2::{Ident, Span, TokenStream};
use syn::{Attribute, Expr, ExprCall, Label, Pat, Path, Signature, Token, Visibility};

use super::policies::LinePolicies;
use super::uses::Access;
use crate::operator::policies::given::Given;
use crate::operator::{Arguments, Parameter};

/// A checked graph.
pub(crate) struct Graph {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    pub(super) parameters: Vec<Parameter>,
    pub(crate) options: Options,
    /// It is an `async fn`.
    pub(super) asynchronous: bool,
    pub(super) vars: Vec<Var>,
    pub(super) nodes: Vec<Node>,
    pub(super) edges: Vec<Edge>,
    /// How many `for`s and `loop`s there are; each has a slot for the item or turn it is at.
    pub(super) loops: usize,
    pub(super) body: Body,
    pub(super) fails: Fails,
    /// Operators that are reached by an import of generated code's own, so that the compiler can say plainly when
    /// one is no operator; with the names they get.
    pub(super) aliases: Vec<(Ident, Path)>,
}

impl Graph {
    /// The name that generated code gives to an operator.
    pub(super) fn alias_of(&self, path: &Path) -> Option<&Ident> {
        self.aliases.iter().find(|(_, known)| known == path).map(|(alias, _)| alias)
    }
}

/// Whether a graph can fail, as far as syntax tells.
pub(super) enum Fails {
    /// Its return type is known to be no `Result`.
    Never,
    /// Its return type is written as a `Result`, or a `?` makes it one.
    Must,
    /// A `loop` makes the return type a `Result`, whatever its name.
    Bounded,
    /// If the name of its return type means a `Result`.
    Maybe,
}

impl Fails {
    /// Whether the run needs an ending.
    pub(super) fn ever(&self) -> bool {
        !matches!(self, Self::Never)
    }
}

/// What the attributes on a graph say.
pub(crate) struct Options {
    /// The path of the `ember` crate.
    pub(crate) krate: TokenStream,
    pub(crate) fail_fast: bool,
    /// Its policies as a node.
    pub(super) policies: Arguments,
}

/// An index into [`Graph::vars`].
pub(super) type VarId = usize;

/// A value with a name.
pub(super) struct Var {
    pub(super) ident: Ident,
    pub(super) mutable: bool,
    /// Its type is written down, and is `Copy` whatever names mean.
    pub(super) copy: bool,
    /// Its type is written down and names a type parameter.
    pub(super) generic: bool,
    /// The node that makes it; none for parameters and what patterns bind.
    pub(super) node: Option<u32>,
    /// The parameter it is.
    pub(super) input: Option<u32>,
}

/// A row of the graph's table.
pub(super) struct Node {
    pub(super) path: String,
    pub(super) operator: String,
    pub(super) kind: ember_graph::Kind,
    pub(super) parent: Option<u32>,
    pub(super) part: String,
    pub(super) fallible: bool,
    pub(super) span: Span,
    /// The operator's path without generic arguments, where there is one.
    pub(super) callee: Option<Path>,
    /// The slots of the loops around, outermost first.
    pub(super) loops: Vec<usize>,
    /// Operators before and after it in the straight line, and in its task or frame.
    pub(super) serial: (u32, u32),
    pub(super) parallel: (u32, u32),
}

/// A row of the description's edges.
pub(super) struct Edge {
    pub(super) from: ember_graph::Source,
    pub(super) to: u32,
    pub(super) access: ember_graph::Access,
    pub(super) value: String,
}

/// The statements of the graph, of a branch, or of a loop's body.
pub(super) struct Body {
    pub(super) steps: Vec<Step>,
    /// Whether the last step gives the body's value.
    pub(super) tail: bool,
    /// The braces around it.
    pub(super) braces: Span,
}

/// One statement.
pub(super) struct Step {
    pub(super) node: u32,
    pub(super) span: Span,
    /// Its last token.
    pub(super) end: Span,
    /// `let` and what stands left of `=`; nothing for statements and tails.
    pub(super) pat: Option<Pat>,
    /// The `let`, `=` and `;` of the user, where there are any.
    pub(super) binding: Binding,
    /// `x = ..` instead of `let`.
    pub(super) assign: Option<Expr>,
    pub(super) attrs: Vec<Attribute>,
    pub(super) work: Work,
    /// The `.await` behind the call of an operator.
    pub(super) awaited: Option<Span>,
    /// When another attempt is started beside one that is slow.
    pub(super) hedge: Option<Hedge>,
    /// What the line says of policies.
    pub(super) policies: LinePolicies,
    /// A `?` for each that stands behind.
    pub(super) tries: Vec<Span>,
    pub(super) uses: Vec<StepUse>,
    /// Those of `uses` that are not only in its bodies.
    pub(super) direct: Vec<StepUse>,
    pub(super) defs: Vec<VarId>,
    /// Values of nearly the names that it uses without there being any.
    pub(super) near: Vec<VarId>,
    /// Steps of the same body that it waits for by `#[after(..)]`.
    pub(super) after: Vec<usize>,
    /// It runs alone, on the thread of its body: all before it have finished, none after it has started.
    pub(super) alone: bool,
    /// Operators that it runs itself, not counting those in bodies of its own.
    pub(super) operators: u32,
}

/// The tokens of a statement that binds a value.
#[derive(Clone)]
pub(super) struct Binding {
    pub(super) keyword: Token![let],
    pub(super) equals: Token![=],
    pub(super) semicolon: Token![;],
}

impl Binding {
    /// Those of a generated statement, shown at a token of the user.
    pub(super) fn at(span: Span) -> Self {
        Self { keyword: Token![let](span), equals: Token![=](span), semicolon: Token![;](span) }
    }
}

/// What a step does.
pub(super) enum Work {
    Operator(ExprCall),
    /// A method call, or plain Rust.
    Plain(Expr),
    Branch(Vec<Arm>, Branching),
    FanOut(Box<FanOut>),
    Loop(Loop),
    /// `race!(..)`: calls of operators or methods, each with a node of its own. The nodes' numbers follow that of the step.
    Race(Vec<Expr>),
}

/// `#[hedge(after = "200ms", at_most = 2)]`
pub(super) struct Hedge {
    pub(super) after: Given<Duration>,
    pub(super) at_most: Expr,
    pub(super) span: Span,
}

/// How the arms of a branch are chosen.
pub(super) enum Branching {
    /// `if c { .. } else if c { .. } else { .. }`: the last arm may have no condition.
    If,
    Match {
        scrutinee: Expr,
    },
}

/// One part of a branch.
pub(super) struct Arm {
    /// `if`: the condition, if any. `match`: none.
    pub(super) condition: Option<Expr>,
    /// `match`: the pattern.
    pub(super) pat: Option<Pat>,
    pub(super) guard: Option<Expr>,
    pub(super) body: Body,
    /// What the pattern or the condition's `let`s bind.
    pub(super) binds: Vec<VarId>,
    pub(super) span: Span,
}

/// `for pat in iter { body }`
pub(super) struct FanOut {
    pub(super) pat: Pat,
    pub(super) iter: Expr,
    pub(super) body: Body,
    pub(super) binds: Vec<VarId>,
    pub(super) slot: usize,
    pub(super) span: Span,
    /// How many items may be under way in an `async` graph.
    pub(super) concurrency: Option<Expr>,
    /// The whole value is not asked for.
    pub(super) discard: bool,
}

/// `#[at_most(n)] loop { body }`
pub(super) struct Loop {
    pub(super) label: Option<Label>,
    pub(super) at_most: Expr,
    pub(super) body: Body,
    pub(super) slot: usize,
    pub(super) span: Span,
}

/// How a step uses a value of its surroundings.
#[derive(Clone)]
pub(super) struct StepUse {
    pub(super) var: VarId,
    pub(super) access: Access,
    /// Where it is used in the way that counts.
    pub(super) at: Span,
    /// How often it is used by value at most.
    pub(super) values: usize,
    /// The use stands in something that runs more than once.
    pub(super) repeated: bool,
    /// It is used by shared reference too.
    pub(super) shared: bool,
    /// Its fields that are used by value, with how often at most.
    pub(super) fields: BTreeMap<String, usize>,
    /// It is used as a place in other ways than by such fields.
    pub(super) place: bool,
    /// The paths of fields in it that are used as places; nothing if it is used itself.
    pub(super) parts: Option<Vec<Expr>>,
}

impl StepUse {
    /// Whether nothing happens to the value but that parts of it are lent, copied or moved: their types tell which.
    pub(super) fn only_parts(&self) -> bool {
        self.access == Access::Place && self.values == 0 && self.parts.is_some()
    }
}

impl Work {
    /// Operators that a step with this work runs itself.
    pub(super) fn operators(&self, node: &Node) -> u32 {
        match self {
            Self::Race(branches) => u32::try_from(branches.len()).unwrap_or(u32::MAX),
            _ => u32::from(node.kind == ember_graph::Kind::Operator),
        }
    }

    /// The bodies inside.
    pub(super) fn bodies(&self) -> Vec<&Body> {
        match self {
            Self::Operator(_) | Self::Plain(_) | Self::Race(_) => Vec::new(),
            Self::Branch(arms, _) => arms.iter().map(|arm| &arm.body).collect(),
            Self::FanOut(each) => vec![&each.body],
            Self::Loop(each) => vec![&each.body],
        }
    }
}

impl Step {
    /// Whether any operator runs in it.
    pub(super) fn works(&self) -> bool {
        self.operators > 0 || self.work.bodies().iter().any(|body| body.steps.iter().any(Self::works))
    }

    /// How it uses a value.
    pub(super) fn use_of(&self, var: VarId) -> Option<&StepUse> {
        self.uses.iter().find(|u| u.var == var)
    }
}

impl Body {
    /// Operators of its own steps, not counting those in constructs.
    pub(super) fn operators(&self) -> u32 {
        self.steps.iter().map(|step| step.operators).sum()
    }
}
