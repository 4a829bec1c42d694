//! The tokens of graphs, taken apart.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Block, Expr, ItemFn, Signature, Visibility};

use crate::diagnostics::{Diagnostics, nearest};
use crate::operator::Arguments;
use crate::operator::policies::NAMES;
use crate::operator::policies::said::{self, Value};

/// A graph as it is written.
pub(super) struct Syntax {
    pub(super) attrs: Vec<Attribute>,
    pub(super) vis: Visibility,
    pub(super) sig: Signature,
    pub(super) block: Block,
}

/// What is known of a graph whatever its body holds.
pub(super) struct Head {
    pub(super) attrs: Vec<Attribute>,
    pub(super) vis: Visibility,
    pub(super) sig: Signature,
}

/// A graph that does not parse, with its head if at least that does.
pub(super) struct Broken {
    pub(super) error: syn::Error,
    pub(super) head: Option<Box<Head>>,
}

impl Syntax {
    /// The head, to write a stand-in.
    pub(super) fn signature(&self) -> Head {
        Head { attrs: self.attrs.clone(), vis: self.vis.clone(), sig: self.sig.clone() }
    }
}

impl Parse for Head {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = Attribute::parse_outer(input)?;
        let vis = input.parse()?;
        let sig = input.parse()?;
        let _: TokenStream = input.parse()?;
        Ok(Self { attrs, vis, sig })
    }
}

/// Takes `[path]` off the front.
pub(super) fn crate_path(input: TokenStream) -> (TokenStream, TokenStream) {
    let mut trees = input.clone().into_iter();
    match trees.next() {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Bracket => {
            (group.stream(), trees.collect())
        }
        _ => (quote!(::ember), input),
    }
}

/// Splits the input behind each body, so that a mistake in one graph leaves the others alone.
pub(super) fn split(input: TokenStream) -> Vec<TokenStream> {
    let mut parts = Vec::new();
    let mut part: Vec<TokenTree> = Vec::new();
    let mut trees = input.into_iter().peekable();
    while let Some(tree) = trees.next() {
        let brace = matches!(&tree, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
        part.push(tree);
        // A brace with `,` or `>` behind it is a constant in a type, not a body.
        let constant = matches!(trees.peek(), Some(TokenTree::Punct(p)) if matches!(p.as_char(), ',' | '>'));
        if brace && !constant {
            parts.push(part.drain(..).collect());
        }
    }
    if !part.is_empty() {
        parts.push(part.into_iter().collect());
    }
    parts
}

/// The graphs that repeat the name of one before them.
pub(super) fn repeated(parts: &[TokenStream]) -> Vec<(usize, proc_macro2::Ident)> {
    let mut names = std::collections::HashSet::new();
    let heads = parts.iter().map(|part| syn::parse2::<Head>(part.clone()));
    let named = heads.enumerate().filter_map(|(i, head)| {
        let Head { attrs, sig, .. } = head.ok()?;
        let conditional =
            attrs.iter().any(|attr| attr.path().is_ident("cfg") || attr.path().is_ident("cfg_attr"));
        (!conditional).then_some((i, sig.ident))
    });
    named.filter(|(_, name)| !names.insert(name.clone())).collect()
}

/// Parses one graph.
pub(super) fn parse(tokens: TokenStream) -> Result<Syntax, Broken> {
    match syn::parse2::<ItemFn>(tokens.clone()) {
        Ok(ItemFn { attrs, vis, sig, block, .. }) => Ok(Syntax { attrs, vis, sig, block: *block }),
        Err(error) => {
            let head: Option<Box<Head>> = syn::parse2(tokens).ok().map(Box::new);
            let error = if head.is_none() { explain(&error) } else { error };
            Err(Broken { error, head })
        }
    }
}

/// Says what a graph looks like, where the parser only says which token it wanted.
fn explain(error: &syn::Error) -> syn::Error {
    let mut what = error.to_string();
    if what.starts_with("expected one of") {
        "a name or a type is missing here".clone_into(&mut what);
    }
    let message =
        format!("{what}; a graph is written like a function: `pub fn name(input: Type) -> Type {{ .. }}`");
    syn::Error::new(error.span(), message)
}

/// What is said of a graph besides its lines.
pub(super) struct Form {
    /// The path of the `ember` crate.
    pub(super) krate: TokenStream,
    pub(super) fail_fast: bool,
    pub(super) policies: Arguments,
}

impl Form {
    /// Nothing but the crate.
    pub(super) fn of(krate: &TokenStream) -> Self {
        Self { krate: krate.clone(), fail_fast: false, policies: Arguments::none(krate) }
    }
}

/// The arguments of `#[graph_fn(..)]`.
pub(super) fn attribute_arguments(tokens: TokenStream, diagnostics: &mut Diagnostics) -> Form {
    let (mut krate, mut fail_fast) = (quote!(::ember), false);
    let mut policies = Arguments::none(&krate);
    for said in said::arguments(tokens, diagnostics) {
        let name = said.text();
        match (name.as_str(), &said.value) {
            ("crate", Value::Is(Expr::Path(path))) => krate = quote!(#path),
            ("fail_fast", Value::Nothing) => fail_fast = true,
            _ if policies.take(&said, diagnostics) => {}
            _ => {
                let known = NAMES.into_iter().filter(|name| !["batch", "isolate"].contains(name));
                let hint = nearest(&name, known.chain(["crate", "fail_fast", "idempotent"]))
                    .map(|near| format!("; did you mean `{near}`?"))
                    .unwrap_or_default();
                let message = format!(
                    "`#[graph_fn]` has no argument `{name}`{hint} (there are `crate = path`, `fail_fast`, `idempotent`, and \
                     the policies of operators)"
                );
                diagnostics.error(&said.name, message);
            }
        }
    }
    policies.krate_is(&krate);
    Form { krate, fail_fast, policies }
}
