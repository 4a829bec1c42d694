use ember::prelude::*;

mod text {
    #[ember::operator]
    pub fn count(page: &str) -> usize {
        page.len()
    }
}

pub use text::count;

graph! {
    pub async fn page(url: &str, other: &str) -> usize {
        let count = count(url);
        count + other.len()
    }
}

fn main() {}
