//! A user that knows ember by another name.
#![forbid(unsafe_code)]
#![deny(warnings)]

use my_ember::{Context, graph_fn, operator};

/// Reads a number.
///
/// # Errors
///
/// When the text is none.
#[operator(crate = my_ember)]
pub fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
    text.parse()
}

/// Adds, and asks for the context.
#[must_use]
#[operator(crate = ::my_ember)]
pub fn add(_cx: &Context, a: u32, b: u32) -> u32 {
    a + b
}

my_ember::graph! {
    /// Adds what two texts say.
    ///
    /// # Errors
    ///
    /// When a text is no number.
    pub fn sum(a: &str, b: &str) -> Result<u32, my_ember::Error> {
        let x = parse(a)?;
        let y = parse(b)?;
        let z = add(x, y);
        Ok(z)
    }
}

/// Adds what many texts say.
///
/// # Errors
///
/// When a text is no number.
#[graph_fn(crate = my_ember)]
pub fn sums(texts: &[&str]) -> Result<Vec<u32>, my_ember::Error> {
    let all = for text in texts {
        sum(text, "1")?
    };
    Ok(all)
}
