//! What can stand in an argument's place: the values in scope, and the ways of handing them over.

use super::forms::Take;
use super::types::Ty;
use super::values::{Id, Use, Value};

/// One way of filling a place.
#[derive(Clone)]
pub(super) struct Argument {
    pub(super) text: String,
    pub(super) uses: Vec<(Id, Use)>,
    /// What a result that borrows from this argument borrows from.
    pub(super) flows: Vec<Id>,
    pub(super) weight: usize,
    /// Borrows something that is gone after the call, so no result may keep it.
    pub(super) passing: bool,
}

impl Argument {
    /// A way that depends on no value.
    pub(super) fn literal(text: &str, weight: usize) -> Self {
        Self { text: text.into(), uses: Vec::new(), flows: Vec::new(), weight, passing: false }
    }

    /// A use of `value`, whose text is `template` with the name for `@`.
    fn of(value: &Value, template: &str, how: Use, weight: usize) -> Self {
        let text = template.replace('@', &value.name);
        Self { text, uses: vec![(value.id, how)], flows: value.from.clone(), weight, passing: false }
    }

    /// The same, where a result may borrow from the value itself.
    fn lent(value: &Value, template: &str, weight: usize) -> Self {
        let mut argument = Self::of(value, template, Use::Read, weight);
        argument.flows.push(value.id);
        argument
    }

    /// A method's receiver: an exclusive use where the binding is `mut`, which no result may outlive.
    fn receiver(value: &Value, template: &str, weight: usize) -> Self {
        let how = if value.mutable { Use::Change } else { Use::Read };
        Self {
            passing: value.mutable,
            ..Self { uses: vec![(value.id, how)], ..Self::lent(value, template, weight) }
        }
    }
}

/// All ways in which `value` fits into `take`.
#[expect(clippy::too_many_lines, clippy::match_same_arms, reason = "a table, read row by row")]
pub(super) fn ways(take: Take, value: &Value) -> Vec<Argument> {
    use Use::{Change, Read, TakePart};
    let by_value = if value.ty.is_copy() { Read } else { Use::Take };
    let of = |template, how, weight| Argument::of(value, template, how, weight);
    let lent = |template, weight| Argument::lent(value, template, weight);
    let receiver = |template, weight| Argument::receiver(value, template, weight);
    let owned = |weight| {
        let mut found = vec![of("@", by_value, weight)];
        if value.ty.is_cloned() && !value.ty.is_copy() {
            found.push(receiver("@.clone()", weight / 3));
        }
        found
    };
    let inner = match &value.ty {
        Ty::Ref(inner) | Ty::List(inner) | Ty::Array(inner, _) | Ty::Maybe(inner) => Some(&**inner),
        _ => None,
    };
    let is_ref = matches!(value.ty, Ty::Ref(_));
    let is_list = matches!(value.ty, Ty::List(_));
    let is_array = matches!(value.ty, Ty::Array(..));
    let list_of = |ty: &Ty| is_list && inner == Some(ty);
    let ref_to = |ty: &Ty| is_ref && inner == Some(ty);
    match (take, &value.ty) {
        (Take::Num, Ty::Num) => vec![of("@", Read, 12)],
        (Take::Num, Ty::Ref(to)) if **to == Ty::Num => vec![of("*@", Read, 12)],
        (Take::Num, Ty::Array(of_type, _)) if **of_type == Ty::Num => vec![of("@[1]", Read, 3)],
        (Take::Num, Ty::Record) => vec![of("@.count", Read, 3)],
        (Take::Num, Ty::List(_) | Ty::Text | Ty::Str) => vec![receiver("@.len()", 1)],
        (Take::Num, Ty::Model) => vec![of("@.factor", Read, 1)],
        (Take::Num, Ty::Pair(left, right)) => {
            let parts = [(left, "@.0"), (right, "@.1")];
            parts
                .into_iter()
                .filter(|(of_type, _)| ***of_type == Ty::Num)
                .map(|(_, at)| of(at, Read, 6))
                .collect()
        }

        (Take::NumRef, Ty::Num) => vec![lent("&@", 8)],
        (Take::NumRef, Ty::Ref(to)) if **to == Ty::Num => vec![of("@", Read, 8)],
        (Take::NumRef, Ty::Record) => vec![lent("&@.count", 2)],
        (Take::NumRef, Ty::Array(of_type, _)) if **of_type == Ty::Num => vec![lent("&@[0]", 2)],

        (Take::Bool, Ty::Bool) => vec![of("@", Read, 8)],
        (Take::Bool, Ty::Ref(to)) if **to == Ty::Bool => vec![of("*@", Read, 8)],

        (Take::Str, Ty::Text) => {
            vec![lent("&@", 12), receiver("@.as_str()", 2), receiver("@.trim()", 1), lent("&@[..]", 1)]
        }
        (Take::StrExact, Ty::Text) => vec![lent("&@[..]", 6)],
        (Take::Str, Ty::Pair(left, _)) if **left == Ty::Text => vec![lent("&@.0", 6)],
        (Take::Str | Take::StrExact, Ty::Pair(left, _)) if **left == Ty::Str => vec![of("@.0", Read, 6)],
        (Take::Str, Ty::Array(of_type, _)) if **of_type == Ty::Text => vec![lent("&@[0]", 6)],
        (Take::Str | Take::StrExact, Ty::Array(of_type, _)) if **of_type == Ty::Str => {
            vec![of("@[0]", Read, 6)]
        }
        (Take::StrExact, Ty::Str) => vec![of("@", Read, 12)],
        (Take::StrExact, Ty::Ref(to)) if **to == Ty::Text => vec![of("@.as_str()", Read, 8)],
        (Take::Str | Take::StrPlace, Ty::Str) => vec![of("@", Read, 14)],
        (Take::Str | Take::StrPlace, Ty::Ref(to)) if matches!(**to, Ty::Text | Ty::Str) => {
            vec![of("@", Read, 14)]
        }
        (Take::Str, Ty::Record) => vec![lent("&@.name", 4)],
        (Take::Str, Ty::Maybe(of_type)) if **of_type == Ty::Str => vec![receiver("@.unwrap_or(\"none\")", 6)],
        (Take::StrPlace, Ty::Text) => vec![receiver("@", 8)],
        (Take::StrPlace, Ty::Record) if !value.mutable => vec![lent("@.name", 2)],

        (Take::Text, Ty::Text) => owned(12),
        (Take::Text, Ty::Str) => vec![of("@.to_owned()", Read, 2)],
        (Take::Text, Ty::Ref(to)) if matches!(**to, Ty::Text | Ty::Str) => vec![of("@.to_string()", Read, 4)],
        (Take::Text, Ty::Record) => vec![of("@.name", TakePart, 20)],
        (Take::Text, Ty::Pair(left, _)) if **left == Ty::Text => vec![of("@.0", TakePart, 12)],

        (Take::AsStr, Ty::Text) => vec![of("@", by_value, 6), lent("&@", 6), receiver("@.as_str()", 2)],
        (Take::AsStr, Ty::Str) => vec![of("@", Read, 8)],
        (Take::AsStr, Ty::Ref(to)) if matches!(**to, Ty::Text | Ty::Str) => vec![of("@", Read, 8)],

        (Take::Strs, _) if list_of(&Ty::Str) => {
            vec![lent("&@", 12), lent("&@[..]", 2), receiver("@.as_slice()", 1)]
        }
        (Take::Strs, _) if is_array && inner == Some(&Ty::Str) => vec![lent("&@", 8)],
        (Take::Strs, _) if ref_to(&Ty::Str.list()) => vec![of("@", Read, 8)],
        (Take::Words, _) if list_of(&Ty::Str) => owned(12),
        (Take::Texts, _) if list_of(&Ty::Text) => vec![lent("&@", 12), lent("&@[..]", 2)],

        (Take::NumSlice, _) if list_of(&Ty::Num) => {
            vec![lent("&@", 12), lent("&@[..]", 2), receiver("@.as_slice()", 1)]
        }
        (Take::NumSlice, _) if is_array && inner == Some(&Ty::Num) => vec![lent("&@", 8)],
        (Take::NumSlice, Ty::Slice) => vec![of("@", Read, 8)],
        (Take::NumSlice, _) if ref_to(&Ty::Num.list()) => vec![of("@", Read, 8)],
        (Take::Nums, _) if list_of(&Ty::Num) => owned(12),
        (Take::Nums, Ty::Slice) => vec![of("@.to_vec()", Read, 3)],
        (Take::NumsMut, _) if list_of(&Ty::Num) => vec![of("&mut @", Change, 8)],
        (Take::Array, _) if is_array && inner == Some(&Ty::Num) => vec![of("@", Read, 8)],

        (Take::Fn, Ty::Closure { copied }) => {
            let mut found = vec![lent("&@", 8)];
            if *copied {
                found.push(of("@", Read, 8));
            }
            found
        }
        (Take::RecordRef, Ty::Record) => vec![lent("&@", 8)],
        (Take::RecordRef, _) if ref_to(&Ty::Record) => vec![of("@", Read, 8)],
        (Take::Record, Ty::Record) => owned(8),
        (Take::Tally, Ty::Tally) => vec![lent("&@", 8)],
        (Take::Tally, _) if ref_to(&Ty::Tally) => vec![of("@", Read, 8)],
        (Take::TallyOwned, Ty::Tally) => vec![of("@.clone()", Read, 8)],
        (Take::TallyOwned, _) if ref_to(&Ty::Tally) => vec![of("@.clone()", Read, 8)],
        (Take::Tracked, Ty::Tracked) => owned(8),
        (Take::TrackedRef, Ty::Tracked) => vec![lent("&@", 8)],
        (Take::TrackedRef, _) if ref_to(&Ty::Tracked) => vec![of("@", Read, 8)],
        (Take::View, Ty::View) => vec![of("@", Use::Take, 8)],
        (Take::ViewRef, Ty::View) => vec![lent("&@", 8)],
        (Take::ViewRef, _) if ref_to(&Ty::View) => vec![of("@", Read, 8)],
        (Take::OutcomeRef, Ty::Outcome(..)) => vec![lent("&@", 8)],
        (Take::Outcome, Ty::Outcome(of_type, _)) if **of_type == Ty::Num => vec![of("@", Use::Take, 8)],
        (Take::Model, Ty::Model) => vec![of("@", Use::Take, 4)],
        (Take::ModelPlace, Ty::Model) => vec![receiver("@", 8)],
        (Take::ModelPlace, _) if ref_to(&Ty::Model) => vec![of("@", Read, 8)],
        (Take::NumsPlace, _) if list_of(&Ty::Num) => vec![receiver("@", 8)],
        (Take::NumsPlace, Ty::Slice) => vec![of("@", Read, 8)],
        (Take::NumsPlace, _) if is_array && inner == Some(&Ty::Num) => vec![receiver("@", 4)],
        (Take::WordsPlace, _) if list_of(&Ty::Str) => vec![receiver("@", 8)],

        (Take::NumPlaceMut, Ty::Num) => vec![of("@", Change, 8)],
        (Take::NumsPlaceMut, _) if list_of(&Ty::Num) => vec![of("@", Change, 8)],
        (Take::TextPlaceMut, Ty::Text) => vec![of("@", Change, 8)],
        (Take::RecordPlaceMut, Ty::Record) => vec![of("@", Change, 8)],
        (Take::ModelPlaceMut, Ty::Model) => vec![of("@", Change, 8)],

        (Take::NumName, Ty::Num) if !value.mutable => vec![lent("@", 8)],
        (Take::NumCopied, Ty::Num) => vec![of("@", Read, 8)],
        (Take::TextName, Ty::Text) if !value.mutable => vec![lent("@", 8)],
        (Take::RecordName, Ty::Record) if !value.mutable => vec![lent("@", 8)],
        (Take::NumsName, _) if list_of(&Ty::Num) && !value.mutable => vec![lent("@", 8)],
        (Take::Callee, Ty::Closure { .. }) => vec![of("@", Read, 8)],
        (Take::NamePart, Ty::Record) => vec![of("@.name", TakePart, 8)],
        (Take::TextTaken, Ty::Text) => vec![of("@", Use::Take, 8)],
        (Take::Shown, ty) if ty.is_displayed() => vec![of("@", Read, 8)],
        (Take::Debugged, ty) if ty.is_debugged() => vec![of("@", Read, 8)],
        _ => Vec::new(),
    }
}

/// What stands in a place where no value fits; `None` where the call is given up.
pub(super) fn literals(take: Take) -> Vec<Argument> {
    let literal = |text| Argument::literal(text, 1);
    match take {
        Take::Num => vec![literal("7usize"), literal("40usize")],
        Take::Bool => vec![literal("true"), literal("false")],
        Take::Str | Take::StrExact | Take::AsStr => vec![literal("\"red fox\""), literal("\"8\"")],
        Take::Text => vec![literal("String::from(\"blue\")"), literal("\"a b\".to_owned()")],
        Take::Nums => vec![literal("Vec::new()")],
        Take::Array => vec![literal("[1usize, 2]")],
        _ => Vec::new(),
    }
}
