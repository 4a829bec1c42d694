//! A user that knows ember by another name.
#![forbid(unsafe_code)]
#![deny(warnings)]

use my_ember::{graph_fn, operator, Context};

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

/// The first of some values, after a while.
#[operator(crate = my_ember)]
pub async fn first<'a, T: Sync>(values: &'a [T], _name: &str) -> Option<&'a T> {
    std::future::ready(()).await;
    values.first()
}

/// Waits for the length of a text.
#[operator(crate = my_ember)]
pub async fn length(text: &str) -> u32 {
    std::future::ready(u32::try_from(text.len()).unwrap_or(u32::MAX)).await
}

my_ember::graph! {
    /// Borrows from its parameters, and gives on what it has borrowed.
    pub async fn borrowed<'a, T: Sync>(values: &'a [T], name: &str) -> Option<&'a T> {
        let length = length(name).await;
        let first = first(values, name).await;
        first.filter(|_| length > 0)
    }

    /// Waits, and works on the pool.
    ///
    /// # Errors
    ///
    /// When a text is no number.
    pub async fn mixed(text: String) -> Result<u32, my_ember::Error> {
        let length = length(&text).await;
        let number = parse(&text)?;
        let sum = add(length, number);
        Ok(sum)
    }
}
