use ember::prelude::*;

#[operator]
fn count(page: &str) -> usize {
    page.len()
}

graph! {
    pub fn inner(page: &str) -> usize {
        let count = count(page);
        count
    }

    pub async fn outer(url: String) -> Result<usize, ember::Error> {
        let inner = inner(&url).await;
        Ok(inner)
    }
}

fn main() {}
