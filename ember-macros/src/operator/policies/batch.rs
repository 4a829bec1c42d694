//! `batch(max = 64, wait = "2ms", in_flight = 8, queue = 1000, key = |model| ..)`: the operator takes a slice or a vector,
//! and graphs call it with one item.

use std::time::Duration;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{
    Attribute, Expr, GenericArgument, GenericParam, ItemFn, PathArguments, ReturnType, Type, Visibility,
    WherePredicate, parse_quote_spanned,
};

use super::said::{Said, Settings, Value, mistake};
use super::stack::hidden;
use super::time::duration;
use super::{fit, key, read};
use crate::diagnostics::Diagnostics;
use crate::graph;
use crate::operator::Parameter;
use crate::span::{at, shown_at};

/// The runtime's bounds.
const MOST: u32 = i32::MAX as u32;
const LONGEST: Duration = Duration::from_hours(1);
/// What the runtime's builder says if nothing else is said.
const MAX: u32 = 64;
const QUEUE: u32 = 1 << 16;

const SUCH: &str = "batch(max = 64, wait = \"2ms\")";

/// How calls of an operator are gathered.
pub(crate) struct Batch {
    max: Option<u32>,
    wait: Option<Duration>,
    in_flight: Option<u32>,
    queue: Option<u32>,
    key: Option<Expr>,
    pub(crate) span: Span,
    form: Option<Form>,
}

/// What the operator's signature says of its items.
struct Form {
    item: Type,
    /// It takes a slice, and not a vector.
    slice: bool,
    value: TokenStream,
    failure: TokenStream,
    /// What they must be, said where the operator says what they are: so what is missing is told once.
    bounds: Vec<WherePredicate>,
}

pub(super) fn read(said: &Said, diagnostics: &mut Diagnostics) -> Option<Batch> {
    let list: &[Said] = match &said.value {
        Value::Nothing => &[],
        Value::List(list) => list,
        Value::Is(_) => {
            mistake(said, format!("`batch` stands alone or with settings: `{SUCH}`"), diagnostics);
            return None;
        }
    };
    let known = &["max", "wait", "in_flight", "queue", "key"];
    let mut settings = Settings::new(&said.name, known, list, diagnostics);
    let mut count = |name, least, such| {
        let said = settings.take(name)?;
        read::count(&said, least..=MOST, such, diagnostics).map(|count| (count, said))
    };
    let max = count("max", 1, "max = 64").map(|(max, _)| max);
    let in_flight = count("in_flight", 1, "in_flight = 8").map(|(batches, _)| batches);
    let queue = count("queue", 1, "queue = 1000");
    if let Some((queue, said)) = &queue
        && *queue < max.unwrap_or(MAX)
    {
        let message = format!(
            "`queue` is {queue}, and a batch of {} would never be full: let at least as many wait",
            max.unwrap_or(MAX)
        );
        mistake(said, message, diagnostics);
    }
    if let Some(max) = max.filter(|max| *max > QUEUE && queue.is_none()) {
        let message = format!(
            "`max` is {max}, and {QUEUE} items may wait if nothing else is said: say `queue = {max}`"
        );
        diagnostics.error(&said.name, message);
    }
    let wait = settings.take("wait").and_then(|wait| {
        let none = matches!(&wait.value, Value::Is(value) if value.to_token_stream().to_string() == "\"0\"");
        if none {
            return Some(Duration::ZERO);
        }
        read::time_within(&wait, Duration::ZERO..=LONGEST, "wait = \"2ms\"", diagnostics)
    });
    let key =
        settings.take("key").and_then(|key| read::function(&key, "key = |model| model.id", diagnostics));
    Some(Batch {
        max,
        wait,
        in_flight,
        queue: queue.map(|(queue, _)| queue),
        key,
        span: said.name.span(),
        form: None,
    })
}

/// What the operator is to those who call it.
impl Batch {
    /// The operator as a function of one item, for graphs.
    pub(crate) fn per_item(
        &mut self,
        function: &ItemFn,
        parameters: &mut [Parameter],
        krate: &TokenStream,
        diagnostics: &mut Diagnostics,
    ) -> Option<ItemFn> {
        let (item, slice) = self.items(function, parameters, diagnostics)?;
        self.check_others(parameters, diagnostics);
        let (value, failure) = self.results(&function.sig.output, krate, diagnostics)?;
        let mut function = function.clone();
        let ReturnType::Type(_, returned) = function.sig.output else { return None };
        let span = returned.span();
        function.sig.output = ReturnType::Type(
            syn::Token![->](span),
            Box::new(parse_quote_spanned!(span=> ::core::result::Result<#value, #failure>)),
        );
        let first = parameters.iter_mut().find(|p| !p.context)?;
        first.ty = item.clone();
        let rt = quote!(#krate::__private::policed);
        let gathered = [item.to_token_stream(), value.clone(), failure.clone()].into_iter().map(|ty| {
            let rt = shown_at(&rt, at(ty.span()));
            parse_quote_spanned!(ty.span()=> #ty: #rt::Gathered)
        });
        let mut bounds: Vec<WherePredicate> = gathered.collect();
        let (returned, shown) = (&returned, shown_at(&rt, at(span)));
        bounds.push(parse_quote_spanned!(span=> #returned: #shown::Answers<#value, #failure>));
        function.sig.generics.make_where_clause().predicates.extend(bounds.iter().cloned());
        self.form = Some(Form { item, slice, value, failure, bounds });
        Some(function)
    }

    /// The type of the items, and whether they come as a slice.
    fn items(
        &self,
        function: &ItemFn,
        parameters: &[Parameter],
        diagnostics: &mut Diagnostics,
    ) -> Option<(Type, bool)> {
        let Some(first) = parameters.iter().find(|p| !p.context) else {
            let message =
                "`batch` needs an operator that takes many items: a slice or a vector as its first argument";
            diagnostics.error(&function.sig.ident, message);
            return None;
        };
        let (item, slice) = match &first.ty {
            Type::Reference(reference) if reference.mutability.is_some() => {
                let message = "the items of a batch are those of several calls, and none of them sees what becomes of \
                               them: take them as `&[..]` or `Vec<..>`, and return what each call gets";
                diagnostics.error(&first.ty, message);
                return None;
            }
            Type::Reference(reference) => match &*reference.elem {
                Type::Slice(slice) => (Some(&*slice.elem), true),
                _ => (None, true),
            },
            ty => (in_vector(ty), false),
        };
        let Some(item) = item else {
            let message = format!(
                "`batch` needs an operator that takes many items: `{}` would be `&[..]` or `Vec<..>`, and graphs call it \
                 with one of them",
                first.name
            );
            diagnostics.error(&first.ty, message);
            return None;
        };
        if fit::borrows(item) || fit::names_no_type(item) {
            let message = "the items of a batch are those of several calls, so it owns them, and their type has a name: \
                           such as `&[String]`";
            diagnostics.error(item, message);
            return None;
        }
        Some((item.clone(), slice))
    }

    /// The other arguments are those of one of the calls, so it must be said when they are the same.
    fn check_others(&self, parameters: &[Parameter], diagnostics: &mut Diagnostics) {
        for other in parameters.iter().filter(|p| !p.context).skip(1) {
            if self.key.is_none() {
                let message = format!(
                    "a batch has one `{0}`, and its calls may have several: say which calls share one, \
                     `batch(key = |{0}| ..)`, or make it a part of each item",
                    other.name
                );
                diagnostics.error(&other.ty, message);
                return;
            }
            if fit::borrows(&other.ty) || fit::names_no_type(&other.ty) {
                let message = format!(
                    "a batch may outlive the call whose `{}` it has: take it by value and under the name of its type, such as \
                     an `Arc<Model>`",
                    other.name
                );
                diagnostics.error(&other.ty, message);
            }
        }
    }

    /// What one item gets: the types of its value and of its failure.
    fn results(
        &self,
        output: &ReturnType,
        krate: &TokenStream,
        diagnostics: &mut Diagnostics,
    ) -> Option<(TokenStream, TokenStream)> {
        let ReturnType::Type(_, ty) = output else {
            let message = "`batch` needs an operator that returns a result for each item: `Vec<..>`, or a `Result` of one";
            diagnostics.push(syn::Error::new(self.span, message));
            return None;
        };
        if fit::borrows(ty) || fit::names_no_type(ty) {
            let message = "what a batch gives goes to several calls, so it is owned, and its type has a name: such as \
                           `Vec<String>`";
            diagnostics.error(ty, message);
            return None;
        }
        let rt = |ty: &Type| shown_at(&quote!(#krate::__private::policed), at(ty.span()));
        let outcome = |ty: &Type| {
            let rt = rt(ty);
            match graph::result_parts(ty) {
                Some((value, failure)) => (quote!(#value), quote!(#failure)),
                None => (
                    quote_spanned!(ty.span()=> <#ty as #rt::Outcome>::Value),
                    quote_spanned!(ty.span()=> <#ty as #rt::Outcome>::Failure),
                ),
            }
        };
        if let Some(item) = in_vector(ty) {
            return Some(if fit::is_named_result(item) {
                outcome(item)
            } else {
                (quote!(#item), quote!(::core::convert::Infallible))
            });
        }
        if !graph::may_be_result(output) {
            let returned = graph::tidy(&ty.to_token_stream().to_string());
            let message = format!(
                "`batch` needs an operator that returns a result for each item, and this one returns `{returned}`: let it \
                 be `Vec<..>`, or a `Result` of one"
            );
            diagnostics.error(ty, message);
            return None;
        }
        let (_, failure) = outcome(ty);
        let whole = first_type(ty).filter(|_| fit::is_named_result(ty));
        Some(match whole.and_then(in_vector) {
            Some(item) if fit::is_named_result(item) => outcome(item),
            Some(item) => (quote!(#item), failure),
            None => {
                let rt = rt(ty);
                let whole = quote_spanned!(ty.span()=> <#ty as #rt::Outcome>::Value);
                (quote_spanned!(ty.span()=> <#whole as ::core::iter::IntoIterator>::Item), failure)
            }
        })
    }

    /// Notes what does not fit the policies around it.
    pub(super) fn check(&self, limits: &super::limit::Limits, diagnostics: &mut Diagnostics) {
        let max = self.max.unwrap_or(MAX);
        if let Some((calls, span)) =
            limits.concurrency.filter(|(calls, _)| *calls < max && limits.key.is_none())
        {
            let message = format!(
                "`concurrency` counts items, and with {calls} at once a batch of {max} is never full: say how many \
                 batches may be under way, `batch(in_flight = ..)`"
            );
            diagnostics.push(syn::Error::new(span, message));
        }
    }
}

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
            Some(said) => match key::key(said, node.parameters, diagnostics) {
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
        let made = self.made(form, node);
        quote!(#made(#name::__batches(), #key))
    }

    /// The function that lends the batcher, if there is one for all calls; else where they are.
    pub(crate) fn lends(&self, vis: &Visibility, node: &Node<'_>) -> TokenStream {
        let Some(form) = &self.form else { return TokenStream::new() };
        let (rt, made) = (node.rt(), self.made(form, node));
        if !self.is_one(node) {
            return quote! {
                #vis fn __batches() -> &'static #rt::Kept {
                    static KEPT: #rt::Kept = #rt::Kept::new();
                    &KEPT
                }
            };
        }
        let Form { item, value, failure, bounds, .. } = form;
        quote! {
            /// The policy `batch` of the operator, as all of its calls in graphs share it.
            #[must_use]
            #vis fn batch() -> &'static #rt::Batcher<#item, #value, #failure>
            where
                #(#bounds,)*
            {
                static KEPT: #rt::Kept = #rt::Kept::new();
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
            Some(said) => match key::key(said, node.parameters, diagnostics) {
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
        let others: Vec<&Parameter> = node.parameters.iter().filter(|p| !p.context).skip(1).collect();
        let names: Vec<_> = others.iter().map(|p| &p.name).collect();
        let types: Vec<_> = others.iter().map(|p| &p.ty).collect();
        let batcher = self.batcher(form, node, &quote!(__key));
        let max = self.max.unwrap_or(MAX);
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

                fn most() -> usize { #max as usize }

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

    /// What makes a batcher, or finds it: a function of where it is kept, and of a key.
    fn made(&self, form: &Form, node: &Node<'_>) -> TokenStream {
        let set = |name: &str, value: Option<u32>| {
            let (name, value) = (Ident::new(name, self.span), value?);
            Some(quote!(.#name(#value as usize)))
        };
        let max = set("max", self.max);
        let in_flight = set("in_flight", self.in_flight);
        let queue = set("queue", self.queue);
        let wait = self.wait.map(duration).map(|wait| quote!(.wait(#wait)));
        let rt = shown_at(&node.rt(), at(form.item.span()));
        let Form { item, value, failure, .. } = form;
        quote_spanned! {item.span()=>
            #rt::batcher::<#item, #value, #failure, _>(|builder| builder #max #wait #in_flight #queue)
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
        self.parameters.iter().find(|p| !p.context)
    }
}

/// Gives the items the name of the parameter.
fn given(first: &Ident, items: &Ident, slice: bool) -> TokenStream {
    if slice { quote!(let #first = &#items[..];) } else { quote!(let #first = #items;) }
}

/// The type of what is in a written vector.
fn in_vector(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    path.path.segments.last().filter(|last| last.ident == "Vec")?;
    first_type(ty)
}

/// The first type argument of a written type.
fn first_type(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}
