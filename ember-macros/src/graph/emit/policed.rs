//! A graph with policies of its own: by its name stands the node behind them, which calls the function of the graph, and
//! beside that the graph as it is.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;

use super::super::function;
use super::super::model::Graph;
use crate::diagnostics::Diagnostics;
use crate::span::at;

/// The hidden type that carries the graph itself.
pub(super) fn node(graph: &Graph) -> Ident {
    let name = &graph.sig.ident;
    if graph.options.policies.is_said() {
        format_ident!("__{}_without_policies", name.unraw(), span = at(name.span()))
    } else {
        name.clone()
    }
}

/// The node behind the policies, if there are any. `many` are the functions for many inputs.
pub(super) fn behind(graph: &Graph, many: &TokenStream, diagnostics: &mut Diagnostics) -> TokenStream {
    let Graph { attrs, vis, sig, parameters, options, .. } = graph;
    let (krate, graph_itself) = (&options.krate, node(graph));
    let beside = quote! {
        /// The graph as constant data: its nodes, its edges, and the pictures of them.
        #[must_use]
        #vis fn describe() -> &'static #krate::graph::Description<'static> {
            #graph_itself::describe()
        }

        /// The graph with what its runs have cost, and the way that the next one would take.
        #[must_use]
        #vis fn explain() -> #krate::Explanation {
            #graph_itself::explain()
        }

        #many

        #[doc(hidden)]
        #vis fn __graph(self) -> ::core::option::Option<&'static #krate::graph::Description<'static>> {
            ::core::option::Option::Some(Self::describe())
        }
    };
    options.policies.node(&function(attrs, vis, sig), parameters, &beside, diagnostics)
}
