//! The parameters of operators and graphs.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, FnArg, Pat, PatType, Path, Signature, Token, Type};

use crate::diagnostics::Diagnostics;

/// A parameter, under a name that forwards it.
pub(crate) struct Parameter {
    pub(crate) name: Ident,
    pub(crate) ty: Type,
    pub(crate) origin: Origin,
}

/// Where a parameter's value comes from.
pub(crate) enum Origin {
    Caller,
    /// It asks for the run's context.
    Context,
    /// It is what that loads.
    Resource(Path),
}

impl Parameter {
    /// Whether those who call the node pass it.
    pub(crate) const fn is_passed(&self) -> bool {
        matches!(self.origin, Origin::Caller)
    }

    /// Whether it is the run's context.
    pub(crate) const fn is_context(&self) -> bool {
        matches!(self.origin, Origin::Context)
    }

    /// The resource that it is.
    pub(crate) const fn resource(&self) -> Option<&Path> {
        match &self.origin {
            Origin::Resource(path) => Some(path),
            Origin::Caller | Origin::Context => None,
        }
    }

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
        let resource = resource(&mut typed.attrs, diagnostics);
        if resource.is_some() {
            check_resource(typed, diagnostics);
            context = false;
        }
        typed.attrs.retain(|attr| {
            let (cx, plain) = (attr.path().is_ident("cx"), attr.path().is_ident("arg"));
            if cx && !matches!(&*typed.ty, Type::Reference(r) if r.mutability.is_none()) {
                diagnostics.error(&typed.ty, "the context is lent to an operator: take it as `&Context`");
            }
            context = (context || cx) && !plain && resource.is_none();
            !(cx || plain)
        });
        if context && receiver {
            let message = "a method that is an operator is called as it stands, so it cannot leave its context out; ask \
                           for it inside, `Context::current()`, or write `#[arg]` before the parameter to pass it";
            diagnostics.error(&typed.ty, message);
        }
        if context && parameters.iter().any(Parameter::is_context) {
            diagnostics.error(
                &typed.ty,
                "an operator has one context; write `#[arg]` before what is an ordinary argument",
            );
        }
        parameters.push(Parameter {
            name: name_of(&typed.pat, i, &function),
            ty: (*typed.ty).clone(),
            origin: match resource {
                Some(path) => Origin::Resource(path),
                None if context => Origin::Context,
                None => Origin::Caller,
            },
        });
    }
    parameters
}

/// Takes `#[resource(PATH)]` off a parameter.
fn resource(attrs: &mut Vec<Attribute>, diagnostics: &mut Diagnostics) -> Option<Path> {
    let at = attrs.iter().position(|attr| attr.path().is_ident("resource"))?;
    let attr = attrs.remove(at);
    let path = attr.parse_args::<Path>();
    if path.is_err() {
        let message =
            "`#[resource(..)]` names the static that is loaded: `#[resource(CLIENT)] client: &Client`";
        diagnostics.error(&attr, message);
    }
    path.ok()
}

fn check_resource(typed: &PatType, diagnostics: &mut Diagnostics) {
    if let Type::Reference(reference) = &*typed.ty {
        if reference.mutability.is_some() {
            let message = "a resource is shared by all runs: take it as `&T`, or as `Arc<T>` to keep it";
            diagnostics.error(&typed.ty, message);
        }
        if let Some(lifetime) = &reference.lifetime {
            let message =
                "a resource is lent for the call: leave the lifetime out, or take it as `Arc<T>` to keep it";
            diagnostics.error(lifetime, message);
        }
    }
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

/// Says of resources at parameters why they cannot be there. `NAME` stands for the resource in what is said.
pub(crate) fn refuse_resources(parameters: &[Parameter], why: &str, diagnostics: &mut Diagnostics) {
    for path in parameters.iter().filter_map(Parameter::resource) {
        let name = path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
        diagnostics.error(path, why.replace("NAME", &name));
    }
}

/// The names that forward the parameters of a function.
pub(crate) fn forwarded(parameters: &[Parameter]) -> Vec<TokenStream> {
    parameters.iter().filter(|p| p.is_passed()).map(|p| p.name.to_token_stream()).collect()
}

/// The parameters under plain names.
pub(crate) fn plain_inputs(parameters: &[Parameter]) -> Punctuated<TokenStream, Token![,]> {
    parameters.iter().map(Parameter::declaration).collect()
}
