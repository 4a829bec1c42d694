//! The types that values of a random graph have.

/// A type, as far as the generator must know it to write lines that compile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ty {
    Unit,
    Num,
    Bool,
    Text,
    Str,
    /// `&[usize]`, of a parameter.
    Slice,
    Array(Box<Ty>, usize),
    Record,
    Model,
    Kind,
    Tally,
    Tracked,
    View,
    /// From `usize` to `usize`; copied unless it owns what it captured.
    Closure {
        copied: bool,
    },
    Ref(Box<Ty>),
    List(Box<Ty>),
    Maybe(Box<Ty>),
    Outcome(Box<Ty>, Fault),
    Fault(Fault),
    Pair(Box<Ty>, Box<Ty>),
}

/// The error types of operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Parse,
    Format,
    Words,
    Refused,
}

impl Ty {
    pub(super) fn reference(&self) -> Self {
        Self::Ref(Box::new(self.clone()))
    }

    pub(super) fn list(&self) -> Self {
        Self::List(Box::new(self.clone()))
    }

    pub(super) fn maybe(&self) -> Self {
        Self::Maybe(Box::new(self.clone()))
    }

    pub(super) fn pair(&self, right: &Self) -> Self {
        Self::Pair(Box::new(self.clone()), Box::new(right.clone()))
    }

    pub(super) fn triple() -> Self {
        Self::Array(Box::new(Self::Num), 3)
    }

    /// Whether a use by value leaves the value where it is.
    pub(super) fn is_copy(&self) -> bool {
        match self {
            Self::Unit | Self::Num | Self::Bool | Self::Str | Self::Slice | Self::Ref(_) => true,
            Self::Closure { copied } => *copied,
            Self::Array(inner, _) | Self::Maybe(inner) => inner.is_copy(),
            Self::Pair(left, right) => left.is_copy() && right.is_copy(),
            _ => false,
        }
    }

    /// Whether its drop uses what it borrows, so that the borrow lasts as long as the value does.
    pub(super) fn guards(&self) -> bool {
        match self {
            Self::View => true,
            Self::Array(inner, _) | Self::List(inner) | Self::Maybe(inner) | Self::Outcome(inner, _) => {
                inner.guards()
            }
            Self::Pair(left, right) => left.guards() || right.guards(),
            _ => false,
        }
    }

    pub(super) fn is_cloned(&self) -> bool {
        match self {
            Self::View | Self::Closure { .. } => false,
            Self::Array(inner, _) | Self::List(inner) | Self::Maybe(inner) | Self::Outcome(inner, _) => {
                inner.is_cloned()
            }
            Self::Pair(left, right) => left.is_cloned() && right.is_cloned(),
            _ => true,
        }
    }

    /// Whether `{}` shows it.
    pub(super) fn is_displayed(&self) -> bool {
        match self {
            Self::Num | Self::Bool | Self::Text | Self::Str | Self::Fault(_) => true,
            Self::Ref(inner) => inner.is_displayed(),
            _ => false,
        }
    }

    /// Whether `{:?}` shows it, with nothing in it that differs from run to run.
    pub(super) fn is_debugged(&self) -> bool {
        match self {
            Self::Closure { .. } | Self::Tally => false,
            Self::Ref(inner)
            | Self::Array(inner, _)
            | Self::List(inner)
            | Self::Maybe(inner)
            | Self::Outcome(inner, _) => inner.is_debugged(),
            Self::Pair(left, right) => left.is_debugged() && right.is_debugged(),
            // `View` shows what it borrows.
            _ => true,
        }
    }

    /// The type as a signature writes it; all borrows share the one lifetime of the graph.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Unit => "()".into(),
            Self::Num => "usize".into(),
            Self::Bool => "bool".into(),
            Self::Text => "String".into(),
            Self::Str => "&'a str".into(),
            Self::Slice => "&'a [usize]".into(),
            Self::Array(inner, length) => format!("[{}; {length}]", inner.text()),
            Self::Record => "Record".into(),
            Self::Model => "Model".into(),
            Self::Kind => "Kind".into(),
            Self::Tally => "Tally".into(),
            Self::Tracked => "Tracked".into(),
            Self::View => "View<'a>".into(),
            // A borrowed tally lends nothing to any value.
            Self::Ref(inner) if **inner == Self::Tally => "&Tally".into(),
            Self::Ref(inner) => format!("&'a {}", inner.text()),
            Self::List(inner) => format!("Vec<{}>", inner.text()),
            Self::Maybe(inner) => format!("Option<{}>", inner.text()),
            Self::Outcome(inner, fault) => format!("Result<{}, {}>", inner.text(), fault.text()),
            Self::Fault(fault) => fault.text().into(),
            Self::Pair(left, right) => format!("({}, {})", left.text(), right.text()),
            Self::Closure { .. } => unreachable!("{self:?} has no name"),
        }
    }
}

impl Fault {
    fn text(self) -> &'static str {
        match self {
            Self::Parse => "std::num::ParseIntError",
            Self::Format => "std::fmt::Error",
            Self::Words => "String",
            Self::Refused => "ember_random_graphs::ops::Refused",
        }
    }
}
