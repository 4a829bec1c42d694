//! Counts the identifiers of files and of all of them together.

use std::collections::HashMap;

use ember::operator;

use crate::{analyse::Looked, language::Language, limits::Limits};

/// The identifiers of one file, each once, in one allocation: thousands of files stay in memory at a time.
#[derive(Debug, Default)]
pub struct Words {
    names: String,
    /// Where each name ends in `names`, and how often it stands in the file.
    ends: Vec<(u32, u32)>,
}

impl Words {
    /// Keeps what is an identifier of `language` of the words that were counted.
    pub(crate) fn of(counted: &HashMap<&str, u32>, language: &Language) -> Self {
        let mut words = Self::default();
        for (name, times) in counted {
            if language.is_keyword(name)
                || !name.chars().all(|c| c.is_alphanumeric() || c == '_')
                || *name == "_"
            {
                continue;
            }
            words.names.push_str(name);
            // Files are smaller than 4 GiB.
            words.ends.push((u32::try_from(words.names.len()).unwrap_or(u32::MAX), *times));
        }
        words.names.shrink_to_fit();
        words.ends.shrink_to_fit();
        words
    }

    /// Each identifier with the number of its uses, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u32)> {
        let starts = std::iter::once(0).chain(self.ends.iter().map(|(end, _)| *end));
        self.ends.iter().zip(starts).map(|((end, times), start)| {
            let name = &self.names[start as usize..*end as usize];
            (name, *times)
        })
    }
}

/// The identifiers of a folder.
#[derive(Debug)]
pub struct Identifiers {
    /// How many different ones there are.
    pub distinct: usize,
    /// The most used ones, most used first.
    pub most_used: Vec<Identifier>,
}

/// An identifier and its uses.
#[derive(Debug, PartialEq, Eq)]
pub struct Identifier {
    /// The name.
    pub name: String,
    /// How often it stands in code.
    pub uses: u64,
    /// In how many files.
    pub files: usize,
}

/// A name with its uses and its files.
type Ranked<'a> = (&'a str, (u64, usize));

/// Joins the identifiers of all files.
#[operator]
pub fn identifiers_of(looked: &[Looked<'_>], limits: &Limits) -> Identifiers {
    let mut all: HashMap<&str, (u64, usize)> = HashMap::new();
    for (name, times) in looked.iter().flatten().flat_map(|facts| facts.words.iter()) {
        let (uses, files) = all.entry(name).or_default();
        *uses += u64::from(times);
        *files += 1;
    }
    let distinct = all.len();
    let mut ranked: Vec<Ranked<'_>> = all.into_iter().collect();
    let order = |a: &Ranked<'_>, b: &Ranked<'_>| b.1.0.cmp(&a.1.0).then_with(|| a.0.cmp(b.0));
    // Only the head of the list is shown, so only the head is sorted.
    if ranked.len() > limits.top {
        ranked.select_nth_unstable_by(limits.top, order);
        ranked.truncate(limits.top);
    }
    ranked.sort_unstable_by(order);
    let most_used = ranked
        .into_iter()
        .map(|(name, (uses, files))| Identifier { name: name.to_owned(), uses, files })
        .collect();
    Identifiers { distinct, most_used }
}
