//! The compiler of ember: `#[operator]`, `graph!` and `#[graph_fn]`.
//!
//! Use them through the facade crate `ember`, whose guide describes the language.
#![forbid(unsafe_code)]

extern crate proc_macro;

mod diagnostics;
mod duration;
mod graph;
mod operator;
mod source;
mod span;

use proc_macro::TokenStream;

/// Makes a function a node that graphs can hold.
///
/// The function stays as it is: it can be called, tested and documented like any other. In a graph the same name
/// is the node.
///
/// A parameter of type `&Context` gets the run's context; calls in a graph leave it out. `#[cx]` on a parameter says
/// so for types of other names, `#[arg]` that a `&Context` is an ordinary argument.
///
/// # Arguments
///
/// - `crate = path`: where the `ember` crate is found, if it was renamed.
/// - `inline`: the operator is cheap enough to run where it is called. In `async` graphs operators run on the pool unless
///   they say this, or turn out to be.
/// - `blocking`: the operator waits without being `async`. In `async` graphs it runs on threads that are there for this
///   (with ember's feature `tokio`).
/// - `idempotent`: calling the operator twice does no harm, so that it may be retried and hedged.
/// - `retry`, `timeout`, `deadline`, `breaker`, `concurrency`, `rate`, `limit`, `cache`, `fallback`, `validate`: policies, which
///   the guide describes. They are those of the node; a plain call of the function has none.
/// - `associated`: the function is associated with a type (`Model::load`), without a `self`. Needed only where
///   neither the signature nor the body says `Self`, in an `impl` block that a macro writes.
#[proc_macro_attribute]
pub fn operator(arguments: TokenStream, item: TokenStream) -> TokenStream {
    operator::expand(arguments.into(), &item.into()).into()
}

/// Takes `[path to ember] graph ..`: what the facade's `graph!` hands on.
#[doc(hidden)]
#[proc_macro]
pub fn __graph(input: TokenStream) -> TokenStream {
    graph::expand(input.into()).into()
}

/// The same language as `graph!`, written as an attribute on a function, so that `rustfmt` formats it.
///
/// # Arguments
///
/// - `crate = path`: where the `ember` crate is found, if it was renamed.
/// - `fail_fast`: a failure stops all nodes, not only those that stand later in the source.
#[proc_macro_attribute]
pub fn graph_fn(arguments: TokenStream, item: TokenStream) -> TokenStream {
    graph::expand_attribute(arguments.into(), &item.into()).into()
}
