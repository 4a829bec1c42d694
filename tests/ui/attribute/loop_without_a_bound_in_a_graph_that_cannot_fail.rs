use ember::prelude::*;

#[operator]
fn better(draft: u32) -> u32 {
    draft + 1
}

graph! {
    pub fn refine(start: u32) -> u32 {
        let mut draft = better(start);
        let done = loop {
            draft = better(draft);
            if draft > 9 { break draft }
        };
        done
    }
}

fn main() {}
