//! `for`, and arrays and tuples of nodes.

use super::body::Made;
use super::construct::Construct as C;
use super::forms::{Form, Take as T};
use super::maker::Maker;
use super::tree::{Block, Expression};
use super::types::Ty;
use super::values::{Id, Use};

/// What a `for` runs over.
struct Source {
    text: String,
    items: Vec<Ty>,
    from: Vec<Id>,
    construct: C,
}

impl Maker {
    /// A `for` that gives a list, or nothing where `statement`.
    pub(super) fn for_each(&mut self, limit: Id, statement: bool) -> Option<Made> {
        if self.repeats > 1 {
            return None;
        }
        let source = self.source()?;
        let free = self.scope.freeze();
        self.repeats += 1;
        let limit = limit.min(self.open());
        let names: Vec<String> =
            source.items.iter().map(|ty| self.bind(ty.clone(), source.from.clone(), false)).collect();
        let pattern = if names.len() == 1 { names[0].clone() } else { format!("({})", names.join(", ")) };
        let (body, ty, flows) = if statement {
            let (body, _) = self.contents(&Ty::Unit, limit);
            self.see(C::ForStatement);
            (body, Ty::Unit, Vec::new())
        } else {
            self.for_body(&source, limit)
        };
        self.close();
        self.repeats -= 1;
        self.scope.thaw(&free);
        self.see(source.construct);
        if self.repeats > 0 {
            self.see(C::ForNested);
        }
        let ty = if statement { Ty::Unit } else { ty.list() };
        Some(Made { value: Expression::For { pattern, over: source.text, body }, ty, flows })
    }

    fn for_body(&mut self, source: &Source, limit: Id) -> (Block, Ty, Vec<Id>) {
        if self.depth() < 3
            && self.left > 0
            && self.rng.chance(25)
            && let Some(made) = self.attempt(|maker| maker.for_each(limit, false))
        {
            return (Block::of(made.value), made.ty, made.flows);
        }
        if self.rng.chance(35) && self.left > 0 {
            // The node alone, of any type: this is how lists of uncommon types come about.
            if let Some(made) = self.attempt(|maker| maker.node(|ty| *ty != Ty::Model, limit, &[])) {
                return (Block::of(made.value), made.ty, made.flows);
            }
        }
        if self.fallible && self.left > 0 && self.rng.chance(25) {
            let template = *self.rng.pick(&["check(@)", "divide(@, @)", "number(@)"]);
            if let Some(made) = self.attempt(|maker| maker.node_of(template)) {
                return (Block::of(made.value), made.ty, made.flows);
            }
        }
        if source.items.contains(&Ty::Tracked.reference())
            && self.rng.chance(50)
            && let Some(made) = self.attempt(|maker| maker.node(|ty| *ty == Ty::View, limit, &[]))
        {
            return (Block::of(made.value), made.ty, made.flows);
        }
        let wants = [Ty::Num, Ty::Text, Ty::Num, Ty::Tracked, Ty::Record, Ty::Str.list()];
        let want = self.rng.pick(&wants).clone();
        if self.depth() < 3
            && self.left > 1
            && self.rng.chance(35)
            && let Some(made) = self.attempt(|maker| maker.branch(&want, limit))
        {
            return (Block::of(made.value), made.ty, made.flows);
        }
        let (body, flows) = self.contents(&want, limit);
        (body, want, flows)
    }

    fn source(&mut self) -> Option<Source> {
        if self.rng.chance(50) {
            let lists: Vec<Id> = self
                .visible()
                .filter(|v| matches!(v.ty, Ty::List(_) | Ty::Array(..) | Ty::Slice | Ty::Maybe(_)))
                .map(|v| v.id)
                .collect();
            if !lists.is_empty() {
                let id = *self.rng.pick(&lists);
                return Some(self.list_source(id));
            }
        }
        let (num, str) = (&Ty::Num, &Ty::Str);
        let forms: Vec<(Form, Vec<Ty>, C)> = vec![
            (Form::new("0..3usize", &[], Ty::Unit), vec![Ty::Num], C::ForRange),
            (Form::new("0..@ % 4", &[T::Num], Ty::Unit), vec![Ty::Num], C::ForRange),
            (Form::new("1..=@ % 3", &[T::Num], Ty::Unit), vec![Ty::Num], C::ForRange),
            (Form::new("@.split(' ')", &[T::StrPlace], Ty::Unit).lends(&[0]), vec![Ty::Str], C::ForIterator),
            (
                Form::new("@.iter()", &[T::NumsPlace], Ty::Unit).lends(&[0]),
                vec![num.reference()],
                C::ForIterator,
            ),
            (Form::new("@.iter().copied()", &[T::NumsPlace], Ty::Unit), vec![Ty::Num], C::ForIterator),
            (
                Form::new("@.iter().copied().enumerate()", &[T::NumsPlace], Ty::Unit),
                vec![Ty::Num, Ty::Num],
                C::ForIterator,
            ),
            (
                Form::new("@.iter().enumerate()", &[T::WordsPlace], Ty::Unit).lends(&[0]),
                vec![Ty::Num, str.reference()],
                C::ForIterator,
            ),
            (Form::new("[@, @]", &[T::Num, T::Num], Ty::Unit), vec![Ty::Num], C::ForOwned),
            (
                Form::new("[@, @]", &[T::StrExact, T::StrExact], Ty::Unit).lends(&[0, 1]),
                vec![Ty::Str],
                C::ForOwned,
            ),
        ];
        let weights = [8, 7, 7, 5, 4, 4, 4, 5, 2, 2];
        let (form, items, construct) = forms[self.rng.weighted(&weights)?].clone();
        let written = self.write(&form, Id::MAX, &[])?;
        // Both numbers of a pair are copies; only what is borrowed lends on.
        Some(Source { text: written.text, items, from: written.flows, construct })
    }

    /// A list as it stands: borrowed or by value.
    fn list_source(&mut self, id: Id) -> Source {
        let value = self.scope.get(id).clone();
        let (of, by_value) = match &value.ty {
            Ty::List(of) => ((**of).clone(), self.scope.allows(id, Use::Take)),
            Ty::Array(of, _) | Ty::Maybe(of) => {
                ((**of).clone(), value.ty.is_copy() || self.scope.allows(id, Use::Take))
            }
            // Its items are references as it stands.
            _ => (Ty::Num.reference(), true),
        };
        let mut from = value.from.clone();
        if by_value && self.rng.chance(40) || value.ty == Ty::Slice {
            self.consume(id, if value.ty.is_copy() { Use::Read } else { Use::Take });
            return Source { text: value.name, items: vec![of], from, construct: C::ForOwned };
        }
        self.consume(id, Use::Read);
        from.push(id);
        Source {
            text: format!("&{}", value.name),
            items: vec![of.reference()],
            from,
            construct: C::ForBorrowed,
        }
    }

    /// `[op(a), op(b)]`
    pub(super) fn array(&mut self) -> Option<Made> {
        let first = self.node(|ty| !matches!(ty, Ty::Unit), Id::MAX, &[])?;
        let ty = first.ty.clone();
        let mut flows = first.flows;
        let mut elements = vec![first.value];
        for _ in 0..=self.rng.below(2) {
            let made = self.node(|other| *other == ty, Id::MAX, &flows)?;
            flows.extend(made.flows);
            elements.push(made.value);
        }
        self.see(C::Array);
        let length = elements.len();
        Some(Made { value: Expression::Array(elements), ty: Ty::Array(Box::new(ty), length), flows })
    }

    /// `(op(a), op(b))`
    pub(super) fn tuple(&mut self) -> Option<Made> {
        let left = self.node(|ty| *ty != Ty::Unit, Id::MAX, &[])?;
        let right = self.node(|ty| *ty != Ty::Unit, Id::MAX, &left.flows)?;
        self.see(C::Tuple);
        let ty = left.ty.pair(&right.ty);
        let flows = left.flows.into_iter().chain(right.flows).collect();
        Some(Made { value: Expression::Tuple(vec![left.value, right.value]), ty, flows })
    }
}
