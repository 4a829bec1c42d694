//! Statements, and values of a wanted type.

use super::construct::Construct;
use super::maker::{Maker, Shape};
use super::tree::{Expression, Statement};
use super::types::Ty;
use super::values::{Id, Use};

/// An expression with its type and what its value borrows from.
pub(super) struct Made {
    pub(super) value: Expression,
    pub(super) ty: Ty,
    pub(super) flows: Vec<Id>,
}

/// The types that any block can give, whatever is in scope.
const WANTED: [Ty; 6] = [Ty::Num, Ty::Text, Ty::Num, Ty::Str, Ty::Tracked, Ty::Record];

/// A kind of statement.
#[derive(Clone, Copy)]
struct Kind {
    weight: usize,
    /// Has blocks of its own, so it is not for blocks that are deep already.
    holds_blocks: bool,
    write: fn(&mut Maker, &mut Vec<Statement>) -> Option<()>,
}

impl Kind {
    const fn line(weight: usize, write: fn(&mut Maker, &mut Vec<Statement>) -> Option<()>) -> Self {
        Self { weight, holds_blocks: false, write }
    }

    const fn construct(weight: usize, write: fn(&mut Maker, &mut Vec<Statement>) -> Option<()>) -> Self {
        Self { weight, holds_blocks: true, write }
    }
}

/// How many kinds of statements there are.
pub(super) const KIND_COUNT: usize = KINDS.len();

const KINDS: [Kind; 22] = [
    Kind::line(34, |maker, out| maker.let_node().map(|line| out.push(line))),
    Kind::line(6, |maker, out| maker.node_statement(false).map(|line| out.push(line))),
    Kind::line(4, |maker, out| maker.node_statement(true).map(|line| out.push(line))),
    Kind::line(18, |maker, out| maker.let_glue().map(|line| out.push(line))),
    Kind::line(5, |maker, out| maker.reference().map(|line| out.push(line))),
    Kind::line(7, |maker, out| maker.change().map(|line| out.push(line))),
    Kind::line(4, |maker, out| maker.rename().map(|line| out.push(line))),
    Kind::construct(13, |maker, out| {
        let want = maker.wanted();
        let made = maker.branch(&want, Id::MAX);
        maker.bound(made, out)
    }),
    Kind::construct(5, |maker, out| {
        let value = maker.branch(&Ty::Unit, Id::MAX)?.value;
        out.push(Statement::Run { attribute: None, value });
        Some(())
    }),
    Kind::construct(17, |maker, out| {
        let made = maker.for_each(Id::MAX, false);
        maker.bound(made, out)
    }),
    Kind::construct(4, |maker, out| {
        let value = maker.for_each(Id::MAX, true)?.value;
        out.push(Statement::Run { attribute: None, value });
        Some(())
    }),
    Kind::construct(10, Maker::bounded),
    Kind::construct(5, |maker, out| {
        let made = maker.nested(Id::MAX);
        maker.bound(made, out)
    }),
    Kind::line(4, |maker, out| {
        let made = maker.array();
        maker.bound(made, out)
    }),
    Kind::line(4, |maker, out| {
        let made = maker.tuple();
        maker.bound(made, out)
    }),
    Kind::line(6, Maker::changed_list),
    Kind::line(5, Maker::ordered),
    Kind::line(14, |maker, out| (0..5).find_map(|_| maker.attempt_lines(Maker::n_shape, out))),
    Kind::line(9, Maker::life),
    Kind::construct(11, Maker::taken_apart),
    Kind::line(5, Maker::kept),
    Kind::line(5, Maker::called),
];

impl Maker {
    /// Adds one statement, or a few that belong together; none where nothing was found that fits.
    pub(super) fn statement(&mut self, out: &mut Vec<Statement>) {
        if let (0, Shape::Islands(count)) = (self.depth(), self.shape) {
            self.island = Some(self.rng.below(count));
        }
        let deep = self.depth() > 1;
        let mut weights = KINDS.map(|kind| if deep && kind.holds_blocks { 0 } else { kind.weight });
        weights[self.favourite] *= 4;
        let kind = self.rng.weighted(&weights).expect("some weights are above nought");
        let written = self.attempt_lines(KINDS[kind].write, out);
        if written.is_some() {
            return;
        }
        if let Some(found) = self.attempt(Self::let_node) {
            out.push(found);
        }
    }

    /// Adds the lines that `write` writes, all or none.
    fn attempt_lines(
        &mut self,
        write: impl FnOnce(&mut Self, &mut Vec<Statement>) -> Option<()>,
        out: &mut Vec<Statement>,
    ) -> Option<()> {
        let found = self.attempt(|maker| {
            let mut found = Vec::new();
            write(maker, &mut found)?;
            Some(found)
        })?;
        out.extend(found);
        Some(())
    }

    /// Any value of a branch, a fan-out or the like, bound.
    fn bound(&mut self, made: Option<Made>, out: &mut Vec<Statement>) -> Option<()> {
        let statement = self.let_value(made?, None);
        out.push(statement);
        Some(())
    }

    pub(super) fn wanted(&mut self) -> Ty {
        match self.rng.below(10) {
            0 => Ty::Num.list(),
            1 => Ty::Str.list(),
            2 => Ty::triple(),
            3 => Ty::Num.maybe(),
            _ => self.rng.pick(&WANTED).clone(),
        }
    }

    fn let_glue(&mut self) -> Option<Statement> {
        let forms: Vec<_> =
            self.glue.iter().filter(|form| form.fault.is_none() || self.fallible).cloned().collect();
        let weights: Vec<usize> = forms.iter().map(|form| form.weight).collect();
        let form = &forms[self.rng.weighted(&weights)?];
        let written = self.write(form, Id::MAX, &[])?;
        let made =
            Made { value: Expression::Glue(written.text), ty: form.gives.clone(), flows: written.flows };
        Some(self.let_value(made, None))
    }

    /// `let r = &x;`
    fn reference(&mut self) -> Option<Statement> {
        let lent = |ty: &Ty| matches!(ty, Ty::Text | Ty::Record | Ty::Tracked | Ty::Model | Ty::List(_));
        let found: Vec<Id> = self.visible().filter(|v| lent(&v.ty)).map(|v| v.id).collect();
        let id = if found.is_empty() { return None } else { *self.rng.pick(&found) };
        self.consume(id, Use::Read);
        self.see(Construct::Reference);
        let value = self.scope.get(id);
        let mut flows = value.from.clone();
        flows.push(id);
        let made =
            Made { value: Expression::Glue(format!("&{}", value.name)), ty: value.ty.reference(), flows };
        Some(self.let_value(made, None))
    }

    /// `let a = b;`
    fn rename(&mut self) -> Option<Statement> {
        let found: Vec<Id> = self
            .visible()
            .filter(|v| !v.ty.is_copy() && !matches!(v.ty, Ty::Tally))
            .map(|v| v.id)
            .filter(|id| self.scope.allows(*id, Use::Take))
            .collect();
        let id = if found.is_empty() { return None } else { *self.rng.pick(&found) };
        self.consume(id, Use::Take);
        self.see(Construct::Rename);
        let value = self.scope.get(id).clone();
        let made = Made { value: Expression::Glue(value.name), ty: value.ty, flows: value.from };
        Some(self.let_value(made, None))
    }

    /// `xs.push(n);`
    fn change(&mut self) -> Option<Statement> {
        let form = self.rng.pick(&self.changes.clone()).clone();
        let written = self.write(&form, Id::MAX, &[])?;
        Some(Statement::Run { attribute: None, value: Expression::Glue(written.text) })
    }

    /// Glue of a wanted type.
    pub(super) fn glue(&mut self, want: &Ty, limit: Id) -> Option<Made> {
        let forms: Vec<_> = self
            .glue
            .iter()
            .filter(|form| form.gives == *want && (form.fault.is_none() || self.fallible))
            .cloned()
            .collect();
        for _ in 0..5 {
            let form = if forms.is_empty() { return None } else { self.rng.pick(&forms).clone() };
            if let Some(written) = self.attempt(|maker| maker.write(&form, limit, &[])) {
                return Some(Made {
                    value: Expression::Glue(written.text),
                    ty: want.clone(),
                    flows: written.flows,
                });
            }
        }
        None
    }

    /// A value of a wanted type that borrows only from values below `limit`; there always is one.
    pub(super) fn value(&mut self, want: &Ty, limit: Id) -> Made {
        let nest = self.depth() < 3 && self.left > 2;
        let weights = [if self.left > 0 { 60 } else { 3 }, 14, 18, if nest { 12 } else { 0 }];
        for _ in 0..4 {
            let kind = self.rng.weighted(&weights).expect("some weights are above nought");
            let made = self.attempt(|maker| match kind {
                0 => maker.node(|ty| ty == want, limit, &[]),
                1 => maker.existing(want, limit),
                2 => maker.glue(want, limit),
                _ => maker.branch(want, limit),
            });
            if let Some(made) = made {
                return made;
            }
        }
        if *want == Ty::Tracked {
            let make = self.operators.iter().find(|form| form.template == "make(@, @)").cloned();
            let written =
                make.and_then(|form| self.write(&form, limit, &[])).expect("the tally is never moved");
            self.count_node();
            return Made { value: Expression::Node(written.text), ty: Ty::Tracked, flows: written.flows };
        }
        literal(want)
    }

    /// A value that there is already, by name.
    fn existing(&mut self, want: &Ty, limit: Id) -> Option<Made> {
        let how = if want.is_copy() { Use::Read } else { Use::Take };
        let found: Vec<Id> = self
            .visible()
            .filter(|v| v.ty == *want && v.from.iter().all(|id| *id < limit))
            .map(|v| v.id)
            .filter(|id| self.scope.allows(*id, how))
            .collect();
        let id = if found.is_empty() { return None } else { *self.rng.pick(&found) };
        self.consume(id, how);
        let value = self.scope.get(id);
        Some(Made {
            value: Expression::Glue(value.name.clone()),
            ty: want.clone(),
            flows: value.from.clone(),
        })
    }
}

/// What a block gives where nothing in scope has the type.
fn literal(want: &Ty) -> Made {
    let list = |of: &Ty| want == &of.list();
    let value = match want {
        Ty::Num => Expression::Glue("7usize".into()),
        Ty::Bool => Expression::Glue("true".into()),
        Ty::Text => Expression::Glue("String::from(\"grey\")".into()),
        Ty::Str => Expression::Glue("\"grey\"".into()),
        Ty::Array(..) => Expression::Glue("[1usize, 2, 3]".into()),
        Ty::Record => Expression::Glue("Record { name: String::new(), count: 1 }".into()),
        Ty::Maybe(_) => Expression::Glue("None::<usize>".into()),
        Ty::Kind => Expression::Glue("Kind::Small".into()),
        Ty::Model => Expression::Glue("Model::new(3)".into()),
        Ty::List(_) if list(&Ty::Num) => Expression::Glue("vec![1usize, 2]".into()),
        Ty::List(_) if list(&Ty::Str) => Expression::Glue("vec![\"grey\"]".into()),
        _ => unreachable!("no block is asked for {want:?}"),
    };
    Made { value, ty: want.clone(), flows: Vec::new() }
}
