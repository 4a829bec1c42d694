//! `isolate(memory = "512MiB", cpu = "10s", timeout = "30s")`: the operator runs in a process of its own, in the place of
//! the plain call, inside of all other layers.

use std::ops::RangeInclusive;
use std::time::Duration;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{ItemFn, ReturnType, Signature, Type, WherePredicate};

use super::said::{Said, Settings, Value, mistake};
use super::stack::Stack;
use super::{fit, given, size};
use crate::diagnostics::Diagnostics;
use crate::operator::Parameter;
use crate::span::{at, shown_at};

/// The runtime's bounds.
const SECOND: Duration = Duration::from_secs(1);
const MILLISECOND: Duration = Duration::from_millis(1);
const DAY: Duration = Duration::from_hours(24);
const YEAR: Duration = Duration::from_hours(365 * 24);
const MEMORY: RangeInclusive<u64> = 16 << 20..=u64::MAX;
const MESSAGE: RangeInclusive<u64> = 1 << 10..=1 << 30;
/// What serde has tuples for.
const ARGUMENTS: usize = 16;

/// What its process may use.
pub(crate) struct Isolate {
    settings: TokenStream,
    pub(crate) span: Span,
}

const SETTINGS: [&str; 9] =
    ["memory", "cpu", "timeout", "workers", "queue", "calls", "age", "max_message", "start"];

pub(super) fn read(said: &Said, diagnostics: &mut Diagnostics) -> Option<Isolate> {
    let span = said.name.span();
    let list = match &said.value {
        Value::Nothing => &[][..],
        Value::List(list) => list,
        Value::Is(_) => {
            let message =
                "`isolate` stands alone, or says what the process may use: `isolate(memory = \"512MiB\")`";
            mistake(said, message, diagnostics);
            return None;
        }
    };
    let mut settings = Settings::new(&said.name, &SETTINGS, list, diagnostics);
    let mut made = TokenStream::new();
    for name in SETTINGS {
        let Some(setting) = settings.take(name) else { continue };
        let time = |bounds, such, diagnostics: &mut _| {
            given::time_within(&setting, bounds, such, diagnostics).map(ToTokens::into_token_stream)
        };
        let count = |bounds, such, diagnostics: &mut _| given::count(&setting, bounds, such, diagnostics);
        let value = match name {
            "memory" => {
                size::within(&setting, MEMORY, "memory = \"512MiB\"", diagnostics).map(|n| quote!(#n))
            }
            "max_message" => size::within(&setting, MESSAGE, "max_message = \"64MiB\"", diagnostics)
                .map(|n| quote!(#n as usize)),
            "cpu" => time(SECOND..=DAY, "cpu = \"10s\"", diagnostics),
            "timeout" => time(MILLISECOND..=YEAR, "timeout = \"30s\"", diagnostics),
            "age" => time(SECOND..=YEAR, "age = \"10min\"", diagnostics),
            "start" => time(MILLISECOND..=DAY, "start = \"10s\"", diagnostics),
            "workers" => count(1..=1024, "workers = 4", diagnostics).map(|n| quote!(#n as usize)),
            "queue" => count(0..=u32::MAX, "queue = 64", diagnostics).map(|n| quote!(#n as usize)),
            _ => count(1..=u32::MAX, "calls = 1000", diagnostics).map(|n| quote!(#n)),
        };
        let method = &setting.name;
        made.extend(value.map(|value| quote_spanned!(method.span()=> .#method(#value))));
    }
    Some(Isolate { settings: made, span })
}

impl Isolate {
    /// Notes what cannot go to another process, as far as the signature tells.
    pub(super) fn check(function: &ItemFn, parameters: &[Parameter], diagnostics: &mut Diagnostics) {
        let sig = &function.sig;
        if let Some(asyncness) = &sig.asyncness {
            let message = "`isolate` is for operators that are not `async`: the process has no runtime. In an `async` graph \
                           it is waited for without keeping a thread of yours";
            diagnostics.error(asyncness, message);
        }
        if let Some(generic) = sig.generics.params.first() {
            let message = "`isolate` needs one function that the process can find, and this is one for each choice of its \
                           parameters: write an operator for the types that are needed";
            diagnostics.error(generic, message);
        }
        let why = "a resource cannot be lent to another process: name it where the operator is called, or load it in there";
        crate::operator::refuse_resources(parameters, why, diagnostics);
        let own: Vec<&Parameter> = parameters.iter().filter(|p| p.is_passed()).collect();
        for parameter in &own {
            let message = if fit::names_no_type(&parameter.ty) {
                "what goes to another process needs a type with a name, and an `impl Trait` has none"
            } else if fit::borrows(&parameter.ty) {
                "what goes to another process cannot be borrowed from this one: take it by value, a `String` for a `&str`, a \
                 `Vec<u8>` for a `&[u8]`"
            } else {
                continue;
            };
            diagnostics.error(&parameter.ty, message);
        }
        if let Some(parameter) = own.get(ARGUMENTS) {
            let message = format!("`isolate` carries {ARGUMENTS} arguments at most: put some into a struct");
            diagnostics.error(&parameter.ty, message);
        }
        if let ReturnType::Type(_, ty) = &sig.output
            && (fit::borrows(ty) || fit::names_no_type(ty))
        {
            let message = "what comes from another process is owned, and has a type with a name";
            diagnostics.error(ty, message);
        }
    }

    /// Asks, as bounds of a function that nobody calls, that all can be carried: so what cannot is told once, where it stands, and
    /// not at each node too.
    fn bounds(stack: &Stack<'_>, returned: &ReturnType) -> Vec<WherePredicate> {
        let rt = stack.rt();
        let asked = |ty: &dyn Fn(&TokenStream) -> TokenStream, span: Span| -> WherePredicate {
            let rt = shown_at(&rt, at(span));
            let ty = ty(&rt);
            syn::parse_quote_spanned!(span=> #ty: #rt::Carried)
        };
        let own = stack.parameters.iter().filter(|p| p.is_passed());
        let mut bounds: Vec<_> = own.map(|p| asked(&|_| p.ty.to_token_stream(), p.ty.span())).collect();
        if let ReturnType::Type(_, ty) = returned {
            match crate::graph::result_parts(ty) {
                Some((value, failure)) => {
                    for part in [value, failure] {
                        bounds.push(asked(&|_| part.to_token_stream(), part.span()));
                    }
                }
                None => {
                    bounds.push(asked(&|rt| quote!(<#ty as #rt::Outcome>::Value), ty.span()));
                    bounds.push(asked(&|rt| quote!(<#ty as #rt::Outcome>::Failure), ty.span()));
                }
            }
        }
        bounds
    }

    /// The call, in the place of the plain one.
    pub(super) fn call(&self, stack: &Stack<'_>, returned: &ReturnType) -> TokenStream {
        let (rt, operator) = (stack.rt(), stack.name);
        let names = stack.parameters.iter().filter(|p| p.is_passed()).map(|p| &p.name);
        let served = served(stack, returned);
        quote_spanned! {self.span=> {
            #[allow(unused_imports)]
            use #rt::{ServedCarried as _, ServedNever as _};
            #served.call(#rt::Shared(#operator::isolation()), #operator::__ISOLATED, (#(#rt::Carry(#names),)*))
        }}
    }

    /// What the operator's type has besides its methods.
    pub(super) fn state(&self, stack: &Stack<'_>, vis: &syn::Visibility) -> TokenStream {
        let (rt, settings, states) = (stack.rt(), &self.settings, stack.states);
        let builder = quote_spanned!(self.span=> #rt::IsolationLayer::builder());
        let operator = stack.name.to_string();
        let signature = stack
            .parameters
            .iter()
            .filter(|p| p.is_passed())
            .map(|p| p.ty.to_token_stream().to_string())
            .collect::<Vec<_>>()
            .join(", ");
        quote! {
            /// The processes in which the operator runs.
            #[must_use]
            #vis fn isolation() -> &'static #rt::IsolationLayer {
                static LAYER: ::std::sync::LazyLock<#rt::IsolationLayer> =
                    ::std::sync::LazyLock::new(|| {
                        let builder = #rt::configured(#operator, #builder #settings);
                        let layer = #rt::built(builder.build());
                        #rt::watched(#operator, layer, #states::isolation)
                    });
                &LAYER
            }

            const __ISOLATED: #rt::IsolatedName = #rt::IsolatedName::new(
                ::core::concat!(
                    ::core::module_path!(), "::", #operator, " ",
                    ::core::file!(), ":", ::core::line!(), ":", ::core::column!()
                ),
                #signature,
            );
        }
    }

    /// What the workers find the operator by. `plain` is its plain call.
    pub(crate) fn entry(stack: &Stack<'_>, sig: &Signature, plain: &TokenStream) -> TokenStream {
        let (rt, operator) = (stack.rt(), stack.name);
        let names = stack.parameters.iter().filter(|p| p.is_passed()).map(|p| &p.name);
        let (served, bounds) = (served(stack, &sig.output), Self::bounds(stack, &sig.output));
        quote! {
            #[allow(dead_code, deprecated, clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction)]
            const _: () = {
                fn carried() where #(#bounds,)* {}

                #rt::isolated_entry!(#rt::IsolatedEntry::new(<#operator>::__ISOLATED, |arguments, most| {
                    #[allow(unused_imports)]
                    use #rt::{ServedCarried as _, ServedNever as _};
                    #served.serve(
                        arguments,
                        most,
                        |(#(#rt::Carry(#names),)*)| #plain,
                    )
                }));
            };
        }
    }
}

/// How a worker serves the operator, and how it is asked to.
fn served(stack: &Stack<'_>, returned: &ReturnType) -> TokenStream {
    let (rt, types) = (stack.rt(), stack.parameters.iter().filter(|p| p.is_passed()).map(|p| &p.ty));
    let returned: Type = match returned {
        ReturnType::Type(_, ty) => (**ty).clone(),
        ReturnType::Default => syn::parse_quote!(()),
    };
    quote!((&&#rt::Served::<(#(#rt::Carry<#types>,)*), #returned>::BY))
}
