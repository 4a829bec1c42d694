//! What pictures and pages say in words.

use std::fmt::{self, Write as _};

use super::escape::Xml;
use super::record::Outcome;
use super::recording::{Bar, Nanos, Recording, Run, Said, Track};

pub(super) fn label(recording: &Recording, bar: &Bar) -> String {
    let mut label = bar.name(recording);
    if bar.is_failure() {
        label.insert_str(0, "✕ ");
    }
    if bar.attempts > 1 {
        let _ = write!(label, " ({} attempts)", bar.attempts);
    }
    label
}

pub(super) fn title(recording: &Recording) -> String {
    let mut names: Vec<&str> = recording.runs.iter().filter(|run| run.is_outermost).map(Run::name).collect();
    let runs = names.len();
    names.dedup();
    match &names[..] {
        [] => String::from("No runs"),
        [name] if runs == 1 => format!("Run of {name}, {}", time(recording.end)),
        [name] => format!("{runs} runs of {name}, {}", time(recording.end)),
        _ => format!("{runs} runs, {}", time(recording.end)),
    }
}

/// The picture in a few words, for those who do not see it.
pub(super) fn summary(recording: &Recording) -> String {
    let nodes = || recording.bars.iter().filter(|bar| bar.site.is_some());
    let failed = nodes().filter(|bar| bar.is_failure()).count();
    let mut words = format!("{}. {} nodes, of which {failed} failed.", title(recording), nodes().count());
    if let Some(run) = recording.runs.iter().find(|run| run.is_outermost)
        && let Some(path) = recording.critical_path(run.id)
    {
        let nodes: Vec<_> = path.nodes.iter().take(20).map(|node| node.site.node()).collect();
        let _ = write!(words, " Critical path of {}: {}.", path.graph, nodes.join(", "));
    }
    words
}

/// All that is known of a bar.
pub(super) fn details(recording: &Recording, bar: &Bar, is_critical: bool) -> Vec<String> {
    let run = &recording.runs[bar.run];
    let mut lines = vec![match &bar.site {
        Some(site) if site.operator().is_empty() => site.node().into_owned(),
        Some(site) => format!("{} (operator {})", site.node(), site.operator()),
        None => format!("graph {}", run.name()),
    }];
    let outcome = bar.outcome.map_or("is not over", Outcome::word);
    lines.push(format!(
        "{outcome} after {}, from {} to {}",
        time(bar.took()),
        time(bar.started.at),
        time(bar.ended.at)
    ));
    if !bar.text.is_empty() {
        lines.push(bar.text.to_string());
    }
    if bar.attempts > 1 {
        lines.push(format!("{} attempts", bar.attempts));
    }
    if is_critical {
        lines.push(String::from("on the critical path"));
    }
    for told in &bar.told {
        let at = time(told.at);
        lines.push(match &told.what {
            Said::Waited(wait, took) => format!("{at}: {} for {}", wait.word(), time(*took)),
            Said::Happened(_, text) => format!("{at}: {text}"),
        });
    }
    if let Track::Thread { thread, .. } = bar.track {
        let name = recording.threads.get(&thread);
        lines.push(format!("on thread {}", name.map_or("?", |name| name)));
    }
    lines.push(format!("run {} of graph {}, correlation id {}", run.id, run.name(), run.correlation_id));
    lines
}

/// Each by itself.
pub(super) struct Lines<'a>(pub(super) &'a [String]);

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|line| writeln!(f, "{}", Xml(line)))
    }
}

/// To three digits behind the point, which tell enough.
pub(super) fn time(nanos: Nanos) -> String {
    let (unit, name) = match nanos {
        0 => return String::from("0"),
        1..1_000 => (1, "ns"),
        1_000..1_000_000 => (1_000, "µs"),
        1_000_000..1_000_000_000 => (1_000_000, "ms"),
        _ => (1_000_000_000, "s"),
    };
    let thousandths = u128::from(nanos) * 1000 / unit;
    let digits = format!("{}.{:03}", thousandths / 1000, thousandths % 1000);
    format!("{}{name}", digits.trim_end_matches('0').trim_end_matches('.'))
}
