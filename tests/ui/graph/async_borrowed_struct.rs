use ember::prelude::*;

pub struct Page<'a>(&'a str);

#[operator]
fn words(page: &Page<'_>) -> usize {
    page.0.split(' ').count()
}

graph! {
    pub async fn count(page: Page<'_>) -> usize {
        let words = words(&page);
        words
    }
}

fn main() {}
