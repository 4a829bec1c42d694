//! `memory = "64MiB"`, `memory = |page| 3 * page.len()`, `memory`: how many bytes of the run's budget a call holds.

use std::ops::RangeInclusive;

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, Type, WherePredicate};

use super::said::{Said, Value, mistake};
use super::stack::Stack;
use super::{fit, given, key, size};
use crate::diagnostics::Diagnostics;
use crate::span::{at, shown_at};

const SIZES: RangeInclusive<u64> = 1 << 10..=1 << 62;
const SUCH: &str = "memory = \"64MiB\"";

/// What a call weighs.
pub(crate) struct Memory {
    weight: Weight,
    pub(crate) span: Span,
}

enum Weight {
    /// So many bytes, whatever it is called with.
    Bytes(u64),
    /// The same as a constant.
    Constant(TokenStream),
    /// What a function of the arguments gives.
    By(Expr),
    /// What all arguments weigh.
    Arguments,
}

pub(super) fn read(said: &Said, diagnostics: &mut Diagnostics) -> Option<Memory> {
    let weight = match &said.value {
        Value::Nothing => Weight::Arguments,
        Value::Is(value) if let Some(constant) = given::constant_bytes(&said.text(), value) => {
            Weight::Constant(constant)
        }
        Value::Is(value @ (Expr::Path(_) | Expr::Closure(_))) => Weight::By(value.clone()),
        Value::Is(_) => Weight::Bytes(size::read(said, SIZES, SUCH, diagnostics)?),
        Value::List(_) => {
            let message = "`memory` has no settings: it says how many bytes of the run's budget a call holds, `memory = \
                           \"64MiB\"`, `memory = |page| page.len()`, or with `memory` alone, what its arguments weigh";
            mistake(said, message, diagnostics);
            return None;
        }
    };
    Some(Memory { weight, span: said.name.span() })
}

impl Memory {
    /// The weight of a call as an expression, in which the arguments are lent.
    pub(super) fn weight(&self, stack: &Stack<'_>, diagnostics: &mut Diagnostics) -> Option<TokenStream> {
        let usize = quote!(::core::primitive::usize);
        Some(match &self.weight {
            Weight::Bytes(bytes) => {
                let message = "`memory` is more than there can be on this target";
                quote_spanned! {self.span=> {
                    const _: () = ::core::assert!(#bytes <= #usize::MAX as u64, #message);
                    #bytes as #usize
                }}
            }
            Weight::Constant(constant) => constant.clone(),
            Weight::By(function) => {
                let (parameters, receiver) = (stack.parameters, stack.receiver.as_ref());
                let made =
                    key::of_arguments("a weight is made", function, parameters, receiver, diagnostics)?;
                quote_spanned!(function.span()=> { let __weight: #usize = #made; __weight })
            }
            Weight::Arguments => {
                let rt = stack.rt();
                let each = stack.parameters.iter().filter(|p| p.is_passed()).map(|p| {
                    let (lent, span) = (key::lent(p), weighed(&p.ty).span());
                    let rt = shown_at(&rt, at(span));
                    quote_spanned!(span=> #rt::weight(#lent))
                });
                quote!(0 #(+ #each)*)
            }
        })
    }

    /// What the arguments must be for that, as bounds of the methods: so what is missing is told once, at the argument.
    pub(super) fn bounds(&self, stack: &Stack<'_>) -> Vec<WherePredicate> {
        if !matches!(self.weight, Weight::Arguments) {
            return Vec::new();
        }
        let arguments = stack.parameters.iter().filter(|p| p.is_passed() && !fit::elides(&p.ty));
        let bounds = arguments.filter(|p| !fit::names_no_type(&p.ty)).map(|p| {
            let ty = weighed(&p.ty);
            let rt = shown_at(&stack.rt(), at(ty.span()));
            syn::parse_quote_spanned!(ty.span()=> #ty: #rt::Weigh)
        });
        bounds.collect()
    }

    /// Notes what it cannot weigh.
    pub(super) fn check(&self, arguments: usize, method: bool, diagnostics: &mut Diagnostics) {
        if matches!(self.weight, Weight::Arguments) && arguments == 0 {
            let what = if method { "besides `self` it has none" } else { "it has none" };
            let message =
                format!("`memory` alone weighs the operator's arguments, and {what}: say how much, `{SUCH}`");
            diagnostics.push(syn::Error::new(self.span, message));
        }
    }
}

/// What an argument of that type leads to.
fn weighed(ty: &Type) -> &Type {
    match ty {
        Type::Reference(reference) => &reference.elem,
        ty => ty,
    }
}
