use ember::prelude::*;

mod ops {
    #[ember::operator]
    fn search(query: &str) -> usize {
        query.len()
    }
}

graph! {
    pub fn find(query: &str) -> usize {
        let found = ops::search(query);
        found
    }
}

fn main() {}
