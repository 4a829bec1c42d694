//! Writes a graph's tree as text: as the graph and as the plain functions that it must agree with.

use super::BOUNDS;
use super::tree::{Arm, Block, Expression, Graph, Statement};
use super::types::Ty;

/// Which of the texts is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Text {
    /// The body of `ember::graph!`.
    Graph,
    /// The same as an `async` graph whose operators wait.
    Waiting,
    /// As an `async` graph in which some operators wait, and others work on the pool.
    Mixed,
    /// A function in which `for` collects by hand, a bounded `loop` counts, and order is the order of the lines.
    Plain,
    /// The same as an `async fn`, in which those operators wait that do so in [`Text::Waiting`].
    Awaited,
    /// Those that do so in [`Text::Mixed`].
    AwaitedMixed,
}

impl Text {
    fn prefix(self) -> char {
        match self {
            Self::Graph => 'g',
            Self::Waiting | Self::Mixed => 'a',
            Self::Plain => 'p',
            Self::Awaited | Self::AwaitedMixed => 'w',
        }
    }

    fn is_graph(self) -> bool {
        matches!(self, Self::Graph | Self::Waiting | Self::Mixed)
    }

    fn is_async(self) -> bool {
        !matches!(self, Self::Graph | Self::Plain)
    }

    /// Whether some operators of what is `async` do not wait.
    fn is_mixed(self) -> bool {
        matches!(self, Self::Mixed | Self::AwaitedMixed)
    }

    /// The `async fn` with the lines of an `async` graph.
    pub(super) fn twin(self) -> Self {
        if self.is_mixed() { Self::AwaitedMixed } else { Self::Awaited }
    }
}

/// What a line of an `async` graph can have that its value does not show.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Special {
    /// The call runs against itself.
    Race,
    Hedge,
}

/// Operators that can be called again with the same arguments, as they borrow or copy them, and that count nothing.
const USED_AGAIN: [&str; 22] = [
    "up", "longest", "head", "either", "halves", "cat", "label", "phrase", "number", "add", "blend", "odd",
    "small", "ladder", "total", "triple", "half", "kind", "check", "divide", "weigh", "peek",
];

impl Graph {
    /// The graph as one of its texts, without the graphs inside it.
    pub fn text(&self, text: Text) -> String {
        let tally = self.parameters.iter().find(|parameter| parameter.name == "t");
        let mut writer = Writer {
            text,
            out: String::new(),
            indent: usize::from(text.is_graph()),
            nodes: 0,
            tally: if tally.is_some_and(|tally| tally.ty == Ty::Tally) { "&t" } else { "t" },
            // What is inside of something that runs several times at once has no bound of its own.
            is_once: self.is_outermost(),
            bounded: 0,
        };
        let mut lifetimes = "";
        let parameters: Vec<String> = self
            .parameters
            .iter()
            .map(|parameter| {
                let mutable = if parameter.mutable { "mut " } else { "" };
                format!("{mutable}{}: {}", parameter.name, parameter.ty.text())
            })
            .collect();
        let parameters = parameters.join(", ");
        let mut returns = self.returns.text();
        if parameters.contains("'a") || returns.contains("'a") {
            lifetimes = "<'a>";
        }
        if self.fallible {
            let error = if text.is_graph() { "ember::Error" } else { "Failure" };
            returns = format!("Result<{returns}, {error}>");
        }
        writer.out.push_str(&"    ".repeat(writer.indent));
        let asynchronous = if text.is_async() { "async " } else { "" };
        let prefix = text.prefix();
        writer.push(&format!(
            "pub {asynchronous}fn {prefix}{}{lifetimes}({parameters}) -> {returns} ",
            self.name
        ));
        writer.block(&self.body);
        if text.is_graph() { format!("ember::graph! {{\n{}\n}}\n", writer.out) } else { writer.out + "\n" }
    }
}

struct Writer {
    text: Text,
    out: String,
    indent: usize,
    /// How many calls of operators have been written.
    nodes: usize,
    /// The tally as an argument.
    tally: &'static str,
    /// Whether what is written runs once in a run.
    is_once: bool,
    /// How many `for`s with a bound have been written.
    bounded: usize,
}

impl Writer {
    fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn line(&mut self) {
        self.out.push('\n');
        self.out.push_str(&"    ".repeat(self.indent));
    }

    fn braces(&mut self, write: impl FnOnce(&mut Self)) {
        self.push("{");
        self.indent += 1;
        write(self);
        self.indent -= 1;
        self.line();
        self.push("}");
    }

    fn block(&mut self, block: &Block) {
        self.braces(|writer| {
            for statement in &block.statements {
                writer.line();
                writer.statement(statement);
            }
            if let Some(value) = &block.value {
                writer.line();
                writer.expression(value);
            }
        });
    }

    fn statement(&mut self, statement: &Statement) {
        match statement {
            Statement::Let { attribute, pattern, value } => {
                self.attribute(attribute.as_deref());
                if let Expression::For { pattern: item, over, body } = value
                    && let Some(each) = self.bound()
                {
                    self.push(&format!("let {pattern} = "));
                    self.bounded(each, item, over, body);
                    return self.push(";");
                }
                let special = self.special(value);
                if special == Some(Special::Hedge) {
                    self.attribute(Some("hedge(after = \"4ms\")"));
                }
                self.push(&format!("let {pattern} = "));
                self.line_value(value, special);
                self.push(";");
            }
            Statement::Run { attribute, value } => {
                self.attribute(attribute.as_deref());
                match value {
                    Expression::For { pattern, over, body } => match self.bound() {
                        Some(each) => self.bounded(each, pattern, over, body),
                        None => {
                            self.push(&format!("for {pattern} in {over} "));
                            self.several(|writer| writer.block(body));
                        }
                    },
                    Expression::If { .. } | Expression::Match { .. } => self.expression(value),
                    _ => {
                        let special = self.special(value);
                        if special == Some(Special::Hedge) {
                            self.attribute(Some("hedge(after = \"4ms\")"));
                        }
                        self.line_value(value, special);
                        self.push(";");
                    }
                }
            }
            Statement::BreakIf { condition, value } => {
                self.push("if ");
                self.expression(condition);
                self.push(&format!(" {{ break {value} }}"));
            }
        }
    }

    /// Attributes say how a graph runs, which is not for the plain function.
    fn attribute(&mut self, attribute: Option<&str>) {
        if let Some(attribute) = attribute.filter(|_| self.text.is_graph()) {
            self.push(&format!("#[{attribute}]"));
            self.line();
        }
    }

    /// What a call of an `async` graph has on a line of its own, so that the value stays the same: every few lines.
    fn special(&self, value: &Expression) -> Option<Special> {
        let Expression::Node(text) = value else { return None };
        let text = text.strip_prefix("ops::").unwrap_or(text);
        let name = text.split('(').next().unwrap_or(text);
        let waits = self.text.is_graph() && self.text.is_async() && !self.works_next();
        // What stands in braces is moved.
        if !waits || text.contains('{') || !USED_AGAIN.contains(&name) {
            return None;
        }
        match self.nodes % 4 {
            0..3 if text.ends_with('?') => Some(Special::Race),
            // Attempts of a hedge cannot borrow what is made in an argument.
            0..2 if !["&[", "&(", "&vec!", "&format!"].iter().any(|made| text.contains(made)) => {
                Some(Special::Hedge)
            }
            _ => None,
        }
    }

    fn line_value(&mut self, value: &Expression, special: Option<Special>) {
        match (value, special) {
            (Expression::Node(text), Some(Special::Race)) => {
                self.nodes += 1;
                let text = text.strip_prefix("ops::").unwrap_or(text);
                let call = text.strip_suffix('?').unwrap_or(text);
                self.push(&format!("race!(later::{call}, later::{call}).await?"));
            }
            (value, _) => self.expression(value),
        }
    }

    /// The number of a `for` whose items are bounded, if the next one is to be.
    fn bound(&mut self) -> Option<usize> {
        let bounded = self.text.is_graph() && self.text.is_async() && self.is_once;
        let most = Some((self.nodes + self.bounded) % BOUNDS).filter(|most| bounded && *most > 0)?;
        self.bounded += 1;
        Some(self.bounded * BOUNDS + most)
    }

    /// A `for` of which no more items are under way than its number says. Each item is counted.
    fn bounded(&mut self, each: usize, pattern: &str, over: &str, body: &Block) {
        self.push(&format!("#[concurrency({})] for {pattern} in {over} ", each % BOUNDS));
        let tally = self.tally;
        let counts = Statement::Let {
            attribute: None,
            pattern: format!("under_way{each}"),
            value: Expression::Glue(format!("under_way({tally}, {each}).await")),
        };
        let statements = std::iter::once(counts).chain(body.statements.iter().cloned()).collect();
        let body = Block { statements, value: body.value.clone() };
        self.several(|writer| writer.block(&body));
    }

    /// Writes what may run several times at once.
    fn several(&mut self, write: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.is_once, false);
        write(self);
        self.is_once = outer;
    }

    fn expression(&mut self, expression: &Expression) {
        match expression {
            Expression::Node(text) => self.node(text),
            Expression::Glue(text) => self.push(text),
            Expression::Graph { name, arguments, question } => {
                let question = if *question { "?" } else { "" };
                let waits = if self.text.is_async() { ".await" } else { "" };
                self.push(&format!("{}{name}({arguments}){waits}{question}", self.text.prefix()));
            }
            Expression::If { condition, pattern, then, otherwise } => {
                self.push("if ");
                if let Some(pattern) = pattern {
                    self.push(&format!("let {pattern} = "));
                }
                self.expression(condition);
                self.push(" ");
                self.block(then);
                if let Some(otherwise) = otherwise {
                    self.push(" else ");
                    self.block(otherwise);
                }
            }
            Expression::Match { scrutinee, arms } => {
                self.push("match ");
                self.expression(scrutinee);
                self.push(" ");
                self.braces(|writer| arms.iter().for_each(|arm| writer.arm(arm)));
            }
            Expression::For { pattern, over, body } => self.collect(pattern, over, body),
            Expression::Array(elements) => self.list("[", elements, "]"),
            Expression::Tuple(elements) => self.list("(", elements, ")"),
            Expression::Loop { at_most, body } => self.repeated(*at_most, body),
        }
    }

    /// A call of an operator. In what is `async` it may be its twin that waits.
    fn node(&mut self, text: &str) {
        let works = self.works_next();
        self.nodes += 1;
        if !self.text.is_async() || works || is_method(text) {
            return self.push(text);
        }
        let call = text.strip_prefix("ops::").unwrap_or(text);
        let (call, question) = match call.strip_suffix('?') {
            Some(call) => (call, "?"),
            None => (call, ""),
        };
        self.push(&format!("later::{call}.await{question}"));
    }

    /// Whether the next call of an operator does not wait.
    fn works_next(&self) -> bool {
        self.text.is_mixed() && (self.nodes + 1).is_multiple_of(3)
    }

    fn arm(&mut self, arm: &Arm) {
        self.line();
        self.push(&format!("{} => ", arm.pattern));
        match &arm.body.value {
            Some(value) if arm.bare => {
                self.expression(value);
                self.push(",");
            }
            _ => self.block(&arm.body),
        }
    }

    fn list(&mut self, open: &str, elements: &[Expression], close: &str) {
        self.push(open);
        for (at, element) in elements.iter().enumerate() {
            if at > 0 {
                self.push(", ");
            }
            self.expression(element);
        }
        self.push(close);
    }

    fn collect(&mut self, pattern: &str, over: &str, body: &Block) {
        let head = format!("for {pattern} in {over} ");
        if self.text.is_graph() {
            self.push(&head);
            return self.several(|writer| writer.block(body));
        }
        self.braces(|writer| {
            writer.line();
            writer.push("let mut all = Vec::new();");
            writer.line();
            writer.push(&head);
            writer.braces(|writer| {
                writer.line();
                writer.push("all.push(");
                writer.block(body);
                writer.push(");");
            });
            writer.line();
            writer.push("all");
        });
    }

    fn repeated(&mut self, at_most: usize, body: &Block) {
        if self.text.is_graph() {
            self.push("loop ");
            return self.several(|writer| writer.block(body));
        }
        self.braces(|writer| {
            writer.line();
            writer.push("let mut round = 0;");
            writer.line();
            writer.push("loop ");
            writer.braces(|writer| {
                writer.line();
                writer.push(&format!("if round == {at_most} {{ return Err(PAST_BOUND.into()) }}"));
                writer.line();
                writer.push("round += 1;");
                for statement in &body.statements {
                    writer.line();
                    writer.statement(statement);
                }
            });
        });
    }
}

/// Whether a call of an operator is one of a method.
pub(super) fn is_method(text: &str) -> bool {
    text.split('(').next().is_some_and(|callee| callee.contains('.'))
}
