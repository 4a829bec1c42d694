use ember::prelude::*;

#[operator]
fn better(draft: u32) -> u32 {
    draft + 1
}

graph! {
    pub fn refine(start: u32) -> u32 {
        let draft = better(start);
        #[at_most(3)]
        let sum = draft + 1;
        sum
    }
}

fn main() {}
