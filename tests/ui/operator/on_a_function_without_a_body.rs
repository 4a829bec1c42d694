use ember::prelude::*;

trait Search {
    #[operator]
    fn search(&self, query: &str) -> usize;
}

fn main() {}
