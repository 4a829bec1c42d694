//! Whether policies fit their operator, as far as its signature tells.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{ItemFn, ReturnType, Type};

use super::Policies;
use crate::diagnostics::Diagnostics;
use crate::operator::Parameter;

impl Policies {
    /// Notes what does not fit.
    pub(crate) fn check(
        &self,
        function: &ItemFn,
        parameters: &[Parameter],
        idempotent: bool,
        diagnostics: &mut Diagnostics,
    ) {
        let told = check_resources(function, parameters, diagnostics);
        let Some(first) = self.first() else { return };
        if self.is_of_value(&function.sig.output) {
            if self.cache.as_ref().is_some_and(super::cache::Cache::keeps_errors) {
                diagnostics
                    .error(first, "`errors` says how long failures are kept, and this operator has none");
            }
        } else if !told && !crate::graph::may_be_result(&function.sig.output) {
            let returned = returned(&function.sig.output);
            let message = format!(
                "`{first}` needs an operator that can fail, and this one returns `{returned}`: a policy says by an error \
                 that it gave up; let the operator return `Result<{returned}, E>`"
            );
            diagnostics.error(first, message);
        }
        self.check_retry(parameters, idempotent, diagnostics);
        self.check_times(function, parameters, diagnostics);
        self.check_cache(&function.sig.output, parameters, diagnostics);
        if let Some(batch) = &self.batch {
            batch.check(&self.limits, diagnostics);
        }
        if let Some(validate) = &self.validate {
            validate.check(parameters, diagnostics);
        }
        if let (Some(isolate), Some(_)) = (&self.isolate, &self.batch) {
            let message = "`isolate` carries one call, and `batch` makes one of several: write an operator with `isolate` \
                           that takes many items, and call that";
            diagnostics.push(syn::Error::new(isolate.span, message));
        }
        if self.isolate.is_some() {
            super::isolate::Isolate::check(function, parameters, diagnostics);
        }
        let receiver = function.sig.receiver().map(|receiver| Ident::from(receiver.self_token));
        let mut arguments =
            receiver.iter().chain(parameters.iter().filter(|p| p.is_passed()).map(|p| &p.name));
        if let Some(fallback) = &self.fallback
            && matches!(fallback.with, super::fallback::With::LastGood)
            && let Some(argument) = arguments.next()
        {
            let message = format!(
                "the last good value may belong to another `{argument}` than the one that is asked for, so `last_good` is \
                 for operators without arguments; use `cache(..)`, or a `fallback` that is given them"
            );
            diagnostics.push(syn::Error::new(fallback.span, message));
        }
    }

    /// Whether all there is, is a cache, of an operator whose return type is not written as a `Result`: it needs no
    /// failures.
    pub(crate) fn is_of_value(&self, output: &ReturnType) -> bool {
        self.cache.is_some() && self.said.len() == 1 && !self.resources && !returns_named_result(output)
    }

    /// Whether what graphs get from a call is of the written type, or of a `Result` of it, with these policies and without.
    pub(crate) fn leave_type(&self, output: &ReturnType) -> bool {
        let changes = self.resources || self.batch.is_some();
        !changes && (self.said.is_empty() || self.is_of_value(output) || returns_named_result(output))
    }

    fn check_retry(&self, parameters: &[Parameter], idempotent: bool, diagnostics: &mut Diagnostics) {
        let Some(retry) = &self.retry else { return };
        if !idempotent {
            let message = "`retry` calls the operator again, and ember does not know whether that does harm; if it does \
                           none, write `#[operator(idempotent, retry ..)]`";
            diagnostics.push(syn::Error::new(retry.span, message));
        }
        for parameter in parameters.iter().filter(|p| p.is_passed()) {
            if let Type::Reference(reference) = &parameter.ty
                && reference.mutability.is_some()
            {
                let message = format!(
                    "`retry` needs `{}` for each attempt, and what an attempt that failed left in it would be there for \
                     the next; take it by value or as `&{}`",
                    parameter.name,
                    crate::graph::tidy(&reference.elem.to_token_stream().to_string()),
                );
                diagnostics.error(&parameter.ty, message);
            }
        }
    }

    /// Nothing interrupts a function that is not `async`. It must ask its context, or be left to itself with all that it
    /// works on.
    fn check_times(&self, function: &ItemFn, parameters: &[Parameter], diagnostics: &mut Diagnostics) {
        if self.of_graph || function.sig.asyncness.is_some() || parameters.iter().any(Parameter::is_context) {
            return;
        }
        let deadline = self.deadline.as_ref().filter(|_| self.retry.is_none());
        for (name, limit) in [("timeout", self.timeout.as_ref()), ("deadline", deadline)] {
            let Some(limit) = limit else { continue };
            if function.sig.receiver().is_some() {
                let message = format!(
                    "`{name}` cannot interrupt this method: it is not `async`; let it be, or write a free operator that \
                     asks its context, with a parameter `cx: &Context` and `cx.check()?` in it"
                );
                diagnostics.push(syn::Error::new(limit.span, message));
                continue;
            }
            let Some(borrowed) = parameters.iter().find(|p| p.is_passed() && borrows(&p.ty)) else {
                continue;
            };
            let message = format!(
                "`{name}` cannot interrupt this operator: it is not `async`, and it borrows `{}`, so it cannot be left \
                 to itself either; let it be `async`, or ask its context, with a parameter `cx: &Context` and \
                 `cx.check()?` in it, or own its arguments",
                borrowed.name,
            );
            diagnostics.push(syn::Error::new(limit.span, message));
        }
    }

    fn check_cache(&self, output: &ReturnType, parameters: &[Parameter], diagnostics: &mut Diagnostics) {
        let Some(cache) = &self.cache else { return };
        if let ReturnType::Type(_, ty) = output
            && borrows(ty)
        {
            let message = "what a cache keeps outlives the call, and this borrows: return an owned value, such as a `String` \
                           for a `&str`";
            diagnostics.error(ty, message);
        }
        if cache.key.is_none() {
            for parameter in parameters.iter().filter(|p| p.is_passed()) {
                if matches!(&parameter.ty, Type::Reference(reference) if reference.mutability.is_some()) {
                    let message = "what an operator changes cannot tell its calls apart; say what does: `key = |..| ..`";
                    diagnostics.error(&parameter.ty, message);
                }
                if names_no_type(&parameter.ty) {
                    let message = "an `impl Trait` is no key of a cache, as it has no name; say what tells calls apart: \
                                   `key = |..| ..`, or give the type a name";
                    diagnostics.error(&parameter.ty, message);
                }
            }
        }
    }
}

/// What could not be loaded is told by an error. Tells whether that has been said.
fn check_resources(function: &ItemFn, parameters: &[Parameter], diagnostics: &mut Diagnostics) -> bool {
    let Some(path) = parameters.iter().find_map(Parameter::resource) else { return false };
    if crate::graph::may_be_result(&function.sig.output) {
        return false;
    }
    let (name, returned) =
        (crate::graph::tidy(&path.to_token_stream().to_string()), returned(&function.sig.output));
    let message = format!(
        "`#[resource({name})]` needs an operator that can fail, and this one returns `{returned}`: what could not be \
         loaded is told by an error; let the operator return `Result<{returned}, E>`"
    );
    diagnostics.error(path, message);
    true
}

/// A return type as text.
fn returned(output: &ReturnType) -> String {
    match output {
        ReturnType::Default => "()".to_owned(),
        ReturnType::Type(_, ty) => crate::graph::tidy(&ty.to_token_stream().to_string()),
    }
}

/// Whether a return type has a name that ends with `Result`.
fn returns_named_result(output: &ReturnType) -> bool {
    matches!(output, ReturnType::Type(_, ty) if is_named_result(ty))
}

/// Whether a type has a name that ends so.
pub(super) fn is_named_result(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    path.path.segments.last().is_some_and(|last| last.ident.to_string().ends_with("Result"))
}

/// Whether a type is written with a borrow in it.
pub(super) fn borrows(ty: &Type) -> bool {
    struct Find(bool);
    impl<'a> Visit<'a> for Find {
        fn visit_type_reference(&mut self, _: &'a syn::TypeReference) {
            self.0 = true;
        }
        fn visit_lifetime(&mut self, lifetime: &'a syn::Lifetime) {
            self.0 |= lifetime.ident != "static";
        }
        fn visit_type(&mut self, ty: &'a Type) {
            match ty {
                // `&'static str` is owned as far as time goes.
                Type::Reference(reference)
                    if reference.lifetime.as_ref().is_some_and(|l| l.ident == "static") =>
                {
                    self.visit_type(&reference.elem);
                }
                _ => visit::visit_type(self, ty),
            }
        }
    }
    let mut find = Find(false);
    find.visit_type(ty);
    find.0
}

/// Whether lifetimes are left out in a type, besides that of a reference around it.
pub(super) fn elides(ty: &Type) -> bool {
    struct Find(bool);
    impl<'a> Visit<'a> for Find {
        fn visit_type_reference(&mut self, reference: &'a syn::TypeReference) {
            self.0 |= reference.lifetime.is_none();
            visit::visit_type_reference(self, reference);
        }
        fn visit_lifetime(&mut self, lifetime: &'a syn::Lifetime) {
            self.0 |= lifetime.ident == "_";
        }
    }
    let mut find = Find(false);
    match ty {
        Type::Reference(reference) => find.visit_type(&reference.elem),
        ty => find.visit_type(ty),
    }
    find.0
}

/// Whether a type is, or holds, an `impl Trait`.
pub(crate) fn names_no_type(ty: &Type) -> bool {
    struct Find(bool);
    impl<'a> Visit<'a> for Find {
        fn visit_type_impl_trait(&mut self, _: &'a syn::TypeImplTrait) {
            self.0 = true;
        }
    }
    let mut find = Find(false);
    find.visit_type(ty);
    find.0
}
