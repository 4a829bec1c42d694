//! What a macro call in a graph uses.
//!
//! The calls that occur in practice hold expressions: a list of them, `value; count`, or `value, pattern`. Those
//! are read as such. The tokens of others are a language of their own; such a call is a barrier.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::{Expr, Ident, Lit, LitStr, Macro, Pat, Token};

/// A macro call, read.
pub(super) enum Reading {
    /// The tokens are expressions.
    Expressions(Parsed),
    /// They are something else.
    Opaque,
}

/// The expressions of a macro call, with what stands between them.
pub(super) struct Parsed {
    pub(super) parts: Vec<Part>,
    /// Tokens behind the last expression: the pattern of `matches!`.
    rest: TokenStream,
    /// Whether the first literal is a format string.
    pub(super) formats: bool,
    /// The string literals at the top.
    pub(super) literals: Vec<LitStr>,
}

/// One expression of a macro call.
pub(super) struct Part {
    /// `name =` before it.
    name: Option<(Ident, Token![=])>,
    pub(super) expr: Expr,
    /// `,` or `;` behind it.
    separator: TokenStream,
    /// The macro takes a reference of it.
    pub(super) by_reference: bool,
}

const FORMATS: [&str; 18] = [
    "format",
    "print",
    "println",
    "eprint",
    "eprintln",
    "write",
    "writeln",
    "panic",
    "assert",
    "debug_assert",
    "assert_eq",
    "assert_ne",
    "format_args",
    "todo",
    "unreachable",
    "unimplemented",
    "debug_assert_eq",
    "debug_assert_ne",
];

/// Reads a macro call.
pub(super) fn read(call: &Macro) -> Reading {
    let name = call.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
    if call.tokens.is_empty() {
        return Reading::Expressions(Parsed {
            parts: Vec::new(),
            rest: TokenStream::new(),
            formats: false,
            literals: Vec::new(),
        });
    }
    let parsed =
        if name == "matches" { call.parse_body::<Matches>().map(|m| m.0) } else { call.parse_body() };
    let Ok(mut parsed) = parsed else { return Reading::Opaque };
    if FORMATS.contains(&name.as_str()) {
        parsed.formats = true;
        for part in &mut parsed.parts {
            part.by_reference = true;
        }
    } else if name == "matches" {
        for part in &mut parsed.parts {
            part.by_reference = true;
        }
    }
    Reading::Expressions(parsed)
}

/// Whether the standard library's macro of this name does what it is given right where it stands.
pub(super) fn is_of_std(call: &Macro) -> bool {
    call.path.segments.last().is_some_and(|last| {
        let name = last.ident.to_string();
        FORMATS.contains(&name.as_str()) || matches!(&*name, "vec" | "matches" | "dbg")
    })
}

impl Parsed {
    /// The tokens of the call, with its expressions as they are by then.
    pub(super) fn into_tokens(self) -> TokenStream {
        let mut tokens = TokenStream::new();
        for part in self.parts {
            if let Some((name, equals)) = part.name {
                name.to_tokens(&mut tokens);
                equals.to_tokens(&mut tokens);
            }
            part.expr.to_tokens(&mut tokens);
            tokens.extend(part.separator);
        }
        tokens.extend(self.rest);
        tokens
    }

    fn push(&mut self, name: Option<(Ident, Token![=])>, expr: Expr) {
        if let Expr::Lit(lit) = &expr
            && let Lit::Str(text) = &lit.lit
        {
            self.literals.push(text.clone());
        }
        self.parts.push(Part { name, expr, separator: TokenStream::new(), by_reference: false });
    }

    fn separate(&mut self, separator: impl ToTokens) {
        if let Some(part) = self.parts.last_mut() {
            part.separator = separator.to_token_stream();
        }
    }

    fn empty() -> Self {
        Self { parts: Vec::new(), rest: TokenStream::new(), formats: false, literals: Vec::new() }
    }
}

impl Parse for Parsed {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut parsed = Self::empty();
        while !input.is_empty() {
            let named = input.peek(Ident) && input.peek2(Token![=]) && !input.peek2(Token![==]);
            let name = if named { Some((input.parse()?, input.parse()?)) } else { None };
            parsed.push(name, input.parse()?);
            if input.is_empty() {
                break;
            }
            if input.peek(Token![;]) {
                parsed.separate(input.parse::<Token![;]>()?);
            } else {
                parsed.separate(input.parse::<Token![,]>()?);
            }
        }
        Ok(parsed)
    }
}

/// `matches!(expression, pattern)`. A guard may use names of the graph beside those of the pattern: with one the
/// call counts as opaque.
struct Matches(Parsed);

impl Parse for Matches {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut parsed = Parsed::empty();
        parsed.push(None, input.parse()?);
        parsed.separate(input.parse::<Token![,]>()?);
        let pattern = Pat::parse_multi_with_leading_vert(input)?;
        if let Pat::Guard(guarded) = &pattern {
            return Err(syn::Error::new_spanned(&guarded.guard, "a guard"));
        }
        pattern.to_tokens(&mut parsed.rest);
        let _: Option<Token![,]> = input.parse()?;
        Ok(Self(parsed))
    }
}

/// The names captured inside a format string literal: `"{prompt} {n:>5}"`.
pub(super) fn captured(literal: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = literal.chars().peekable();
    while let Some(c) = rest.next() {
        if c != '{' {
            continue;
        }
        if rest.peek() == Some(&'{') {
            rest.next();
            continue;
        }
        let mut name = String::new();
        while let Some(c) = rest.next_if(|c| c.is_alphanumeric() || *c == '_') {
            name.push(c);
        }
        add(&mut names, name);
        // Widths and precisions may be names too: `{x:width$.prec$}`.
        let mut word = String::new();
        for c in rest.by_ref() {
            match c {
                '}' => break,
                '$' => add(&mut names, std::mem::take(&mut word)),
                c if c.is_alphanumeric() || c == '_' => word.push(c),
                _ => word.clear(),
            }
        }
    }
    names
}

fn add(names: &mut Vec<String>, name: String) {
    if name.starts_with(|c: char| c.is_alphabetic() || c == '_') && syn::parse_str::<Ident>(&name).is_ok() {
        names.push(name);
    }
}

#[cfg(test)]
mod tests {
    use super::captured;

    #[test]
    fn format_strings_capture_names() {
        assert_eq!(captured(r#""{x} {{y}} {z:>w$.p$} {0} {} {a:?}""#), ["x", "z", "w", "p", "a"]);
        assert_eq!(captured(r#""{""#), [""; 0]);
        assert_eq!(captured("\"no\""), [""; 0]);
    }
}
