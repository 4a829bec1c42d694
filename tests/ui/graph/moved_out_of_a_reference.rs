//! A node takes a value of which the graph has a reference only.

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
    fn broken(record: &Record, n: usize) -> usize {
        let length = length(*record);
        let doubled = double(n);
        length + doubled
    }
}

fn main() {}
