use ember::prelude::*;

type Draft = u32;

#[operator]
fn better(draft: u32) -> u32 {
    draft + 1
}

graph! {
    pub fn refine(start: u32) -> Draft {
        let mut draft = better(start);
        #[at_most(10)]
        let done = loop {
            draft = better(draft);
            if draft > 9 { break draft }
        };
        done
    }
}

fn main() {}
