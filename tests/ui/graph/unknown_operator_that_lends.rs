use ember::prelude::*;

#[operator]
fn parse(text: &str) -> Result<Vec<u32>, std::num::ParseIntError> {
    text.split(' ').map(str::parse).collect()
}

#[operator]
fn total(numbers: &[u32]) -> u32 {
    numbers.iter().sum()
}

#[operator]
fn count(numbers: &[u32]) -> usize {
    numbers.len()
}

graph! {
    pub fn both(text: &str) -> Result<String, ember::Error> {
        let numbers = prase(text)?;
        let total = total(&numbers);
        let count = count(&numbers);
        Ok(format!("{total} {count}"))
    }
}

fn main() {}
