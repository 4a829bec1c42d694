//! Text that fits a terminal.

use console::{Style, measure_text_width};

/// How a cell looks. Colours repeat what the words say, so that nothing is lost without them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Paint {
    #[default]
    Plain,
    Heading,
    Name,
    Number,
    Dim,
    Bar,
}

impl Paint {
    /// `text` with this look, or as it is.
    pub(crate) fn on(self, text: &str, colour: bool) -> String {
        let style = Style::new().force_styling(colour);
        let style = match self {
            _ if text.is_empty() => return String::new(),
            Self::Plain => return text.to_owned(),
            Self::Heading => style.bold().underlined(),
            Self::Name => style.cyan(),
            Self::Number => style.yellow(),
            Self::Dim => style.dim(),
            Self::Bar => style.green(),
        };
        style.apply_to(text).to_string()
    }
}

/// The place of a cell in its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// Rows whose columns line up. What is too wide loses its head: the end of a path tells more.
pub(crate) struct Table {
    columns: Vec<(Align, Paint)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table whose last column takes what the others leave. The titles stand in the first row.
    pub(crate) fn new(columns: &[(Align, Paint)], titles: &[&str]) -> Self {
        let rows = vec![titles.iter().map(|title| (*title).to_owned()).collect()];
        Self { columns: columns.to_vec(), rows }
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Writes the rows to `out`, each at most `width` wide and indented by two.
    pub(crate) fn write(&self, out: &mut String, width: usize, colour: bool) {
        let mut widths: Vec<usize> = (0..self.columns.len())
            .map(|column| self.rows.iter().filter_map(|row| row.get(column)).map(|cell| wide(cell)).max())
            .map(Option::unwrap_or_default)
            .collect();
        // The widest of the columns of text give way until the row fits.
        let spaces = 2 * widths.len();
        while widths.iter().sum::<usize>() + spaces > width.max(20) {
            let giving = (0..widths.len()).filter(|&column| self.columns[column].0 == Align::Left);
            let Some(widest) =
                giving.max_by_key(|&column| widths[column]).filter(|&column| widths[column] > 8)
            else {
                break;
            };
            widths[widest] -= 1;
        }
        for (nth, row) in self.rows.iter().enumerate() {
            let mut line = String::new();
            for ((cell, (align, paint)), &width) in row.iter().zip(&self.columns).zip(&widths) {
                let cell = cut(cell, width);
                let pad = " ".repeat(width.saturating_sub(wide(&cell)));
                let painted = if nth == 0 { Paint::Dim } else { *paint }.on(&cell, colour);
                line.push_str("  ");
                match align {
                    Align::Left => line.extend([painted, pad]),
                    Align::Right => line.extend([pad, painted]),
                }
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
    }
}

/// How many columns `text` takes on a terminal.
pub(crate) fn wide(text: &str) -> usize {
    measure_text_width(text)
}

/// The end of `text` that fits in `width` columns, after `…` if something is missing; of a path rather whole
/// parts, where that does not cost much.
pub(crate) fn cut(text: &str, width: usize) -> String {
    if wide(text) <= width {
        return text.to_owned();
    }
    let mut left = width.saturating_sub(1);
    let mut start = text.len();
    for (at, c) in text.char_indices().rev() {
        let Some(rest) = left.checked_sub(wide(c.encode_utf8(&mut [0; 4]))) else { break };
        (left, start) = (rest, at);
    }
    let kept = &text[start..];
    let whole = kept.find('/').filter(|&at| at < kept.len() / 2).unwrap_or(0);
    format!("…{}", &kept[whole..])
}

/// A name as it may be shown: a file can be called anything, and a terminal would obey what it holds.
pub(crate) fn shown(name: &str) -> String {
    name.chars().fold(String::with_capacity(name.len()), |mut shown, c| {
        if c.is_control() {
            shown.extend(c.escape_debug());
        } else {
            shown.push(c);
        }
        shown
    })
}

/// `1234567` as `1,234,567`.
pub(crate) fn grouped(number: impl TryInto<u64>) -> String {
    let digits = number.try_into().unwrap_or(u64::MAX).to_string();
    let mut grouped = String::new();
    for (nth, digit) in digits.chars().enumerate() {
        if nth > 0 && (digits.len() - nth) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A number of bytes, to a tenth of a unit.
pub(crate) fn sized(bytes: u64) -> String {
    let (unit, name) = match bytes {
        0..0x400 => return format!("{bytes} B"),
        0x400..0x10_0000 => (1 << 10, "KiB"),
        0x10_0000..0x4000_0000 => (1 << 20, "MiB"),
        _ => (1 << 30, "GiB"),
    };
    format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit)
}

/// What part of `whole` is `part`, in percent and to a tenth.
pub(crate) fn percent(part: u64, whole: u64) -> String {
    let tenths = (u128::from(part) * 1000 + u128::from(whole) / 2) / u128::from(whole.max(1));
    format!("{}.{} %", tenths / 10, tenths % 10)
}

/// A bar for `part` of `whole`, at most `width` columns long, to an eighth of one.
pub(crate) fn bar(part: u64, whole: u64, width: usize) -> String {
    let eighths = u128::from(part) * (width as u128) * 8 / u128::from(whole.max(1));
    let eighths = usize::try_from(eighths).unwrap_or_default();
    let mut bar = "█".repeat(eighths / 8);
    bar.push_str(["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]);
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(grouped(0_u64), "0");
        assert_eq!(grouped(1_234_567_u64), "1,234,567");
        assert_eq!(
            (sized(1023), sized(1536), sized(8 << 20)),
            ("1023 B".into(), "1.5 KiB".into(), "8.0 MiB".into())
        );
        assert_eq!((percent(1, 3), percent(0, 0)), ("33.3 %".into(), "0.0 %".into()));
        assert_eq!((bar(1, 2, 3), bar(0, 0, 3)), ("█▌".into(), String::new()));
    }

    #[test]
    fn the_end_of_a_wide_text_stays() {
        assert_eq!(cut("src/long/path.rs", 8), "…path.rs");
        assert_eq!(cut("src/long/path.rs", 12), "…/path.rs");
        assert_eq!(cut("漢字漢字", 5), "…漢字");
        assert_eq!(cut("short", 5), "short");
    }

    #[test]
    fn a_name_cannot_command_the_terminal() {
        assert_eq!(shown("a\u{1b}[31m\nb"), "a\\u{1b}[31m\\nb");
    }
}
