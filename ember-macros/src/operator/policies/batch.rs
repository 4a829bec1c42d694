//! `batch(max = 64, wait = "2ms", in_flight = 8, queue = 1000, key = |model| ..)`: the operator takes a slice or a vector,
//! and graphs call it with one item.

mod code;
mod form;

use std::time::Duration;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Expr, Type, WherePredicate};

use super::given::{self, Given};
use super::said::{Said, Settings, Value, mistake};
use super::{limit, read};
use crate::diagnostics::Diagnostics;

pub(crate) use self::code::Node;

/// The runtime's bounds.
const MOST: u32 = i32::MAX as u32;
const LONGEST: Duration = Duration::from_hours(1);
/// What the runtime's builder says if nothing else is said.
const MAX: u32 = 64;
const QUEUE: u32 = 1 << 16;

const SUCH: &str = "batch(max = 64, wait = \"2ms\")";

/// How calls of an operator are gathered.
pub(crate) struct Batch {
    max: Option<Given<u32>>,
    wait: Option<Given<Duration>>,
    in_flight: Option<Given<u32>>,
    queue: Option<Given<u32>>,
    key: Option<Expr>,
    pub(crate) span: Span,
    form: Option<Form>,
}

/// What the operator's signature says of its items.
struct Form {
    item: Type,
    /// It takes a slice, and not a vector.
    slice: bool,
    value: TokenStream,
    failure: TokenStream,
    /// What they must be, said where the operator says what they are: so what is missing is told once.
    bounds: Vec<WherePredicate>,
}

pub(super) fn read(said: &Said, diagnostics: &mut Diagnostics) -> Option<Batch> {
    let list: &[Said] = match &said.value {
        Value::Nothing => &[],
        Value::List(list) => list,
        Value::Is(_) => {
            mistake(said, format!("`batch` stands alone or with settings: `{SUCH}`"), diagnostics);
            return None;
        }
    };
    let known = &["max", "wait", "in_flight", "queue", "key"];
    let mut settings = Settings::new(&said.name, known, list, diagnostics);
    let mut count = |name, such| {
        let said = settings.take(name)?;
        given::count(&said, 1..=MOST, such, diagnostics).map(|count| (count, said))
    };
    let max = count("max", "max = 64").map(|(max, _)| max);
    let in_flight = count("in_flight", "in_flight = 8").map(|(batches, _)| batches);
    let queue = count("queue", "queue = 1000");
    let most = max.as_ref().map_or(Some(MAX), Given::literal);
    if let Some((queue, said)) = &queue
        && let (Some(queue), Some(max)) = (queue.literal(), most)
        && queue < max
    {
        let message = format!(
            "`queue` is {queue}, and a batch of {max} would never be full: let at least as many wait"
        );
        mistake(said, message, diagnostics);
    }
    if let Some(max) = most.filter(|max| *max > QUEUE && queue.is_none()) {
        let message = format!(
            "`max` is {max}, and {QUEUE} items may wait if nothing else is said: say `queue = {max}`"
        );
        diagnostics.error(&said.name, message);
    }
    let wait = settings.take("wait").and_then(|wait| {
        let none = matches!(&wait.value, Value::Is(value) if value.to_token_stream().to_string() == "\"0\"");
        if none {
            return Some(Given::Literal(Duration::ZERO));
        }
        given::time_within(&wait, Duration::ZERO..=LONGEST, "wait = \"2ms\"", diagnostics)
    });
    let key =
        settings.take("key").and_then(|key| read::function(&key, "key = |model| model.id", diagnostics));
    Some(Batch {
        max,
        wait,
        in_flight,
        queue: queue.map(|(queue, _)| queue),
        key,
        span: said.name.span(),
        form: None,
    })
}

impl Batch {
    /// Asserts of the constants `__MAX` and `__QUEUE` that so many may wait as a batch holds, where only the compiler knows.
    fn fits(&self) -> Option<TokenStream> {
        let known = [&self.max, &self.queue].into_iter().flatten().all(|given| given.literal().is_some());
        if known {
            return None;
        }
        let message = match &self.queue {
            Some(_) => {
                "`queue` is less than `max`, so a batch would never be full: let at least as many wait"
                    .to_owned()
            }
            None => format!(
                "`max` is more than the {QUEUE} items that may wait if nothing else is said: say `queue`"
            ),
        };
        Some(quote_spanned!(self.span=> const _: () = ::core::assert!(__QUEUE >= __MAX, #message);))
    }

    /// Notes what does not fit the policies around it.
    pub(super) fn check(&self, limits: &limit::Limits, diagnostics: &mut Diagnostics) {
        if let Some((calls, span)) = &limits.concurrency
            && limits.key.is_none()
            && let Some(max) = self.max.as_ref().map_or(Some(MAX), Given::literal)
            && let Some(calls) = calls.literal().filter(|calls| *calls < max)
        {
            let message = format!(
                "`concurrency` counts items, and with {calls} at once a batch of {max} is never full: say how many \
                 batches may be under way, `batch(in_flight = ..)`"
            );
            diagnostics.push(syn::Error::new(*span, message));
        }
    }
}

/// A number, or what it is if it is not said.
fn or(given: Option<&Given<u32>>, otherwise: u32) -> TokenStream {
    given.map_or_else(|| quote!(#otherwise), |given| quote!(#given))
}
