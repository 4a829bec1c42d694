//! The layers of an operator, nested in their fixed order around its plain call.
//!
//! Each layer is an expression that calls the next one: a `Result`, or a future of one. Its state is a static at that
//! place, so all runs share it. What lines of graphs say otherwise is asked at each call.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;

use super::{Policies, time};
use crate::diagnostics::Diagnostics;
use crate::operator::Parameter;

/// What the layers are made from.
pub(crate) struct Stack<'p> {
    pub(crate) policies: &'p Policies,
    pub(crate) parameters: &'p [Parameter],
    pub(crate) asynchronous: bool,
    /// The path of the `ember` crate.
    pub(crate) krate: &'p TokenStream,
}

/// A name that the operator's own tokens do not meet.
pub(super) fn hidden(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

impl Stack<'_> {
    /// The body of the method that calls the operator behind its policies. `plain` is its plain call, a future if it is
    /// `async`.
    pub(crate) fn around(&self, plain: &TokenStream, diagnostics: &mut Diagnostics) -> TokenStream {
        let rt = self.rt();
        let mut next = if self.asynchronous {
            quote!(#rt::operator_async(#plain))
        } else {
            quote!(#rt::operator(move || #plain))
        };
        next = self.time("timeout", self.policies.timeout.as_ref(), &next);
        next = self.retry(&next);
        next = self.time("deadline", self.policies.deadline.as_ref(), &next);
        let _ = diagnostics;
        let over = hidden("__over");
        if self.asynchronous {
            quote!(async move { let #over = self.0; #next.await })
        } else {
            quote!(let #over = self.0; #next)
        }
    }

    /// The runtime's door for policies.
    pub(super) fn rt(&self) -> TokenStream {
        let krate = self.krate;
        quote!(#krate::__private::policed)
    }

    /// The static of a layer.
    fn state(&self, ty: &str, settings: &TokenStream) -> TokenStream {
        let rt = self.rt();
        let ty = Ident::new(ty, Span::call_site());
        quote! {
            static __LAYER: ::std::sync::LazyLock<#rt::#ty> =
                ::std::sync::LazyLock::new(|| #rt::built(#rt::#ty::builder() #settings .build()));
        }
    }

    /// `timeout` and `deadline`, which a line of a graph can add.
    fn time(&self, name: &str, limit: Option<&time::Limit>, next: &TokenStream) -> TokenStream {
        let (rt, over) = (self.rt(), hidden("__over"));
        let said = Ident::new(name, Span::call_site());
        let Some(limit) = limit else {
            let added = if self.asynchronous { quote!(added_async) } else { quote!(through) };
            return quote!(#rt::#added(#over.#said(::core::option::Option::None), move || #next));
        };
        let after = time::duration(limit.after);
        let ty = if name == "timeout" { "Timeout" } else { "Deadline" };
        let state = self.state(ty, &quote!(.after(#after)));
        let through = self.through();
        quote_spanned! {limit.span=> {
            #state
            #rt::#through(#over.#said(::core::option::Option::Some(&__LAYER)), move || #next)
        }}
    }

    fn through(&self) -> Ident {
        Ident::new(if self.asynchronous { "through_async" } else { "through" }, Span::call_site())
    }

    /// The attempts. All but the last get clones of the arguments.
    fn retry(&self, next: &TokenStream) -> TokenStream {
        let Some(retry) = &self.policies.retry else { return next.clone() };
        let (rt, over) = (self.rt(), hidden("__over"));
        let state = self.state("Retry", &retry.settings(&rt));
        let names: Vec<_> = self.parameters.iter().filter(|p| !p.context).map(|p| &p.name).collect();
        let repeated = self.parameters.iter().filter(|p| !p.context).map(|p| {
            let (name, span) = (&p.name, p.ty.span());
            let krate = self.krate.to_token_stream();
            quote_spanned!(span=> #krate::__private::policed::repeat(#name))
        });
        let call = Ident::new(if self.asynchronous { "retry_async" } else { "retry" }, Span::call_site());
        let (arguments, last) = (hidden("__arguments"), hidden("__last"));
        quote_spanned! {retry.span=> {
            #state
            let mut #arguments = #rt::Arguments::new((#(#names,)*));
            #rt::#call(#over.retry(&__LAYER), move |#last| {
                let (#(#names,)*) = #arguments.next(#last, |(#(#names,)*)| (#(#repeated,)*));
                #next
            })
        }}
    }
}
