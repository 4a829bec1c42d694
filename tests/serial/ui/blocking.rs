use ember::prelude::*;

#[operator(blocking)]
fn read(n: u64) -> u64 {
    n
}

graph! {
    async fn graph(n: u64) -> u64 {
        let value = read(n);
        value
    }
}

fn main() {}
