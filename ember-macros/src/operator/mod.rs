//! `#[operator]`: the function as it is, and beside it a hidden type of the same name that carries the node.
//!
//! A function lives among the values of a module, a type among its types, so both can have one name, and whoever
//! imports the name gets both. A graph calls the type's only method, which has the user's own signature.

mod signature;
mod twin;

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Attribute, ItemFn, Path, Safety, Token};

use crate::diagnostics::{Diagnostics, nearest};
use crate::source;
use crate::span::at;

pub(crate) use signature::{Parameter, forwarded, parameters, plain_inputs};
pub(crate) use twin::{call_name, twin};

/// What stands in the attribute's parentheses.
struct Arguments {
    krate: TokenStream,
    associated: bool,
    /// Where it says that it runs: `inline` or `blocking`.
    place: Option<Ident>,
    idempotent: bool,
}

/// Expands the attribute.
pub(crate) fn expand(arguments: TokenStream, item: &TokenStream) -> TokenStream {
    let mut diagnostics = Diagnostics::default();
    let arguments = parse_arguments(arguments, &mut diagnostics);
    let mut function: ItemFn = match syn::parse2(item.clone()) {
        Ok(function) => function,
        Err(error) => {
            let item_kind: Result<syn::Item, _> = syn::parse2(item.clone());
            match item_kind {
                Ok(other) => diagnostics.error(
                    first_token(&other),
                    "`#[operator]` goes on a function or a method; to compose operators use `graph!`",
                ),
                Err(_) => diagnostics.push(error),
            }
            let errors = diagnostics.to_compile_errors();
            return quote!(#item #errors);
        }
    };
    check(&function, &arguments, &mut diagnostics);
    // The compiler would only repeat what has been said.
    function.sig.variadic = None;
    let parameters = parameters(&mut function.sig, &mut diagnostics);
    let alone = is_associated(&function, &arguments)
        || source::is_associated(&function.sig.ident)
        // The compiler says that there are two functions of the name. Of two types it would say it again.
        || source::is_repeated(&function.sig.ident);
    let beside = if !diagnostics.is_empty() || alone {
        TokenStream::new()
    } else {
        node(&function, &parameters, &arguments)
    };
    let errors = diagnostics.to_compile_errors();
    quote!(#function #beside #errors)
}

fn first_token(item: &syn::Item) -> TokenStream {
    quote!(#item).into_iter().take(1).collect()
}

const LATER: [&str; 13] = [
    "retry",
    "timeout",
    "deadline",
    "breaker",
    "cache",
    "limits",
    "limit",
    "rate",
    "fallback",
    "hedge",
    "concurrency",
    "validate",
    "batch",
];

fn parse_arguments(tokens: TokenStream, diagnostics: &mut Diagnostics) -> Arguments {
    let mut arguments =
        Arguments { krate: quote!(::ember), associated: false, place: None, idempotent: false };
    let parser = syn::meta::parser(|meta| {
        if meta.path.is_ident("crate") {
            if !meta.input.peek(Token![=]) {
                return Err(
                    meta.error("`crate` takes the path of the `ember` crate: `crate = path::to::ember`")
                );
            }
            let path: Path = meta.value()?.parse()?;
            arguments.krate = quote!(#path);
            return Ok(());
        }
        if meta.path.is_ident("associated") {
            arguments.associated = true;
            return Ok(());
        }
        if meta.path.is_ident("idempotent") {
            arguments.idempotent = true;
            return Ok(());
        }
        if meta.path.is_ident("inline") || meta.path.is_ident("blocking") {
            if arguments.place.is_some() {
                return Err(meta.error("an operator runs in one place: `inline` or `blocking`"));
            }
            arguments.place = meta.path.get_ident().cloned();
            return Ok(());
        }
        let name = quote::ToTokens::to_token_stream(&meta.path).to_string();
        // Skip what the unknown argument holds, so that it is the only mistake.
        if meta.input.peek(Token![=]) {
            let _: syn::Expr = meta.value()?.parse()?;
        } else if meta.input.peek(syn::token::Paren) {
            let content;
            syn::parenthesized!(content in meta.input);
            let _: TokenStream = content.parse()?;
        }
        if LATER.contains(&name.as_str()) {
            return Err(meta
                .error(format!("`{name}` is a policy, and this version of ember has none yet; remove it")));
        }
        if let Some(policy) = nearest(&name, LATER) {
            return Err(meta.error(format!(
                "`#[operator]` has no argument `{name}`; if the policy `{policy}` is meant, this version of ember has \
                 none yet: remove it"
            )));
        }
        let hint = nearest(&name, ["crate", "associated", "inline", "blocking", "idempotent"])
            .map(|n| format!("; did you mean `{n}`?"))
            .unwrap_or_default();
        Err(meta.error(format!(
            "`#[operator]` has no argument `{name}`{hint} (there are `crate = path`, `associated`, `inline`, `blocking` and `idempotent`)"
        )))
    });
    if let Err(error) = syn::parse::Parser::parse2(parser, tokens) {
        diagnostics.push(error);
    }
    arguments
}

fn check(function: &ItemFn, arguments: &Arguments, diagnostics: &mut Diagnostics) {
    let sig = &function.sig;
    if let (Some(_), Some(place)) = (&sig.asyncness, &arguments.place) {
        let message = "an `async` operator runs where its graph is polled; `inline` and `blocking` are for operators that \
                       are not `async`";
        diagnostics.error(place, message);
    }
    if let Safety::Unsafe(token) = &sig.safety {
        let message = "an operator cannot be `unsafe`: a graph has no way to promise what the function needs; wrap it \
                       in a safe function and make that the operator";
        diagnostics.error(token, message);
    }
    if let Some(abi) = &sig.abi {
        let message = "an operator cannot have an `extern` ABI; wrap the function in an ordinary one and make that the \
                       operator";
        diagnostics.error(abi, message);
    }
    if let Some(variadic) = &sig.variadic {
        diagnostics.error(variadic, "an operator cannot take a variable number of arguments; take a slice");
    }
}

/// Methods and associated functions stay alone: an `impl` block has no room for a type beside them. A graph calls
/// them as they are.
fn is_associated(function: &ItemFn, arguments: &Arguments) -> bool {
    fn mentions_self(tokens: TokenStream) -> bool {
        tokens.into_iter().any(|tree| match tree {
            proc_macro2::TokenTree::Ident(ident) => ident == "Self",
            proc_macro2::TokenTree::Group(group) => mentions_self(group.stream()),
            _ => false,
        })
    }
    arguments.associated || function.sig.receiver().is_some() || mentions_self(quote!(#function))
}

/// The hidden type and its method.
fn node(function: &ItemFn, parameters: &[Parameter], said: &Arguments) -> TokenStream {
    let krate = &said.krate;
    let ItemFn { attrs, vis, sig, .. } = function;
    let name = &sig.ident;
    let cfgs: Vec<&Attribute> = attrs.iter().filter(|attr| attr.path().is_ident("cfg")).collect();
    let must_use: Vec<&Attribute> = attrs.iter().filter(|attr| attr.path().is_ident("must_use")).collect();
    let deprecated: Vec<&Attribute> =
        attrs.iter().filter(|attr| attr.path().is_ident("deprecated")).collect();
    let (generics, _, where_clause) = sig.generics.split_for_impl();
    let span = at(name.span());
    let asynchronous = sig.asyncness.is_some();
    let call = call_name(asynchronous, span);
    let mut ty = name.clone();
    ty.set_span(span);
    let inputs = parameters.iter().filter(|p| !p.context).map(Parameter::declaration);
    let inputs = quote!(#(#inputs),*);
    let arguments = parameters.iter().map(|p| &p.name);
    let explicit = explicit_generics(&sig.generics);
    let plain = quote!(#name #explicit (#(#arguments),*));
    let body = match parameters.iter().find(|p| p.context) {
        None => plain,
        Some(parameter) if asynchronous => {
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
    };
    let output = match &sig.output {
        output if !asynchronous => quote!(#output),
        // Which lifetimes it captures goes by the edition of the tokens: all of them.
        syn::ReturnType::Default => quote!(-> impl ::core::future::Future<Output = ()>),
        syn::ReturnType::Type(_, ty) => quote!(-> impl ::core::future::Future<Output = #ty>),
    };
    let place = match &said.place {
        Some(place) if place == "blocking" => {
            quote::quote_spanned!(place.span()=> <#ty as #krate::__private::Blocks>::PLACE)
        }
        Some(_) => quote!(#krate::__private::Place::Inline),
        None => quote!(#krate::__private::Place::Pool),
    };
    let idempotent = said.idempotent.then(|| {
        quote! {
            #(#cfgs)*
            #[automatically_derived]
            #[allow(deprecated)]
            impl #krate::__private::Idempotent for #ty {}
        }
    });
    let method = quote::quote_spanned! {span=>
        #[doc(hidden)]
        #[inline]
        #(#must_use)*
        #vis fn #call #generics (self, #inputs) #output #where_clause { #body }
    };
    let twin = twin(asynchronous, vis, &sig.generics, &inputs, &sig.output, krate, span);
    quote! {
        #(#cfgs)*
        #(#deprecated)*
        #[doc(hidden)]
        #[allow(non_camel_case_types, missing_docs, dead_code, missing_debug_implementations)]
        #vis struct #name {}

        #(#cfgs)*
        #[allow(dead_code, missing_docs, deprecated, clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction)]
        impl #ty {
            #method

            #twin

            #[doc(hidden)]
            #vis fn __graph(self) -> ::core::option::Option<&'static #krate::graph::Description<'static>> {
                ::core::option::Option::None
            }
        }

        #(#cfgs)*
        #[automatically_derived]
        #[allow(deprecated)]
        impl #krate::__private::Placed for #ty {
            const PLACE: #krate::__private::Place = #place;
        }

        #idempotent

        #(#cfgs)*
        #[automatically_derived]
        #[allow(deprecated)]
        #[diagnostic::do_not_recommend]
        impl #krate::__private::Operator<Self> for #ty {
            fn node(self) -> Self { self }
        }
    }
}

/// The generic arguments that a call can name.
fn explicit_generics(generics: &syn::Generics) -> TokenStream {
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
