//! `#[operator]`: the function as it is, and beside it a hidden type of the same name that carries the node.
//!
//! A function lives among the values of a module, a type among its types, so both can have one name, and whoever
//! imports the name gets both. A graph calls the type's only method, which has the user's own signature.

mod log;
mod method;
mod node;
pub(crate) mod policies;
mod signature;
#[cfg(test)]
mod tests;
mod twin;

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Expr, ItemFn, Safety};

use crate::diagnostics::{Diagnostics, nearest};
use crate::source;

use self::node::node;
use self::policies::Policies;
use self::policies::said::{self, Said, Value};

pub(crate) use signature::{Parameter, forwarded, parameters, plain_inputs, refuse_resources};
pub(crate) use twin::{call_name, twin};

/// What stands in the attribute's parentheses.
pub(crate) struct Arguments {
    krate: TokenStream,
    associated: bool,
    /// Where it says that it runs: `inline` or `blocking`.
    place: Option<Ident>,
    idempotent: bool,
    log: Option<log::Log>,
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
            log: None,
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
            "log" => {
                let message = "`log` is for operators: write it at those whose values may stand in logs";
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

    /// The body of a method with what is logged around it.
    fn logged(&self, body: TokenStream, function: &ItemFn, parameters: &[Parameter]) -> TokenStream {
        match &self.log {
            None => body,
            Some(log) => log.around(&body, parameters, function.sig.asyncness.is_some(), &self.krate),
        }
    }

    /// Notes what does not fit a graph.
    pub(crate) fn check(&self, function: &ItemFn, parameters: &[Parameter], diagnostics: &mut Diagnostics) {
        self.policies.check(function, parameters, self.idempotent, diagnostics);
    }
}

/// Expands the attribute.
pub(crate) fn expand(arguments: TokenStream, item: &TokenStream) -> TokenStream {
    let (mut diagnostics, mut of_function) = (Diagnostics::default(), Diagnostics::default());
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
    check(&function, &mut of_function);
    check_place(&function, &arguments, &mut diagnostics);
    // The compiler would only repeat what has been said.
    function.sig.variadic = None;
    let mut parameters = parameters(&mut function.sig, &mut of_function);
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
    if let Some(log) = &arguments.log {
        let why = if associated {
            "`log` needs a node of its own, and a method has none: a graph calls it as it stands; write a free operator that \
             calls the method"
        } else if arguments.policies.batch.is_some() {
            "`log` shows the arguments of one call, and `batch` makes one of several; write lines of your own inside"
        } else {
            ""
        };
        if why.is_empty() {
            log.check(&parameters, &mut diagnostics);
        } else {
            diagnostics.error(&log.name, why);
        }
    }
    let is_function_good = of_function.is_empty();
    diagnostics.append(of_function);
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
    let mut knows_type = diagnostics.is_empty();
    if !knows_type && arguments.policies.leave_type(&called.sig.output) {
        // With its type at hand, nothing but the mistake itself is said of the graphs that call it.
        arguments = Arguments { idempotent: arguments.idempotent, ..Arguments::none(&arguments.krate) };
        knows_type = is_function_good;
    }
    let beside = if alone || !knows_type {
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
const PLAIN: [&str; 6] = ["idempotent", "inline", "blocking", "log", "crate", "associated"];

fn parse_arguments(tokens: TokenStream, diagnostics: &mut Diagnostics) -> Arguments {
    let mut arguments = Arguments {
        krate: quote!(::ember),
        associated: false,
        place: None,
        idempotent: false,
        log: None,
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
            ("log", _) if arguments.log.is_some() => {
                diagnostics.error(&said.name, "`log` is said twice; keep one of the two");
            }
            ("log", _) => arguments.log = Some(log::read(&said, diagnostics)),
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

fn check_place(function: &ItemFn, arguments: &Arguments, diagnostics: &mut Diagnostics) {
    if let (Some(_), Some(place)) = (&function.sig.asyncness, &arguments.place) {
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
}

fn check(function: &ItemFn, diagnostics: &mut Diagnostics) {
    let sig = &function.sig;
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
