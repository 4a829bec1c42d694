//! Layers whose state is kept for the operator, or for each key: a breaker and limits. And that on memory, which is kept in the
//! budget of the run.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;

use super::super::{Policies, key};
use super::{Stack, hidden};
use crate::diagnostics::Diagnostics;

impl Stack<'_> {
    /// `concurrency`, inside of `rate`: no permit is held while a call waits for its moment. Behind a timeout that leaves
    /// calls behind, a call takes its permit along.
    pub(super) fn concurrency(
        &self,
        next: &TokenStream,
        keys: &mut TokenStream,
        diagnostics: &mut Diagnostics,
    ) -> TokenStream {
        let limits = &self.policies.limits;
        let Some((settings, span)) = self.concurrency_settings() else { return self.timeout(next) };
        let layer = Kept { ty: "Concurrency", without: "Concurrency", settings, span };
        if self.leaves_behind().is_none() {
            return self.kept(&layer, limits.key.as_ref(), &self.timeout(next), keys, diagnostics);
        }
        let permit = hidden("__permit");
        let inner = self.timeout(&quote!({ let #permit = #permit; #next }));
        let (through, given) = (quote!(with_permit), quote!(move |#permit| #inner));
        self.kept_through(&layer, limits.key.as_ref(), &through, &given, keys, diagnostics)
    }

    /// `memory`, outside of `concurrency` and inside of `rate`: who waits for room holds no permit, for which somebody who
    /// holds room may wait; and no room is held while a call waits for its moment.
    pub(super) fn memory(
        &self,
        next: &TokenStream,
        lets: &mut TokenStream,
        diagnostics: &mut Diagnostics,
    ) -> TokenStream {
        let Some(memory) = &self.policies.memory else { return next.clone() };
        let Some(weight) = memory.weight(self, diagnostics) else { return next.clone() };
        let (rt, over, room) = (self.rt(), hidden("__over"), hidden("__room"));
        lets.extend(quote_spanned! {memory.span=>
            let #room = #rt::Room::of(#over.keep(#rt::Without::Memory, ()), || #weight);
        });
        if self.leaves_behind().is_some() {
            let admission = hidden("__admission");
            return quote_spanned!(memory.span=> #rt::with_memory_along(#room, move |#admission| #next));
        }
        let with = if self.asynchronous { "with_memory_async" } else { "with_memory" };
        let (with, next) = (Ident::new(with, memory.span), self.given(next));
        quote_spanned!(memory.span=> #rt::#with(#room, #next))
    }

    /// A call that is left behind keeps its room until it ends.
    pub(super) fn along(&self, next: &TokenStream) -> TokenStream {
        if self.policies.memory.is_none() || self.leaves_behind().is_none() {
            return next.clone();
        }
        let admission = hidden("__admission");
        quote!({ let #admission = #admission; #next })
    }

    /// `rate`, inside of the breaker.
    pub(super) fn rate(
        &self,
        next: &TokenStream,
        keys: &mut TokenStream,
        diagnostics: &mut Diagnostics,
    ) -> TokenStream {
        let limits = &self.policies.limits;
        let Some((settings, span)) = limits.rate_settings() else { return next.clone() };
        let layer = Kept { ty: "Rate", without: "Rate", settings, span };
        self.kept(&layer, limits.key.as_ref(), next, keys, diagnostics)
    }

    pub(super) fn concurrency_settings(&self) -> Option<(TokenStream, Span)> {
        let limits = &self.policies.limits;
        let (calls, span) = limits.concurrency.as_ref()?;
        let (queue, wait) = limits.line();
        Some((quote!(.permits(#calls as usize) #queue #wait), *span))
    }

    /// Handles of an attempt's own on the states of its key.
    pub(super) fn handles(&self) -> TokenStream {
        let Policies { breaker, limits, .. } = self.policies;
        let keyed = limits.key.is_some();
        let states = [
            ("concurrency", keyed && limits.concurrency.is_some()),
            ("rate", keyed && limits.has_rate()),
            ("breaker", breaker.as_ref().is_some_and(|breaker| breaker.key.is_some())),
        ];
        let handles = states.into_iter().filter(|(_, said)| *said).map(|(state, _)| {
            let name = hidden(&format!("__kept_{state}"));
            quote!(let #name = ::std::sync::Arc::clone(&#name);)
        });
        let room = self.policies.memory.as_ref().map(|_| {
            let room = hidden("__room");
            quote!(let #room = ::core::clone::Clone::clone(&#room);)
        });
        handles.chain(room).collect()
    }

    /// `breaker`, in each attempt.
    pub(super) fn breaker(
        &self,
        next: &TokenStream,
        keys: &mut TokenStream,
        diagnostics: &mut Diagnostics,
    ) -> TokenStream {
        let Some(breaker) = &self.policies.breaker else { return next.clone() };
        let next = &self.told_inside(next);
        let kept = Kept {
            ty: "Breaker",
            without: "Breaker",
            settings: breaker.settings(&self.rt()),
            span: breaker.span,
        };
        self.kept(&kept, breaker.key.as_ref(), next, keys, diagnostics)
    }

    /// Notes whether a failure comes from a policy inside of the operator.
    fn told_inside(&self, next: &TokenStream) -> TokenStream {
        let (rt, failure) = (self.rt(), hidden("__failure"));
        let call = if self.asynchronous { "told_inside_async" } else { "told_inside" };
        let call = Ident::new(call, Span::call_site());
        quote! {
            #rt::#call(#next, |#failure| {
                #[allow(unused_imports)]
                use #rt::{InsideOfAny as _, InsideOfGraph as _};
                (&&#rt::Inside::of(#failure)).is_from(#failure)
            })
        }
    }

    /// A layer whose state is the operator's, or that of a key. The key is asked for once, before all attempts.
    fn kept(
        &self,
        layer: &Kept,
        key: Option<&syn::Expr>,
        next: &TokenStream,
        keys: &mut TokenStream,
        diagnostics: &mut Diagnostics,
    ) -> TokenStream {
        let through = self.through(layer.ty, key.is_some()).into_token_stream();
        self.kept_through(layer, key, &through, &self.given(next), keys, diagnostics)
    }

    /// The same by a function of the runtime that is given this.
    fn kept_through(
        &self,
        layer: &Kept,
        key: Option<&syn::Expr>,
        through: &TokenStream,
        next: &TokenStream,
        keys: &mut TokenStream,
        diagnostics: &mut Diagnostics,
    ) -> TokenStream {
        let (rt, over) = (self.rt(), hidden("__over"));
        let ty = Ident::new(layer.ty, Span::call_site());
        let without = Ident::new(layer.without, Span::call_site());
        let settings = &layer.settings;
        let Some(key) = key else {
            let state = self.state(layer.ty);
            return quote_spanned! {layer.span=>
                #rt::#through(#over.keep(#rt::Without::#without, #state), #next)
            };
        };
        let span = key.span();
        let Some(key) = key::key(key, self.parameters, self.receiver.as_ref(), diagnostics) else {
            // Of what is no key it is told; what stands here must only be right in itself.
            return if self.asynchronous { next.clone() } else { quote!(::core::unreachable!()) };
        };
        let (name, operator) = (hidden(&format!("__kept_{}", layer.ty.to_lowercase())), self.name);
        let asked = self.rt_at(span);
        keys.extend(quote_spanned! {span=>
            let #name = {
                static __KEPT: #rt::Kept = #rt::Kept::of(::core::stringify!(#operator));
                #asked::keyed(&__KEPT, &#key, || {
                    let builder = #rt::#ty::builder() #settings;
                    #rt::built(#rt::configured(::core::stringify!(#operator), builder).build())
                })
            };
        });
        quote_spanned! {layer.span=>
            #rt::#through(#over.keep(#rt::Without::#without, #name), #next)
        }
    }

    /// How a call goes through a layer of this type, of the operator or of a key.
    fn through(&self, ty: &str, keyed: bool) -> Ident {
        let keyed = if keyed { "keyed_" } else { "" };
        let name = if self.asynchronous {
            format!("through_{keyed}{}", ty.to_lowercase())
        } else {
            "through".to_owned()
        };
        Ident::new(&name, Span::call_site())
    }
}

/// A layer whose state is kept.
struct Kept {
    ty: &'static str,
    /// Its name among those that a line can go without.
    without: &'static str,
    settings: TokenStream,
    span: Span,
}
