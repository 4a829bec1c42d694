//! The layers of an operator, nested in their fixed order around its plain call.
//!
//! Each layer is an expression that calls the next one: a `Result`, or a future of one. Its state is a static at that
//! place, so all runs share it. What lines of graphs say otherwise is asked at each call.

mod attempts;
mod kept;
mod outer;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{ReturnType, Visibility, WherePredicate};

use super::{Policies, fit, key};
use crate::diagnostics::Diagnostics;
use crate::operator::Parameter;
use crate::span::{at, shown_at};

/// What the layers are made from.
pub(crate) struct Stack<'p> {
    pub(crate) policies: &'p Policies,
    pub(crate) parameters: &'p [Parameter],
    pub(crate) asynchronous: bool,
    /// The operator's name.
    pub(crate) name: &'p Ident,
    /// The type whose functions lend the state of its layers.
    pub(crate) states: &'p Ident,
    /// Of a method whose type lends them: its name, which theirs begin with.
    pub(crate) lent_by: Option<&'p Ident>,
    /// Of a method.
    pub(crate) receiver: Option<Receives>,
    /// The path of the `ember` crate.
    pub(crate) krate: &'p TokenStream,
}

/// How a key gets at the receiver of a method.
pub(crate) struct Receives(pub(crate) TokenStream);

/// The layers around a call: what is bound before, and what gives its outcome, or is a future of it.
pub(crate) struct Layers {
    pub(crate) lets: TokenStream,
    pub(crate) call: TokenStream,
}

/// The name of what is lent for a parameter.
pub(crate) fn lease(parameter: &Ident) -> Ident {
    hidden(&format!("__resource_{}", parameter.unraw()))
}

/// A name that the operator's own tokens do not meet.
pub(crate) fn hidden(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

impl Stack<'_> {
    /// The body of the method that calls the operator behind its policies. `plain` is its plain call, a future if it is
    /// `async`.
    pub(crate) fn around(
        &self,
        plain: &TokenStream,
        returned: &ReturnType,
        diagnostics: &mut Diagnostics,
    ) -> TokenStream {
        self.body(&self.layers(plain, returned, diagnostics))
    }

    /// The same of an operator that cannot fail, and has a cache alone.
    pub(crate) fn around_value(
        &self,
        plain: &TokenStream,
        returned: Option<&syn::Type>,
        diagnostics: &mut Diagnostics,
    ) -> TokenStream {
        self.body(&self.layers_of_value(plain, returned, diagnostics))
    }

    /// Layers as the body of a method of the hidden type, which knows what a line says of them.
    fn body(&self, Layers { lets, call }: &Layers) -> TokenStream {
        let (over, this) = (hidden("__over"), self.this());
        if self.asynchronous {
            quote!(async move { let #over = #this.0; #lets #call.await })
        } else {
            quote!(let #over = #this.0; #lets #call)
        }
    }

    /// The layers around a plain call. They ask `__over` what a line says of them.
    pub(crate) fn layers(
        &self,
        plain: &TokenStream,
        returned: &ReturnType,
        diagnostics: &mut Diagnostics,
    ) -> Layers {
        let rt = self.rt();
        let mut next = if let Some(isolate) = &self.policies.isolate {
            isolate.call(self, returned)
        } else if self.policies.batch.is_some() {
            // It catches panics where they happen, which is in the call of several items.
            plain.clone()
        } else if self.asynchronous {
            quote!(#rt::operator_async(#plain))
        } else {
            quote!(#rt::operator(move || #plain))
        };
        let timers = [&self.policies.timeout, &self.policies.deadline].into_iter().flatten();
        let timers = timers.filter(|_| self.asynchronous).map(|limit| {
            let rt = self.rt_at(limit.span);
            quote_spanned!(limit.span=> #rt::timers();)
        });
        let mut lets: TokenStream = timers.collect();
        lets.extend(self.validated());
        next = self.returned(&next);
        next = self.concurrency(&self.along(&next), &mut lets, diagnostics);
        next = self.memory(&next, &mut lets, diagnostics);
        next = self.rate(&next, &mut lets, diagnostics);
        next = self.resources(&next);
        next = self.breaker(&next, &mut lets, diagnostics);
        next = self.retry(&next);
        next = self.deadline(&next);
        next = self.cache("cached", &next, &mut lets, diagnostics);
        next = self.fallback(&next);
        Layers { lets, call: next }
    }

    /// The same of an operator that cannot fail, and has a cache alone.
    pub(crate) fn layers_of_value(
        &self,
        plain: &TokenStream,
        returned: Option<&syn::Type>,
        diagnostics: &mut Diagnostics,
    ) -> Layers {
        let mut lets = TokenStream::new();
        let call = self.cache("cached_value", plain, &mut lets, diagnostics);
        if let Some(ty) = returned {
            let rt = self.rt_at(ty.span());
            let value = quote_spanned!(ty.span()=> (&&#rt::Returned::<#ty>::new()));
            lets.extend(quote_spanned! {ty.span()=> {
                #[allow(unused_imports)]
                use #rt::{IsResult as _, IsValue as _};
                #value.is_no_result();
            }});
        }
        Layers { lets, call }
    }

    /// What the methods of an operator with a cache, or with weighed arguments, need besides: said as bounds, what is missing is
    /// told where it stands.
    pub(crate) fn bounds(&self, returned: &ReturnType) -> Vec<WherePredicate> {
        let mut bounds: Vec<_> = self.policies.memory.iter().flat_map(|memory| memory.bounds(self)).collect();
        let Some(cache) = &self.policies.cache else { return bounds };
        if cache.key.is_none() {
            bounds.extend(key::bounds(self.parameters, &self.rt()));
        }
        if let ReturnType::Type(_, ty) = returned
            && !fit::elides(ty)
            && !fit::names_no_type(ty)
        {
            let value = match crate::graph::result_parts(ty) {
                Some((value, _)) => value.to_token_stream(),
                None if self.policies.is_of_value(returned) => ty.to_token_stream(),
                None => {
                    let rt = self.rt_at(ty.span());
                    quote_spanned!(ty.span()=> <#ty as #rt::Outcome>::Value)
                }
            };
            let rt = self.rt_at(ty.span());
            bounds.push(syn::parse_quote_spanned!(value.span()=> #value: #rt::CacheValue));
        }
        bounds
    }

    /// The receiver of the method: as it stands there, whichever macro made the operator.
    fn this(&self) -> Ident {
        Ident::new("self", at(self.name.span()))
    }

    /// The runtime's door for policies.
    pub(super) fn rt(&self) -> TokenStream {
        let krate = self.krate;
        quote!(#krate::__private::policed)
    }

    /// The same, shown at a token of the user.
    fn rt_at(&self, span: Span) -> TokenStream {
        shown_at(&self.rt(), at(span))
    }

    /// What a layer is given: a future, or a closure that makes the call.
    fn given(&self, next: &TokenStream) -> TokenStream {
        if self.asynchronous { next.clone() } else { quote!(move || #next) }
    }

    /// Functions of the operator's type that lend its layers, to be asked for their state. Each has one static, whatever
    /// the operator is generic over, made when it is first asked for.
    pub(crate) fn states(&self, vis: &Visibility) -> TokenStream {
        let isolation = self.policies.isolate.as_ref().map(|isolate| isolate.state(self, vis));
        self.lenders(vis).into_iter().map(|lender| lender.function).chain(isolation).collect()
    }

    /// The same one by one, but for that of a process of its own.
    pub(crate) fn lenders(&self, vis: &Visibility) -> Vec<Lender> {
        let retry = self.policies.retry.as_ref().map(|retry| ("Retry", retry.settings(&self.rt())));
        let breaker = self.policies.breaker.as_ref().filter(|breaker| breaker.key.is_none());
        let breaker = breaker.map(|breaker| ("Breaker", breaker.settings(&self.rt())));
        let shared = self.policies.limits.key.is_none();
        let concurrency = self.concurrency_settings().filter(|_| shared).map(|said| ("Concurrency", said.0));
        let rate = self.policies.limits.rate_settings().filter(|_| shared).map(|said| ("Rate", said.0));
        let (rt, name, states) = (self.rt(), self.name, self.states);
        let layers = [retry, breaker, concurrency, rate].into_iter().flatten().map(|(ty, settings)| {
            let (lend, ty) = (lender(ty), Ident::new(ty, Span::call_site()));
            // A retry has nothing to be seen.
            let seen = match ty.to_string().as_str() {
                "Retry" => quote!(layer),
                _ => quote!(#rt::watched(::core::stringify!(#name), layer, #states::#lend)),
            };
            let doc = format!("The policy `{lend}` of the operator, as all of its calls in graphs share it.");
            let function = quote! {
                #[doc = #doc]
                #[must_use]
                #vis fn #lend() -> &'static #rt::#ty {
                    static LAYER: ::std::sync::LazyLock<#rt::#ty> = ::std::sync::LazyLock::new(|| {
                        let builder = #rt::#ty::builder() #settings;
                        let layer = #rt::built(#rt::configured(::core::stringify!(#name), builder).build());
                        #seen
                    });
                    &LAYER
                }
            };
            Lender { ty: quote!(#rt::#ty), name: lend, function }
        });
        let fallback = self.policies.fallback.as_ref().map(|_| {
            let function = quote! {
                /// The policy `fallback` of the operator, which tells how often it was used, and can be told to tell it.
                #[must_use]
                #vis fn fallback() -> &'static #rt::Fallback {
                    static LAYER: ::std::sync::LazyLock<#rt::Fallback> = ::std::sync::LazyLock::new(|| {
                        let layer = #rt::Fallback::new(::core::stringify!(#name));
                        #rt::watched(::core::stringify!(#name), layer, #states::fallback)
                    });
                    &LAYER
                }
            };
            Lender { ty: quote!(#rt::Fallback), name: lender("Fallback"), function }
        });
        layers.chain(fallback).collect()
    }

    /// A layer of the operator.
    fn state(&self, ty: &str) -> TokenStream {
        let (rt, states, lend) = (self.rt(), self.states, lender(ty));
        match self.lent_by {
            Some(method) => {
                let lend = lent_by(method, &lend);
                quote!(#rt::Shared(Self::#lend()))
            }
            None => quote!(#rt::Shared(#states::#lend())),
        }
    }

    /// Looks at the arguments, before all else: what is not valid uses nothing up.
    fn validated(&self) -> TokenStream {
        let Some(validate) = &self.policies.validate else { return TokenStream::new() };
        let Some(asked) = validate.of_arguments(&self.rt(), self.parameters) else {
            return TokenStream::new();
        };
        let invalid = hidden("__invalid");
        quote_spanned! {validate.span=>
            if let ::core::result::Result::Err(#invalid) = #asked.finish() {
                return ::core::result::Result::Err(#invalid);
            }
        }
    }

    /// Looks at what the operator returned, before anything else sees it.
    fn returned(&self, next: &TokenStream) -> TokenStream {
        let Some(validate) = self.policies.validate.as_ref().filter(|v| v.looks_at_returned()) else {
            return next.clone();
        };
        let rt = self.rt();
        let look = validate.of_returned(&rt);
        let call =
            Ident::new(if self.asynchronous { "returned_async" } else { "returned" }, Span::call_site());
        quote_spanned!(validate.span=> #rt::#call(#next, #look))
    }
}

/// A function that lends a layer.
pub(crate) struct Lender {
    pub(crate) name: Ident,
    /// What it lends.
    pub(crate) ty: TokenStream,
    pub(crate) function: TokenStream,
}

/// The function of a type that lends a layer of its method.
pub(crate) fn lent_by(method: &Ident, layer: &Ident) -> Ident {
    let name = format!("{}_{layer}", method.unraw());
    Ident::new(&name, at(method.span()))
}

/// The function that lends a layer of this type.
fn lender(ty: &str) -> Ident {
    Ident::new(&ty.to_lowercase(), Span::call_site())
}
