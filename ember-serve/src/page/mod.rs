//! The live page: one document, whose style and script stand in it.

use std::hash::{BuildHasher as _, RandomState};

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = concat!(
    include_str!("format.js"),
    include_str!("model.js"),
    include_str!("elements.js"),
    include_str!("rows.js"),
    include_str!("graphs.js"),
    include_str!("picture.js"),
    include_str!("overview.js"),
    include_str!("states.js"),
    include_str!("failing.js"),
    include_str!("main.js"),
    include_str!("connection.js"),
);

/// A word that nobody can guess, so that what stands in the page may run and nothing else: `SipHash` with keys of the operating
/// system's.
pub(crate) fn nonce() -> String {
    let half = || RandomState::new().hash_one(0);
    format!("{:016x}{:016x}", half(), half())
}

/// The page with its title, for one answer.
pub(crate) fn html(title: &str, nonce: &str) -> String {
    let mut page = String::with_capacity(PAGE.len() + STYLE.len() + SCRIPT.len() + 256);
    let mut rest = PAGE;
    while let Some(at) = rest.find('@') {
        page.push_str(&rest[..at]);
        rest = &rest[at..];
        let fills = [
            ("@title", Fill::Text(title)),
            ("@nonce", Fill::Text(nonce)),
            ("@style", Fill::Own(STYLE)),
            ("@script", Fill::Own(SCRIPT)),
        ];
        let Some((name, fill)) = fills.into_iter().find(|(name, _)| rest.starts_with(name)) else {
            page.push('@');
            rest = &rest[1..];
            continue;
        };
        match fill {
            Fill::Text(text) => escape(&mut page, text),
            Fill::Own(own) => page.push_str(own),
        }
        rest = &rest[name.len()..];
    }
    page.push_str(rest);
    page
}

enum Fill<'a> {
    Text(&'a str),
    Own(&'static str),
}

fn escape(out: &mut String, text: &str) {
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            char => out.push(char),
        }
    }
}

/// What the page may do: run what stands in it, and ask this server.
pub(crate) fn policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; img-src data:; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
}

#[cfg(test)]
mod tests;
