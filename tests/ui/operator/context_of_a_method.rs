use ember::operator;

use ember::Context;

struct Model;

impl Model {
    #[operator]
    fn grind(&self, cx: &Context, n: u64) -> u64 {
        if cx.check().is_ok() { n } else { 0 }
    }
}

fn main() {}
