//! The policies in the parentheses of `#[operator(..)]`: what is said, whether it fits the operator, and the layers that it
//! becomes.
//!
//! Each policy has a file that knows how it is written. `said` and `read` know what all have in common, `fit` what an
//! operator must be, and `stack` nests the layers in their fixed order.

mod backoff;
pub(crate) mod batch;
mod breaker;
mod cache;
mod fallback;
mod fit;
pub(crate) mod given;
mod isolate;
mod key;
mod limit;
mod memory;
mod read;
mod retry;
pub(crate) mod said;
mod size;
mod stack;
mod time;
mod validate;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use self::said::Said;
use crate::diagnostics::Diagnostics;

pub(crate) use self::fallback::With;
pub(crate) use self::fit::names_no_type;
pub(crate) use self::isolate::Isolate;
pub(crate) use self::stack::{Layers, Receives, Stack, hidden, lease, lent_by};

/// The policies of an operator.
#[derive(Default)]
pub(crate) struct Policies {
    pub(crate) fallback: Option<fallback::Fallback>,
    pub(crate) cache: Option<cache::Cache>,
    pub(crate) deadline: Option<time::Limit>,
    pub(crate) retry: Option<retry::Retry>,
    pub(crate) breaker: Option<breaker::Breaker>,
    pub(crate) limits: limit::Limits,
    pub(crate) memory: Option<memory::Memory>,
    pub(crate) timeout: Option<time::Limit>,
    pub(crate) validate: Option<validate::Validate>,
    pub(crate) isolate: Option<Isolate>,
    /// Whether the operator names resources, which may fail to load.
    pub(crate) resources: bool,
    pub(crate) batch: Option<batch::Batch>,
    /// They are those of a graph: it asks its context before each of its nodes, so time can stop it.
    pub(crate) of_graph: bool,
    /// Their names, in the order in which they are said.
    said: Vec<Ident>,
    /// The same with their values as written, for descriptions.
    written: Vec<(String, String)>,
}

/// The names of all policies.
pub(crate) const NAMES: [&str; 13] = [
    "retry",
    "timeout",
    "deadline",
    "breaker",
    "cache",
    "limit",
    "concurrency",
    "rate",
    "memory",
    "fallback",
    "validate",
    "isolate",
    "batch",
];

/// What stands in the place of a policy under a name that others use.
pub(crate) fn known_elsewhere(name: &str) -> Option<&'static str> {
    Some(match name {
        "retries" | "max_retries" | "attempts" => "retry = 3",
        "circuit_breaker" | "circuit" => "breaker",
        "rate_limit" | "throttle" => "rate = \"100/s\"",
        "bulkhead" | "limits" | "max_concurrency" => "concurrency = 8",
        "batched" | "micro_batch" | "batch_size" | "max_batch" | "dataloader" => {
            "batch(max = 64, wait = \"2ms\")"
        }
        "memory_limit" | "max_memory" | "memory_budget" | "weight" | "weigh" => "memory = \"64MiB\"",
        "memoize" | "cached" | "memo" => "cache(capacity = 1000)",
        "sandbox" | "process" | "subprocess" => "isolate",
        "time_limit" | "time_limiter" => "timeout = \"2s\"",
        _ => return None,
    })
}

impl Policies {
    /// None, of a graph.
    pub(crate) fn of_graph() -> Self {
        Self { of_graph: true, ..Self::default() }
    }

    /// Reads an argument, if it is a policy's.
    pub(crate) fn take(&mut self, said: &Said, diagnostics: &mut Diagnostics) -> bool {
        let name = said.text();
        if !NAMES.contains(&name.as_str()) {
            return false;
        }
        if self.said.contains(&said.name) {
            diagnostics.error(&said.name, format!("`{name}` is said twice; keep one of the two"));
            return true;
        }
        self.said.push(said.name.clone());
        self.written.extend(said.written());
        match name.as_str() {
            "retry" => self.retry = retry::read(said, diagnostics),
            "timeout" => self.timeout = time::limit(said, diagnostics),
            "deadline" => self.deadline = time::limit(said, diagnostics),
            "breaker" => self.breaker = breaker::read(said, diagnostics),
            "cache" => self.cache = cache::read(said, diagnostics),
            "fallback" => self.fallback = fallback::read(said, diagnostics),
            "validate" => self.validate = validate::read(said, diagnostics),
            "memory" => self.memory = memory::read(said, diagnostics),
            "isolate" => self.isolate = isolate::read(said, diagnostics),
            "batch" => self.batch = batch::read(said, diagnostics),
            _ => self.limits.read(said, diagnostics),
        }
        true
    }

    /// Constants that describe them.
    pub(crate) fn described(&self, graph: &TokenStream) -> TokenStream {
        let each = self.written.iter().map(|(name, value)| quote!(#graph::Policy::__new(#name, #value)));
        quote!(&[#(#each),*])
    }

    /// The same as values.
    pub(crate) fn written(&self) -> &[(String, String)] {
        &self.written
    }

    /// Where those are that wait by timers, if the operator is `async`.
    pub(crate) fn timed(&self) -> impl Iterator<Item = Span> {
        let limits = [&self.timeout, &self.deadline].into_iter().flatten().map(|limit| limit.span);
        limits.chain(self.retry.as_ref().map(|retry| retry.span))
    }

    /// Whether nothing is said but how calls are gathered.
    pub(crate) fn only_gathers(&self) -> bool {
        self.batch.is_some() && self.said.len() == 1
    }

    /// Whether a node stands behind layers that may fail in the operator's place.
    pub(crate) fn stand_around(&self) -> bool {
        self.resources || !self.said.is_empty()
    }

    /// Their names, in the order in which they are said.
    pub(crate) fn said(&self) -> &[Ident] {
        &self.said
    }

    /// The name of a policy that is said, if any is.
    pub(crate) fn first(&self) -> Option<&Ident> {
        self.said.first()
    }
}

/// On the line of a graph.
impl Policies {
    /// What the line says, as a value. `without` are the bits of what it goes without.
    pub(crate) fn overrides(&self, rt: &TokenStream, without: &TokenStream) -> TokenStream {
        let mut over = quote!(#rt::Overrides::without(#without));
        if let Some(timeout) = &self.timeout {
            let timeout = timeout.made(rt, false);
            over.extend(quote!(.with_timeout(#timeout)));
        }
        if let Some(deadline) = &self.deadline {
            let deadline = deadline.made(rt, true);
            over.extend(quote!(.with_deadline(#deadline)));
        }
        if let Some(retry) = &self.retry {
            let settings = retry.settings(rt);
            over.extend(quote! {
                .with_retry({
                    static __RETRY: ::std::sync::LazyLock<#rt::Retry> =
                        ::std::sync::LazyLock::new(|| #rt::built(#rt::Retry::builder() #settings .build()));
                    &__RETRY
                })
            });
        }
        over
    }

    /// The fallback of the line around its call, if it has one. `lent` is its state.
    pub(crate) fn fallback_around(
        &self,
        rt: &TokenStream,
        lent: &TokenStream,
        next: &TokenStream,
        asynchronous: bool,
    ) -> TokenStream {
        let Some(fallback) = &self.fallback else { return next.clone() };
        let layer = quote!(::core::option::Option::Some(#rt::Shared(#lent)));
        fallback::around(rt, fallback, &layer, next, asynchronous)
    }
}
