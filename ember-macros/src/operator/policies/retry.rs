//! `retry = 3`, `retry(attempts = 3, backoff = exponential("100ms", cap = "10s"), jitter = full, if = is_transient)`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Expr;
use syn::spanned::Spanned;

use super::backoff;
use super::given::{self, Given};
use super::read;
use super::said::{Said, Settings, Value, mistake};
use crate::diagnostics::Diagnostics;
use crate::span::{at, shown_at};

/// Attempts after one that failed.
pub(crate) struct Retry {
    attempts: Option<Given<u32>>,
    backoff: Option<TokenStream>,
    budget: Option<Budget>,
    /// Which failures are worth another attempt.
    pub(crate) condition: Option<Expr>,
    pub(crate) span: Span,
}

/// What all calls of an operator share.
enum Budget {
    None,
    /// With the calls that set it.
    Some(TokenStream),
}

const SUCH: &str = "retry(attempts = 3)";

/// What the runtime allows.
const MOST: u32 = 10_000;

pub(crate) fn read(said: &Said, diagnostics: &mut Diagnostics) -> Option<Retry> {
    let span = said.name.span();
    let mut retry = Retry { attempts: None, backoff: None, budget: None, condition: None, span };
    match &said.value {
        Value::Nothing => {}
        Value::Is(_) => retry.attempts = Some(given::count(said, 1..=MOST, "retry = 3", diagnostics)?),
        Value::List(list) => {
            let known = &["attempts", "backoff", "jitter", "budget", "if"];
            let mut settings = Settings::new(&said.name, known, list, diagnostics);
            if let Some(attempts) = settings.take("attempts") {
                retry.attempts = given::count(&attempts, 1..=MOST, SUCH, diagnostics);
            }
            let (backoff, jitter) = (settings.take("backoff"), settings.take("jitter"));
            retry.backoff = backoff::read(backoff.as_ref(), jitter.as_ref(), diagnostics);
            if let Some(budget) = settings.take("budget") {
                retry.budget = self::budget(&budget, diagnostics);
            }
            if let Some(condition) = settings.take("if") {
                retry.condition = read::function(&condition, "if = is_transient", diagnostics);
            }
        }
    }
    Some(retry)
}

/// `budget(ratio = 0.2, per_second = 10, burst = 100)` or `budget = none`
fn budget(said: &Said, diagnostics: &mut Diagnostics) -> Option<Budget> {
    let list = match &said.value {
        Value::Is(Expr::Path(path)) if path.path.is_ident("none") => return Some(Budget::None),
        Value::List(list) => list,
        _ => {
            let message =
                "a budget is written `budget(ratio = 0.2, per_second = 10, burst = 100)`, or `budget = none`";
            mistake(said, message, diagnostics);
            return None;
        }
    };
    let mut settings = Settings::new(&said.name, &["ratio", "per_second", "burst"], list, diagnostics);
    let mut set = TokenStream::new();
    if let Some(ratio) = settings.take("ratio") {
        let ratio = given::number(&ratio, 0.0..=10.0, "ratio = 0.2", diagnostics)?;
        set.extend(quote!(.ratio(#ratio)));
    }
    if let Some(rate) = settings.take("per_second") {
        let rate = given::count(&rate, 0..=10_000, "per_second = 10", diagnostics)?;
        set.extend(quote!(.per_second(#rate)));
    }
    if let Some(burst) = settings.take("burst") {
        let burst = given::count(&burst, 1..=1_000_000, "burst = 100", diagnostics)?;
        set.extend(quote!(.burst(#burst)));
    }
    Some(Budget::Some(set))
}

impl Retry {
    /// The calls that set a builder. `rt` is the path of the policies.
    pub(crate) fn settings(&self, rt: &TokenStream) -> TokenStream {
        let attempts = self.attempts.as_ref().map(|attempts| quote!(.attempts(#attempts)));
        let backoff = self.backoff.as_ref().map(|backoff| quote!(.backoff(#rt::Backoff::#backoff)));
        let budget = self.budget.as_ref().map(|budget| match budget {
            Budget::None => quote!(.without_budget()),
            Budget::Some(set) => {
                quote!(.budget(<#rt::Budget as ::core::default::Default>::default() #set))
            }
        });
        quote!(#attempts #backoff #budget)
    }

    /// The function that tells which failures are tried again.
    pub(crate) fn classify(&self, rt: &TokenStream) -> TokenStream {
        let failure = super::stack::hidden("__failure");
        let span = self.condition.as_ref().map_or(failure.span(), Spanned::span);
        let failure = Ident::new("__failure", failure.span().located_at(span));
        match &self.condition {
            Some(condition) => {
                let (span, rt) = (condition.span(), shown_at(rt, at(condition.span())));
                quote_spanned!(span=> |#failure| #rt::Class::from((#condition)(#failure)))
            }
            None => quote! {
                |#failure| {
                    #[allow(unused_imports)]
                    use #rt::{PickAny as _, PickRetryable as _};
                    (&&#rt::Pick::of(#failure)).class(#failure)
                }
            },
        }
    }
}
