//! Writes an `async` twin of each operator: it waits for some turns, and then calls the operator.

use std::fs;
use std::path::Path;

use quote::{format_ident, quote};
use syn::{FnArg, Item, ItemFn};

/// The twins of the operators in some files, as the text of a module.
pub(crate) fn module(folder: &Path, files: &[&str]) -> String {
    let mut twins = String::new();
    for name in files {
        let path = folder.join(format!("{name}.rs"));
        println!("cargo::rerun-if-changed={}", path.display());
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let file = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for item in file.items {
            if let Item::Fn(function) = item
                && function.attrs.iter().any(|attr| attr.path().is_ident("operator"))
            {
                twins += &twin(&function);
            }
        }
    }
    twins
}

fn twin(function: &ItemFn) -> String {
    let mut sig = function.sig.clone();
    let mut arguments = Vec::new();
    for (n, input) in sig.inputs.iter_mut().enumerate() {
        let FnArg::Typed(typed) = input else { panic!("operators are no methods") };
        let name = format_ident!("a{n}");
        *typed.pat = syn::parse_quote!(#name);
        arguments.push(name);
    }
    sig.asyncness = Some(syn::parse_quote!(async));
    let name = &sig.ident;
    let twin = quote! {
        #[doc = "Waits, and calls the operator of this name."]
        #[ember::operator(idempotent)]
        pub #sig {
            turn().await;
            super::#name(#(#arguments),*)
        }
    };
    format!("{twin}\n")
}
