//! `#[operator]`: the function as it is, and beside it a hidden type of the same name that carries the node.
//!
//! A function lives among the values of a module, a type among its types, so both can have one name, and whoever
//! imports the name gets both. A graph calls the type's only method, which has the user's own signature.

mod method;
pub(crate) mod policies;
mod signature;
#[cfg(test)]
mod tests;
mod twin;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, ItemFn, ReturnType, Safety, Type};

use crate::diagnostics::{Diagnostics, nearest};
use crate::graph;
use crate::source;
use crate::span::{at, shown_at};

use self::policies::said::{self, Said, Value};
use self::policies::{Isolate, Policies, Stack, batch};

pub(crate) use signature::{Parameter, forwarded, parameters, plain_inputs, refuse_resources};
pub(crate) use twin::{call_name, twin};

/// What stands in the attribute's parentheses.
pub(crate) struct Arguments {
    krate: TokenStream,
    associated: bool,
    /// Where it says that it runs: `inline` or `blocking`.
    place: Option<Ident>,
    idempotent: bool,
    policies: Policies,
}

/// The policies of a graph, which are written as those of an operator.
impl Arguments {
    /// Nothing is said.
    pub(crate) fn none(krate: &TokenStream) -> Self {
        Self {
            krate: krate.clone(),
            associated: false,
            place: None,
            idempotent: false,
            policies: Policies::of_graph(),
        }
    }

    /// Reads one of the arguments, if it is a policy's or `idempotent`.
    pub(crate) fn take(&mut self, said: &Said, diagnostics: &mut Diagnostics) -> bool {
        let name = said.text();
        match name.as_str() {
            "idempotent" => {
                if said.has_value() {
                    said::mistake(said, format!("`{name}` stands alone, without a value"), diagnostics);
                }
                self.idempotent = true;
            }
            "batch" => {
                let message = "`batch` is for operators that take a slice; many inputs of a graph are run by its `batch` \
                               function";
                diagnostics.error(&said.name, message);
            }
            "inline" | "blocking" => {
                let message =
                    format!("`{name}` is for operators: the nodes of a graph say themselves where they run");
                diagnostics.error(&said.name, message);
            }
            _ => return self.policies.take(said, diagnostics),
        }
        true
    }

    /// Says by which path the crate is known.
    pub(crate) fn krate_is(&mut self, krate: &TokenStream) {
        self.krate = krate.clone();
    }

    /// Whether a graph needs a node of its own for them.
    pub(crate) fn is_said(&self) -> bool {
        self.idempotent || self.policies.first().is_some()
    }

    /// The node of a graph behind its policies, which calls the function of the graph. `beside` are further methods.
    pub(crate) fn node(
        &self,
        function: &ItemFn,
        parameters: &[Parameter],
        beside: &TokenStream,
        diagnostics: &mut Diagnostics,
    ) -> TokenStream {
        node(function, parameters, self, beside, diagnostics)
    }

    /// Notes what does not fit a graph.
    pub(crate) fn check(&self, function: &ItemFn, parameters: &[Parameter], diagnostics: &mut Diagnostics) {
        self.policies.check(function, parameters, self.idempotent, diagnostics);
    }
}

/// Expands the attribute.
pub(crate) fn expand(arguments: TokenStream, item: &TokenStream) -> TokenStream {
    let mut diagnostics = Diagnostics::default();
    let mut arguments = parse_arguments(arguments, &mut diagnostics);
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
    let mut parameters = parameters(&mut function.sig, &mut diagnostics);
    arguments.policies.resources = parameters.iter().any(|p| p.resource().is_some());
    let associated = is_associated(&function, &arguments) || source::is_associated(&function.sig.ident);
    if associated {
        let why = "a method that is an operator is called as it stands, so it cannot leave its resource out; ask for it \
                   inside, `NAME.get()?`";
        refuse_resources(&parameters, why, &mut diagnostics);
    } else if arguments.policies.batch.is_some() {
        let why = "a batch is not that of one call, to which the resource could be lent; ask for it inside, `NAME.get()?`";
        refuse_resources(&parameters, why, &mut diagnostics);
    }
    if associated && arguments.policies.first().is_some() {
        method::check(&function, &parameters, &arguments, &mut diagnostics);
        if diagnostics.is_empty() {
            let method = method::behind_policies(function, &parameters, &arguments, &mut diagnostics);
            let errors = diagnostics.to_compile_errors();
            return quote!(#method #errors);
        }
    }
    // Graphs call a batch operator with one item.
    let called = match &mut arguments.policies.batch {
        Some(batch) if !associated => {
            batch.per_item(&function, &mut parameters, &arguments.krate, &mut diagnostics)
        }
        _ => None,
    };
    let called = called.as_ref().unwrap_or(&function);
    if !associated && (arguments.policies.batch.is_none() || diagnostics.is_empty()) {
        arguments.policies.check(called, &parameters, arguments.idempotent, &mut diagnostics);
    }
    // The compiler says that there are two functions of the name. Of two types it would say it again.
    let alone = associated || source::is_repeated(&function.sig.ident);
    let beside = if !diagnostics.is_empty() || alone {
        TokenStream::new()
    } else {
        let (vis, krate) = (&called.vis, &arguments.krate);
        let no_graph = quote! {
            #[doc(hidden)]
            #vis fn __graph(self) -> ::core::option::Option<&'static #krate::graph::Description<'static>> {
                ::core::option::Option::None
            }
        };
        node(called, &parameters, &arguments, &no_graph, &mut diagnostics)
    };
    let errors = diagnostics.to_compile_errors();
    quote!(#function #beside #errors)
}

fn first_token(item: &syn::Item) -> TokenStream {
    quote!(#item).into_iter().take(1).collect()
}

/// The arguments besides the policies.
const PLAIN: [&str; 5] = ["idempotent", "inline", "blocking", "crate", "associated"];

fn parse_arguments(tokens: TokenStream, diagnostics: &mut Diagnostics) -> Arguments {
    let mut arguments = Arguments {
        krate: quote!(::ember),
        associated: false,
        place: None,
        idempotent: false,
        policies: Policies::default(),
    };
    for said in said::arguments(tokens, diagnostics) {
        if arguments.policies.take(&said, diagnostics) {
            continue;
        }
        let name = said.text();
        match (name.as_str(), &said.value) {
            ("crate", Value::Is(Expr::Path(path))) => arguments.krate = quote!(#path),
            ("crate", _) => {
                let message = "`crate` takes the path of the `ember` crate: `crate = path::to::ember`";
                diagnostics.error(&said.name, message);
            }
            (known, Value::Is(_) | Value::List(_)) if PLAIN.contains(&known) => {
                said::mistake(&said, format!("`{name}` stands alone, without a value"), diagnostics);
            }
            ("associated", _) => arguments.associated = true,
            ("idempotent", _) => arguments.idempotent = true,
            ("inline" | "blocking", _) => {
                if arguments.place.is_some() {
                    let message = "an operator runs in one place: `inline` or `blocking`";
                    diagnostics.error(&said.name, message);
                }
                arguments.place = Some(said.name);
            }
            _ => diagnostics.error(&said.name, unknown(&name)),
        }
    }
    arguments
}

fn unknown(name: &str) -> String {
    if name == "hedge" {
        return "hedging is asked for on the line of a graph, `#[hedge(after = \"200ms\")]`, and the operator says \
                `idempotent`"
            .to_owned();
    }
    let hint = match policies::known_elsewhere(name) {
        Some(such) => format!("; that is `{such}` here"),
        None => nearest(name, policies::NAMES.into_iter().chain(PLAIN))
            .map(|n| format!("; did you mean `{n}`?"))
            .unwrap_or_default(),
    };
    let (policies, plain) = (said::listed(&policies::NAMES), said::listed(&PLAIN));
    format!("`#[operator]` has no argument `{name}`{hint} (there are the policies {policies}, and {plain})")
}

fn check(function: &ItemFn, arguments: &Arguments, diagnostics: &mut Diagnostics) {
    let sig = &function.sig;
    if let (Some(_), Some(place)) = (&sig.asyncness, &arguments.place) {
        let message = "an `async` operator runs where its graph is polled; `inline` and `blocking` are for operators that \
                       are not `async`";
        diagnostics.error(place, message);
    }
    if let (Some(isolate), Some(place)) = (&arguments.policies.isolate, &arguments.place)
        && place == "inline"
    {
        let message = "`isolate` waits for another process, and `inline` would keep a thread of the runtime meanwhile: \
                       remove `inline`";
        diagnostics.push(syn::Error::new(isolate.span, message));
    }
    if let Some(place) = arguments.place.as_ref().filter(|place| *place == "inline")
        && arguments.policies.batch.is_some()
    {
        let message = "an `inline` call keeps what polls its graph from going on, so no other call could join its batch: \
                       leave `inline` out, or let the operator be `async`";
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
/// `beside` are methods that it has too.
fn node(
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
        (methods(function, parameters, &sig.output, krate, &plain), TokenStream::new())
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
    let stack = Stack { policies, parameters, asynchronous, name, states: name, receiver: None, krate };
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
    let mut ty = name.clone();
    ty.set_span(span);
    let node = format_ident!("__{}_behind_policies", name.unraw(), span = span);
    let (call, explicit) = (call_name(asynchronous, span), explicit_generics(&sig.generics));
    let forwarded = forwarded(parameters);
    let rt = quote!(#krate::__private::policed);
    let body = quote!(#node(#rt::Overrides::NONE).#call #explicit (#(#forwarded),*));
    let lends = policies.batch.as_ref().map(|batch| batch.lends(vis, &batched));
    let (states, outer) = (stack.states(vis), methods(function, parameters, &output, krate, &body));
    let inner = methods(function, parameters, &output, krate, &layers);
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

/// The method with this body that calls a node, and the one that cannot be called.
fn methods(
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
    let twin = twin(asynchronous, vis, &sig.generics, &inputs, returned, krate, span);
    quote! {
        #method

        #twin
    }
}

/// What a node behind policies gives.
fn policed(output: &ReturnType, krate: &TokenStream) -> ReturnType {
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
