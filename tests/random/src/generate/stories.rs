//! Lines that belong together: what single statements, each chosen by itself, seldom come to.

use super::body::Made;
use super::construct::Construct;
use super::maker::{Anchor, Maker};
use super::tree::{Expression, Statement};
use super::types::Ty;
use super::values::Id;

/// What can become of a value, line by line, as templates of operators.
const LIVES: [&[&str]; 7] = [
    &["model(@)", "@.read(@)", "@.forward(@)"],
    &["model(@)", "@.forward(@)", "@.read(@)", "@.forward(@)"],
    &["model(@)", "@.learn(@)", "@.forward(@)", "@.into_total()"],
    &["make(@, @)", "view(@)", "glance(@)", "close(@)", "retire(@)"],
    &["make(@, @)", "view(@)", "peek(@)", "close(@)"],
    &["make(@, @)", "peek(@)", "again(@)", "peek(@)", "retire(@)"],
    &["words(@)", "longest(@)", "measure(@)", "drain(@)"],
];

impl Maker {
    /// Makes a value and uses it, mostly to its end, now and then with other lines between.
    pub(super) fn life(&mut self, out: &mut Vec<Statement>) -> Option<()> {
        let life = *self.rng.pick(&LIVES);
        let lines = 2 + self.rng.below(life.len() - 1);
        for template in &life[..lines] {
            let made = self.node_of(template)?;
            if made.ty == Ty::Unit {
                out.push(Statement::Run { attribute: None, value: made.value });
            } else {
                out.push(self.let_value(made, None));
            }
            if self.left > 2 && self.rng.chance(15) {
                self.statement(out);
            }
        }
        Some(())
    }

    /// A `Result` kept as a value, and its `?` on a line of its own.
    pub(super) fn kept(&mut self, out: &mut Vec<Statement>) -> Option<()> {
        if !self.fallible {
            return None;
        }
        let form = self.operators.iter().find(|form| form.template.starts_with("divide(")).cloned()?;
        let ty = Ty::Outcome(Box::new(Ty::Num), form.fault?);
        let made = self.operator(&form, ty, false, Id::MAX, &[])?;
        out.push(self.let_value(made, None));
        if self.rng.chance(50) {
            self.statement(out);
        }
        let question = self.glue.iter().find(|form| form.template == "@?").cloned()?;
        let written = self.write(&question, Id::MAX, &[])?;
        let made = Made { value: Expression::Glue(written.text), ty: Ty::Num, flows: Vec::new() };
        out.push(self.let_value(made, None));
        Some(())
    }

    /// A closure that captures a value, and a line that calls it.
    pub(super) fn called(&mut self, out: &mut Vec<Statement>) -> Option<()> {
        let closures: Vec<_> =
            self.glue.iter().filter(|form| matches!(form.gives, Ty::Closure { .. })).cloned().collect();
        let call = self.glue.iter().find(|form| form.template == "@(@)").cloned()?;
        for form in [self.rng.pick(&closures).clone(), call] {
            let written = self.write(&form, Id::MAX, &[])?;
            let made = Made { value: Expression::Glue(written.text), ty: form.gives, flows: written.flows };
            out.push(self.let_value(made, None));
            if self.left > 2 && self.rng.chance(40) {
                self.statement(out);
            }
        }
        Some(())
    }

    /// An `Option`, a `Result` or an enum as a value, and a branch that takes it apart.
    pub(super) fn taken_apart(&mut self, out: &mut Vec<Statement>) -> Option<()> {
        let apart = |ty: &Ty| matches!(ty, Ty::Maybe(_) | Ty::Outcome(..) | Ty::Kind);
        let made = self.node(apart, Id::MAX, &[])?;
        out.push(self.let_value(made, None));
        let want = self.wanted();
        let made = self.branch(&want, Id::MAX)?;
        out.push(self.let_value(made, None));
        Some(())
    }

    /// A list that nodes and glue change in turn.
    pub(super) fn changed_list(&mut self, out: &mut Vec<Statement>) -> Option<()> {
        let made = self.glue(&Ty::Num.list(), Id::MAX)?;
        let name = self.bind(made.ty, made.flows, true);
        out.push(Statement::Let { attribute: None, pattern: format!("mut {name}"), value: made.value });
        self.see(Construct::MutBinding);
        for _ in 0..=self.rng.below(2) {
            let node = self.operators.iter().position(|form| form.template == "append(@, @)")?;
            let form =
                if self.rng.chance(60) { self.operators[node].clone() } else { self.changes[0].clone() };
            let Some(written) = self.attempt(|maker| maker.write(&form, Id::MAX, &[])) else { break };
            if form.gives == Ty::Unit {
                out.push(Statement::Run { attribute: None, value: Expression::Glue(written.text) });
            } else {
                self.count_node();
                let made = Made { value: Expression::Node(written.text), ty: form.gives, flows: Vec::new() };
                out.push(self.let_value(made, None));
            }
        }
        Some(())
    }

    /// Two nodes that set marks, the second after the first by nothing but its attribute.
    pub(super) fn ordered(&mut self, out: &mut Vec<Statement>) -> Option<()> {
        let form = self.operators.iter().find(|form| form.template.starts_with("mark(")).cloned()?;
        let mut first: Option<Anchor> = None;
        for _ in 0..2 {
            let free: Vec<Id> =
                self.visible().map(|v| v.id).filter(|id| Some(*id) != first.as_ref().map(|a| a.id)).collect();
            let outer = self.only.replace(free);
            let written = self.write(&form, Id::MAX, &[]);
            self.only = outer;
            self.marks += 1;
            let text = written?.text.replacen('#', &self.marks.to_string(), 1);
            self.count_node();
            let attribute = first.as_ref().map(|anchor| format!("after({})", anchor.name));
            if let (Some(Anchor { mark: Some(before), .. }), 0) = (&first, self.repeats) {
                self.orders.push((*before, self.marks));
            }
            let name = self.bind(Ty::Num, Vec::new(), false);
            let anchor = Anchor {
                id: self.last_id(),
                block: self.block(),
                name: name.clone(),
                mark: Some(self.marks),
            };
            self.anchors.push(anchor.clone());
            out.push(Statement::Let { attribute, pattern: name, value: Expression::Node(text) });
            if first.is_none() && self.left > 1 && self.rng.chance(40) {
                self.statement(out);
            }
            first = first.or(Some(anchor));
        }
        self.see(Construct::After);
        Some(())
    }

    /// Four nodes of which the third uses the first, and the fourth the first two.
    pub(super) fn n_shape(&mut self, out: &mut Vec<Statement>) -> Option<()> {
        let before: Vec<Id> = self.visible().map(|v| v.id).collect();
        let mut made: Vec<Id> = Vec::new();
        for only in [&[][..], &[], &[0], &[0, 1]] {
            let only: Vec<Id> = only.iter().map(|at| made[*at]).collect();
            let scope = if only.is_empty() { before.clone() } else { only.clone() };
            let outer = self.only.replace(scope);
            let node = self.node(
                |ty| matches!(ty, Ty::Num | Ty::Text | Ty::Str | Ty::List(_) | Ty::Tracked),
                Id::MAX,
                &[],
            );
            self.only = outer;
            let node = node?;
            let Expression::Node(text) = &node.value else { return None };
            let words: Vec<&str> = text.split(|letter: char| !letter.is_alphanumeric()).collect();
            if !only.iter().all(|id| words.contains(&self.scope.get(*id).name.as_str())) {
                return None;
            }
            let name = self.bind(node.ty, node.flows, false);
            made.push(self.last_id());
            out.push(Statement::Let { attribute: None, pattern: name, value: node.value });
        }
        Some(())
    }
}
