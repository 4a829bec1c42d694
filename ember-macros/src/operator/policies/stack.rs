//! The layers of an operator, nested in their fixed order around its plain call.
//!
//! Each layer is an expression that calls the next one: a `Result`, or a future of one. Its state is a static at that
//! place, so all runs share it. What lines of graphs say otherwise is asked at each call.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{ReturnType, Visibility, WherePredicate};

use super::fallback::{self, With};
use super::isolate::Isolate;
use super::time::Limit;
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
        next = self.concurrency(&next, &mut lets, diagnostics);
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

    /// What the methods of an operator with a cache, or in a process of its own, need besides: said as bounds, what is missing is told once, where it
    /// stands.
    pub(crate) fn bounds(&self, returned: &ReturnType) -> Vec<WherePredicate> {
        let isolated = self.policies.isolate.is_some();
        let mut bounds = if isolated { Isolate::bounds(self, returned) } else { Vec::new() };
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

    /// What a layer is given: a future, or a closure that makes the call.
    fn given(&self, next: &TokenStream) -> TokenStream {
        if self.asynchronous { next.clone() } else { quote!(move || #next) }
    }

    /// Functions of the operator's type that lend its layers, to be asked for their state. Each has one static, whatever
    /// the operator is generic over, made when it is first asked for.
    pub(crate) fn states(&self, vis: &Visibility) -> TokenStream {
        let retry = self.policies.retry.as_ref().map(|retry| ("Retry", retry.settings(&self.rt())));
        let breaker = self.policies.breaker.as_ref().filter(|breaker| breaker.key.is_none());
        let breaker = breaker.map(|breaker| ("Breaker", breaker.settings()));
        let shared = self.policies.limits.key.is_none();
        let concurrency = self.concurrency_settings().filter(|_| shared).map(|said| ("Concurrency", said.0));
        let rate = self.rate_settings().filter(|_| shared).map(|said| ("Rate", said.0));
        let (rt, name) = (self.rt(), self.name);
        let states = [retry, breaker, concurrency, rate].into_iter().flatten().map(|(ty, settings)| {
            let (lend, ty) = (lender(ty), Ident::new(ty, Span::call_site()));
            let doc = format!("The policy `{lend}` of the operator, as all of its calls in graphs share it.");
            quote! {
                #[doc = #doc]
                #[must_use]
                #vis fn #lend() -> &'static #rt::#ty {
                    static LAYER: ::std::sync::LazyLock<#rt::#ty> = ::std::sync::LazyLock::new(|| {
                        let builder = #rt::#ty::builder() #settings;
                        #rt::built(#rt::configured(::core::stringify!(#name), builder).build())
                    });
                    &LAYER
                }
            }
        });
        let fallback = self.policies.fallback.as_ref().map(|_| {
            quote! {
                /// The policy `fallback` of the operator, which tells how often it was used, and can be told to tell it.
                #[must_use]
                #vis fn fallback() -> &'static #rt::Fallback {
                    static LAYER: #rt::Fallback = #rt::Fallback::new(::core::stringify!(#name));
                    &LAYER
                }
            }
        });
        let isolation = self.policies.isolate.as_ref().map(|isolate| isolate.state(self, vis));
        states.chain(fallback).chain(isolation).collect()
    }

    /// A layer of the operator.
    fn state(&self, ty: &str) -> TokenStream {
        let (rt, states, lend) = (self.rt(), self.states, lender(ty));
        quote!(#rt::Shared(#states::#lend()))
    }

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

    /// `concurrency`, inside of `rate`: no permit is held while a call waits for its moment. Behind a timeout that leaves
    /// calls behind, a call takes its permit along.
    fn concurrency(
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

    /// `rate`, inside of the breaker.
    fn rate(&self, next: &TokenStream, keys: &mut TokenStream, diagnostics: &mut Diagnostics) -> TokenStream {
        let limits = &self.policies.limits;
        let Some((settings, span)) = self.rate_settings() else { return next.clone() };
        let layer = Kept { ty: "Rate", without: "Rate", settings, span };
        self.kept(&layer, limits.key.as_ref(), next, keys, diagnostics)
    }

    fn concurrency_settings(&self) -> Option<(TokenStream, Span)> {
        let limits = &self.policies.limits;
        let (calls, span) = limits.concurrency.as_ref()?;
        let (queue, wait) = limits.line();
        Some((quote!(.permits(#calls as usize) #queue #wait), *span))
    }

    fn rate_settings(&self) -> Option<(TokenStream, Span)> {
        let limits = &self.policies.limits;
        let ((calls, per), span) = limits.rate?;
        let per = super::time::duration(per);
        let burst = limits.burst.as_ref().map(|calls| quote!(.burst(#calls)));
        let (queue, wait) = limits.line();
        Some((quote!(.calls(#calls).per(#per) #burst #queue #wait), span))
    }

    /// The resources that the operator names: inside of the attempts, so that each loads what is not there, and outside of the
    /// limits, so that no permit is held meanwhile.
    fn resources(&self, next: &TokenStream) -> TokenStream {
        let rt = self.rt();
        let mut next = next.clone();
        for (parameter, path) in self.parameters.iter().filter_map(|p| Some((p, p.resource()?))).rev() {
            let (lease, span) = (lease(&parameter.name), path.span());
            let shown = self.rt_at(span);
            next = if self.asynchronous {
                let why = hidden("__why");
                let asked = quote_spanned!(span=> #shown::resource_async(&#path));
                quote! {
                    async move {
                        let #lease = match #asked.await {
                            ::core::result::Result::Ok(#lease) => #lease,
                            ::core::result::Result::Err(#why) => {
                                return ::core::result::Result::Err(#rt::PolicyError::unavailable(#why));
                            }
                        };
                        #next.await
                    }
                }
            } else {
                quote_spanned!(span=> #shown::with_resource(&#path, |#lease| #next))
            };
        }
        next
    }

    /// Handles of an attempt's own on the states of its key.
    fn handles(&self) -> TokenStream {
        let Policies { breaker, limits, .. } = self.policies;
        let keyed = limits.key.is_some();
        let states = [
            ("concurrency", keyed && limits.concurrency.is_some()),
            ("rate", keyed && limits.rate.is_some()),
            ("breaker", breaker.as_ref().is_some_and(|breaker| breaker.key.is_some())),
        ];
        let handles = states.into_iter().filter(|(_, said)| *said).map(|(state, _)| {
            let name = hidden(&format!("__kept_{state}"));
            quote!(let #name = ::std::sync::Arc::clone(&#name);)
        });
        handles.collect()
    }

    /// The limit because of which calls are left behind: nothing else interrupts them.
    fn leaves_behind(&self) -> Option<&Limit> {
        let asks = self.policies.of_graph || self.parameters.iter().any(Parameter::is_context);
        let owns = !self.parameters.iter().any(|p| p.is_passed() && fit::borrows(&p.ty));
        let said = self.policies.timeout.as_ref().or(self.policies.deadline.as_ref());
        // What is isolated is killed when its time is up.
        let isolated = self.policies.isolate.is_some();
        said.filter(|_| !self.asynchronous && !asks && owns && !isolated)
    }

    /// `timeout`, around each attempt.
    fn timeout(&self, next: &TokenStream) -> TokenStream {
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
    fn deadline(&self, next: &TokenStream) -> TokenStream {
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
    fn retry(&self, next: &TokenStream) -> TokenStream {
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

    /// `cache`, around all but the fallback. Without a key of its own it goes by all arguments, which a call that is made
    /// gets clones of: a hit clones none.
    fn cache(
        &self,
        call: &str,
        next: &TokenStream,
        keys: &mut TokenStream,
        diagnostics: &mut Diagnostics,
    ) -> TokenStream {
        let Some(cache) = &self.policies.cache else { return next.clone() };
        let (rt, over) = (self.rt(), hidden("__over"));
        let call = Ident::new(
            &if self.asynchronous { format!("{call}_async") } else { call.to_owned() },
            cache.span,
        );
        let (kept, lookup, next) = match &cache.key {
            Some(key) => {
                let span = key.span();
                let Some(key) = key::key(key, self.parameters, self.receiver.as_ref(), diagnostics) else {
                    return next.clone();
                };
                let name = hidden("__cache_key");
                keys.extend(quote_spanned!(span=> let #name = #key;));
                (quote!(_), quote_spanned!(span=> &#name), self.given(next))
            }
            None => {
                let (kept, lookup) = key::all(self.parameters, &rt);
                let owned =
                    self.parameters.iter().filter(|p| p.is_passed()).map(|p| match (&p.name, &p.ty) {
                        (name, syn::Type::Reference(_)) => quote!(let #name = #name;),
                        (name, _) => quote!(let #name = ::core::clone::Clone::clone(&#name);),
                    });
                let next = if self.asynchronous {
                    quote!(async { #(#owned)* #next.await })
                } else {
                    quote!(|| { #(#owned)* #next })
                };
                (kept, lookup, next)
            }
        };
        let at_cache = self.rt_at(cache.span);
        let made = cache.made(&at_cache, self.name, &kept);
        quote_spanned! {cache.span=> {
            static __KEPT: #rt::Kept = #rt::Kept::new();
            #at_cache::#call(#over.keep(#rt::Without::Cache, #rt::Shared(&__KEPT)), #made, #lookup, #next)
        }}
    }

    /// `fallback`, around all.
    fn fallback(&self, next: &TokenStream) -> TokenStream {
        let Some(fallback) = &self.policies.fallback else { return next.clone() };
        let (rt, over, state) = (self.rt(), hidden("__over"), self.state("Fallback"));
        let layer = quote!(#over.keep(#rt::Without::Fallback, #state));
        match &fallback.with {
            With::Operator(path) => self.fallback_operator(path, &fallback.which(), &layer, next),
            _ => fallback::around(&rt, fallback, &layer, next, self.asynchronous),
        }
    }

    /// A function with the same parameters. What is owned is cloned before the call.
    fn fallback_operator(
        &self,
        path: &syn::Expr,
        which: &TokenStream,
        layer: &TokenStream,
        next: &TokenStream,
    ) -> TokenStream {
        let (rt, krate) = (self.rt(), self.krate);
        let again = hidden("__again");
        let own: Vec<_> = self.parameters.iter().filter(|p| p.is_passed()).collect();
        let names: Vec<_> = own.iter().map(|p| &p.name).collect();
        let repeated = own.iter().map(|p| {
            let (name, span) = (&p.name, p.ty.span());
            let rt = self.rt_at(span);
            quote_spanned!(span=> #rt::repeat_for_fallback(&#name))
        });
        let given = self.parameters.iter().filter(|p| p.resource().is_none()).map(|p| {
            let name = &p.name;
            if p.is_context() { quote!(&#krate::Context::current()) } else { quote!(#name) }
        });
        let span = path.span();
        let call = quote_spanned!(span=> #path(#(#given),*));
        if self.asynchronous {
            quote_spanned! {span=> {
                let #again = (#(#repeated,)*);
                #rt::instead_operator_async(#layer, #next, #which, async move {
                    let (#(#names,)*) = #again;
                    #rt::operator_async(#call).await
                })
            }}
        } else {
            quote_spanned! {span=> {
                let #again = (#(#repeated,)*);
                #rt::instead(#layer, move || #next, #which, move |_| {
                    let (#(#names,)*) = #again;
                    #call
                })
            }}
        }
    }

    /// `breaker`, in each attempt.
    fn breaker(
        &self,
        next: &TokenStream,
        keys: &mut TokenStream,
        diagnostics: &mut Diagnostics,
    ) -> TokenStream {
        let Some(breaker) = &self.policies.breaker else { return next.clone() };
        let next = &self.told_inside(next);
        let kept =
            Kept { ty: "Breaker", without: "Breaker", settings: breaker.settings(), span: breaker.span };
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
            return next.clone();
        };
        let (name, operator) = (hidden(&format!("__kept_{}", layer.ty.to_lowercase())), self.name);
        let asked = self.rt_at(span);
        keys.extend(quote_spanned! {span=>
            let #name = {
                static __KEPT: #rt::Kept = #rt::Kept::new();
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
}

/// The function that lends a layer of this type.
fn lender(ty: &str) -> Ident {
    Ident::new(&ty.to_lowercase(), Span::call_site())
}

/// A layer whose state is kept.
struct Kept {
    ty: &'static str,
    /// Its name among those that a line can go without.
    without: &'static str,
    settings: TokenStream,
    span: Span,
}
