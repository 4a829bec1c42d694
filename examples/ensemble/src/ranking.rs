//! Which drafts agree with each other: work for a processor, not for a network.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use thiserror::Error;

use crate::client::CallError;

/// What a drafter wrote.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) drafter: &'static str,
    pub(crate) text: String,
}

/// A drafter that wrote none.
#[derive(Debug, Error)]
#[error("{drafter} wrote no draft")]
pub(crate) struct Absence {
    pub(crate) drafter: &'static str,
    #[source]
    pub(crate) why: CallError,
}

/// The drafts that there are, the one that agrees most with the others first, and those that there are not.
#[derive(Debug)]
pub(crate) struct Ranking {
    pub(crate) drafts: Vec<Draft>,
    pub(crate) absent: Vec<Absence>,
}

impl Ranking {
    /// Sorts drafts by how many of their words the others use too. Equals stay in their order.
    pub(crate) fn new(drafts: Vec<Result<Draft, Absence>>) -> Self {
        let (mut present, mut absent) = (Vec::new(), Vec::new());
        for draft in drafts {
            match draft {
                Ok(draft) => present.push((words(&draft.text), draft)),
                Err(absence) => absent.push(absence),
            }
        }
        let agreements: Vec<usize> = present
            .iter()
            .map(|(own, _)| present.iter().map(|(other, _)| agreement(own, other)).sum())
            .collect();
        let mut drafts: Vec<(usize, Draft)> =
            agreements.into_iter().zip(present).map(|(agreement, (_, draft))| (agreement, draft)).collect();
        drafts.sort_by_key(|(agreement, _)| Reverse(*agreement));
        Self { drafts: drafts.into_iter().map(|(_, draft)| draft).collect(), absent }
    }
}

/// How many in a thousand of all words of two drafts both have, after Jaccard.
fn agreement(one: &BTreeSet<String>, other: &BTreeSet<String>) -> usize {
    let both = one.intersection(other).count();
    both * 1000 / one.union(other).count().max(1)
}

/// The words without their case, their order and what is between them.
fn words(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}
