//! The method of a hidden type that graphs must not call: it says so.
//!
//! A call with `.await` goes to `call_async`, one without to `call`. A synchronous operator has a `call` that calls, an
//! `async` one a `call_async`; the other of the two cannot be called, because its bound never holds. But it has the
//! type that was meant, so the compiler reports the `.await` that is missing or too much, and nothing else.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::visit_mut::{self, VisitMut};
use syn::{Generics, ReturnType, Type, Visibility, parse_quote};

/// The name of the method that calls an operator.
pub(crate) fn call_name(asynchronous: bool, span: Span) -> Ident {
    Ident::new(if asynchronous { "call_async" } else { "call" }, span)
}

/// The method that cannot be called, beside the one that can. `operator` is the type that the message names.
pub(crate) fn twin(
    call: &Ident,
    operator: &TokenStream,
    vis: &Visibility,
    generics: &Generics,
    inputs: &TokenStream,
    output: &ReturnType,
    krate: &TokenStream,
) -> TokenStream {
    let (asynchronous, span) = (call == "call_async", call.span());
    let name = call_name(!asynchronous, span);
    let mut output = output.clone();
    Named(krate).visit_return_type_mut(&mut output);
    let output = match output {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, ty) => quote!(#ty),
    };
    // With a lifetime of its own the bound is looked at where the method is called, not here.
    let (output, bound) = if asynchronous {
        (output, quote!(for<'never> #operator: #krate::__private::Synchronous<'never>))
    } else {
        let future = quote!(::core::future::Ready<#output>);
        (future, quote!(for<'never> #operator: #krate::__private::Asynchronous<'never>))
    };
    let mut generics = generics.clone();
    generics.make_where_clause().predicates.push(parse_quote!(#bound));
    let (parameters, _, where_clause) = generics.split_for_impl();
    quote_spanned! {span=>
        #[doc(hidden)]
        #[allow(unused_variables, private_interfaces, private_bounds)]
        #vis fn #name #parameters (self, #inputs) -> #output #where_clause { ::core::unreachable!() }
    }
}

/// Puts a type that has no values where an `impl Trait` stands: what is never returned has no type that could be hidden.
struct Named<'k>(&'k TokenStream);

impl VisitMut for Named<'_> {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        visit_mut::visit_type_mut(self, ty);
        if let Type::ImplTrait(_) = ty {
            let krate = self.0;
            *ty = parse_quote!(#krate::__private::NeverReturned);
        }
    }
}
