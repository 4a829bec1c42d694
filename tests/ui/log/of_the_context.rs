use ember::prelude::*;

#[operator(log(args = [cx]))]
pub fn fetch(url: &str, cx: &Context) -> String {
    format!("{url} {}", cx.correlation_id())
}

fn main() {}
