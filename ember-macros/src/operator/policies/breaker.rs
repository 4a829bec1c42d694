//! `breaker`, `breaker(failure_rate = 0.5, window = 100, min_calls = 20, open = "30s", key = |host| ..)`.

use std::time::Duration;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, ExprPath, Lit};

use super::given::{self, Given};
use super::read;
use super::said::{Said, Settings, Value, mistake};
use super::time::duration;
use crate::diagnostics::Diagnostics;
use crate::graph::tidy;
use crate::span::{at, shown_at};

/// What fits any counter.
const MOST: u32 = i32::MAX as u32;

/// How many calls there must be, and how many are looked back at, unless it is said.
const MIN_CALLS: u32 = 10;
const WINDOW: u32 = 100;

/// The runtime's bounds.
const DAY: Duration = Duration::from_hours(24);
const SHORTEST_WINDOW: Duration = Duration::from_millis(1);

/// A circuit breaker.
pub(crate) struct Breaker {
    pub(crate) failure_rate: Option<Given<f64>>,
    pub(crate) window: Option<Window>,
    pub(crate) min_calls: Option<Given<u32>>,
    pub(crate) open: Option<Given<Duration>>,
    pub(crate) probes: Option<Given<u32>>,
    pub(crate) key: Option<Expr>,
    pub(crate) span: Span,
}

/// What a breaker looks back at.
pub(crate) enum Window {
    Calls(u32),
    Time(Duration),
    /// A number of calls or a time, which only the compiler knows.
    Constant(ExprPath),
}

pub(super) fn read(said: &Said, diagnostics: &mut Diagnostics) -> Option<Breaker> {
    let mut breaker = Breaker {
        failure_rate: None,
        window: None,
        min_calls: None,
        open: None,
        probes: None,
        key: None,
        span: said.name.span(),
    };
    let list = match &said.value {
        Value::Nothing => return Some(breaker),
        Value::List(list) => list,
        Value::Is(_) => {
            mistake(said, "`breaker` stands alone or with settings: `breaker(open = \"30s\")`", diagnostics);
            return None;
        }
    };
    let known = &["failure_rate", "window", "min_calls", "open", "probes", "key"];
    let mut settings = Settings::new(&said.name, known, list, diagnostics);
    if let Some(rate) = settings.take("failure_rate") {
        breaker.failure_rate = given::share(&rate, "failure_rate = 0.5", diagnostics);
    }
    if let Some(window) = settings.take("window") {
        breaker.window = match &window.value {
            Value::Is(Expr::Lit(lit)) if matches!(lit.lit, Lit::Str(_)) => {
                read::time_within(&window, SHORTEST_WINDOW..=DAY, "window = \"10s\"", diagnostics)
                    .map(Window::Time)
            }
            Value::Is(value) if let Some(path) = given::constant(value) => {
                Some(Window::Constant(path.clone()))
            }
            _ => read::count(&window, 1..=100_000, "window = 100", diagnostics).map(Window::Calls),
        };
    }
    let calls = settings.take("min_calls");
    if let Some(calls) = &calls {
        // A literal beyond the window is told of in other words.
        let most = match (&breaker.window, &calls.value) {
            (Some(Window::Calls(window)), Value::Is(Expr::Path(_))) => *window,
            (None, Value::Is(Expr::Path(_))) => WINDOW,
            _ => MOST,
        };
        breaker.min_calls = given::count(calls, 1..=most, "min_calls = 20", diagnostics);
    }
    let window = match &breaker.window {
        Some(Window::Calls(window)) => Some(*window),
        None => Some(WINDOW),
        Some(Window::Time(_) | Window::Constant(_)) => None,
    };
    if let Some(window) = window {
        let least = match &breaker.min_calls {
            Some(calls) => calls.literal().unwrap_or(window),
            None => MIN_CALLS,
        };
        if let Some(calls) = calls.as_ref().filter(|_| least > window) {
            let message = format!(
                "a window of {window} calls never holds {least}, so the breaker would never open; let `min_calls` be at \
                 most {window}"
            );
            mistake(calls, message, diagnostics);
        } else if least > window {
            breaker.min_calls = Some(Given::Literal(window));
        }
    }
    if let Some(open) = settings.take("open") {
        breaker.open = given::time(&open, DAY, "open = \"30s\"", diagnostics);
    }
    if let Some(probes) = settings.take("probes") {
        breaker.probes = given::count(&probes, 1..=1000, "probes = 3", diagnostics);
    }
    if let Some(key) = settings.take("key") {
        breaker.key = read::function(&key, "key = |host| host.clone()", diagnostics);
    }
    Some(breaker)
}

impl Breaker {
    /// The calls that set a builder. `rt` is the path of the policies.
    pub(super) fn settings(&self, rt: &TokenStream) -> TokenStream {
        let failure_rate = self.failure_rate.as_ref().map(|rate| quote!(.failure_rate(#rate)));
        let mut min_calls = self.min_calls.as_ref().map(|calls| quote!(.min_calls(#calls)));
        let window = self.window.as_ref().map(|window| match window {
            Window::Calls(calls) => quote!(.window(#calls as usize)),
            Window::Time(time) => {
                let time = duration(*time);
                quote!(.window_time(#time))
            }
            Window::Constant(path) => {
                let (window, least) = constant_window(path, self.min_calls.as_ref(), rt);
                min_calls = Some(quote!(.min_calls(#least)));
                quote!(.window_said(#window))
            }
        });
        let open = self.open.as_ref().map(|time| quote!(.open_time(#time)));
        let probes = self.probes.as_ref().map(|calls| quote!(.probes(#calls)));
        quote!(#failure_rate #window #min_calls #open #probes)
    }
}

/// A window that is a constant, and the least number of calls in it. Whether they fit the compiler looks at.
fn constant_window(
    path: &ExprPath,
    min_calls: Option<&Given<u32>>,
    rt: &TokenStream,
) -> (TokenStream, TokenStream) {
    if let Some(mistake) = given::of_self("window", path) {
        return (mistake, quote!(#MIN_CALLS));
    }
    let written = tidy(&path.to_token_stream().to_string());
    let bounds = format!(
        "`window` is `{written}`, which must be from 1 to 100000 calls, or a time of at least 1ms and at most a day"
    );
    let never = format!(
        "a window of `{written}` calls never holds `min_calls`, so the breaker would never open; let `min_calls` be at most \
         that"
    );
    let span = path.span();
    let shown = shown_at(rt, at(span));
    let said = quote_spanned!(span=> #shown::WindowOf(#path).calls_or_time());
    let least = match min_calls {
        Some(calls) => quote!(#calls),
        None => quote!((#said).at_most(#MIN_CALLS)),
    };
    let window = quote_spanned! {span=> {
        const __SAID: #rt::SaidWindow = #said;
        const _: () = {
            ::core::assert!(__SAID.is_within_bounds(), #bounds);
            ::core::assert!(__SAID.holds(#least), #never);
        };
        __SAID
    }};
    (window, least)
}
