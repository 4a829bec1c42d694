//! Which of all repeats are told, and which of those are shown.

use std::{cmp::Reverse, collections::BinaryHeap};

use crate::suffixes::{Interval, Intervals, index};

/// Chooses the intervals that are told, longest first.
///
/// By the time an interval is looked at, all places of the intervals within it are covered: those are longer.
/// So only its own leaves are to be checked, and each place is checked once: the whole takes little more than
/// linear time.
pub(super) fn tell(mut intervals: Intervals, minimum: usize, covered: &mut Covered) -> Vec<Interval> {
    let mut longest_first: BinaryHeap<(u32, Reverse<u32>, usize)> =
        intervals.all.iter().enumerate().map(|(at, one)| (one.length, Reverse(one.first), at)).collect();
    let mut told = Vec::new();
    while let Some((length, first, at)) = longest_first.pop() {
        // The places that are furthest from each other must not overlap, as they do in a table of equal lines.
        let reach = intervals.all[at].last - intervals.all[at].first;
        let around = intervals.around(at);
        if reach < length {
            let shortest = around.map_or(index(minimum), |around| intervals.all[around].length + 1);
            if reach >= shortest {
                intervals.all[at].length = reach;
                longest_first.push((reach, first, at));
            } else if let Some(around) = around {
                intervals.move_leaves(at, around);
            }
        } else if intervals.leaves(at).any(|leaf| !covered.holds(leaf, length)) {
            intervals.leaves(at).for_each(|leaf| covered.add(leaf, length));
            told.push(intervals.all[at]);
        }
    }
    told
}

/// The `top` intervals that repeat the most lines beside those of the ones before, as length and starts.
///
/// What a passage adds can only shrink while others are chosen, so each waits with what was last known of it
/// and is counted again when it comes to the head: most are never counted.
pub(super) fn rank(told: &[Interval], order: &[u32], top: usize) -> Vec<(usize, Vec<u32>)> {
    let mut shown = Shown::of(order.len());
    // The last part: how many passages had been chosen when it was counted.
    let mut waiting: BinaryHeap<(usize, Reverse<u32>, usize, Option<usize>)> = told
        .iter()
        .enumerate()
        .map(|(at, one)| {
            (one.length as usize * (one.to - one.from - 1) as usize, Reverse(one.first), at, None)
        })
        .collect();
    let mut ranked: Vec<(usize, Vec<u32>)> = Vec::new();
    while ranked.len() < top
        && let Some((_, first, at, counted)) = waiting.pop()
    {
        let one = &told[at];
        let length = one.length as usize;
        let starts = apart(&order[one.from as usize..one.to as usize], one.length);
        if counted == Some(ranked.len()) {
            for &start in &starts {
                shown.add(start as usize, length);
            }
            ranked.push((length, starts));
            continue;
        }
        // One place is no repetition: the one that adds most does not count.
        let added: Vec<usize> = starts.iter().map(|&start| shown.missing(start as usize, length)).collect();
        let gain = added.iter().sum::<usize>() - added.iter().max().unwrap_or(&0);
        waiting.push((gain, first, at, Some(ranked.len())));
    }
    ranked
}

/// The places in order, without those that overlap one before.
fn apart(starts: &[u32], length: u32) -> Vec<u32> {
    let mut starts = starts.to_vec();
    starts.sort_unstable();
    let mut end = 0;
    starts.retain(|&start| {
        let free = start >= end;
        if free {
            end = start + length;
        }
        free
    });
    starts
}

/// Which lines stand in a passage that is told: for each, a later or equal line that may not (union-find with
/// path halving).
pub(super) struct Covered {
    next: Vec<u32>,
    pub(super) lines: usize,
}

impl Covered {
    pub(super) fn of(lines: usize) -> Self {
        Self { next: (0..=index(lines)).collect(), lines: 0 }
    }

    fn free_from(&mut self, line: u32) -> u32 {
        let mut at = line;
        while self.next[at as usize] != at {
            let after = self.next[self.next[at as usize] as usize];
            self.next[at as usize] = after;
            at = after;
        }
        at
    }

    fn holds(&mut self, start: u32, length: u32) -> bool {
        self.free_from(start) >= start + length
    }

    fn add(&mut self, start: u32, length: u32) {
        let end = start + length;
        loop {
            let free = self.free_from(start);
            if free >= end {
                break;
            }
            self.next[free as usize] = free + 1;
            self.lines += 1;
        }
    }
}

/// Counts the lines of a stretch that no chosen passage holds (a Fenwick tree).
struct Shown {
    sums: Vec<u32>,
    is_shown: Vec<bool>,
}

impl Shown {
    fn of(lines: usize) -> Self {
        Self { sums: vec![0; lines + 1], is_shown: vec![false; lines] }
    }

    fn add(&mut self, start: usize, length: usize) {
        for line in start..start + length {
            if !std::mem::replace(&mut self.is_shown[line], true) {
                let mut at = line + 1;
                while let Some(sum) = self.sums.get_mut(at) {
                    *sum += 1;
                    at += at & at.wrapping_neg();
                }
            }
        }
    }

    fn missing(&self, start: usize, length: usize) -> usize {
        length - (self.before(start + length) - self.before(start))
    }

    fn before(&self, mut at: usize) -> usize {
        let mut sum = 0;
        while at > 0 {
            sum += self.sums[at] as usize;
            at -= at & at.wrapping_neg();
        }
        sum
    }
}
