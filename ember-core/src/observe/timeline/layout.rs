//! Which bar stands in which row.

use std::collections::BTreeMap;

use super::recording::{Bar, Nanos, Recording, Track};

/// So many bars are drawn: with more a picture is neither read nor shown at ease.
pub(super) const MOST_BARS: usize = 4000;

pub(super) struct Layout {
    pub(super) groups: Vec<Group>,
    /// In the order of their starts.
    pub(super) placed: Vec<Placed>,
    pub(super) rows: usize,
    pub(super) left_out: usize,
    /// The chains of the runs that no other run called, and of the runs that these called.
    pub(super) chains: Vec<Vec<usize>>,
}

/// Rows that belong together.
pub(super) struct Group {
    pub(super) name: String,
    pub(super) first: usize,
    pub(super) rows: usize,
}

#[derive(Clone, Copy)]
pub(super) struct Placed {
    pub(super) bar: usize,
    pub(super) row: usize,
    pub(super) is_critical: bool,
}

impl Layout {
    pub(super) fn new(recording: &Recording) -> Self {
        let bars = &recording.bars;
        let chains = chains(recording);
        let mut is_critical = vec![false; bars.len()];
        chains.iter().flatten().for_each(|&bar| is_critical[bar] = true);

        let mut shown: Vec<usize> = (0..bars.len()).collect();
        // Stable, so that of equals the first are shown.
        shown.sort_by_key(|&bar| {
            let this = &bars[bar];
            (!is_critical[bar], !this.is_failure(), std::cmp::Reverse(this.took()))
        });
        let left_out = shown.len().saturating_sub(MOST_BARS);
        shown.truncate(MOST_BARS);
        shown.sort_unstable();

        let mut layout = Self { groups: Vec::new(), placed: Vec::new(), rows: 0, left_out, chains };
        layout.threads(recording, &shown);
        layout.apart(recording, &shown);
        layout.placed.sort_by_key(|placed| placed.bar);
        layout.placed.iter_mut().for_each(|placed| placed.is_critical = is_critical[placed.bar]);
        layout
    }

    fn group(&mut self, name: String, rows: usize) {
        self.groups.push(Group { name, first: self.rows, rows });
        self.rows += rows;
    }

    fn place(&mut self, bar: usize, row: usize) {
        self.placed.push(Placed { bar, row, is_critical: false });
    }

    /// A group for each thread, and a row for each depth.
    fn threads(&mut self, recording: &Recording, shown: &[usize]) {
        let mut threads = BTreeMap::<u32, (usize, Vec<(usize, usize)>)>::new();
        for &bar in shown {
            if let Track::Thread { thread, depth } = recording.bars[bar].track {
                let (deepest, bars) = threads.entry(thread).or_default();
                *deepest = depth.max(*deepest);
                bars.push((bar, depth));
            }
        }
        for (thread, (deepest, bars)) in threads {
            let first = self.rows;
            let name = recording.threads.get(&thread).map(ToString::to_string);
            self.group(name.unwrap_or_else(|| format!("thread {thread}")), deepest + 1);
            for (bar, depth) in bars {
                self.place(bar, first + depth);
            }
        }
    }

    /// What stands by itself: each run in a block of rows that are free meanwhile, its nodes below it.
    fn apart(&mut self, recording: &Recording, shown: &[usize]) {
        let bars = &recording.bars;
        let mut blocks = BTreeMap::<usize, Vec<usize>>::new();
        for &bar in shown.iter().filter(|&&bar| bars[bar].track == Track::Own) {
            let head = bars[bar].above.filter(|&above| {
                let is_node = bars[bar].site.is_some();
                is_node && bars[above].track == Track::Own && shown.binary_search(&above).is_ok()
            });
            let block = blocks.entry(head.unwrap_or(bar)).or_default();
            if head.is_some() {
                block.push(bar);
            }
        }
        if blocks.is_empty() {
            return;
        }
        let (first, mut rows) = (self.rows, Vec::<Nanos>::new());
        for (head, nodes) in blocks {
            let mut inner = Vec::new();
            let places: Vec<usize> = nodes.iter().map(|&node| lane(&mut inner, &bars[node], 1)).collect();
            let row = lane_until(&mut rows, &bars[head], inner.len() + 1, block_end(bars, head, &nodes));
            self.place(head, first + row);
            for (node, place) in nodes.into_iter().zip(places) {
                self.place(node, first + row + 1 + place);
            }
        }
        self.group(String::from("waiting, on no thread"), rows.len());
    }
}

fn block_end(bars: &[Bar], head: usize, nodes: &[usize]) -> Nanos {
    nodes.iter().chain([&head]).map(|&bar| bars[bar].ended.at).max().unwrap_or(0)
}

fn lane(free: &mut Vec<Nanos>, bar: &Bar, rows: usize) -> usize {
    lane_until(free, bar, rows, bar.ended.at)
}

/// The first of so many rows beside each other that are free from the start of a bar, which takes them until its end.
fn lane_until(free: &mut Vec<Nanos>, bar: &Bar, rows: usize, end: Nanos) -> usize {
    let from = bar.started.at;
    // What has no length takes its place as well, so that two do not cover each other.
    let taken = end.max(from + 1);
    let fits = |first: usize| free.iter().skip(first).take(rows).all(|&free| free <= from);
    let first = (0..=free.len()).find(|&first| fits(first)).unwrap_or(free.len());
    free.resize(free.len().max(first + rows), 0);
    free[first..first + rows].fill(taken);
    first
}

/// The chain of each run that no other called, and of those that a node of a chain called.
fn chains(recording: &Recording) -> Vec<Vec<usize>> {
    let called: BTreeMap<usize, usize> = recording
        .runs
        .iter()
        .enumerate()
        .filter_map(|(at, run)| Some((recording.bars[run.bar].above?, at)))
        .collect();
    let mut chains = Vec::new();
    let mut runs: Vec<usize> =
        (0..recording.runs.len()).filter(|&run| recording.runs[run].is_outermost).collect();
    runs.reverse();
    while let Some(run) = runs.pop() {
        if recording.bars[recording.runs[run].bar].outcome.is_none() {
            continue;
        }
        let chain = recording.critical_bars(run);
        runs.extend(chain.iter().rev().filter_map(|bar| called.get(bar)));
        chains.push(chain);
    }
    chains
}
