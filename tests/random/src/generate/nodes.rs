//! Nodes, and the statements that bind them.

use super::arguments::ways;
use super::body::Made;
use super::construct::Construct;
use super::forms::{Form, Take};
use super::maker::{Anchor, Maker};
use super::places::Written;
use super::tree::{Expression, Graph, Statement};
use super::types::Ty;
use super::values::{Id, Value};

impl Maker {
    /// A call of some operator whose type `fits`.
    pub(super) fn node(&mut self, fits: impl Fn(&Ty) -> bool, limit: Id, held: &[Id]) -> Option<Made> {
        let question = self.fallible && self.rng.chance(80);
        let forms: Vec<_> = self
            .operators
            .iter()
            .filter_map(|form| {
                let ty = match form.fault {
                    Some(fault) if !question => Ty::Outcome(Box::new(form.gives.clone()), fault),
                    _ => form.gives.clone(),
                };
                fits(&ty).then(|| (form.clone(), ty))
            })
            .collect();
        let weights: Vec<usize> = forms.iter().map(|(form, _)| form.weight * self.demand(form)).collect();
        for _ in 0..6 {
            let (form, ty) = &forms[self.rng.weighted(&weights)?];
            if let Some(made) = self.attempt(|maker| maker.operator(form, ty.clone(), question, limit, held))
            {
                return Some(made);
            }
        }
        None
    }

    /// A call of the operator with this template.
    pub(super) fn node_of(&mut self, template: &str) -> Option<Made> {
        let form = self.operators.iter().find(|form| form.template == template).cloned()?;
        let ty = match form.fault {
            Some(fault) if !self.fallible => Ty::Outcome(Box::new(form.gives.clone()), fault),
            _ => form.gives.clone(),
        };
        self.operator(&form, ty, self.fallible, Id::MAX, &[])
    }

    pub(super) fn operator(
        &mut self,
        form: &Form,
        ty: Ty,
        question: bool,
        limit: Id,
        held: &[Id],
    ) -> Option<Made> {
        let Written { mut text, flows } = self.write(form, limit, held)?;
        if form.template.contains('#') {
            self.marks += 1;
            text = text.replacen('#', &self.marks.to_string(), 1);
        }
        // A method has no path, and a path before it would be glue.
        if !form.template.starts_with('@') && self.rng.chance(8) {
            self.see(Construct::Path);
            text.insert_str(0, "ops::");
        }
        if form.fault.is_some() && question {
            text.push('?');
            self.see(Construct::Question);
            if self.repeats > 0 {
                self.see(Construct::QuestionInFor);
            }
        } else if form.fault.is_some() {
            self.see(Construct::KeptResult);
        }
        self.count_node();
        Some(Made { value: Expression::Node(text), ty, flows })
    }

    /// How much an operator is wanted: more where it takes a value of an uncommon type that nobody used yet.
    fn demand(&self, form: &Form) -> usize {
        let waits =
            |value: &&Value| !value.used && !matches!(value.ty, Ty::Num | Ty::Text | Ty::Str | Ty::Bool);
        let takes = |value: &Value| form.takes.iter().any(|take| !ways(*take, value).is_empty());
        let uncommon = form.takes.iter().any(|take| !matches!(take, Take::Num | Take::Str));
        if uncommon && self.visible().filter(waits).any(takes) { 6 } else { 1 }
    }

    pub(super) fn count_node(&mut self) {
        self.nodes += 1;
        self.left = self.left.saturating_sub(1);
    }

    /// `let x = op(..);` in one of its kinds.
    pub(super) fn let_node(&mut self) -> Option<Statement> {
        let made = self.node(|ty| *ty != Ty::Unit, Id::MAX, &[])?;
        let attribute = self.after(&made.value);
        Some(self.let_value(made, attribute))
    }

    /// `op(..);` or `let _ = op(..);`
    pub(super) fn node_statement(&mut self, discard: bool) -> Option<Statement> {
        let made = self.node(
            |ty| if discard { *ty != Ty::Unit && !ty.guards() } else { matches!(ty, Ty::Unit | Ty::Num) },
            Id::MAX,
            &[],
        )?;
        let attribute = self.after(&made.value);
        Some(if discard {
            self.see(Construct::Discarded);
            Statement::Let { attribute, pattern: "_".into(), value: made.value }
        } else {
            self.see(Construct::NodeStatement);
            Statement::Run { attribute, value: made.value }
        })
    }

    /// Binds a value by a name or a pattern.
    pub(super) fn let_value(&mut self, made: Made, attribute: Option<String>) -> Statement {
        let Made { value, ty, flows } = made;
        let mark = mark_of(&value);
        let is_node = value.is_node();
        let patterns = self.rng.chance(70);
        let pattern = match &ty {
            Ty::Pair(left, right) if patterns => {
                self.see(Construct::TuplePattern);
                let left = self.bind((**left).clone(), flows.clone(), false);
                let right =
                    if self.rng.chance(15) { "_".into() } else { self.bind((**right).clone(), flows, false) };
                format!("({left}, {right})")
            }
            Ty::Array(of, length) if patterns && *length < 4 => {
                self.see(Construct::ArrayPattern);
                let names: Vec<String> =
                    (0..*length).map(|_| self.bind((**of).clone(), flows.clone(), false)).collect();
                format!("[{}]", names.join(", "))
            }
            Ty::Record if self.rng.chance(35) => {
                self.see(Construct::StructPattern);
                let name = self.bind(Ty::Text, Vec::new(), false);
                if self.rng.chance(30) {
                    format!("Record {{ name: {name}, .. }}")
                } else {
                    format!("Record {{ name: {name}, count: {} }}", self.bind(Ty::Num, Vec::new(), false))
                }
            }
            _ => {
                let mutable = self.wants_mut(&ty);
                let annotation = self.annotation(&ty);
                let name = self.bind(ty, flows, mutable);
                if is_node {
                    let (id, block) = (self.last_id(), self.block());
                    self.anchors.push(Anchor { id, block, name: name.clone(), mark });
                }
                format!("{}{name}{annotation}", if mutable { "mut " } else { "" })
            }
        };
        Statement::Let { attribute, pattern, value }
    }

    fn wants_mut(&mut self, ty: &Ty) -> bool {
        let percent = match ty {
            Ty::List(of) if **of == Ty::Num => 60,
            Ty::Model => 50,
            Ty::Record => 25,
            Ty::Num | Ty::Text => 12,
            _ => 0,
        };
        let mutable = self.rng.chance(percent);
        if mutable {
            self.see(Construct::MutBinding);
        }
        mutable
    }

    /// `: Type`, now and then, where the type can be written inside a body.
    fn annotation(&mut self, ty: &Ty) -> String {
        let named = !matches!(ty, Ty::Closure { .. });
        let text = if named && self.rng.chance(8) { ty.text() } else { return String::new() };
        if text.contains("'a") { String::new() } else { format!(": {text}") }
    }

    /// `#[after(x)]`, mostly between nodes that set marks, where the order can be seen.
    fn after(&mut self, value: &Expression) -> Option<String> {
        let block = self.block();
        let mark = mark_of(value);
        let anchors: Vec<Anchor> = self
            .anchors
            .iter()
            .filter(|anchor| anchor.block == block && (mark.is_none() || anchor.mark.is_some()))
            .cloned()
            .collect();
        let percent = if mark.is_some() { 75 } else { 4 };
        if anchors.is_empty() || !self.rng.chance(percent) {
            return None;
        }
        let anchor = self.rng.pick(&anchors).clone();
        self.see(Construct::After);
        if let (Some(first), Some(second), 0) = (anchor.mark, mark, self.repeats) {
            self.orders.push((first, second));
        }
        Some(format!("after({})", anchor.name))
    }

    /// Another graph as a node.
    pub(super) fn nested(&mut self, limit: Id) -> Option<Made> {
        if self.inner.len() > 1 || self.name.matches('_').count() > 1 {
            return None;
        }
        let letter = if self.inner.is_empty() { "a" } else { "b" };
        let name = format!("{}_{letter}", self.name);
        let seed = self.rng.next();
        let graph = super::generate_inner(seed, &name, self.fallible);
        let made = self.attempt(|maker| maker.call(&graph, limit))?;
        self.see(Construct::Nested);
        self.constructs.extend(graph.constructs.iter().copied());
        if self.repeats == 0 {
            self.orders.extend(&graph.orders);
        }
        self.inner.push(graph);
        self.count_node();
        Some(made)
    }

    fn call(&mut self, graph: &Graph, limit: Id) -> Option<Made> {
        let takes = graph.parameters.iter().map(|parameter| parameter_take(&parameter.ty)).collect();
        // A result that borrows may come from any parameter that does.
        let borrows = graph.returns.text().contains("'a");
        let lends = |at: &usize| borrows && graph.parameters[*at].ty.text().contains("'a");
        let form = Form::list(takes, (0..graph.parameters.len()).filter(lends).collect());
        let written = self.write(&form, limit, &[])?;
        if graph.fallible {
            self.see(Construct::Question);
        }
        let value =
            Expression::Graph { name: graph.name.clone(), arguments: written.text, question: graph.fallible };
        Some(Made { value, ty: graph.returns.clone(), flows: written.flows })
    }
}

fn parameter_take(ty: &Ty) -> Take {
    match ty {
        Ty::Text => Take::Text,
        Ty::Str => Take::Str,
        Ty::Num => Take::Num,
        Ty::List(_) => Take::Nums,
        Ty::Slice => Take::NumSlice,
        Ty::Tally => Take::TallyOwned,
        Ty::Ref(_) => Take::Tally,
        _ => unreachable!("graphs have no parameter of the type {ty:?}"),
    }
}

/// The mark that a node sets.
fn mark_of(value: &Expression) -> Option<usize> {
    let Expression::Node(text) = value else { return None };
    let arguments = text.strip_prefix("ops::").unwrap_or(text).strip_prefix("mark(")?;
    arguments.split(", ").nth(1)?.parse().ok()
}
