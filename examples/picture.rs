//! Draws the pictures that README.md and the guide show.
//!
//! The graphs are those of `docs/guide/first-graph.md` and `docs/guide/graphs.md`. They are drawn, not run.
//!
//! ```console
//! $ cargo run -p ember-examples --example picture
//! ```

use std::{fs, io, num::ParseIntError, path::Path};

use ember::{graph::Description, prelude::*};

/// The graph of README.md.
mod first {
    use super::{ParseIntError, graph, operator};

    #[operator]
    fn parse(text: &str) -> Result<u32, ParseIntError> {
        text.trim().parse()
    }

    #[operator]
    fn total(numbers: &[u32]) -> u32 {
        numbers.iter().sum()
    }

    #[operator]
    fn largest(numbers: &[u32]) -> Option<u32> {
        numbers.iter().copied().max()
    }

    graph! {
        /// Reads the lines side by side, then looks at the numbers from two sides at once.
        pub(crate) fn summary(text: &str) -> Result<String, ember::Error> {
            let numbers = for line in text.lines() { parse(line)? };
            let total = total(&numbers);
            let largest = largest(&numbers);
            Ok(format!("{total} in total, at most {}", largest.unwrap_or(0)))
        }
    }
}

/// The graph of the guide that shows every construct.
mod constructs {
    use super::{graph, operator};

    #[operator]
    fn words(text: &str) -> Vec<&str> {
        text.split_whitespace().collect()
    }

    #[operator]
    fn score(word: &str) -> usize {
        word.len()
    }

    #[operator]
    fn even(scores: &[usize]) -> bool {
        scores.len().is_multiple_of(2)
    }

    #[operator]
    fn middle(scores: &[usize]) -> usize {
        scores.get(scores.len() / 2).copied().unwrap_or(0)
    }

    #[operator]
    fn halve(n: usize) -> usize {
        n / 2
    }

    #[operator]
    fn log(line: &str) -> usize {
        line.len()
    }

    graph! {
        /// Every construct once.
        pub(crate) fn tour(text: &str) -> Result<[usize; 4], ember::Error> {
            let opened = log("start");
            let words = words(text);
            let scores = for word in &words { score(word) };
            let best = if even(&scores) { middle(&scores) } else { scores.iter().copied().max().unwrap_or(0) };
            let (first, last) = (score(words[0]), score(words[words.len() - 1]));
            let mut n = halve(best);
            #[at_most(64)]
            let small = loop {
                if n < 3 { break n }
                n = halve(n);
            };
            #[after(opened, best)]
            let closed = log("end");
            Ok([first, last, small, opened + closed])
        }
    }
}

fn draw(name: &str, description: &Description<'_>) -> io::Result<()> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/images").join(name);
    fs::write(&file, description.to_svg())?;
    println!("docs/images/{name}: {} nodes", description.nodes.len());
    Ok(())
}

fn main() -> io::Result<()> {
    draw("first_graph.svg", first::summary::describe())?;
    draw("constructs.svg", constructs::tour::describe())
}
