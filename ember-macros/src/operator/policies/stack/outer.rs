//! Where a value comes from instead of the call, and what must be there for it: a cache, a fallback, resources.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::super::fallback::{self, With};
use super::super::key;
use super::{Stack, hidden, lease};
use crate::diagnostics::Diagnostics;

impl Stack<'_> {
    /// The resources that the operator names: inside of the attempts, so that each loads what is not there, and outside of the
    /// limits, so that no permit is held meanwhile.
    pub(super) fn resources(&self, next: &TokenStream) -> TokenStream {
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

    /// `cache`, around all but the fallback. Without a key of its own it goes by all arguments, which a call that is made
    /// gets clones of: a hit clones none.
    pub(super) fn cache(
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
                // An opaque future like that below, of which the compiler can tell that it can be sent: inside of the cache's
                // own it cannot tell it of closures with borrowed values, such as those of a retry.
                let next =
                    if self.asynchronous { quote!(async move { #next.await }) } else { self.given(next) };
                (quote!(_), quote_spanned!(span=> &#name), next)
            }
            None => {
                let (kept, lookup) = key::all(self.parameters, &rt);
                let owned =
                    self.parameters.iter().filter(|p| p.is_passed()).map(|p| match (&p.name, &p.ty) {
                        (name, syn::Type::Reference(_)) => quote!(let #name = #name;),
                        (name, ty) => {
                            let rt = self.rt_at(ty.span());
                            quote_spanned!(ty.span()=> let #name = #rt::OwnedKeyPart::given(&#name);)
                        }
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
        let name = self.name;
        let made = cache.made(&at_cache, name, &kept);
        quote_spanned! {cache.span=> {
            static __KEPT: #rt::Kept = #rt::Kept::of(::core::stringify!(#name));
            #at_cache::#call(#over.keep(#rt::Without::Cache, #rt::Shared(&__KEPT)), #made, #lookup, #next)
        }}
    }

    /// `fallback`, around all.
    pub(super) fn fallback(&self, next: &TokenStream) -> TokenStream {
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
}
