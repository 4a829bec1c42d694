//! Times as they are written: in a file as in an attribute.

use std::time::Duration;

/// Reads `200ms`, `1.5s`, `10_000us`, or a sum such as `1min 30s`. Nothing if it is no time, or too long for any clock.
pub(super) fn time(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut sum = Duration::ZERO;
    loop {
        let end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_'))?;
        let (number, after) = rest.split_at(end);
        let after = after.trim_start();
        let end = after.find(|c: char| !c.is_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let number: f64 = number.replace('_', "").parse().ok()?;
        let seconds = match unit {
            "ns" => number / 1e9,
            "us" | "µs" => number / 1e6,
            "ms" => number / 1e3,
            "s" => number,
            "m" | "min" => number * 60.0,
            "h" => number * 3600.0,
            "d" => number * 86400.0,
            _ => return None,
        };
        sum = sum.checked_add(Duration::try_from_secs_f64(seconds).ok()?)?;
        rest = after.trim_start();
        if rest.is_empty() {
            return Some(sum);
        }
    }
}
