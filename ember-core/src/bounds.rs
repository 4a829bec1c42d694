//! What may cross between threads, and what an operator and a graph must be, in words that a person understands.
//!
//! Each trait here only renames a bound of the standard library, so that a violation is reported in the
//! terms of a graph and at the user's own token.

use crate::home::Settled;
use crate::slot::{Baton, Lent, Slot};

/// A value that later nodes on other threads read by reference.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be shared between the nodes of a graph",
    label = "this value crosses to a parallel node, but `{Self}` is not `Send + Sync`",
    note = "nodes that do not depend on each other run on several threads; use `Arc`, `Mutex` or an atomic where there is an `Rc`, `RefCell` or `Cell`, or put what needs it into one operator; a type parameter needs `T: Send + Sync`"
)]
pub trait Crosses: Sized {
    /// An empty slot for the value. A function of the trait, and not of the slot, so that a violation names the value
    /// alone.
    fn slot() -> Slot<Self>;
    /// An empty slot for what the value is settled in.
    fn slot_of_settled<S: Settled<Value = Self>>() -> Slot<S>;
}
#[diagnostic::do_not_recommend]
impl<T: Send + Sync> Crosses for T {
    #[inline(always)]
    fn slot() -> Slot<Self> {
        Slot::new()
    }
    #[inline(always)]
    fn slot_of_settled<S: Settled<Value = Self>>() -> Slot<S> {
        Slot::asked_later()
    }
}

/// A value that moves to a node on another thread.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent to another node of the graph",
    label = "this value moves to a parallel node, but `{Self}` is not `Send`",
    note = "nodes that do not depend on each other run on several threads; use `Arc`, `Mutex` or an atomic where there is an `Rc`, `RefCell` or `Cell`, or put what needs it into one operator; a type parameter needs `T: Send + Sync`"
)]
pub trait CrossesByValue: Sized {
    /// An empty baton for the value.
    fn baton() -> Baton<Self>;
    /// A baton that holds the value.
    fn handed(self) -> Baton<Self>;
    /// An empty baton for what the value is settled in.
    fn baton_of_settled<S: Settled<Value = Self>>() -> Baton<S>;
    /// A baton that holds what the value is settled in.
    fn handed_settled<S: Settled<Value = Self>>(settled: S) -> Baton<S>;
}
#[diagnostic::do_not_recommend]
impl<T: Send> CrossesByValue for T {
    #[inline(always)]
    fn baton() -> Baton<Self> {
        Baton::new()
    }
    #[inline(always)]
    fn handed(self) -> Baton<Self> {
        Baton::full(self)
    }
    #[inline(always)]
    fn baton_of_settled<S: Settled<Value = Self>>() -> Baton<S> {
        Baton::asked_later()
    }
    #[inline(always)]
    fn handed_settled<S: Settled<Value = Self>>(settled: S) -> Baton<S> {
        let baton = Baton::asked_later();
        baton.set(settled);
        baton
    }
}

/// A value of the surroundings that parallel nodes read by reference.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be shared between the nodes of a graph",
    label = "parallel nodes use this value, but `{Self}` is not `Sync`",
    note = "nodes that do not depend on each other run on several threads; use `Arc`, `Mutex` or an atomic where there is an `Rc`, `RefCell` or `Cell`, or put what needs it into one operator; a type parameter needs `T: Send + Sync`"
)]
pub trait CrossesByReference {
    /// The value, lent to tasks.
    fn lend(&self) -> Lent<'_, Self>;
}
#[diagnostic::do_not_recommend]
impl<T: Sync + ?Sized> CrossesByReference for T {
    #[inline(always)]
    fn lend(&self) -> Lent<'_, Self> {
        Lent::new(self)
    }
}

/// A parameter whose type names a type parameter: the compiler's own words about `Sync` tell what to write there.
#[derive(Debug)]
pub enum SharedByNodes {}

impl SharedByNodes {
    /// The value, lent to tasks.
    #[inline(always)]
    pub fn lend<T: Sync + ?Sized>(value: &T) -> Lent<'_, T> {
        Lent::new(value)
    }
}

/// Of what the straight-line form returns beside its value: a type that hides which it is.
///
/// Whether a hidden type is `Send` the compiler knows only when it has checked the body that hides it, all borrows
/// included. The parallel form asks ([`checked`]), and when mistakes were found, it is not checked for them once more.
/// A hidden type that captures no lifetime would be known sooner.
pub trait Captures<'a> {}
impl<T: ?Sized> Captures<'_> for T {}

/// Lets the straight-line form be checked before the code that calls this.
#[inline(always)]
pub fn checked<T: Send>(_: T) {}

/// What an `async` graph can have as a parameter, whose calls other threads work on.
#[diagnostic::on_unimplemented(
    message = "`{T}` cannot be a parameter of an `async` graph that works on other threads",
    label = "`{T}` is not `Send`",
    note = "an operator that is not `async` runs on another thread, which may be the one that drops the graph's values; take `Arc`, `Mutex` or an atomic where there is an `Rc`, `RefCell` or `Cell`, or make the operators `async`"
)]
pub trait Keeps<T> {
    /// The same type. Where the bound does not hold, the compiler has said so, and says nothing more of the value.
    type Value;
    /// The value.
    fn kept(value: T) -> Self::Value;
}
#[diagnostic::do_not_recommend]
impl<T: Send> Keeps<T> for Frame {
    type Value = T;
    #[inline(always)]
    fn kept(value: T) -> T {
        value
    }
}

/// The same where the type names a type parameter: the compiler's own words about `Send` tell what to write there.
pub trait KeepsGeneric<T> {
    /// The same type.
    type Value;
    /// The value.
    fn kept(value: T) -> Self::Value;
}
impl<T: Send> KeepsGeneric<T> for Frame {
    type Value = T;
    #[inline(always)]
    fn kept(value: T) -> T {
        value
    }
}

/// What a graph keeps its values in.
#[derive(Debug)]
pub struct Frame;

/// A parameter of a graph that works on other threads.
#[inline(always)]
pub fn parameter<T>(value: T) -> <Frame as Keeps<T>>::Value
where
    Frame: Keeps<T>,
{
    <Frame as Keeps<T>>::kept(value)
}

/// The same, of a type that names a type parameter.
#[inline(always)]
pub fn generic_parameter<T>(value: T) -> <Frame as KeepsGeneric<T>>::Value
where
    Frame: KeepsGeneric<T>,
{
    <Frame as KeepsGeneric<T>>::kept(value)
}

/// Asks that a value owns its data.
#[inline(always)]
pub const fn owned<T: ?Sized + 'static>(_: &T) {}

/// An operator: what `#[operator]` and `graph!` make of a function.
#[diagnostic::on_unimplemented(
    message = "this function is not an operator",
    label = "a plain function, where a graph expects an operator",
    note = "write `#[operator]` above the function to make it a node, or put the call into braces to run it as plain Rust between the nodes: `{{ f(x) }}`, or `{{ f(x).await }}` if it is `async`"
)]
pub trait Operator<N> {
    /// The value that has the call: the operator's own.
    fn node(self) -> N;
}

/// What no synchronous operator is. The lifetime is there so that the bound is looked at where it is needed.
#[diagnostic::on_unimplemented(
    message = "the operator `{Self}` is not `async`, so there is nothing to await",
    label = "not `async`",
    note = "remove the `.await`, or make the operator an `async fn`, as the branches of `race!` must be"
)]
pub trait Asynchronous<'never> {}

/// What no `async` operator is.
#[diagnostic::on_unimplemented(
    message = "the operator `{Self}` is `async`, and nothing waits for it",
    label = "`async`, without `.await`",
    note = "write `.await` behind the call, or `.await?` if it can fail; the graph must be an `async fn` then"
)]
pub trait Synchronous<'never> {}

/// Stands for a hidden type where there will never be a value of it.
#[derive(Debug)]
pub enum NeverReturned {}

/// What stands where an operator should: messages name it.
#[derive(Debug)]
pub struct PlainFunction {}

/// What generated code finds under the names of its imports where a path names no operator.
pub mod not_operators {
    macro_rules! not_operators {
        ($($name:ident)*) => { $(
            #[doc(hidden)]
            pub use super::PlainFunction as $name;
        )* };
    }
    not_operators! {
        __operator0 __operator1 __operator2 __operator3 __operator4 __operator5 __operator6 __operator7
        __operator8 __operator9 __operator10 __operator11 __operator12 __operator13 __operator14 __operator15
        __operator16 __operator17 __operator18 __operator19 __operator20 __operator21 __operator22 __operator23
        __operator24 __operator25 __operator26 __operator27 __operator28 __operator29 __operator30 __operator31
        __operator32 __operator33 __operator34 __operator35 __operator36 __operator37 __operator38 __operator39
        __operator40 __operator41 __operator42 __operator43 __operator44 __operator45 __operator46 __operator47
        __operator48 __operator49 __operator50 __operator51 __operator52 __operator53 __operator54 __operator55
        __operator56 __operator57 __operator58 __operator59 __operator60 __operator61 __operator62 __operator63
    }
}

/// What rust-analyzer sees in the place of an operator: its name, which tells what it means, and its node, which can be
/// called. The compiler never sees it.
#[doc(hidden)]
pub trait Named: Sized {
    /// The node of this name.
    #[doc(hidden)]
    fn __as_node<N>(self, node: N) -> N {
        node
    }
}
impl<T> Named for T {}
