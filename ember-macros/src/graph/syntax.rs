//! The tokens of graphs, taken apart.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::quote;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, Block, ItemFn, Path, Signature, Visibility};

use crate::diagnostics::nearest;

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

/// The arguments of `#[graph_fn(..)]`.
pub(super) fn attribute_arguments(tokens: TokenStream) -> syn::Result<(TokenStream, bool)> {
    let mut krate = quote!(::ember);
    let mut fail_fast = false;
    let parser = syn::meta::parser(|meta| {
        if meta.path.is_ident("crate") {
            let path: Path = meta.value()?.parse()?;
            krate = quote!(#path);
            Ok(())
        } else if meta.path.is_ident("fail_fast") {
            fail_fast = true;
            Ok(())
        } else {
            let name = quote::ToTokens::to_token_stream(&meta.path).to_string();
            let hint = nearest(&name, ["crate", "fail_fast"])
                .map(|near| format!("; did you mean `{near}`?"))
                .unwrap_or_default();
            Err(meta.error(format!(
                "`#[graph_fn]` has no argument `{name}`{hint} (there are `crate = path` and `fail_fast`)"
            )))
        }
    });
    parser.parse2(tokens)?;
    Ok((krate, fail_fast))
}
