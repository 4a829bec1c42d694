use ember::prelude::*;

#[operator]
fn twice(n: u32) -> u32 {
    2 * n
}

graph! {
    fn doubled(n: u32) -> u32 {
        twice(n)
    }
}

async fn sum() -> u32 {
    let (mut results, mut sum) = (doubled::stream(0..10).results(), 0);
    while let Some(doubled) = results.next().await {
        sum += doubled.unwrap_or(0);
    }
    sum
}

fn main() {
    drop(sum());
}
