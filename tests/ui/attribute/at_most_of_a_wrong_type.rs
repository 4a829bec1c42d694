use ember::prelude::*;

#[operator]
fn better(draft: u32) -> u32 {
    draft + 1
}

graph! {
    pub fn refine(start: u32) -> Result<u32, ember::Error> {
        let mut draft = better(start);
        #[at_most(start)]
        let done = loop {
            draft = better(draft);
            if draft > 9 { break draft }
        };
        Ok(done)
    }
}

fn main() {}
