//! A node takes a value while another value that is used later borrows from it.

use ember::prelude::*;

struct Record {
    name: String,
}

#[operator]
fn record(n: usize) -> Record {
    Record { name: n.to_string() }
}

#[operator]
fn name_of(record: &Record) -> &str {
    &record.name
}

#[operator]
fn take(record: Record) -> usize {
    record.name.len()
}

#[operator]
fn double(n: usize) -> usize {
    n * 2
}

graph! {
    fn broken(n: usize) -> usize {
        let made = record(n);
        let name = name_of(&made);
        let length = take(made);
        let doubled = double(n);
        length + doubled + name.len()
    }
}

fn main() {}
