//! Reads of a genome: owned values that move through the nodes after others have borrowed them.

use std::collections::BTreeMap;
use std::sync::Arc;

use ember::prelude::*;
use ember_strangers::same_everywhere;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Read {
    id: u32,
    bases: Vec<u8>,
    quality: Option<Vec<u8>>,
}

#[derive(Debug, PartialEq, Eq)]
struct Sample {
    name: String,
    reads: Vec<Read>,
}

#[derive(Debug, PartialEq, Eq)]
struct Summary {
    name: Arc<str>,
    gc: u32,
    kmers: usize,
    kind: &'static str,
    kept: Vec<Read>,
    longest: Option<Read>,
}

#[operator]
fn gc(reads: &[Read]) -> u32 {
    let bases = reads.iter().flat_map(|read| &read.bases);
    let (hits, all) =
        bases.fold((0, 0), |(hits, all), base| (hits + u32::from(b"GC".contains(base)), all + 1));
    (hits * 100_u32).checked_div(all).unwrap_or(0)
}

#[operator]
fn kmers<const K: usize>(reads: &[Read]) -> BTreeMap<[u8; K], usize> {
    let mut counts = BTreeMap::new();
    for window in reads.iter().flat_map(|read| read.bases.windows(K)) {
        *counts.entry(window.try_into().expect("K bases")).or_default() += 1;
    }
    counts
}

#[operator]
fn trim(read: Read, min: u8) -> Option<Read> {
    let Some(quality) = &read.quality else { return Some(read) };
    let keep = quality.iter().take_while(|&&q| q >= min).count();
    (keep > 0).then(|| Read {
        bases: read.bases[..keep].to_vec(),
        quality: Some(quality[..keep].to_vec()),
        ..read
    })
}

#[operator]
fn longest(reads: &[Read]) -> Option<&Read> {
    reads.iter().max_by_key(|read| (read.bases.len(), read.id))
}

#[operator]
fn reverse(mut read: Read) -> Read {
    read.bases.reverse();
    read
}

#[operator]
fn share(name: String) -> Arc<str> {
    name.into()
}

#[operator]
fn label(name: &Arc<str>, count: usize) -> usize {
    name.len() * count
}

#[operator]
fn kind_of(gc: u32, label: usize) -> &'static str {
    if gc > 50 && label > 0 { "rich" } else { "poor" }
}

graph! {
    /// Trims the reads of `sample` and says what they are.
    fn classify(sample: Sample, min: u8) -> Summary {
        let Sample { name: title, reads } = sample;
        let share_of_gc = gc(&reads);
        let table = kmers::<2>(&reads);
        let top = longest(&reads);
        let best = top.cloned();
        let trimmed = for read in reads { trim(read, min) };
        let kept: Vec<Read> = trimmed.into_iter().flatten().collect();
        let name = share(title);
        let label = label(&Arc::clone(&name), kept.len());
        let kind = match kept.len() {
            0 => "empty",
            1 | 2 if share_of_gc > 90 => "tiny",
            _ if table.is_empty() => "short",
            _ => kind_of(share_of_gc, label),
        };
        let longest = match best {
            Some(read) if read.id % 2 == 0 => { let turned = reverse(read); Some(turned) }
            Some(read @ Read { id: 1..=5, .. }) => Some(read),
            _ => None,
        };
        Summary { name, gc: share_of_gc, kmers: table.len(), kind, kept, longest }
    }
}

fn classify_plain(sample: Sample, min: u8) -> Summary {
    let Sample { name: title, reads } = sample;
    let share_of_gc = gc(&reads);
    let table = kmers::<2>(&reads);
    let best = longest(&reads).cloned();
    let trimmed: Vec<_> = reads.into_iter().map(|read| trim(read, min)).collect();
    let kept: Vec<Read> = trimmed.into_iter().flatten().collect();
    let name = share(title);
    let label = label(&Arc::clone(&name), kept.len());
    let kind = match kept.len() {
        0 => "empty",
        1 | 2 if share_of_gc > 90 => "tiny",
        _ if table.is_empty() => "short",
        _ => kind_of(share_of_gc, label),
    };
    let longest = match best {
        Some(read) if read.id % 2 == 0 => Some(reverse(read)),
        Some(read @ Read { id: 1..=5, .. }) => Some(read),
        _ => None,
    };
    Summary { name, gc: share_of_gc, kmers: table.len(), kind, kept, longest }
}

fn read(id: u32, bases: &str, quality: Option<&[u8]>) -> Read {
    Read { id, bases: bases.into(), quality: quality.map(Into::into) }
}

fn samples() -> Vec<Sample> {
    let sample = |reads| Sample { name: "s".to_string(), reads };
    vec![
        sample(vec![]),
        sample(vec![read(1, "GCGC", None), read(2, "AT", Some(&[3, 1]))]),
        sample(vec![
            read(7, "A", None),
            read(4, "GGGGAC", Some(&[9, 9, 9, 1, 9, 9])),
            read(3, "T", Some(&[0])),
        ]),
        sample(vec![read(7, "A", None), read(8, "C", None), read(9, "GATTACA", None)]),
    ]
}

#[test]
fn every_sample_is_what_the_plain_function_says() {
    for at in 0..samples().len() {
        let sample = || samples().swap_remove(at);
        same_everywhere(&classify_plain(sample(), 2), || classify(sample(), 2));
    }
}
