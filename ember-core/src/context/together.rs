//! The context of what several callers wait for together.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Context, id};

impl Context {
    /// One for a call that is made for all who are in these contexts. There is one at least.
    ///
    /// Where all are in the same, it is that. Otherwise it is below none of them: who stops waiting does not stop the
    /// others' call. It ends when the last of them does, by the clock of the first; has the strategy that all agree on, and
    /// the runtime of the first; goes before others if one of them does; and its correlation id lists theirs, each once, as
    /// many as there is room for. Bounds of theirs on threads and memory are not its own.
    pub(crate) fn together(those: &[&Self]) -> Self {
        let (first, others) = those.split_first().expect("somebody calls");
        if others.iter().all(|other| Arc::ptr_eq(&other.0, &first.0)) {
            return Self::clone(first);
        }
        let mut builder = Self::builder().correlation_id(Self::listed(those));
        let left: Option<Vec<_>> = those.iter().map(|one| one.remaining()).collect();
        if let Some(latest) = left.and_then(|left| left.into_iter().max()) {
            builder = builder.timeout(latest);
        }
        let agreed = others.iter().all(|other| other.strategy() == first.strategy());
        if let Some(strategy) = first.strategy().filter(|_| agreed) {
            builder = builder.strategy(strategy);
        }
        if others.iter().all(|other| other.priority() == first.priority()) {
            builder = builder.priority(first.priority());
        }
        // What stands in the place of a resource for one run must not do so for another.
        if those.iter().all(|context| context.has_instead_of(first)) {
            builder = builder.instead_of(first);
        }
        builder.beside(first).build()
    }

    /// `a, b, c`, or `a, b and 7 more`.
    fn listed(those: &[&Self]) -> String {
        const REST: usize = " and 4294967295 more".len();
        let mut seen = BTreeSet::new();
        let ids = those.iter().map(|one| one.correlation_id());
        let ids: Vec<&str> = ids.filter(|id| seen.insert(*id)).collect();
        let mut list = String::new();
        for (at, id) in ids.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            if at > 0 && list.len() + comma.len() + id.len() + REST > id::MAX {
                list.extend([" and ", &(ids.len() - at).to_string(), " more"]);
                break;
            }
            list.push_str(comma);
            list.push_str(id);
        }
        list
    }
}
