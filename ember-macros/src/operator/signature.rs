//! The parameters of operators and graphs.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{FnArg, Pat, Signature, Token, Type};

use crate::diagnostics::Diagnostics;

/// A parameter, under a name that forwards it.
pub(crate) struct Parameter {
    pub(crate) name: Ident,
    pub(crate) ty: Type,
    /// It asks for the run's context.
    pub(crate) context: bool,
}

impl Parameter {
    /// `name: Type`
    pub(crate) fn declaration(&self) -> TokenStream {
        let Self { name, ty, .. } = self;
        quote!(#name: #ty)
    }
}

/// Reads the parameters and takes ember's own attributes off them.
pub(crate) fn parameters(sig: &mut Signature, diagnostics: &mut Diagnostics) -> Vec<Parameter> {
    let function = sig.ident.clone();
    let receiver = sig.receiver().is_some();
    let mut parameters: Vec<Parameter> = Vec::new();
    for (i, arg) in sig.inputs.iter_mut().enumerate() {
        let FnArg::Typed(typed) = arg else { continue };
        let mut context = is_context(&typed.ty);
        typed.attrs.retain(|attr| {
            let (cx, plain) = (attr.path().is_ident("cx"), attr.path().is_ident("arg"));
            if cx && !matches!(&*typed.ty, Type::Reference(r) if r.mutability.is_none()) {
                diagnostics.error(&typed.ty, "the context is lent to an operator: take it as `&Context`");
            }
            context = (context || cx) && !plain;
            !(cx || plain)
        });
        if context && receiver {
            let message = "a method that is an operator is called as it stands, so it cannot leave its context out; ask \
                           for it inside, `Context::current()`, or write `#[arg]` before the parameter to pass it";
            diagnostics.error(&typed.ty, message);
        }
        if context && parameters.iter().any(|p| p.context) {
            diagnostics.error(
                &typed.ty,
                "an operator has one context; write `#[arg]` before what is an ordinary argument",
            );
        }
        parameters.push(Parameter {
            name: name_of(&typed.pat, i, &function),
            ty: (*typed.ty).clone(),
            context,
        });
    }
    parameters
}

/// The name that forwards a parameter: its own, unless it is a pattern or hides the function.
fn name_of(pat: &Pat, i: usize, function: &Ident) -> Ident {
    match pat {
        Pat::Ident(pat) if pat.subpat.is_none() && pat.ident != *function => pat.ident.clone(),
        other => {
            let span: Span = other.span();
            format_ident!("arg{}", i + 1, span = span)
        }
    }
}

/// Whether a type is `&Context`, by its last segment.
fn is_context(ty: &Type) -> bool {
    let Type::Reference(reference) = ty else { return false };
    let Type::Path(path) = &*reference.elem else { return false };
    reference.mutability.is_none()
        && path.path.segments.last().is_some_and(|s| s.ident == "Context" && s.arguments.is_empty())
}

/// The names that forward the parameters of a function.
pub(crate) fn forwarded(parameters: &[Parameter]) -> Vec<TokenStream> {
    parameters.iter().filter(|p| !p.context).map(|p| p.name.to_token_stream()).collect()
}

/// The parameters under plain names.
pub(crate) fn plain_inputs(parameters: &[Parameter]) -> Punctuated<TokenStream, Token![,]> {
    parameters.iter().map(Parameter::declaration).collect()
}
