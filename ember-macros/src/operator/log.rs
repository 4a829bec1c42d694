//! `log(args = [name], returned)`: which values of an operator may stand in logs. Nothing else ever does.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Expr, ExprArray};

use super::Parameter;
use super::policies::said::{Said, Settings, Value, listed, mistake};
use crate::diagnostics::{Diagnostics, nearest};
use crate::span::{at, shown_at};

/// What may be logged.
pub(crate) struct Log {
    pub(crate) name: Ident,
    arguments: Vec<Ident>,
    returned: Option<Span>,
}

const SUCH: &str = "`log(args = [name])`, `log(returned)`";

pub(super) fn read(said: &Said, diagnostics: &mut Diagnostics) -> Log {
    let mut log = Log { name: said.name.clone(), arguments: Vec::new(), returned: None };
    let list = match &said.value {
        Value::List(list) if !list.is_empty() => list,
        _ => {
            let message = format!("`log` says which values may stand in logs: {SUCH}");
            mistake(said, message, diagnostics);
            return log;
        }
    };
    let mut settings = Settings::new(&said.name, &["args", "returned"], list, diagnostics);
    if let Some(args) = settings.take("args") {
        log.arguments = arguments(&args, diagnostics);
    }
    if let Some(returned) = settings.take("returned") {
        if returned.has_value() {
            mistake(&returned, "`returned` stands alone, without a value", diagnostics);
        }
        log.returned = Some(returned.name.span());
    }
    log
}

/// The names in `args = [name, other]`, each once.
fn arguments(said: &Said, diagnostics: &mut Diagnostics) -> Vec<Ident> {
    let elements = match &said.value {
        Value::Is(Expr::Array(ExprArray { elems, .. })) if !elems.is_empty() => elems,
        _ => {
            mistake(said, "`args` names arguments of the operator: `args = [name, other]`", diagnostics);
            return Vec::new();
        }
    };
    let mut names: Vec<Ident> = Vec::new();
    for element in elements {
        let name = match element {
            Expr::Path(path) => path.path.get_ident(),
            _ => None,
        };
        match name {
            Some(name) if names.contains(name) => {
                diagnostics.error(name, format!("`{name}` is named twice; keep one of the two"));
            }
            Some(name) => names.push(name.clone()),
            None => {
                let message = "an argument is logged as it is: name it, and nothing of it or made of it";
                diagnostics.error(element.to_token_stream(), message);
            }
        }
    }
    names
}

impl Log {
    /// Notes names that are no arguments.
    pub(super) fn check(&self, parameters: &[Parameter], diagnostics: &mut Diagnostics) {
        for name in &self.arguments {
            match parameters.iter().find(|p| p.name == *name) {
                Some(parameter) if parameter.is_passed() => {}
                Some(parameter) => {
                    let what = if parameter.is_context() { "the run's context" } else { "a resource" };
                    diagnostics
                        .error(name, format!("`{name}` is {what}, and no argument that could be logged"));
                }
                None => {
                    let names: Vec<String> =
                        parameters.iter().filter(|p| p.is_passed()).map(|p| p.name.to_string()).collect();
                    let names: Vec<&str> = names.iter().map(String::as_str).collect();
                    let hint = nearest(&name.to_string(), names.iter().copied())
                        .map(|name| format!("; did you mean `{name}`?"))
                        .unwrap_or_default();
                    let there = match &names[..] {
                        [] => "it has none that has a name".to_owned(),
                        names => format!("there are {}", listed(names)),
                    };
                    let message = format!("there is no argument `{name}` to log{hint} ({there})");
                    diagnostics.error(name, message);
                }
            }
        }
    }

    /// The body of a method that calls the operator, with what is logged around it. `body` is statements, or a future.
    pub(super) fn around(
        &self,
        body: &TokenStream,
        parameters: &[Parameter],
        asynchronous: bool,
        krate: &TokenStream,
    ) -> TokenStream {
        let door = quote!(#krate::__private);
        let arguments = self.arguments.iter().filter_map(|name| {
            let parameter = parameters.iter().find(|p| p.name == *name)?;
            let (text, door) = (name.unraw().to_string(), shown_at(&door, at(name.span())));
            // It is the parameter, shown where it is named.
            let mut value = parameter.name.clone();
            value.set_span(value.span().located_at(name.span()));
            Some(quote_spanned!(name.span()=> #door::Logged::__new(#text, &#value)))
        });
        let said = !self.arguments.is_empty();
        let before = said.then(|| quote!(#door::log_arguments(|| [#(#arguments),*]);));
        let waits = asynchronous.then(|| quote!(.await));
        let span = self.returned.unwrap_or_else(Span::call_site);
        let value = Ident::new("__value", span);
        let body = match self.returned {
            None if asynchronous => quote!(#body.await),
            None => body.clone(),
            Some(_) => {
                let door = shown_at(&door, at(span));
                let log = quote_spanned!(span=> #door::log_returned(&#value););
                quote!(let #value = { #body } #waits; #log #value)
            }
        };
        if asynchronous { quote!(async move { #before #body }) } else { quote!(#before #body) }
    }
}
