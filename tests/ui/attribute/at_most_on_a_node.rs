use ember::prelude::*;

#[operator]
fn better(draft: u32) -> u32 {
    draft + 1
}

graph! {
    pub fn refine(start: u32) -> u32 {
        #[at_most(3)]
        let draft = better(start);
        draft
    }
}

fn main() {}
