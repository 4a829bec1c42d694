//! What is written for a batch operator.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, GenericParam, Visibility};

use super::super::key;
use super::super::stack::hidden;
use super::{Batch, Form, MAX, QUEUE, or};
use crate::diagnostics::Diagnostics;
use crate::operator::Parameter;
use crate::span::{at, shown_at};

/// The code.
impl Batch {
    /// The call with one item, which is gathered with others. `plain` is that of the function with what is gathered.
    pub(crate) fn gathered(
        &self,
        plain: &TokenStream,
        node: &Node<'_>,
        diagnostics: &mut Diagnostics,
    ) -> TokenStream {
        let (Some(form), Some(first)) = (&self.form, node.first()) else { return plain.clone() };
        let (rt, key, items) = (node.rt(), hidden("__batch_key"), hidden("__items"));
        let said = match &self.key {
            Some(said) => match key::key(said, node.parameters, None, diagnostics) {
                Some(made) => quote_spanned!(said.span()=> #made),
                None => return plain.clone(),
            },
            None => quote!(()),
        };
        let batcher = self.batcher(form, node, &quote!(&#key));
        let (first, item, given) = (&first.name, &form.item, given(&first.name, &items, form.slice));
        let span = self.span;
        let call = if node.asynchronous {
            let rt = shown_at(&rt, at(span));
            quote_spanned! {span=>
                #rt::timers();
                #rt::batched_async(
                    #batcher, #key, #first,
                    move |#items: ::std::vec::Vec<#item>| async move { #given #plain.await },
                )
            }
        } else {
            quote_spanned! {span=>
                #rt::batched(#batcher, #key, #first, move |#items: ::std::vec::Vec<#item>| { #given #plain })
            }
        };
        quote!({ let #key = #said; #call })
    }

    /// The batcher of a key.
    fn batcher(&self, form: &Form, node: &Node<'_>, key: &TokenStream) -> TokenStream {
        let name = node.name;
        if self.is_one(node) {
            return quote!(#name::batch());
        }
        let made = made(form, node);
        quote!(#made(#name::__batches(), #key))
    }

    /// The function that lends the batcher, if there is one for all calls; else where they are. And what is said of it, in the
    /// one place that looks at constants.
    pub(crate) fn lends(&self, vis: &Visibility, node: &Node<'_>) -> TokenStream {
        let Some(form) = &self.form else { return TokenStream::new() };
        let (rt, made, owner, set) = (node.rt(), made(form, node), node.name, self.set());
        let said = quote! {
            fn __said_of_batches<I, O, E, K>(
                builder: #rt::BatcherBuilder<I, O, E, K>,
            ) -> #rt::BatcherBuilder<I, O, E, K> {
                #set
            }
        };
        if !self.is_one(node) {
            return quote! {
                #said

                #vis fn __batches() -> &'static #rt::Kept {
                    static KEPT: #rt::Kept = #rt::Kept::of(::core::stringify!(#owner));
                    &KEPT
                }
            };
        }
        let Form { item, value, failure, bounds, .. } = form;
        quote! {
            #said

            /// The policy `batch` of the operator, as all of its calls in graphs share it.
            #[must_use]
            #vis fn batch() -> &'static #rt::Batcher<#item, #value, #failure>
            where
                #(#bounds,)*
            {
                static KEPT: #rt::Kept = #rt::Kept::of(::core::stringify!(#owner));
                #made(&KEPT, &())
            }
        }
    }

    /// The node that puts its calls off, for a `for` that hands over whole lots. There is one if nothing stands around each
    /// call and the types are known.
    pub(crate) fn in_lots(
        &self,
        plain: &TokenStream,
        node: &Node<'_>,
        vis: &Visibility,
        cfgs: &[&Attribute],
        diagnostics: &mut Diagnostics,
    ) -> TokenStream {
        let (Some(form), Some(first)) = (&self.form, node.first()) else { return TokenStream::new() };
        let types = node.generics.iter().any(|param| !matches!(param, GenericParam::Lifetime(_)));
        if node.asynchronous || types {
            return TokenStream::new();
        }
        let said = match &self.key {
            Some(said) => match key::key(said, node.parameters, None, diagnostics) {
                Some(made) => made,
                None => return TokenStream::new(),
            },
            None => quote!(()),
        };
        let (rt, name) = (node.rt(), node.name);
        let span = at(name.span());
        let ty = format_ident!("__{}_in_lots", name.unraw(), span = span);
        let Form { item, value, failure, slice, bounds } = form;
        let (first, items) = (&first.name, hidden("__items"));
        let given = given(first, &items, *slice);
        let others: Vec<&Parameter> = node.parameters.iter().filter(|p| p.is_passed()).skip(1).collect();
        let names: Vec<_> = others.iter().map(|p| &p.name).collect();
        let types: Vec<_> = others.iter().map(|p| &p.ty).collect();
        let batcher = self.batcher(form, node, &quote!(__key));
        quote! {
            #(#cfgs)*
            #[doc(hidden)]
            #[allow(non_camel_case_types, missing_docs, dead_code, missing_debug_implementations)]
            #vis struct #ty<'l>(&'l #rt::Lot<(#item, (#(#types,)*))>);

            #(#cfgs)*
            #[allow(dead_code, missing_docs, deprecated, clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction)]
            impl #ty<'_> {
                #[doc(hidden)]
                #vis fn call(self, #first: #item #(, #names: #types)*) -> #rt::PutOff {
                    self.0.put((#first, (#(#names,)*)))
                }
            }

            #(#cfgs)*
            #[automatically_derived]
            #[allow(deprecated, unused_variables)]
            impl #rt::TakesLots for #name
            where
                #(#bounds,)*
            {
                type Entry = (#item, (#(#types,)*));
                type Value = #value;
                type Failure = #failure;
                type Node<'l> = #ty<'l>;

                fn most() -> usize {
                    static MOST: ::std::sync::LazyLock<usize> =
                        ::std::sync::LazyLock::new(|| #rt::most(::core::stringify!(#name), #name::__said_of_batches));
                    *MOST
                }

                fn node(lot: &#rt::Lot<Self::Entry>) -> #ty<'_> { #ty(lot) }

                fn call(
                    entries: ::std::vec::Vec<Self::Entry>,
                ) -> ::std::vec::Vec<::core::result::Result<#value, #rt::PolicyError<#failure>>> {
                    #rt::in_groups(
                        entries,
                        |(#first, (#(#names,)*))| #said,
                        |__key| #batcher,
                        |#items, (#(#names,)*)| { #given #plain },
                    )
                }
            }
        }
    }

    /// Whether one batcher serves all calls. Otherwise each instance of the operator, and each type of keys, has one.
    fn is_one(&self, node: &Node<'_>) -> bool {
        self.key.is_none() && node.generics.iter().all(|param| matches!(param, GenericParam::Lifetime(_)))
    }

    /// What sets a builder to what is said.
    fn set(&self) -> TokenStream {
        let (max, queue) = (or(self.max.as_ref(), MAX), or(self.queue.as_ref(), QUEUE));
        let set = |name: &str, said: bool, value: TokenStream| {
            let name = Ident::new(name, self.span);
            said.then(|| quote!(.#name(#value as usize)))
        };
        let max_is = set("max", self.max.is_some(), quote!(__MAX));
        let queue_is = set("queue", self.queue.is_some(), quote!(__QUEUE));
        let in_flight = set("in_flight", self.in_flight.is_some(), self.in_flight.to_token_stream());
        let wait = self.wait.as_ref().map(|wait| quote!(.wait(#wait)));
        let fits = self.fits();
        quote! {
            const __MAX: ::core::primitive::u32 = #max;
            const __QUEUE: ::core::primitive::u32 = #queue;
            #fits
            builder #max_is #wait #in_flight #queue_is
        }
    }
}

/// The operator whose code it is.
pub(crate) struct Node<'o> {
    pub(crate) name: &'o Ident,
    pub(crate) parameters: &'o [Parameter],
    pub(crate) generics: Vec<&'o GenericParam>,
    pub(crate) asynchronous: bool,
    pub(crate) krate: &'o TokenStream,
}

impl Node<'_> {
    fn rt(&self) -> TokenStream {
        let krate = self.krate;
        quote!(#krate::__private::policed)
    }

    /// The parameter that the items are given by.
    fn first(&self) -> Option<&Parameter> {
        self.parameters.iter().find(|p| p.is_passed())
    }
}

/// What makes a batcher, or finds it: a function of where it is kept, and of a key.
fn made(form: &Form, node: &Node<'_>) -> TokenStream {
    let name = node.name;
    let rt = shown_at(&node.rt(), at(form.item.span()));
    let Form { item, value, failure, .. } = form;
    quote_spanned! {item.span()=>
        #rt::batcher::<#item, #value, #failure, _>(::core::stringify!(#name), #name::__said_of_batches)
    }
}

/// Gives the items the name of the parameter.
fn given(first: &Ident, items: &Ident, slice: bool) -> TokenStream {
    if slice { quote!(let #first = &#items[..];) } else { quote!(let #first = #items;) }
}
