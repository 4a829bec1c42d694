use ember::prelude::*;

#[operator]
async fn twice(n: u32) -> u32 {
    2 * n
}

graph! {
    async fn doubled(n: u32) -> u32 {
        twice(n).await
    }
}

fn main() {
    let sum: u32 = doubled::stream(0..10).into_iter().filter_map(Result::ok).sum();
    doubled::stream(0..10).for_each(|doubled| println!("{:?}", doubled.ok()));
    println!("{sum}");
}
