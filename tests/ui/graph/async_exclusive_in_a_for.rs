use ember::prelude::*;

#[operator]
async fn add(all: &mut Vec<usize>, n: usize) {
    all.push(n);
}

graph! {
    pub async fn page(counts: Vec<usize>) -> Vec<usize> {
        let mut all = { Vec::new() };
        for n in counts { add(&mut all, n).await; }
        all
    }
}

fn main() {}
