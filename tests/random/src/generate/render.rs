//! Writes a graph's tree as text: as the graph and as the plain functions that it must agree with.

use super::tree::{Arm, Block, Expression, Graph, Statement};

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

impl Graph {
    /// The graph as one of its texts, without the graphs inside it.
    pub fn text(&self, text: Text) -> String {
        let mut writer = Writer { text, out: String::new(), indent: usize::from(text.is_graph()), nodes: 0 };
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
                self.push(&format!("let {pattern} = "));
                self.expression(value);
                self.push(";");
            }
            Statement::Run { attribute, value } => {
                self.attribute(attribute.as_deref());
                match value {
                    Expression::For { pattern, over, body } => {
                        self.push(&format!("for {pattern} in {over} "));
                        self.block(body);
                    }
                    Expression::If { .. } | Expression::Match { .. } => self.expression(value),
                    _ => {
                        self.expression(value);
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
            Expression::Loop { at_most, body } => self.bounded(*at_most, body),
        }
    }

    /// A call of an operator. In what is `async` it may be its twin that waits.
    fn node(&mut self, text: &str) {
        self.nodes += 1;
        let works = self.text.is_mixed() && self.nodes.is_multiple_of(3);
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
            self.block(body);
            return;
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

    fn bounded(&mut self, at_most: usize, body: &Block) {
        if self.text.is_graph() {
            self.push("loop ");
            self.block(body);
            return;
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
