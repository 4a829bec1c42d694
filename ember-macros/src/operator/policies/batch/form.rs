//! What the signature of a batch operator says of its items and results.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{GenericArgument, ItemFn, PathArguments, ReturnType, Type, WherePredicate, parse_quote_spanned};

use super::super::fit;
use super::{Batch, Form};
use crate::diagnostics::Diagnostics;
use crate::graph;
use crate::operator::Parameter;
use crate::span::{at, shown_at};

/// What the operator is to those who call it.
impl Batch {
    /// The operator as a function of one item, for graphs.
    pub(crate) fn per_item(
        &mut self,
        function: &ItemFn,
        parameters: &mut [Parameter],
        krate: &TokenStream,
        diagnostics: &mut Diagnostics,
    ) -> Option<ItemFn> {
        let (item, slice) = items(function, parameters, diagnostics)?;
        self.check_others(parameters, diagnostics);
        let (value, failure) = self.results(&function.sig.output, krate, diagnostics)?;
        let mut function = function.clone();
        let ReturnType::Type(_, returned) = function.sig.output else { return None };
        let span = returned.span();
        function.sig.output = ReturnType::Type(
            syn::Token![->](span),
            Box::new(parse_quote_spanned!(span=> ::core::result::Result<#value, #failure>)),
        );
        let first = parameters.iter_mut().find(|p| p.is_passed())?;
        first.ty = item.clone();
        let rt = quote!(#krate::__private::policed);
        let gathered = [item.to_token_stream(), value.clone(), failure.clone()].into_iter().map(|ty| {
            let rt = shown_at(&rt, at(ty.span()));
            parse_quote_spanned!(ty.span()=> #ty: #rt::Gathered)
        });
        let mut bounds: Vec<WherePredicate> = gathered.collect();
        let (returned, shown) = (&returned, shown_at(&rt, at(span)));
        bounds.push(parse_quote_spanned!(span=> #returned: #shown::Answers<#value, #failure>));
        function.sig.generics.make_where_clause().predicates.extend(bounds.iter().cloned());
        self.form = Some(Form { item, slice, value, failure, bounds });
        Some(function)
    }

    /// The other arguments are those of one of the calls, so it must be said when they are the same.
    fn check_others(&self, parameters: &[Parameter], diagnostics: &mut Diagnostics) {
        for other in parameters.iter().filter(|p| p.is_passed()).skip(1) {
            if self.key.is_none() {
                let message = format!(
                    "a batch has one `{0}`, and its calls may have several: say which calls share one, \
                     `batch(key = |{0}| ..)`, or make it a part of each item",
                    other.name
                );
                diagnostics.error(&other.ty, message);
                return;
            }
            if fit::borrows(&other.ty) || fit::names_no_type(&other.ty) {
                let message = format!(
                    "a batch may outlive the call whose `{}` it has: take it by value and under the name of its type, such as \
                     an `Arc<Model>`",
                    other.name
                );
                diagnostics.error(&other.ty, message);
            }
        }
    }

    /// What one item gets: the types of its value and of its failure.
    fn results(
        &self,
        output: &ReturnType,
        krate: &TokenStream,
        diagnostics: &mut Diagnostics,
    ) -> Option<(TokenStream, TokenStream)> {
        let ReturnType::Type(_, ty) = output else {
            let message = "`batch` needs an operator that returns a result for each item: `Vec<..>`, or a `Result` of one";
            diagnostics.push(syn::Error::new(self.span, message));
            return None;
        };
        if fit::borrows(ty) || fit::names_no_type(ty) {
            let message = "what a batch gives goes to several calls, so it is owned, and its type has a name: such as \
                           `Vec<String>`";
            diagnostics.error(ty, message);
            return None;
        }
        let rt = |ty: &Type| shown_at(&quote!(#krate::__private::policed), at(ty.span()));
        let outcome = |ty: &Type| {
            let rt = rt(ty);
            match graph::result_parts(ty) {
                Some((value, failure)) => (quote!(#value), quote!(#failure)),
                None => (
                    quote_spanned!(ty.span()=> <#ty as #rt::Outcome>::Value),
                    quote_spanned!(ty.span()=> <#ty as #rt::Outcome>::Failure),
                ),
            }
        };
        if let Some(item) = in_vector(ty) {
            return Some(if fit::is_named_result(item) {
                outcome(item)
            } else {
                (quote!(#item), quote!(::core::convert::Infallible))
            });
        }
        if !graph::may_be_result(output) {
            let returned = graph::tidy(&ty.to_token_stream().to_string());
            let message = format!(
                "`batch` needs an operator that returns a result for each item, and this one returns `{returned}`: let it \
                 be `Vec<..>`, or a `Result` of one"
            );
            diagnostics.error(ty, message);
            return None;
        }
        let (_, failure) = outcome(ty);
        let whole = first_type(ty).filter(|_| fit::is_named_result(ty));
        Some(match whole.and_then(in_vector) {
            Some(item) if fit::is_named_result(item) => outcome(item),
            Some(item) => (quote!(#item), failure),
            None => {
                let rt = rt(ty);
                let whole = quote_spanned!(ty.span()=> <#ty as #rt::Outcome>::Value);
                (quote_spanned!(ty.span()=> <#whole as ::core::iter::IntoIterator>::Item), failure)
            }
        })
    }
}

/// The type of the items, and whether they come as a slice.
fn items(function: &ItemFn, parameters: &[Parameter], diagnostics: &mut Diagnostics) -> Option<(Type, bool)> {
    let Some(first) = parameters.iter().find(|p| p.is_passed()) else {
        let message =
            "`batch` needs an operator that takes many items: a slice or a vector as its first argument";
        diagnostics.error(&function.sig.ident, message);
        return None;
    };
    let (item, slice) = match &first.ty {
        Type::Reference(reference) if reference.mutability.is_some() => {
            let message = "the items of a batch are those of several calls, and none of them sees what becomes of \
                           them: take them as `&[..]` or `Vec<..>`, and return what each call gets";
            diagnostics.error(&first.ty, message);
            return None;
        }
        Type::Reference(reference) => match &*reference.elem {
            Type::Slice(slice) => (Some(&*slice.elem), true),
            _ => (None, true),
        },
        ty => (in_vector(ty), false),
    };
    let Some(item) = item else {
        let message = format!(
            "`batch` needs an operator that takes many items: `{}` would be `&[..]` or `Vec<..>`, and graphs call it \
             with one of them",
            first.name
        );
        diagnostics.error(&first.ty, message);
        return None;
    };
    if fit::borrows(item) || fit::names_no_type(item) {
        let message = "the items of a batch are those of several calls, so it owns them, and their type has a name: \
                       such as `&[String]`";
        diagnostics.error(item, message);
        return None;
    }
    Some((item.clone(), slice))
}

/// The type of what is in a written vector.
fn in_vector(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    path.path.segments.last().filter(|last| last.ident == "Vec")?;
    first_type(ty)
}

/// The first type argument of a written type.
fn first_type(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}
