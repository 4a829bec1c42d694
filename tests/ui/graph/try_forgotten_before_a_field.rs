//! The `?` is forgotten behind a node of whose value a field is used.

use ember::prelude::*;

struct Order {
    count: usize,
}

#[operator]
fn fetch(id: usize) -> Result<Order, String> {
    Ok(Order { count: id })
}

#[operator]
fn double(n: usize) -> usize {
    n * 2
}

graph! {
    pub fn broken(id: usize) -> Result<usize, ember::Error> {
        let order = fetch(id);
        let twice = double(order.count);
        let other = double(id);
        Ok(twice + other)
    }
}

fn main() {}
