//! What ran when, as bars on a common axis.

use std::fmt::{self, Display};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Notes what starts and ends. A clone notes in the same place.
#[derive(Clone, Debug)]
pub(crate) struct Timeline {
    start: Instant,
    bars: Arc<Mutex<Vec<Bar>>>,
}

/// From when to when something ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bar {
    pub(crate) label: String,
    pub(crate) from: Duration,
    pub(crate) to: Duration,
    pub(crate) end: End,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Done,
    Failed(String),
    /// Nobody wanted to know any more.
    Dropped,
}

impl Timeline {
    /// One that starts at this moment.
    pub(crate) fn start() -> Self {
        Self { start: Instant::now(), bars: Arc::default() }
    }

    /// Does some work.
    pub(crate) fn work<T>(&self, label: &str, work: impl FnOnce() -> T) -> T {
        let open = self.open(label);
        let value = work();
        open.close(End::Done);
        value
    }

    /// Waits for what may fail. If this future is dropped first, the bar ends there.
    pub(crate) async fn wait<T, E: Display>(
        &self,
        label: &str,
        future: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let open = self.open(label);
        let outcome = future.await;
        open.close(outcome.as_ref().err().map_or(End::Done, |failure| End::Failed(failure.to_string())));
        outcome
    }

    /// What has ended so far, in the order in which it started.
    pub(crate) fn bars(&self) -> Vec<Bar> {
        let mut bars = self.bars.lock().unwrap_or_else(PoisonError::into_inner).clone();
        bars.sort_by_key(|bar| bar.from);
        bars
    }

    fn open(&self, label: &str) -> Open<'_> {
        Open { timeline: self, label: label.to_owned(), from: self.start.elapsed(), end: End::Dropped }
    }
}

/// A bar that has not ended.
struct Open<'t> {
    timeline: &'t Timeline,
    label: String,
    from: Duration,
    end: End,
}

impl Open<'_> {
    fn close(mut self, end: End) {
        self.end = end;
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        let bar = Bar {
            label: std::mem::take(&mut self.label),
            from: self.from,
            to: self.timeline.start.elapsed(),
            end: std::mem::replace(&mut self.end, End::Dropped),
        };
        self.timeline.bars.lock().unwrap_or_else(PoisonError::into_inner).push(bar);
    }
}

impl Display for Bar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>4} ms", self.to.saturating_sub(self.from).as_millis())?;
        match &self.end {
            End::Done => Ok(()),
            End::Failed(why) => write!(f, ", failed: {why}"),
            End::Dropped => write!(f, ", dropped"),
        }
    }
}

/// How many columns the bars have, and at most how many distances the axis is divided into.
const WIDTH: usize = 60;
const DISTANCES: u128 = 6;

/// Draws bars below each other: a label, the bar, and in words how long it was and how it ended.
pub(crate) fn draw(bars: &[Bar]) -> String {
    let end = bars.iter().map(|bar| bar.to).max().unwrap_or_default().max(Duration::from_millis(1));
    let labels = bars.iter().map(|bar| bar.label.chars().count()).max().unwrap_or_default();
    let column = |time: Duration| {
        let column = time.as_nanos() * WIDTH as u128 / end.as_nanos();
        usize::try_from(column).unwrap_or(WIDTH).min(WIDTH)
    };
    let mut lines = vec![format!("{:labels$}  {}", "ms", axis(end, column))];
    for bar in bars {
        let from = column(bar.from).min(WIDTH - 1);
        // What ran for less than a column is seen all the same.
        let length = column(bar.to).saturating_sub(from).max(1);
        let body = match bar.end {
            End::Done => "━".repeat(length),
            End::Failed(_) => format!("{}×", "━".repeat(length - 1)),
            End::Dropped => format!("{}┄", "━".repeat(length - 1)),
        };
        let rest = WIDTH - from - length;
        lines.push(format!("{:labels$}  {:from$}{body}{:rest$}  {bar}", bar.label, "", ""));
    }
    lines.join("\n") + "\n"
}

/// Round numbers of milliseconds, each above its column.
fn axis(end: Duration, column: impl Fn(Duration) -> usize) -> String {
    let millis = end.as_millis().max(1);
    let steps = (0..).flat_map(|power| [1, 2, 5].map(|digit| digit * 10_u128.pow(power)));
    let step = steps.into_iter().find(|step| millis / step <= DISTANCES).unwrap_or(millis);
    let mut axis = String::new();
    for mark in (0..=millis).step_by(usize::try_from(step).unwrap_or(usize::MAX)) {
        let place = column(Duration::from_millis(u64::try_from(mark).unwrap_or(u64::MAX)));
        axis += &" ".repeat(place.saturating_sub(axis.len()));
        axis += &mark.to_string();
    }
    axis
}
