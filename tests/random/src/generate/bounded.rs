//! `loop` with a bound: refines a `mut` binding until a condition holds.

use super::body::Made;
use super::construct::Construct;
use super::forms::{Form, Take};
use super::maker::Maker;
use super::tree::{Expression, Statement};
use super::types::Ty;
use super::values::{Id, State, Use};

impl Maker {
    /// The bindings that the loop refines, and the loop, bound in turn.
    pub(super) fn bounded(&mut self, out: &mut Vec<Statement>) -> Option<()> {
        if !self.fallible || self.repeats > 1 {
            return None;
        }
        let ty = self.rng.pick(&[Ty::Num, Ty::Text, Ty::Num.list(), Ty::Tracked]).clone();
        let first = self.value(&ty, Id::MAX);
        let best = self.bind(ty.clone(), first.flows, true);
        let best_id = self.pin();
        out.push(Statement::Let { attribute: None, pattern: format!("mut {best}"), value: first.value });
        let turn = self.bind(Ty::Num, Vec::new(), true);
        let turn_id = self.pin();
        out.push(Statement::Let {
            attribute: None,
            pattern: format!("mut {turn}"),
            value: Expression::Glue("0usize".into()),
        });
        self.see(Construct::MutBinding);

        let free = self.scope.freeze();
        self.scope.get_mut(best_id).frozen = false;
        self.scope.get_mut(turn_id).frozen = false;
        self.repeats += 1;
        let limit = self.open();
        let mut body = Vec::new();
        if self.repeats < 2 && self.left > 4 && self.rng.chance(20) {
            // Gives up with all it wrote where nothing fits.
            if let Some(lines) = self.attempt(|maker| {
                let mut lines = Vec::new();
                maker.bounded(&mut lines)?;
                Some(lines)
            }) {
                body.extend(lines);
            }
        } else if self.rng.chance(50) && self.left > 1 {
            self.statement(&mut body);
        }
        let last = 1 + self.rng.below(4);
        body.push(run(format!("{turn} += 1")));
        self.scope.apply(turn_id, Use::Change);
        let early = self.rng.chance(30);
        let mut leave = None;
        if early {
            leave = Some(self.leave(best_id, turn_id, &turn, last, &mut body));
        }
        self.refine(best_id, &ty, limit, &mut body)?;
        let (value_ty, value_state) = match leave {
            Some(found) => found,
            None => self.leave(best_id, turn_id, &turn, last, &mut body),
        };
        self.close();
        self.repeats -= 1;
        self.scope.thaw(&free);
        self.scope.get_mut(best_id).state = value_state;
        self.scope.get_mut(turn_id).pinned = false;
        self.scope.get_mut(best_id).pinned = false;

        // Where the data ends the loop later than the bound allows, both texts fail.
        let past = self.rng.chance(16) && last > 1;
        if past {
            self.see(Construct::LoopPastBound);
        }
        let at_most = if past { last - 1 } else { last + self.rng.below(2) };
        self.see(if self.repeats > 0 { Construct::LoopInner } else { Construct::Loop });
        let body = super::tree::Block { statements: body, value: None };
        let made = Made { value: Expression::Loop { at_most, body }, ty: value_ty, flows: Vec::new() };
        out.push(self.let_value(made, Some(format!("at_most({at_most})"))));
        Some(())
    }

    /// Keeps inner blocks from hiding the binding that was made last.
    fn pin(&mut self) -> Id {
        let value = self.scope.values.last_mut().expect("a binding was made");
        value.pinned = true;
        value.id
    }

    /// Gives the binding its next value.
    fn refine(&mut self, best: Id, ty: &Ty, limit: Id, body: &mut Vec<Statement>) -> Option<()> {
        let name = self.scope.get(best).name.clone();
        if self.scope.get(best).state == State::Alive && self.rng.chance(25) {
            let change = match ty {
                Ty::Num => Some(Form::new("@ += @ % 9", &[Take::Num], Ty::Unit)),
                Ty::List(_) => Some(Form::new("@.push(@)", &[Take::Num], Ty::Unit)),
                _ => None,
            };
            if let Some(form) = change.filter(|_| self.scope.allows(best, Use::Change)) {
                let argument = self.write(&Form::list(form.takes.to_vec(), Vec::new()), Id::MAX, &[])?;
                self.scope.apply(best, Use::Change);
                body.push(run(form.write(&[name, argument.text])));
                return Some(());
            }
        }
        let outer = self.only.clone();
        let made = if self.rng.chance(60) {
            self.only = Some(vec![best]);
            // By value where the type has such an operator: the assignment then brings back what was moved.
            let mover = match ty {
                Ty::Text => Some("polish(@)"),
                Ty::List(_) => Some("grow(@)"),
                Ty::Tracked => Some("again(@)"),
                _ => None,
            };
            match mover.filter(|_| self.rng.chance(50)) {
                Some(template) => self.attempt(|maker| maker.node_of(template)),
                None => self.attempt(|maker| maker.node(|other| other == ty, limit, &[])),
            }
        } else {
            None
        };
        self.only = outer;
        let made = match made {
            Some(made) => made,
            None => self.node(|other| other == ty, limit, &[])?,
        };
        let next = self.bind(ty.clone(), made.flows, false);
        body.push(Statement::Let { attribute: None, pattern: next.clone(), value: made.value });
        // A value that was moved in the body comes back by the assignment; one whose drop a guard waits for does not.
        let moved = self.scope.get(best).state != State::Alive;
        if !moved && !self.scope.allows(best, Use::Change) {
            return None;
        }
        if moved {
            self.see(Construct::LoopMoves);
        }
        let next_id = self.last_id();
        self.scope.apply(next_id, if ty.is_copy() { Use::Read } else { Use::Take });
        self.scope.get_mut(best).state = State::Alive;
        self.scope.apply(best, Use::Change);
        body.push(run(format!("{name} = {next}")));
        Some(())
    }

    /// `if c { break v }`: the type of `v`, and what becomes of the binding after the loop.
    fn leave(
        &mut self,
        best: Id,
        turn: Id,
        turn_name: &str,
        last: usize,
        body: &mut Vec<Statement>,
    ) -> (Ty, State) {
        let (name, ty, alive) = {
            let value = self.scope.get(best);
            (value.name.clone(), value.ty.clone(), value.state == State::Alive)
        };
        let condition = match self.rng.below(4) {
            0 => {
                self.see(Construct::ConditionNode);
                self.count_node();
                Expression::Node(format!("done({turn_name}, {last})"))
            }
            1 if ty == Ty::Num && alive => {
                Expression::Glue(format!("{turn_name} >= {last} || {name} % 5 == 0"))
            }
            _ => Expression::Glue(format!("{turn_name} >= {last}")),
        };
        self.scope.apply(turn, Use::Read);
        let (value, value_ty, state) = match self.rng.below(4) {
            0 => (turn_name.to_owned(), Ty::Num, None),
            1 if alive => (format!("format!(\"{{{name}:?}}\")"), Ty::Text, Some(State::Alive)),
            2 if alive && ty.is_cloned() && self.scope.allows(best, Use::Change) => {
                (format!("{name}.clone()"), ty, Some(State::Alive))
            }
            _ if alive && ty.is_copy() => (name, ty, Some(State::Alive)),
            _ if alive && self.scope.allows(best, Use::Take) => (name, ty, Some(State::Moved)),
            _ => (turn_name.to_owned(), Ty::Num, None),
        };
        // Where the loop is left, the binding is as it is there, not as it is at the loop's end.
        let state = state.unwrap_or(if alive { State::Alive } else { State::MaybeMoved });
        body.push(Statement::BreakIf { condition, value });
        (value_ty, state)
    }
}

fn run(text: String) -> Statement {
    Statement::Run { attribute: None, value: Expression::Glue(text) }
}
