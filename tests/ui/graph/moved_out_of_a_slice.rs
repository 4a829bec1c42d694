//! A node takes an element of a slice.

use ember::prelude::*;

struct Record {
    name: String,
}

#[operator]
fn length(record: Record) -> usize {
    record.name.len()
}

#[operator]
fn double(n: usize) -> usize {
    n * 2
}

graph! {
    fn broken(records: &[Record], n: usize) -> usize {
        let length = length(records[0]);
        let doubled = double(n);
        length + doubled
    }
}

fn main() {}
