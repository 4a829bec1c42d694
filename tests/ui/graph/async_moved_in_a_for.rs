use ember::prelude::*;

#[operator]
async fn keep(page: String) -> usize {
    page.len()
}

graph! {
    pub async fn pages(page: String, counts: Vec<usize>) -> Vec<usize> {
        let kept = for n in counts { let kept = keep(page).await; kept + n };
        kept
    }
}

fn main() {}
