//! `if`, `if let` and `match`.

use std::fmt::Write as _;

use super::body::Made;
use super::construct::Construct;
use super::maker::Maker;
use super::tree::{Arm, Block, Expression};
use super::types::Ty;
use super::values::{Id, Scope, Use};

/// What a branch takes apart.
struct Scrutinee {
    value: Expression,
    ty: Ty,
    from: Vec<Id>,
    /// Patterns bind references.
    by_reference: bool,
}

/// A pattern with a `#` for each binding.
#[derive(Clone)]
struct Pattern {
    text: String,
    binds: Vec<Ty>,
}

impl Maker {
    /// A branch whose arms all give `want`.
    pub(super) fn branch(&mut self, want: &Ty, limit: Id) -> Option<Made> {
        let made = match self.rng.below(5) {
            0 | 1 => self.if_condition(want, limit),
            2 => self.if_let(want, limit),
            _ => self.matches(want, limit),
        }?;
        if self.repeats > 0 {
            self.see(Construct::BranchInFor);
        }
        if *want == Ty::Unit {
            self.see(Construct::BranchStatement);
        }
        Some(made)
    }

    fn if_condition(&mut self, want: &Ty, limit: Id) -> Option<Made> {
        let condition = self.condition()?;
        let before = self.scope.clone();
        let (then, mut flows) = self.arm(&[], "", false, want, limit);
        let after = std::mem::replace(&mut self.scope, before.clone());
        let otherwise = if *want == Ty::Unit && self.rng.chance(50) {
            None
        } else {
            let (block, more) = self.arm(&[], "", false, want, limit);
            flows.extend(more);
            Some(block.body)
        };
        let last = std::mem::replace(&mut self.scope, before);
        self.scope.join(&[after, last]);
        self.see(Construct::If);
        let value =
            Expression::If { condition: Box::new(condition), pattern: None, then: then.body, otherwise };
        Some(Made { value, ty: want.clone(), flows })
    }

    fn if_let(&mut self, want: &Ty, limit: Id) -> Option<Made> {
        let scrutinee = self.scrutinee()?;
        let mut patterns = self.patterns(&scrutinee.ty);
        let pattern = patterns.swap_remove(self.rng.below(patterns.len() - 1));
        let before = self.scope.clone();
        let (then, mut flows) = self.bound_arm(&scrutinee, &pattern, false, want, limit);
        let after = std::mem::replace(&mut self.scope, before.clone());
        let (otherwise, more) = self.arm(&[], "", false, want, limit);
        flows.extend(more);
        let last = std::mem::replace(&mut self.scope, before);
        self.scope.join(&[after, last]);
        self.see(Construct::IfLet);
        let value = Expression::If {
            condition: Box::new(scrutinee.value),
            pattern: Some(then.pattern),
            then: then.body,
            otherwise: Some(otherwise.body),
        };
        Some(Made { value, ty: want.clone(), flows })
    }

    fn matches(&mut self, want: &Ty, limit: Id) -> Option<Made> {
        let scrutinee = self.scrutinee()?;
        let mut patterns: Vec<(Pattern, bool)> =
            self.patterns(&scrutinee.ty).into_iter().map(|pattern| (pattern, false)).collect();
        let guarded = patterns.iter().position(|(pattern, _)| pattern.binds == [Ty::Num]);
        if let Some(at) = guarded.filter(|_| self.rng.chance(40)) {
            self.see(Construct::MatchGuard);
            patterns.insert(at, (patterns[at].0.clone(), true));
        }
        let before = self.scope.clone();
        let (mut arms, mut ends, mut flows) = (Vec::new(), Vec::<Scope>::new(), Vec::new());
        for (pattern, guard) in patterns {
            let (arm, more) = self.bound_arm(&scrutinee, &pattern, guard, want, limit);
            arms.push(arm);
            flows.extend(more);
            ends.push(std::mem::replace(&mut self.scope, before.clone()));
        }
        self.scope.join(&ends);
        self.see(Construct::Match);
        if scrutinee.by_reference {
            self.see(Construct::MatchBorrowed);
        }
        let value = Expression::Match { scrutinee: Box::new(scrutinee.value), arms };
        Some(Made { value, ty: want.clone(), flows })
    }

    fn bound_arm(
        &mut self,
        scrutinee: &Scrutinee,
        pattern: &Pattern,
        guard: bool,
        want: &Ty,
        limit: Id,
    ) -> (Arm, Vec<Id>) {
        let bind = |ty: &Ty| if scrutinee.by_reference { ty.reference() } else { ty.clone() };
        let binds: Vec<_> = pattern.binds.iter().map(|ty| (bind(ty), scrutinee.from.clone())).collect();
        self.arm(&binds, &pattern.text, guard, want, limit)
    }

    /// An arm that binds values of its own and gives `want`.
    fn arm(
        &mut self,
        binds: &[(Ty, Vec<Id>)],
        pattern: &str,
        guard: bool,
        want: &Ty,
        limit: Id,
    ) -> (Arm, Vec<Id>) {
        self.branches += 1;
        let limit = limit.min(self.open());
        let mut text = pattern.to_owned();
        for (ty, from) in binds {
            let name = self.bind(ty.clone(), from.clone(), false);
            text = text.replacen('#', &name, 1);
            if guard {
                let star = if matches!(ty, Ty::Ref(_)) { "*" } else { "" };
                let _ = write!(text, " if {star}{name} % 2 == 0");
            }
        }
        let (body, flows) = self.contents(want, limit);
        self.close();
        self.branches -= 1;
        let bare = body.statements.is_empty() && self.rng.chance(60);
        (Arm { pattern: text, body, bare }, flows)
    }

    /// A `bool`: a node or glue.
    pub(super) fn condition(&mut self) -> Option<Expression> {
        if self.rng.chance(45)
            && let Some(made) = self.node(|ty| *ty == Ty::Bool, 0, &[])
        {
            self.see(Construct::ConditionNode);
            return Some(made.value);
        }
        self.see(Construct::ConditionGlue);
        self.glue(&Ty::Bool, 0).map(|made| made.value)
    }

    fn scrutinee(&mut self) -> Option<Scrutinee> {
        let waiting =
            self.visible().any(|v| !v.used && matches!(v.ty, Ty::Maybe(_) | Ty::Outcome(..) | Ty::Kind));
        if self.rng.chance(if waiting { 20 } else { 65 }) {
            let taken_apart = |ty: &Ty| matches!(ty, Ty::Maybe(_) | Ty::Outcome(..) | Ty::Kind);
            let wider = self.rng.chance(15);
            let made = self.node(|ty| taken_apart(ty) || (wider && *ty == Ty::Num), Id::MAX, &[])?;
            self.see(Construct::ScrutineeNode);
            return Some(Scrutinee { value: made.value, ty: made.ty, from: made.flows, by_reference: false });
        }
        let fits = |ty: &Ty| matches!(ty, Ty::Maybe(_) | Ty::Outcome(..) | Ty::Kind);
        let found: Vec<(Id, String, Ty, Vec<Id>)> = self
            .visible()
            .filter(|v| fits(&v.ty) || v.ty == Ty::Str || matches!(&v.ty, Ty::Ref(to) if fits(to)))
            .map(|v| (v.id, v.name.clone(), v.ty.clone(), v.from.clone()))
            .collect();
        let uncommon = found.iter().any(|(_, _, ty, _)| *ty != Ty::Str);
        if found.is_empty() || (!uncommon && self.rng.chance(40)) {
            let glue = super::forms::Form::new("@ % 4", &[super::forms::Take::Num], Ty::Num);
            let written = self.write(&glue, Id::MAX, &[])?;
            return Some(Scrutinee {
                value: Expression::Glue(written.text),
                ty: Ty::Num,
                from: Vec::new(),
                by_reference: false,
            });
        }
        let found: Vec<_> = found.into_iter().filter(|(_, _, ty, _)| !uncommon || *ty != Ty::Str).collect();
        let (id, name, ty, mut from) = self.rng.pick(&found).clone();
        if let Ty::Ref(to) = ty {
            self.consume(id, Use::Read);
            return Some(Scrutinee { value: Expression::Glue(name), ty: *to, from, by_reference: true });
        }
        let free = ty.is_copy() || self.scope.allows(id, Use::Take);
        if ty != Ty::Str && (!free || self.rng.chance(60)) {
            self.consume(id, Use::Read);
            from.push(id);
            return Some(Scrutinee {
                value: Expression::Glue(format!("&{name}")),
                ty,
                from,
                by_reference: true,
            });
        }
        self.consume(id, if ty.is_copy() { Use::Read } else { Use::Take });
        Some(Scrutinee { value: Expression::Glue(name), ty, from, by_reference: false })
    }

    /// Patterns that cover a type, at least two; the last one may be irrefutable.
    fn patterns(&mut self, ty: &Ty) -> Vec<Pattern> {
        let pattern = |text: &str, binds: &[Ty]| Pattern { text: text.into(), binds: binds.to_vec() };
        let short = self.rng.chance(30);
        match ty {
            Ty::Maybe(of) => vec![pattern("Some(#)", &[(**of).clone()]), pattern("None", &[])],
            Ty::Outcome(of, fault) => {
                let ok = if **of == Ty::Unit {
                    pattern("Ok(())", &[])
                } else {
                    pattern("Ok(#)", &[(**of).clone()])
                };
                let err =
                    if short { pattern("Err(_)", &[]) } else { pattern("Err(#)", &[Ty::Fault(*fault)]) };
                vec![ok, err]
            }
            Ty::Kind if short => vec![pattern("Kind::Odd(#)", &[Ty::Num]), pattern("_", &[])],
            Ty::Kind => vec![
                pattern("Kind::Small", &[]),
                pattern("Kind::Odd(#)", &[Ty::Num]),
                pattern("Kind::Named { name: #, size: # }", &[Ty::Text, Ty::Num]),
            ],
            Ty::Num if short => vec![pattern("0", &[]), pattern("#", &[Ty::Num])],
            Ty::Num => vec![pattern("0 | 3", &[]), pattern("1..=2", &[]), pattern("_", &[])],
            Ty::Str => vec![pattern("\"one\" | \"red fox\"", &[]), pattern("#", &[Ty::Str])],
            _ => unreachable!("{ty:?} is not taken apart"),
        }
    }

    /// The lines and the value of a block that is open.
    pub(super) fn contents(&mut self, want: &Ty, limit: Id) -> (Block, Vec<Id>) {
        let mut block = Block::default();
        let lines =
            if *want == Ty::Unit { 1 + self.rng.below(2) } else { [0, 0, 1, 1, 2][self.rng.below(5)] };
        for _ in 0..lines {
            if self.left > 1 {
                self.statement(&mut block.statements);
            }
        }
        if *want == Ty::Unit {
            if let Some(statement) = self.node_statement(false) {
                block.statements.push(statement);
            }
            return (block, Vec::new());
        }
        let made = self.value(want, limit);
        block.value = Some(Box::new(made.value));
        (block, made.flows)
    }
}
