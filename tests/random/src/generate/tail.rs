//! What a graph gives.

use std::fmt::Write as _;

use super::body::Made;
use super::construct::Construct;
use super::maker::{Maker, Shape};
use super::tree::{Arm, Block, Expression, Statement};
use super::types::Ty;
use super::values::{Id, Use};

impl Maker {
    /// Ends the body with its value and gives the type of it.
    pub(super) fn finish(&mut self, body: &mut Block) -> Ty {
        // The tail joins what was independent.
        self.island = None;
        let made = match self.rng.below(100) {
            0..56 => self.report(),
            56..62 => self.attempt(|maker| maker.for_each(0, false)).unwrap_or_else(|| self.report()),
            62..68 => match self.attempt(|maker| maker.nested(0)) {
                Some(Made { value: Expression::Graph { name, arguments, .. }, ty, .. }) => {
                    self.see(Construct::NestedTail);
                    let fallible = self.inner.last().is_some_and(|graph| graph.fallible);
                    let value = Expression::Graph { name, arguments, question: false };
                    if fallible == self.fallible {
                        body.value = Some(Box::new(value));
                        return ty;
                    }
                    Made { value, ty, flows: Vec::new() }
                }
                _ => self.report(),
            },
            68..76 => self.attempt(Self::pair).unwrap_or_else(|| self.report()),
            _ => {
                let wants =
                    [Ty::Num, Ty::Text, Ty::Str, Ty::Num.list(), Ty::Str.list(), Ty::Record, Ty::Tracked];
                let want = self.rng.pick(&wants).clone();
                self.value(&want, 0)
            }
        };
        let value = if self.fallible { wrapped(made.value, &mut body.statements) } else { made.value };
        if made.ty.text().contains("'a") {
            self.see(Construct::BorrowedReturn);
        }
        body.value = Some(Box::new(value));
        made.ty
    }

    /// A text that shows most of what is still there, first of all what nobody used.
    fn report(&mut self) -> Made {
        let unused = self.rng.chance(75);
        let shown: Vec<(Id, String)> = self
            .visible()
            .filter(|v| v.ty.is_debugged() && (unused && !v.used || v.id % 3 != 0))
            .map(|v| (v.id, v.name.clone()))
            .collect();
        let mut text = String::from("format!(\"");
        for (id, name) in shown.iter().rev().take(12).rev() {
            self.consume(*id, Use::Read);
            let _ = write!(text, "{{{name}:?}} ");
        }
        text.push_str("end\")");
        self.see(Construct::Captures);
        Made { value: Expression::Glue(text), ty: Ty::Text, flows: Vec::new() }
    }

    /// `(a, b)`, both moved out.
    fn pair(&mut self) -> Option<Made> {
        let (mut names, mut types) = (Vec::new(), Vec::new());
        for _ in 0..2 {
            let writable = |ty: &Ty| !matches!(ty, Ty::Closure { .. } | Ty::Tally | Ty::Fault(_));
            let found: Vec<Id> = self
                .visible()
                .filter(|v| v.from.is_empty() && writable(&v.ty) && v.ty.is_debugged())
                .filter(|v| !matches!(v.ty, Ty::Ref(_)))
                .map(|v| v.id)
                .filter(|id| self.scope.allows(*id, Use::Take))
                .collect();
            let id = if found.is_empty() {
                return None;
            } else {
                found[found.len() - 1 - self.rng.below(found.len().min(4))]
            };
            let ty = self.scope.get(id).ty.clone();
            self.consume(id, if ty.is_copy() { Use::Read } else { Use::Take });
            names.push(self.scope.get(id).name.clone());
            types.push(ty);
        }
        let ty = types[0].pair(&types[1]);
        Some(Made { value: Expression::Glue(format!("({}, {})", names[0], names[1])), ty, flows: Vec::new() })
    }

    /// Counts the shape of the whole.
    pub(super) fn see_shape(&mut self) {
        self.see(match self.shape {
            Shape::Chain => Construct::Chain,
            Shape::Fan => Construct::Fan,
            Shape::Wavefront(_) => Construct::Wavefront,
            Shape::Layers(_) => Construct::Layers,
            Shape::Islands(_) => Construct::Islands,
        });
    }
}

/// The value in an `Ok`, which stands in the arms of a branch and after a line of its own for a node: a call
/// inside the `Ok` would be a plain call.
fn wrapped(value: Expression, statements: &mut Vec<Statement>) -> Expression {
    let wrap = |mut block: Block| {
        let value = block.value.take().expect("a block in the tail has a value");
        let value = wrapped(*value, &mut block.statements);
        Block { value: Some(Box::new(value)), ..block }
    };
    match value {
        Expression::Glue(text) => Expression::Glue(format!("Ok({text})")),
        Expression::If { condition, pattern, then, otherwise } => {
            Expression::If { condition, pattern, then: wrap(then), otherwise: otherwise.map(wrap) }
        }
        Expression::Match { scrutinee, arms } => {
            let arms = arms.into_iter().map(|arm| Arm { body: wrap(arm.body), bare: false, ..arm }).collect();
            Expression::Match { scrutinee, arms }
        }
        other => {
            statements.push(Statement::Let { attribute: None, pattern: "last".into(), value: other });
            Expression::Glue("Ok(last)".into())
        }
    }
}
