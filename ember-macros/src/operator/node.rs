//! The hidden type that carries an operator: its methods, which call the function, and what is behind policies.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, ItemFn, ReturnType, Type};

use super::policies::{self, Isolate, Policies, Stack, batch};
use super::{Arguments, Parameter, call_name, forwarded, twin};
use crate::diagnostics::Diagnostics;
use crate::graph;
use crate::span::{at, shown_at};

/// The hidden type and its method.
/// `beside` are methods that it has too.
pub(super) fn node(
    function: &ItemFn,
    parameters: &[Parameter],
    said: &Arguments,
    beside: &TokenStream,
    diagnostics: &mut Diagnostics,
) -> TokenStream {
    let krate = &said.krate;
    let ItemFn { attrs, vis, sig, .. } = function;
    let name = &sig.ident;
    let cfgs: Vec<&Attribute> = attrs.iter().filter(|attr| attr.path().is_ident("cfg")).collect();
    let deprecated: Vec<&Attribute> =
        attrs.iter().filter(|attr| attr.path().is_ident("deprecated")).collect();
    let span = at(name.span());
    let mut ty = name.clone();
    ty.set_span(span);
    let plain = plain_call(function, parameters, krate);
    let (methods, behind) = if said.policies.stand_around() {
        behind_policies(function, parameters, said, &plain, diagnostics)
    } else {
        let plain = said.logged(plain, function, parameters);
        (methods(&quote!(Self), function, parameters, &sig.output, krate, &plain), TokenStream::new())
    };
    let place = match &said.place {
        Some(place) if place == "blocking" => {
            quote::quote_spanned!(place.span()=> <#ty as #krate::__private::Blocks>::PLACE)
        }
        Some(_) => quote!(#krate::__private::Place::Inline),
        None if said.policies.isolate.is_some() => quote!(#krate::__private::policed::ISOLATED),
        None => quote!(#krate::__private::Place::Pool),
    };
    let described = said.policies.first().map(|_| described(&said.policies, krate));
    let idempotent = said.idempotent.then(|| {
        quote! {
            #(#cfgs)*
            #[automatically_derived]
            #[allow(deprecated)]
            impl #krate::__private::Idempotent for #ty {}
        }
    });
    quote! {
        #(#cfgs)*
        #(#deprecated)*
        #[doc(hidden)]
        #[allow(non_camel_case_types, missing_docs, dead_code, missing_debug_implementations)]
        #vis struct #name {}

        #(#cfgs)*
        #[allow(dead_code, missing_docs, deprecated, clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction)]
        impl #ty {
            #methods

            #beside
        }

        #(#cfgs)*
        #[automatically_derived]
        #[allow(deprecated)]
        impl #krate::__private::Placed for #ty {
            const PLACE: #krate::__private::Place = #place;
            #described
        }

        #idempotent

        #(#cfgs)*
        #[automatically_derived]
        #[allow(deprecated)]
        #[diagnostic::do_not_recommend]
        impl #krate::__private::Operator<Self> for #ty {
            fn node(self) -> Self { self }
        }

        #behind
    }
}

/// The policies as constants: an item of `Placed`.
fn described(policies: &Policies, krate: &TokenStream) -> TokenStream {
    let graph = quote!(#krate::graph);
    let policies = policies.described(&graph);
    quote!(const POLICIES: &'static [#graph::Policy<'static>] = #policies;)
}

/// The methods of an operator with policies; and the type that knows what a line says of them, whose methods are behind
/// the policies.
fn behind_policies(
    function: &ItemFn,
    parameters: &[Parameter],
    said: &Arguments,
    plain: &TokenStream,
    diagnostics: &mut Diagnostics,
) -> (TokenStream, TokenStream) {
    let Arguments { krate, policies, .. } = said;
    let ItemFn { attrs, vis, sig, .. } = function;
    let (name, asynchronous) = (&sig.ident, sig.asyncness.is_some());
    let cfgs: Vec<&Attribute> = attrs.iter().filter(|attr| attr.path().is_ident("cfg")).collect();
    let span = at(name.span());
    let generics = sig.generics.params.iter().collect();
    let batched = batch::Node { name, parameters, generics, asynchronous, krate };
    let in_lots = policies.batch.as_ref().filter(|_| policies.only_gathers());
    let in_lots = in_lots.map(|batch| batch.in_lots(plain, &batched, vis, &cfgs, diagnostics));
    let batch = policies.batch.as_ref().map(|batch| batch.gathered(plain, &batched, diagnostics));
    let plain = batch.as_ref().unwrap_or(plain);
    let stack = Stack {
        policies,
        parameters,
        asynchronous,
        name,
        states: name,
        lent_by: None,
        receiver: None,
        krate,
    };
    let mut function = function.clone();
    let bounds = stack.bounds(&sig.output);
    if !bounds.is_empty() {
        function.sig.generics.make_where_clause().predicates.extend(bounds);
    }
    let function = &function;
    let (output, layers) = if policies.is_of_value(&sig.output) {
        let written = match &sig.output {
            ReturnType::Type(_, ty) => Some(&**ty).filter(|ty| !policies::names_no_type(ty)),
            ReturnType::Default => None,
        };
        (sig.output.clone(), stack.around_value(plain, written, diagnostics))
    } else {
        (policed(&sig.output, krate), stack.around(plain, &sig.output, diagnostics))
    };
    let layers = said.logged(layers, function, parameters);
    let mut ty = name.clone();
    ty.set_span(span);
    let node = format_ident!("__{}_behind_policies", name.unraw(), span = span);
    let (call, explicit) = (call_name(asynchronous, span), explicit_generics(&sig.generics));
    let forwarded = forwarded(parameters);
    let (rt, own) = (quote!(#krate::__private::policed), quote!(#ty));
    let body = quote!(#node(#rt::Overrides::NONE).#call #explicit (#(#forwarded),*));
    let lends = policies.batch.as_ref().map(|batch| batch.lends(vis, &batched));
    let (states, outer) = (stack.states(vis), methods(&own, function, parameters, &output, krate, &body));
    let inner = methods(&own, function, parameters, &output, krate, &layers);
    let retries = policies.retry.is_some().then(|| {
        quote! {
            #(#cfgs)*
            #[automatically_derived]
            #[allow(deprecated)]
            impl #rt::Retries for #ty {}
        }
    });
    let entry = policies.isolate.is_some().then(|| {
        let entry = Isolate::entry(&stack, sig, plain);
        quote!(#(#cfgs)* #entry)
    });
    let behind = quote! {
        #(#cfgs)*
        #[doc(hidden)]
        #[allow(non_camel_case_types, missing_docs, dead_code, missing_debug_implementations)]
        #vis struct #node(#rt::Overrides);

        #(#cfgs)*
        #[allow(dead_code, missing_docs, deprecated, clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction)]
        impl #node {
            #inner
        }

        #(#cfgs)*
        #[automatically_derived]
        #[allow(deprecated)]
        impl #rt::Behind for #ty {
            type Node = #node;
            fn behind(self, over: #rt::Overrides) -> #node { #node(over) }
        }

        #retries

        #entry

        #in_lots
    };
    (quote!(#outer #states #lends), behind)
}

/// The call of the function, with its context found, and its resources as they were lent.
fn plain_call(function: &ItemFn, parameters: &[Parameter], krate: &TokenStream) -> TokenStream {
    let sig = &function.sig;
    let name = &sig.ident;
    let arguments = parameters.iter().map(|p| &p.name);
    let explicit = explicit_generics(&sig.generics);
    let plain = quote!(#name #explicit (#(#arguments),*));
    let lent = parameters.iter().filter(|p| p.resource().is_some()).map(|p| {
        let (name, lease) = (&p.name, policies::lease(&p.name));
        match p.ty {
            Type::Reference(_) => quote!(let #name = &*#lease;),
            _ => quote!(let #name = #lease;),
        }
    });
    let lent = quote!(#(#lent)*);
    let plain = match sig.asyncness {
        _ if lent.is_empty() => plain,
        Some(_) => quote!(async move { #lent #plain.await }),
        None => quote!({ #lent #plain }),
    };
    match parameters.iter().find(|p| p.is_context()) {
        None => plain,
        Some(parameter) if sig.asyncness.is_some() => {
            let context = &parameter.name;
            quote!(async move {
                let #context = &#krate::Context::current();
                #plain.await
            })
        }
        Some(parameter) => {
            let context = &parameter.name;
            quote!(#krate::Context::__with(move |#context| #plain))
        }
    }
}

/// The method with this body that calls a node, and the one that cannot be called. `operator` is the operator's type.
fn methods(
    operator: &TokenStream,
    function: &ItemFn,
    parameters: &[Parameter],
    returned: &ReturnType,
    krate: &TokenStream,
    body: &TokenStream,
) -> TokenStream {
    let ItemFn { attrs, vis, sig, .. } = function;
    let must_use: Vec<&Attribute> = attrs.iter().filter(|attr| attr.path().is_ident("must_use")).collect();
    let (generics, _, where_clause) = sig.generics.split_for_impl();
    let span = at(sig.ident.span());
    let asynchronous = sig.asyncness.is_some();
    let call = call_name(asynchronous, span);
    let inputs = parameters.iter().filter(|p| p.is_passed()).map(Parameter::declaration);
    let inputs = quote!(#(#inputs),*);
    let output = match returned {
        output if !asynchronous => quote!(#output),
        // Which lifetimes it captures goes by the edition of the tokens: all of them.
        ReturnType::Default => quote!(-> impl ::core::future::Future<Output = ()>),
        ReturnType::Type(_, ty) => quote!(-> impl ::core::future::Future<Output = #ty>),
    };
    let method = quote::quote_spanned! {span=>
        #[doc(hidden)]
        #[inline]
        #(#must_use)*
        #vis fn #call #generics (self, #inputs) #output #where_clause { #body }
    };
    let twin = twin(&call, operator, vis, &sig.generics, &inputs, returned, krate);
    quote! {
        #method

        #twin
    }
}

/// What a node behind policies gives.
pub(super) fn policed(output: &ReturnType, krate: &TokenStream) -> ReturnType {
    let ReturnType::Type(arrow, ty) = output else { return output.clone() };
    let span = ty.span();
    let rt = shown_at(&quote!(#krate::__private::policed), at(span));
    let policed = match graph::result_parts(ty) {
        // An `impl Trait` can stand in a `Result`, and not in what an alias projects.
        Some((value, error)) if policies::names_no_type(ty) => {
            quote::quote_spanned!(span=> ::core::result::Result<#value, #rt::PolicyError<#error>>)
        }
        _ => quote::quote_spanned!(span=> #rt::Policed<#ty>),
    };
    let policed = syn::parse2(policed.clone()).unwrap_or(Type::Verbatim(policed));
    ReturnType::Type(*arrow, Box::new(policed))
}

/// The generic arguments that a call can name.
pub(super) fn explicit_generics(generics: &syn::Generics) -> TokenStream {
    let names: Vec<&Ident> = generics
        .params
        .iter()
        .filter_map(|param| match param {
            syn::GenericParam::Type(param) => Some(&param.ident),
            syn::GenericParam::Const(param) => Some(&param.ident),
            syn::GenericParam::Lifetime(_) => None,
        })
        .collect();
    if names.is_empty() { TokenStream::new() } else { quote!(::<#(#names),*>) }
}
