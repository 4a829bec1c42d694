//! Text of unknown origin: made printable, measured, cut to size.

/// The families of type that the pictures use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Face {
    Sans,
    Bold,
    Mono,
}

/// One printable line: runs of white space become one space, and what a line of XML cannot hold, or what
/// would turn the direction of the text around it, becomes the replacement character.
pub(crate) fn clean(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.extend(word.chars().map(|char| if is_printable(char) { char } else { '\u{fffd}' }));
    }
    line
}

fn is_printable(char: char) -> bool {
    let is_bidi_control = matches!(char,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let is_noncharacter = matches!(u32::from(char) & 0xffff, 0xfffe | 0xffff);
    !char.is_control() && !is_bidi_control && !is_noncharacter
}

/// For text and for attribute values in double quotes, of XML and of HTML.
pub(crate) fn escape_xml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            char => escaped.push(char),
        }
    }
    escaped
}

/// How wide the text may get at this size, in the unit of the size.
///
/// The reader's fonts are unknown, so the classes follow a wide family (`DejaVu`): others leave more room.
pub(crate) fn width(text: &str, face: Face, size: f64) -> f64 {
    text.chars().map(|char| advance(char, face)).sum::<f64>() * size
}

fn advance(char: char, face: Face) -> f64 {
    match char {
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200d}' | '\u{fe00}'..='\u{fe0f}' => 0.0,
        '\u{1f000}'.. => 1.35,
        '\u{2190}'.. => 1.05,
        '\u{400}'.. => 0.95,
        _ if face == Face::Mono => 0.61,
        _ if face == Face::Bold => regular(char) * 1.12,
        _ => regular(char),
    }
}

fn regular(char: char) -> f64 {
    match char {
        'i' | 'j' | 'l' | 'I' | '|' | '.' | ',' | ':' | ';' | '\'' | ' ' | '\\' | '/' => 0.35,
        'f' | 'r' | 't' | '(' | ')' | '[' | ']' | '-' | '!' => 0.42,
        '_' | '*' | '"' | '?' | '`' | 's' | 'c' | 'z' => 0.55,
        'm' | 'M' | 'W' | '@' | '%' | '\u{2026}' => 1.0,
        'w' | '+' | '=' | '<' | '>' | '~' | '#' | '^' | '&' | 'O' | 'Q' | 'G' | 'N' | 'D' | 'H' => 0.84,
        'A'..='Z' => 0.7,
        'a'..='z' | '0'..='9' | '$' | '{' | '}' => 0.65,
        _ => 0.85,
    }
}

/// Which end of a text says more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    Start,
    End,
}

/// The text, or as much of one end as fits into the width, with an ellipsis for the rest.
pub(crate) fn fit(text: &str, face: Face, size: f64, limit: f64, keep: Keep) -> String {
    if width(text, face, size) <= limit {
        return text.to_owned();
    }
    let mut room = limit - width("…", face, size);
    let mut fits = |&char: &char| {
        room -= advance(char, face) * size;
        room >= 0.0
    };
    match keep {
        Keep::Start => {
            let mut kept: String = text.chars().take_while(&mut fits).collect();
            kept.truncate(kept.trim_end().len());
            kept + "…"
        }
        Keep::End => {
            let mut kept: Vec<char> = text.chars().rev().take_while(&mut fits).collect();
            kept.reverse();
            format!("…{}", kept.iter().collect::<String>().trim_start())
        }
    }
}
