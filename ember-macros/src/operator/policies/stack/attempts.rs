//! How long a call may take, and how often it is made.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::super::time::Limit;
use super::{Stack, fit, hidden};
use crate::operator::Parameter;

impl Stack<'_> {
    /// A limit as the lines of graphs left it.
    fn limit(&self, name: &str, limit: Option<&Limit>) -> TokenStream {
        let over = hidden("__over");
        let (rt, asked) = (self.rt(), Ident::new(name, Span::call_site()));
        match limit {
            Some(limit) => {
                let node = name == "deadline";
                let (made, operator) = (limit.made(&rt, node), self.name);
                quote_spanned! {limit.span=> {
                    static __LIMIT: ::std::sync::LazyLock<#rt::Timeout> = ::std::sync::LazyLock::new(|| {
                        #rt::configured_time::<#node>(::core::stringify!(#operator), #made)
                    });
                    #over.#asked(::core::option::Option::Some(*__LIMIT))
                }}
            }
            None => quote!(#over.#asked(::core::option::Option::None)),
        }
    }

    /// The limit because of which calls are left behind: nothing else interrupts them.
    pub(super) fn leaves_behind(&self) -> Option<&Limit> {
        let asks = self.policies.of_graph || self.parameters.iter().any(Parameter::is_context);
        let owns = !self.parameters.iter().any(|p| p.is_passed() && fit::borrows(&p.ty));
        let said = self.policies.timeout.as_ref().or(self.policies.deadline.as_ref());
        // What is isolated is killed when its time is up.
        let isolated = self.policies.isolate.is_some();
        said.filter(|_| !self.asynchronous && !asks && owns && !isolated)
    }

    /// `timeout`, around each attempt.
    pub(super) fn timeout(&self, next: &TokenStream) -> TokenStream {
        let rt = self.rt();
        let timeout = &self.policies.timeout;
        let limit = self.limit("timeout", timeout.as_ref());
        if self.asynchronous {
            let through = if timeout.is_some() { quote!(through_timeout) } else { quote!(added_timeout) };
            return quote!(#rt::#through(#limit, #next));
        }
        match self.leaves_behind() {
            Some(said) => {
                let limit = match timeout {
                    Some(_) => limit,
                    // The context tells it when the deadline has come.
                    None => {
                        let deadline = self.limit("deadline", Some(said));
                        quote!(#limit.or(#deadline))
                    }
                };
                let rt = self.rt_at(said.span);
                quote_spanned!(said.span=> #rt::abandoning(#limit, move || { #next }))
            }
            None => quote!(#rt::through(#limit, move || #next)),
        }
    }

    /// `deadline`, around all attempts.
    pub(super) fn deadline(&self, next: &TokenStream) -> TokenStream {
        let rt = self.rt();
        let limit = self.limit("deadline", self.policies.deadline.as_ref());
        let through = match &self.policies.deadline {
            _ if !self.asynchronous => quote!(through),
            Some(_) => quote!(through_timeout),
            None => quote!(added_timeout),
        };
        let next = self.given(next);
        quote!(#rt::#through(#limit, #next))
    }

    /// The attempts. All but the last get clones of the arguments.
    pub(super) fn retry(&self, next: &TokenStream) -> TokenStream {
        let Some(retry) = &self.policies.retry else { return next.clone() };
        let (rt, over) = (self.rt(), hidden("__over"));
        let state = self.state("Retry");
        let names: Vec<_> = self.parameters.iter().filter(|p| p.is_passed()).map(|p| &p.name).collect();
        let repeated = self.parameters.iter().filter(|p| p.is_passed()).map(|p| {
            let (name, span) = (&p.name, p.ty.span());
            let rt = self.rt_at(span);
            quote_spanned!(span=> #rt::repeat(#name))
        });
        let call = Ident::new(if self.asynchronous { "retry_async" } else { "retry" }, Span::call_site());
        let (arguments, last) = (hidden("__arguments"), hidden("__last"));
        let (classify, handles) = (retry.classify(&rt), self.handles());
        quote_spanned! {retry.span=> {
            let mut #arguments = #rt::Arguments::new((#(#names,)*));
            #rt::#call(
                #over.retry(|| #state),
                move |#last| {
                    let (#(#names,)*) = #arguments.next(#last, |(#(#names,)*)| (#(#repeated,)*));
                    #handles
                    #next
                },
                #classify,
            )
        }}
    }
}
