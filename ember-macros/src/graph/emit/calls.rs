//! The calls of operators: each on the hidden type that carries the operator, which is reached by the user's path or by an
//! import.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, ExprCall, Path, PathArguments, Token};

use super::super::model::{Graph, Step};
use super::super::uses::{self, Access};
use super::{Names, contains_await, contains_try, policies, rt_at};
use crate::operator::call_name;

/// Brings operators into scope under names of generated code's own: for the block around, and for the one inside it.
///
/// The inner import fetches whatever the path means; the hidden type only comes with it if the path names an operator.
/// Otherwise the name means what the outer block imports, [`not_operators`], which is not an operator and says so. Two
/// blocks, because a path that means nothing at all hides names of outer blocks only: so it is reported once.
pub(super) fn imports(graph: &Graph, names: &Names) -> (TokenStream, TokenStream) {
    let rt = &names.rt;
    let mut imports = TokenStream::new();
    for (alias, path) in &graph.aliases {
        let span = path.segments.last().map_or_else(Span::call_site, |s| s.ident.span());
        let alias = Ident::new(&alias.to_string(), span);
        imports.extend(quote_spanned!(span=> #[allow(unused_imports)] use #path as #alias;));
    }
    let nothing = if imports.is_empty() {
        TokenStream::new()
    } else {
        quote!(#[allow(unused_imports)] use #rt::not_operators::*;)
    };
    (nothing, imports)
}

/// The value that carries an operator, at the user's own token.
pub(super) fn operator(graph: &Graph, path: &Path) -> TokenStream {
    let span = path.segments.last().map_or_else(Span::call_site, |last| last.ident.span());
    match graph.alias_of(path) {
        None => quote_spanned!(span=> (#path {})),
        Some(alias) => {
            let alias = Ident::new(&alias.to_string(), span);
            let rt = rt_at(span);
            quote_spanned!(span=> #rt::Operator::node(#alias {}))
        }
    }
}

/// The call of an operator, on its hidden type, with the user's own spans, and behind the policies of its line.
pub(super) fn operator_call(graph: &Graph, step: &Step, call: &ExprCall) -> TokenStream {
    let awaited = step.awaited.is_some();
    policies::overridden(graph, step, call, awaited).unwrap_or_else(|| plain_call(graph, call, awaited))
}

/// The call of an operator, on its hidden type.
pub(super) fn plain_call(graph: &Graph, call: &ExprCall, awaited: bool) -> TokenStream {
    let Expr::Path(func) = &*call.func else { return call.to_token_stream() };
    let mut path = func.path.clone();
    if let Some(last) = path.segments.last_mut() {
        last.arguments = PathArguments::None;
    }
    called(&operator(graph, &path), call, awaited)
}

/// The call of an operator on a value that carries it.
pub(super) fn called(node: &TokenStream, call: &ExprCall, awaited: bool) -> TokenStream {
    let Expr::Path(func) = &*call.func else { return call.to_token_stream() };
    let Some(last) = func.path.segments.last() else { return call.to_token_stream() };
    let span = last.ident.span();
    let turbofish = match &last.arguments {
        PathArguments::None => TokenStream::new(),
        arguments => {
            let tokens = arguments.to_token_stream();
            let text = tokens.to_string();
            if text.starts_with("::") { tokens } else { quote!(::#tokens) }
        }
    };
    let method = call_name(awaited, span);
    let mut arguments = Group::new(Delimiter::Parenthesis, call.args.to_token_stream());
    arguments.set_span(call.paren_token.span.join());
    quote_spanned!(span=> #node.#method #turbofish #arguments)
}

/// The graph's values, and their parts, that a call takes each time that it is made.
pub(super) fn values_taken(graph: &Graph, call: &ExprCall) -> Vec<Expr> {
    let is_value = |place: &Expr| {
        uses::root(place).is_some_and(|root| graph.vars.iter().any(|value| value.ident == *root))
    };
    call.args.iter().flat_map(uses::taken).filter(is_value).collect()
}

/// Arguments that are made before a call that stands in a closure: where one leaves the run or waits, the closure cannot hold it.
#[derive(Default)]
pub(super) struct Before {
    values: Vec<Expr>,
    names: Vec<Ident>,
}

impl Before {
    /// Takes out of a step's arguments those that leave the run or wait, and those to the left of them, so that they are made in
    /// the order in which they stand. `written` is what the user wrote.
    pub(super) fn take(
        step: &Step,
        arguments: &mut Punctuated<Expr, Token![,]>,
        written: &Punctuated<Expr, Token![,]>,
    ) -> Self {
        let mut before = Self::default();
        let Some(last) = written.iter().rposition(|arg| contains_try(arg) || contains_await(arg)) else {
            return before;
        };
        // What a closure copies may change behind it. Else it stays, where the call says what it takes.
        let changes = step.uses.iter().any(|found| found.access == Access::Exclusive);
        let stays = |written: &Expr| match written {
            Expr::Closure(closure) => !(changes && closure.capture.is_some()),
            Expr::Reference(lent) => is_there(&lent.expr),
            Expr::Lit(_) => true,
            _ => false,
        };
        for (argument, written) in arguments.iter_mut().zip(written).take(last + 1) {
            if stays(written) {
                continue;
            }
            // As if the user had written it: what is asked of it is told at the argument.
            let name = Ident::new(&format!("__argument{}", before.names.len()), written.span());
            before.values.push(std::mem::replace(argument, Expr::Verbatim(name.to_token_stream())));
            before.names.push(name);
        }
        before
    }

    /// Asks that each attempt of a hedge can be given what is made before.
    pub(super) fn asked(&self) -> TokenStream {
        let ask = |name: &Ident| {
            let (span, rt) = (name.span(), rt_at(name.span()));
            quote_spanned!(span=> #rt::made_once(&#name);)
        };
        self.names.iter().map(ask).collect()
    }

    /// The call with what it takes. What is made on the way lives until the call has ended, as it would in the call.
    pub(super) fn around(self, call: TokenStream, span: Span) -> TokenStream {
        let Self { values, names } = self;
        if names.is_empty() {
            return call;
        }
        quote_spanned!(span=> match (#(#values,)*) { (#(#names,)*) => #call })
    }
}

/// Whether what is lent is there without doing anything.
fn is_there(lent: &Expr) -> bool {
    matches!(lent, Expr::Lit(_)) || uses::is_path_of_fields(lent)
}
