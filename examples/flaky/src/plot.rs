//! What happened over time, as a picture: the breaker's state, how long each question took, and the calls a moment.

use std::fmt::Write as _;
use std::time::Duration;

/// How a question ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// With an answer of the service.
    Answered,
    /// With the fallback.
    Degraded,
    /// With an error.
    Failed,
}

impl End {
    const ALL: [Self; 3] = [Self::Answered, Self::Degraded, Self::Failed];

    const fn class(self) -> &'static str {
        match self {
            Self::Answered => "good",
            Self::Degraded => "fair",
            Self::Failed => "bad",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Degraded => "fallback",
            Self::Failed => "failed",
        }
    }
}

/// What was seen, by the time since the start.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// When which state of the breaker began.
    pub(crate) states: Vec<(Duration, &'static str)>,
    /// When a question was asked, how long it took, and how it ended.
    pub(crate) questions: Vec<(Duration, Duration, End)>,
    /// When the service was called, and whether that was a further attempt.
    pub(crate) calls: Vec<(Duration, bool)>,
    /// What the service went through.
    pub(crate) phases: Vec<(Duration, &'static str)>,
}

const LEFT: f64 = 70.0;
const WIDTH: f64 = 860.0;
/// Where each panel begins and ends, downwards.
const STATE: (f64, f64) = (74.0, 92.0);
const LATENCY: (f64, f64) = (122.0, 292.0);
const CALLS: (f64, f64) = (326.0, 426.0);
const HEIGHT: f64 = 462.0;
/// How wide the bars of the calls are.
const MOMENT: Duration = Duration::from_millis(250);

/// A picture of what was seen from the start to `end`.
pub(crate) fn plot(seen: &Seen, end: Duration) -> String {
    let across = |at: Duration| LEFT + at.as_secs_f64() / end.as_secs_f64() * WIDTH;
    let mut svg = head();
    axis(&mut svg, end, &across);
    phases(&mut svg, seen, end, &across);
    states(&mut svg, seen, end, &across);
    latency(&mut svg, seen, &across);
    calls(&mut svg, seen, end, &across);
    svg.push_str("</svg>\n");
    svg
}

fn head() -> String {
    let width = LEFT + WIDTH + 20.0;
    let mut svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" width="{width}" role="img">
<title>A service that fails, recovers and is hammered, behind retries, a breaker, a limit and a fallback</title>
<style>
text {{ font: 11px system-ui, sans-serif; fill: #57606a }}
.title {{ font-size: 14px; font-weight: 600; fill: #1f2328 }} .panel {{ font-weight: 600; fill: #1f2328 }}
.grid {{ stroke: #d0d7de; stroke-width: .7; fill: none }} .phase {{ fill: #d0d7de; opacity: .28 }}
.good {{ fill: #1a7f37 }} .fair {{ fill: #bf8700 }} .bad {{ fill: #cf222e }}
.closed {{ fill: #1a7f37 }} .open {{ fill: #cf222e }} .half-open {{ fill: #bf8700 }}
.first {{ fill: #57606a }} .again {{ fill: #0969da }} .dot {{ opacity: .75 }}
@media (prefers-color-scheme: dark) {{
text {{ fill: #9198a1 }} .title, .panel {{ fill: #f0f6fc }} .grid {{ stroke: #3d444d }} .phase {{ fill: #3d444d; opacity: .5 }}
.good, .closed {{ fill: #56d364 }} .fair, .half-open {{ fill: #d29922 }} .bad, .open {{ fill: #ff7b72 }}
.first {{ fill: #9198a1 }} .again {{ fill: #58a6ff }}
}}
</style>
<text class="title" x="12" y="22">A service that fails, recovers and is hammered</text>
"#
    );
    let mut x = 12.0;
    let legend = End::ALL.map(|end| (end.class(), end.name()));
    let states = [("closed", "breaker closed"), ("half-open", "half open"), ("open", "open")];
    let calls = [("first", "first attempts"), ("again", "further attempts")];
    for (class, name) in legend.into_iter().chain(states).chain(calls) {
        let _ = writeln!(
            svg,
            r#"<rect class="{class}" x="{x}" y="34" width="10" height="10" rx="2"/><text x="{}" y="43">{name}</text>"#,
            x + 15.0
        );
        #[expect(clippy::cast_precision_loss, reason = "names are short")]
        let wide = name.len() as f64;
        x += 36.0 + wide * 6.2;
    }
    svg
}

fn axis(svg: &mut String, end: Duration, across: &dyn Fn(Duration) -> f64) {
    for (panel, name) in [(STATE, "breaker"), (LATENCY, "latency"), (CALLS, "calls")] {
        let _ = writeln!(svg, r#"<text class="panel" x="12" y="{}">{name}</text>"#, panel.0 + 12.0);
    }
    for second in (0..=end.as_secs()).step_by(2) {
        let x = across(Duration::from_secs(second));
        let _ = writeln!(
            svg,
            r#"<path class="grid" d="M{x:.1} {}V{}"/><text x="{x:.1}" y="{}" text-anchor="middle">{second} s</text>"#,
            STATE.0,
            CALLS.1,
            CALLS.1 + 18.0
        );
    }
}

/// From when to when each of several things lasted, of which one follows another.
fn spans<T>(starts: &[(Duration, T)], end: Duration) -> impl Iterator<Item = (Duration, Duration, &T)> {
    let ends = starts.iter().skip(1).map(|(start, _)| *start).chain([end]);
    starts.iter().zip(ends).map(|((start, what), end)| (*start, end, what))
}

fn phases(svg: &mut String, seen: &Seen, end: Duration, across: &dyn Fn(Duration) -> f64) {
    for (n, (from, to, name)) in spans(&seen.phases, end).enumerate() {
        let (x, wide) = (across(from), across(to) - across(from));
        if n % 2 == 1 {
            let (top, high) = (STATE.0, CALLS.1 - STATE.0);
            let _ = writeln!(
                svg,
                r#"<rect class="phase" x="{x:.1}" y="{top}" width="{wide:.1}" height="{high}"/>"#
            );
        }
        let _ = writeln!(svg, r#"<text x="{:.1}" y="66" text-anchor="middle">{name}</text>"#, x + wide / 2.0);
    }
}

fn states(svg: &mut String, seen: &Seen, end: Duration, across: &dyn Fn(Duration) -> f64) {
    for (from, to, state) in spans(&seen.states, end) {
        let (x, wide) = (across(from), across(to) - across(from));
        let (top, high) = (STATE.0, STATE.1 - STATE.0);
        let _ = writeln!(
            svg,
            r#"<rect class="{state}" x="{x:.1}" y="{top}" width="{wide:.1}" height="{high}"><title>{state} from {from:?} to {to:?}</title></rect>"#
        );
    }
}

fn latency(svg: &mut String, seen: &Seen, across: &dyn Fn(Duration) -> f64) {
    let most = seen.questions.iter().map(|(_, took, _)| *took).max().unwrap_or(MOMENT);
    let top = most.as_secs_f64().max(0.001);
    for part in [0.0, 0.5, 1.0] {
        let y = LATENCY.1 - part * (LATENCY.1 - LATENCY.0);
        let _ = writeln!(
            svg,
            r#"<path class="grid" d="M{LEFT} {y}H{}"/><text x="{}" y="{}" text-anchor="end">{:.0} ms</text>"#,
            LEFT + WIDTH,
            LEFT - 6.0,
            y + 4.0,
            part * top * 1000.0
        );
    }
    for (at, took, end) in &seen.questions {
        let y = LATENCY.1 - took.as_secs_f64() / top * (LATENCY.1 - LATENCY.0);
        let _ = writeln!(
            svg,
            r#"<circle class="dot {}" cx="{:.1}" cy="{y:.1}" r="2"/>"#,
            end.class(),
            across(*at)
        );
    }
}

fn calls(svg: &mut String, seen: &Seen, end: Duration, across: &dyn Fn(Duration) -> f64) {
    let moments = usize::try_from(end.as_millis() / MOMENT.as_millis()).unwrap_or(0);
    let mut counts = vec![(0_u32, 0_u32); moments + 1];
    for (at, again) in &seen.calls {
        let moment = usize::try_from(at.as_millis() / MOMENT.as_millis()).unwrap_or(usize::MAX);
        if let Some((first, further)) = counts.get_mut(moment) {
            *(if *again { further } else { first }) += 1;
        }
    }
    let most = counts.iter().map(|(first, again)| first + again).max().unwrap_or(1).max(1);
    let high = |count: u32| f64::from(count) / f64::from(most) * (CALLS.1 - CALLS.0);
    let _ = writeln!(
        svg,
        r#"<path class="grid" d="M{LEFT} {}H{}"/><text x="{}" y="{}" text-anchor="end">{most}</text>"#,
        CALLS.1,
        LEFT + WIDTH,
        LEFT - 6.0,
        CALLS.0 + 8.0
    );
    let wide = across(MOMENT) - across(Duration::ZERO) - 0.8;
    let mut at = Duration::ZERO;
    for (first, again) in counts {
        let x = across(at);
        for (class, count, below) in [("first", first, 0), ("again", again, first)] {
            if count > 0 {
                let _ = writeln!(
                    svg,
                    r#"<rect class="{class}" x="{x:.1}" y="{:.1}" width="{wide:.1}" height="{:.1}"/>"#,
                    CALLS.1 - high(below) - high(count),
                    high(count)
                );
            }
        }
        at += MOMENT;
    }
}
