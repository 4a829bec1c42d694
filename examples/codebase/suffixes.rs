//! Repeats in a sequence of numbers, by suffix sorting.
//!
//! Prefix doubling that leaves alone what is sorted (Larsson and Sadakane, *Faster suffix sorting*, 1999), the
//! common prefixes of neighbours (Kasai and others, *Linear-time longest-common-prefix computation*, 2001) and
//! their intervals (Abouelhoda and others, *Replacing suffix trees with enhanced suffix arrays*, 2004).

/// A stretch of the sorted suffixes that share their first `length` numbers, and no longer prefix.
///
/// There can be as many as lines, so it is kept small.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Interval {
    pub(crate) length: u32,
    /// Its first suffix in the order, and the one behind its last.
    pub(crate) from: u32,
    pub(crate) to: u32,
    /// The first and the last place of the prefix in the text.
    pub(crate) first: u32,
    pub(crate) last: u32,
    /// The interval around this one with the longest prefix, or [`NONE`].
    around: u32,
    /// The ends of its list of leaves, or [`NONE`].
    head: u32,
    tail: u32,
}

const NONE: u32 = u32::MAX;

/// All intervals of a text. Each place is a leaf of one: the one with the longest prefix that stands there.
#[derive(Debug)]
pub(crate) struct Intervals {
    pub(crate) all: Vec<Interval>,
    /// For each place, the next leaf of the same interval.
    next: Vec<u32>,
}

/// The places of a text, sorted by what follows there.
///
/// The last number of `text` must stand in it once only.
pub(crate) fn sorted(text: &[u32]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..index(text.len())).collect();
    // A place's rank is the first index in the order of all that are not told from it so far.
    let mut ranks = vec![0; text.len()];
    let mut keyed: Vec<(u32, u32)> = Vec::with_capacity(text.len());
    let mut open = vec![(0, text.len())];
    let mut width = 0;
    while !open.is_empty() {
        let mut still_open = Vec::new();
        for (from, to) in open {
            keyed.clear();
            // Two places that agree in `width` numbers hold no unique one there, so none reaches over the end.
            keyed.extend(order[from..to].iter().map(|&at| {
                let at_width = at as usize + width;
                (if width == 0 { text[at_width] } else { ranks[at_width] }, at)
            }));
            keyed.sort_unstable();
            let mut start = from;
            for part in keyed.chunk_by(|a, b| a.0 == b.0) {
                for (slot, &(_, at)) in order[start..].iter_mut().zip(part) {
                    *slot = at;
                    ranks[at as usize] = index(start);
                }
                if part.len() > 1 {
                    still_open.push((start, start + part.len()));
                }
                start += part.len();
            }
        }
        open = still_open;
        width = (2 * width).max(1);
    }
    order
}

/// For each suffix in the order, how many numbers it shares with the one before.
pub(crate) fn common(text: &[u32], order: &[u32]) -> Vec<u32> {
    let mut ranks = vec![0; order.len()];
    for (rank, &at) in order.iter().enumerate() {
        ranks[at as usize] = rank;
    }
    let mut common = vec![0; order.len()];
    let mut shared = 0;
    for (at, &rank) in ranks.iter().enumerate() {
        if rank == 0 {
            shared = 0;
            continue;
        }
        let before = order[rank - 1] as usize;
        while text.get(at + shared).is_some_and(|number| text.get(before + shared) == Some(number)) {
            shared += 1;
        }
        common[rank] = index(shared);
        shared = shared.saturating_sub(1);
    }
    common
}

impl Intervals {
    /// All intervals whose prefix has at least `minimum` numbers.
    pub(crate) fn of(order: &[u32], common: &[u32], minimum: usize) -> Self {
        let mut found = Self { all: Vec::new(), next: vec![NONE; order.len()] };
        let mut open: Vec<usize> = Vec::new();
        for (rank, &place) in (0..).zip(order) {
            // What this suffix shares with the next one.
            let shared = common.get(rank as usize + 1).copied().unwrap_or_default();
            let shared = if (shared as usize) < minimum { 0 } else { shared };
            if shared > found.length(open.last()) {
                open.push(found.open(shared, rank, place, place));
            }
            if let Some(&top) = open.last() {
                found.all[top].reach(place, place);
                found.add_leaf(top, place);
            }
            while let Some(top) = open.pop_if(|top| found.all[*top].length > shared) {
                found.all[top].to = rank + 1;
                let Interval { from, first, last, .. } = found.all[top];
                if shared > found.length(open.last()) {
                    open.push(found.open(shared, from, first, last));
                }
                if let Some(&around) = open.last() {
                    found.all[top].around = index(around);
                    found.all[around].reach(first, last);
                }
            }
        }
        found
    }

    fn open(&mut self, length: u32, from: u32, first: u32, last: u32) -> usize {
        self.all.push(Interval { length, from, to: from, first, last, around: NONE, head: NONE, tail: NONE });
        self.all.len() - 1
    }

    fn length(&self, interval: Option<&usize>) -> u32 {
        interval.map_or(0, |&interval| self.all[interval].length)
    }

    fn add_leaf(&mut self, interval: usize, place: u32) {
        let interval = &mut self.all[interval];
        self.next[place as usize] = interval.head;
        interval.head = place;
        if interval.tail == NONE {
            interval.tail = place;
        }
    }

    /// The interval around one.
    pub(crate) fn around(&self, interval: usize) -> Option<usize> {
        let around = self.all[interval].around;
        (around != NONE).then_some(around as usize)
    }

    /// The leaves of an interval, in no order.
    pub(crate) fn leaves(&self, interval: usize) -> impl Iterator<Item = u32> {
        let some = |place: u32| (place != NONE).then_some(place);
        std::iter::successors(some(self.all[interval].head), move |&place| some(self.next[place as usize]))
    }

    /// Makes the leaves of one interval leaves of another.
    pub(crate) fn move_leaves(&mut self, from: usize, to: usize) {
        let Interval { head, tail, .. } = self.all[from];
        if head == NONE {
            return;
        }
        self.next[tail as usize] = self.all[to].head;
        self.all[to].head = head;
        if self.all[to].tail == NONE {
            self.all[to].tail = tail;
        }
        (self.all[from].head, self.all[from].tail) = (NONE, NONE);
    }
}

impl Interval {
    fn reach(&mut self, first: u32, last: u32) {
        self.first = self.first.min(first);
        self.last = self.last.max(last);
    }
}

/// An index as it is kept: in half the space, for fewer than 2³² lines.
pub(crate) fn index(index: usize) -> u32 {
    u32::try_from(index).expect("fewer than 2^32 lines are compared")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(text: &str) -> Vec<u32> {
        text.bytes().map(u32::from).collect()
    }

    #[test]
    fn the_order_is_that_of_the_suffixes() {
        for text in ["$", "banana$", "aaaaaaaaaa$", "abcabcabxabcabc$", "mississippi$"] {
            let text = numbers(text);
            let mut naive: Vec<u32> = (0..index(text.len())).collect();
            naive.sort_by_key(|&at| &text[at as usize..]);
            assert_eq!(sorted(&text), naive);
        }
    }

    #[test]
    fn each_interval_is_a_repeat_with_all_its_places() {
        let text = numbers("abcxabcyabz$");
        let order = sorted(&text);
        let mut intervals = Intervals::of(&order, &common(&text, &order), 2);
        let mut found: Vec<_> = (0..intervals.all.len())
            .map(|at| {
                let one = intervals.all[at];
                let mut leaves: Vec<u32> = intervals.leaves(at).collect();
                leaves.sort_unstable();
                (one.length, one.to - one.from, one.first, one.last, leaves, intervals.around(at).is_some())
            })
            .collect();
        found.sort();
        assert_eq!(
            found,
            [(2, 2, 1, 5, vec![1, 5], false), (2, 3, 0, 8, vec![8], false), (3, 2, 0, 4, vec![0, 4], true)]
        );
        let inner = (0..3).find(|&at| intervals.all[at].length == 3).expect("the longest");
        let outer = intervals.around(inner).expect("the one around it");
        intervals.move_leaves(inner, outer);
        assert_eq!((intervals.leaves(inner).count(), intervals.leaves(outer).count()), (0, 3));
    }
}
