//! What stands beside a method in the `impl` block of a type itself: functions that lend the state of its policies, and a
//! method that a line of a graph calls, which is told what the line says of them.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;
use syn::{Attribute, FnArg, ItemFn, ReturnType, Signature, Visibility};

use super::super::Parameter;
use super::super::node::{explicit_generics, policed};
use super::super::policies::{self, Layers, Policies, Stack, lent_by};
use crate::diagnostics::Diagnostics;
use crate::graph;
use crate::source;
use crate::span::{at, shown_at};

/// The method that lines with policies call in the place of this one. Who calls it on something else reads its name.
pub(crate) fn on_a_line(method: &Ident) -> Ident {
    format_ident!("__{}_with_policies_of_a_line", method.unraw(), span = method.span())
}

/// The functions that lend the method's policies.
pub(super) fn lenders(stack: &Stack<'_>, attrs: &[Attribute], vis: &Visibility) -> TokenStream {
    let (states, method) = (stack.states, stack.name);
    let cfgs: Vec<&Attribute> = attrs.iter().filter(|attr| attr.path().is_ident("cfg")).collect();
    let each = stack.lenders(&Visibility::Inherited).into_iter().map(|lender| {
        let (layer, ty, function) = (&lender.name, &lender.ty, &lender.function);
        let name = lent_by(method, layer);
        let doc =
            format!("The policy `{layer}` of [`{method}`](Self::{method}), as all of its calls share it.");
        quote! {
            #(#cfgs)*
            #[doc = #doc]
            #[must_use]
            #[allow(dead_code)]
            #vis fn #name() -> &'static #ty {
                #[allow(missing_debug_implementations)]
                struct #states;
                #[allow(clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction)]
                impl #states { #function }
                #states::#layer()
            }
        }
    });
    each.collect()
}

/// A method with policies that hands its call on to the one that knows what a line says.
pub(super) fn forwarding(
    function: &ItemFn,
    parameters: &[Parameter],
    stack: &Stack<'_>,
    layers: &Layers,
) -> TokenStream {
    let ItemFn { attrs, vis, sig, .. } = function;
    let krate = stack.krate;
    let rt = quote!(#krate::__private::policed);
    let kept = attrs.iter().filter(|attr| !attr.path().is_ident("expect"));
    let called = call(function, parameters, &on_a_line(&sig.ident), Some(&quote!(#rt::Overrides::NONE)));
    let awaited = sig.asyncness.map(|_| quote!(.await));
    let outer = handed_on(sig);
    let asked = match &stack.policies.retry {
        Some(_) => quote!(OfALineThatRetries),
        None => quote!(OfALine),
    };
    let told = told(function, parameters, &sig.output, &asked, &rt, layers);
    quote! {
        #(#kept)*
        #vis #outer { #called #awaited }

        #told
    }
}

/// The method that a line calls in the place of one without policies, if that is one that can fail.
pub(super) fn beside(
    function: &ItemFn,
    parameters: &[Parameter],
    krate: &TokenStream,
) -> Option<TokenStream> {
    let sig = &function.sig;
    sig.receiver()?;
    let ReturnType::Type(_, ty) = &sig.output else { return None };
    graph::result_parts(ty)?;
    if sig.constness.is_some() || policies::names_no_type(ty) || !source::is_inherent(&sig.ident) {
        return None;
    }
    let rt = quote!(#krate::__private::policed);
    let (policies, name) = (Policies::default(), sig.ident.clone());
    let stack = Stack {
        policies: &policies,
        parameters,
        asynchronous: sig.asyncness.is_some(),
        name: &name,
        states: &name,
        lent_by: None,
        receiver: None,
        krate,
    };
    let plain = call(function, parameters, &sig.ident, None);
    let layers = stack.layers(&plain, &sig.output, &mut Diagnostics::default());
    let function = ItemFn { sig: handed_on(sig), ..function.clone() };
    Some(told(&function, parameters, &policed(&sig.output, krate), &quote!(OfALine), &rt, &layers))
}

/// The signature of what hands its receiver on, and so does not change it.
fn handed_on(sig: &Signature) -> Signature {
    let mut sig = sig.clone();
    if let Some(FnArg::Receiver(receiver)) = sig.inputs.first_mut() {
        receiver.mutability = None;
    }
    sig
}

/// The call of a method of the same receiver, with the same arguments and what is told besides.
fn call(
    function: &ItemFn,
    parameters: &[Parameter],
    method: &Ident,
    told: Option<&TokenStream>,
) -> TokenStream {
    let sig = &function.sig;
    let this = sig.receiver().map(|receiver| receiver.self_token);
    let (names, explicit) = (parameters.iter().map(|p| &p.name), explicit_generics(&sig.generics));
    let arguments = names.map(ToTokens::to_token_stream).chain(told.cloned());
    quote!(#this.#method #explicit (#(#arguments),*))
}

/// The method that is told what a line says.
fn told(
    function: &ItemFn,
    parameters: &[Parameter],
    output: &ReturnType,
    asked: &TokenStream,
    rt: &TokenStream,
    layers: &Layers,
) -> TokenStream {
    let ItemFn { attrs, vis, sig, .. } = function;
    let (over, Layers { lets, call }) = (policies::hidden("__over"), layers);
    let mut sig = sig.clone();
    sig.ident = on_a_line(&sig.ident);
    sig.output = output.clone();
    let typed = sig.inputs.iter_mut().filter_map(|input| match input {
        FnArg::Typed(typed) => Some(typed),
        FnArg::Receiver(_) => None,
    });
    for (typed, Parameter { name, .. }) in typed.zip(parameters) {
        *typed.pat = syn::parse_quote!(#name);
    }
    let rt_shown = shown_at(rt, at(function.sig.ident.span()));
    sig.inputs.push(syn::parse_quote!(#over: impl #rt_shown::#asked));
    let kept = attrs.iter().filter(|attr| {
        ["cfg", "allow", "expect", "warn", "deny", "forbid"].iter().any(|name| attr.path().is_ident(name))
    });
    let awaited = sig.asyncness.map(|_| quote!(.await));
    quote! {
        #(#kept)*
        #[doc(hidden)]
        #[allow(dead_code, clippy::too_many_arguments)]
        #vis #sig {
            let #over = #rt::#asked::said(#over);
            #lets
            #call #awaited
        }
    }
}
