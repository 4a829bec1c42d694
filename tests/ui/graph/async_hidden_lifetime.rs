use ember::prelude::*;

pub struct View<'a>(&'a str);

#[operator]
fn words(page: &View<'_>) -> usize {
    page.0.split(' ').count()
}

graph! {
    pub async fn count(view: View) -> usize {
        let words = words(&view);
        words
    }
}

fn main() {}
