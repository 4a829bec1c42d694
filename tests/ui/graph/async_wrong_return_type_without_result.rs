use ember::prelude::*;

#[operator]
async fn size(page: &str) -> usize {
    page.len()
}

#[operator]
fn count(page: &str) -> usize {
    page.len()
}

graph! {
    pub async fn waits(url: &str) -> String {
        size(url).await
    }

    pub async fn works(url: String) -> String {
        count(&url)
    }

    pub async fn names(url: &str) -> String {
        let size = size(url).await;
        size
    }
}

fn main() {}
