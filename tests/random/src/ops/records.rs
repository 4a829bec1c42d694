//! Operators on a struct with public fields, on results as values, and operators that are methods.

use ember::operator;

use super::Refused;

/// A struct that graphs build, borrow from, take apart and change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Owned, so that a graph can move it out and leave the rest.
    pub name: String,
    /// Copied.
    pub count: usize,
}

/// A struct whose methods are operators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// By what inputs are multiplied.
    pub factor: usize,
}

impl Model {
    /// A model with this factor.
    pub fn new(factor: usize) -> Self {
        Self { factor: factor % 97 }
    }

    /// The input, weighed.
    #[operator]
    pub fn forward(&self, n: usize) -> usize {
        (n % 997 * self.factor + 1) % 997
    }

    /// A text, weighed.
    ///
    /// # Errors
    /// The text is empty.
    #[operator]
    pub fn read(&self, text: &str) -> Result<String, Refused> {
        let word = text.split_whitespace().next().ok_or(Refused::Empty)?;
        Ok(format!("{word}*{}", self.factor))
    }

    /// Changes the model.
    #[operator]
    pub fn learn(&mut self, n: usize) {
        self.factor = (self.factor + n) % 97;
    }

    /// Uses the model up.
    #[operator]
    pub fn into_total(self) -> usize {
        self.factor
    }
}

/// A model out of a number.
#[operator]
pub fn model(n: usize) -> Model {
    Model::new(n)
}

/// A record that owns what it is given.
#[operator]
pub fn record(name: String, count: usize) -> Record {
    Record { name, count }
}

/// Borrows a record.
#[operator]
pub fn weigh(record: &Record) -> usize {
    record.name.len() * 10 + record.count % 997
}

/// Takes a record and gives another.
#[operator]
pub fn rename(record: Record, name: &str) -> Record {
    Record { name: name.chars().take(24).collect(), count: record.count + 1 }
}

/// A quotient.
///
/// # Errors
/// The divisor is a multiple of five.
#[operator]
pub fn divide(n: usize, by: usize) -> Result<usize, Refused> {
    if by.is_multiple_of(5) { Err(Refused::Divisor(by)) } else { Ok(n / by) }
}

/// Whether an outcome is a good one.
#[operator]
pub fn settled<T, E>(outcome: &Result<T, E>) -> bool {
    outcome.is_ok()
}
