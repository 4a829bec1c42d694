//! The table of operators: how each is called, with what, and what comes out.

use std::borrow::Cow;

use super::construct::Construct;
use super::types::{Fault, Ty};

/// What an argument's place accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Take {
    Num,
    NumRef,
    Bool,
    Str,
    /// Where nothing coerces a reference to `&str`.
    StrExact,
    Text,
    AsStr,
    Strs,
    Words,
    Texts,
    NumSlice,
    Nums,
    NumsMut,
    Array,
    Fn,
    RecordRef,
    Record,
    Tally,
    TallyOwned,
    Tracked,
    TrackedRef,
    View,
    ViewRef,
    OutcomeRef,
    Outcome,
    Model,
    /// Places that stand before a dot.
    StrPlace,
    NumsPlace,
    WordsPlace,
    ModelPlace,
    /// Places that are changed.
    NumPlaceMut,
    NumsPlaceMut,
    TextPlaceMut,
    RecordPlaceMut,
    ModelPlaceMut,
    /// Bare names, which closures and `format!` capture.
    NumName,
    NumCopied,
    TextName,
    TextTaken,
    RecordName,
    NumsName,
    /// A closure that is called.
    Callee,
    NamePart,
    Shown,
    Debugged,
}

/// A way of writing an expression: a template with an `@` for each argument.
#[derive(Clone)]
pub(super) struct Form {
    pub(super) template: Cow<'static, str>,
    pub(super) takes: Cow<'static, [Take]>,
    pub(super) gives: Ty,
    /// The arguments that the result borrows from.
    pub(super) lends: Cow<'static, [usize]>,
    /// The error of an operator that gives a `Result`; of glue, that its template holds a `?`.
    pub(super) fault: Option<Fault>,
    pub(super) weight: usize,
    pub(super) shows: &'static [Construct],
}

impl Form {
    pub(super) fn new(template: &'static str, takes: &'static [Take], gives: Ty) -> Self {
        let (template, takes, lends) =
            (Cow::Borrowed(template), Cow::Borrowed(takes), Cow::Borrowed(&[][..]));
        Self { template, takes, gives, lends, fault: None, weight: 4, shows: &[] }
    }

    /// The arguments of a call, without the name and the parentheses.
    pub(super) fn list(takes: Vec<Take>, lends: Vec<usize>) -> Self {
        let template = vec!["@"; takes.len()].join(", ");
        Self {
            template: template.into(),
            takes: takes.into(),
            lends: lends.into(),
            ..Self::new("", &[], Ty::Unit)
        }
    }

    pub(super) fn lends(self, lends: &'static [usize]) -> Self {
        Self { lends: lends.into(), ..self }
    }

    pub(super) fn fails(self, fault: Fault) -> Self {
        Self { fault: Some(fault), ..self }
    }

    pub(super) fn weight(self, weight: usize) -> Self {
        Self { weight, ..self }
    }

    pub(super) fn shows(self, shows: &'static [Construct]) -> Self {
        Self { shows, ..self }
    }

    /// The template with its arguments in place.
    pub(super) fn write<S: AsRef<str>>(&self, arguments: &[S]) -> String {
        let mut pieces = self.template.split('@');
        let mut text = pieces.next().unwrap_or_default().to_owned();
        for (piece, argument) in pieces.zip(arguments) {
            text.push_str(argument.as_ref());
            text.push_str(piece);
        }
        text
    }
}

/// All operators; those that belong to no type come as bare names.
pub(super) fn operators() -> Vec<Form> {
    use Construct as C;
    use Take as T;
    let (num, text, str, triple) = (&Ty::Num, &Ty::Text, &Ty::Str, Ty::triple());
    vec![
        Form::new("greeting()", &[], Ty::Str).weight(1),
        Form::new("up(@)", &[T::Str], Ty::Text),
        Form::new("words(@)", &[T::Str], str.list()).lends(&[0]).weight(9),
        Form::new("longest(@)", &[T::Strs], Ty::Str).lends(&[0]).weight(7),
        Form::new("head(@)", &[T::Strs], str.maybe()).lends(&[0]),
        Form::new("either(@, @, @)", &[T::Str, T::Str, T::Bool], Ty::Str).lends(&[0, 1]),
        Form::new("halves(@)", &[T::Str], str.pair(str)).lends(&[0]).weight(5),
        Form::new("cat(@, @)", &[T::Str, T::Str], Ty::Text).weight(7),
        Form::new("label(@, @)", &[T::Str, T::Num], Ty::Text),
        Form::new("phrase(@)", &[T::Str], Ty::Text).weight(2),
        Form::new("gather(@)", &[T::Texts], Ty::Text),
        Form::new("seal(@)", &[T::Text], Ty::Num).weight(7),
        Form::new("drain(@)", &[T::Words], Ty::Num).weight(7),
        Form::new("measure(@)", &[T::AsStr], Ty::Num).weight(6).shows(&[C::Generic]),
        Form::new("polish(@)", &[T::Text], Ty::Text).weight(5),
        Form::new("count_apart(@)", &[T::Text], text.pair(num)).weight(5),
        Form::new("number(@)", &[T::Str], Ty::Num).fails(Fault::Parse).weight(2),
        Form::new("origin()", &[], Ty::Num).weight(1),
        Form::new("add(@, @)", &[T::Num, T::Num], Ty::Num).weight(10),
        Form::new("blend(@, @, @)", &[T::Num, T::Num, T::Num], Ty::Num).weight(7),
        Form::new("bump(@)", &[T::NumRef], Ty::Num),
        Form::new("odd(@)", &[T::Num], Ty::Bool).weight(2),
        Form::new("small(@)", &[T::NumSlice], Ty::Bool).weight(2),
        Form::new("ladder(@)", &[T::Num], num.list()).weight(6),
        Form::new("total(@)", &[T::NumSlice], Ty::Num).weight(5),
        Form::new("spend(@)", &[T::Nums], Ty::Num),
        Form::new("grow(@)", &[T::Nums], num.list()).weight(5),
        Form::new("push(@, @)", &[T::NumsMut, T::Num], Ty::Unit).weight(6).shows(&[C::ChangeByNode]),
        Form::new("append(@, @)", &[T::NumsMut, T::Num], Ty::Num).weight(8).shows(&[C::ChangeByNode]),
        Form::new("triple(@)", &[T::Num], triple.clone()).weight(5),
        Form::new("sum_of(@)", &[T::Array], Ty::Num).weight(6).shows(&[C::ConstGeneric]),
        Form::new("times::<3>(@)", &[T::Num], triple).weight(2).shows(&[C::ConstGeneric]),
        Form::new("apply(@, @)", &[T::Fn, T::Num], Ty::Num).weight(8).shows(&[C::FnArgument]),
        Form::new("half(@)", &[T::Num], num.maybe()),
        Form::new("kind(@)", &[T::Num], Ty::Kind),
        Form::new("check(@)", &[T::Num], Ty::Num).fails(Fault::Format).weight(12),
        Form::new("verify(@)", &[T::Num], Ty::Unit).fails(Fault::Words).weight(7),
        Form::new("divide(@, @)", &[T::Num, T::Num], Ty::Num).fails(Fault::Refused).weight(6),
        Form::new("settled(@)", &[T::OutcomeRef], Ty::Bool).shows(&[C::Generic]),
        Form::new("record(@, @)", &[T::Text, T::Num], Ty::Record).weight(6),
        Form::new("weigh(@)", &[T::RecordRef], Ty::Num).weight(5),
        Form::new("rename(@, @)", &[T::Record, T::Str], Ty::Record).weight(5),
        Form::new("model(@)", &[T::Num], Ty::Model).weight(5),
        Form::new("@.forward(@)", &[T::ModelPlace, T::Num], Ty::Num).weight(14).shows(&[C::MethodNode]),
        Form::new("@.read(@)", &[T::ModelPlace, T::Str], Ty::Text)
            .fails(Fault::Refused)
            .weight(8)
            .shows(&[C::MethodNode]),
        Form::new("@.learn(@)", &[T::ModelPlaceMut, T::Num], Ty::Unit).weight(8).shows(&[C::MethodNode]),
        Form::new("@.into_total()", &[T::Model], Ty::Num).weight(3).shows(&[C::MethodNode]),
        Form::new("make(@, @)", &[T::Tally, T::Num], Ty::Tracked).weight(9).shows(&[C::Counted]),
        Form::new("risk(@, @)", &[T::Tally, T::Num], Ty::Tracked).fails(Fault::Refused).shows(&[C::Counted]),
        Form::new("peek(@)", &[T::TrackedRef], Ty::Num).weight(7),
        Form::new("merge(@, @)", &[T::Tracked, T::TrackedRef], Ty::Tracked).weight(7),
        Form::new("again(@)", &[T::Tracked], Ty::Tracked).weight(4),
        Form::new("retire(@)", &[T::Tracked], Ty::Num).weight(6),
        Form::new("view(@)", &[T::TrackedRef], Ty::View).lends(&[0]).weight(7).shows(&[C::Guard]),
        Form::new("glance(@)", &[T::ViewRef], Ty::Num).weight(5),
        Form::new("close(@)", &[T::View], Ty::Num).weight(5),
        Form::new("mark(@, #, @)", &[T::Tally, T::Num], Ty::Num).weight(8),
    ]
}
