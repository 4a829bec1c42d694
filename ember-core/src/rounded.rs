//! Times and sizes in texts for people.

use std::fmt;
use std::time::Duration;

/// A time with three digits that count, or whole seconds if it is longer than that: `26.8s` for 26.819211915 s. What has fewer
/// digits stays as it is.
#[derive(Debug)]
pub struct Rounded(pub Duration);

impl fmt::Display for Rounded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.0.as_nanos();
        let step = match nanos {
            0..1_000 => 1,
            1_000..100_000_000_000 => 10_u128.pow(nanos.ilog10() - 2),
            _ => 1_000_000_000,
        };
        let nanos = (nanos + step / 2) / step * step;
        let seconds = u64::try_from(nanos / 1_000_000_000).unwrap_or(u64::MAX);
        let rest = u32::try_from(nanos % 1_000_000_000).unwrap_or(0);
        write!(f, "{:?}", Duration::new(seconds, rest))
    }
}

/// A size as it is written in settings, `64MiB`, where it is whole in a unit; else all bytes, `1600 bytes`.
pub(crate) struct Size(pub(crate) u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
        match units.iter().find(|(unit, _)| self.0 >= *unit && self.0.is_multiple_of(*unit)) {
            Some((unit, name)) => write!(f, "{}{name}", self.0 / unit),
            None => write!(f, "{} bytes", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_as_they_are_written() {
        let text = |bytes| Size(bytes).to_string();
        assert_eq!([1 << 26, 3 << 30, 1 << 10].map(text), ["64MiB", "3GiB", "1KiB"]);
        assert_eq!([0, 1600, (1 << 20) + 1].map(text), ["0 bytes", "1600 bytes", "1048577 bytes"]);
    }

    #[test]
    fn three_digits_count_and_none_is_added() {
        let text = |nanos| Rounded(Duration::from_nanos(nanos)).to_string();
        assert_eq!(text(26_819_211_915), "26.8s");
        assert_eq!(text(4_000_000_000), "4s");
        assert_eq!(text(1_234_567), "1.23ms");
        assert_eq!(text(999_999_999), "1s");
        assert_eq!(text(99_960_000_000), "100s");
        assert_eq!(text(3_661_500_000_000), "3662s");
        assert_eq!([0, 999].map(text), ["0ns", "999ns"]);
        assert_eq!(Rounded(Duration::MAX).to_string(), format!("{}s", u64::MAX));
    }
}
