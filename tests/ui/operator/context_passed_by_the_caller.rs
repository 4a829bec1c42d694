use ember::prelude::*;

#[operator]
fn grind(cx: &Context, n: u64) -> u64 {
    let _ = cx.check();
    n
}

graph! {
    pub fn twice(cx: &Context, n: u64) -> u64 {
        let once = grind(cx, n);
        once
    }
}

fn main() {}
