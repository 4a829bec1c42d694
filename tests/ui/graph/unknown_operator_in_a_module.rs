use ember::prelude::*;

mod ops {
    #[ember::operator]
    pub fn search(query: &str) -> usize {
        query.len()
    }
}

graph! {
    pub fn find(query: &str) -> usize {
        let found = ops::serch(query);
        found
    }
}

fn main() {}
