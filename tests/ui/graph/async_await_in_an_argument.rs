use ember::prelude::*;

#[operator]
async fn fetch(url: &str) -> Result<String, std::io::Error> {
    Ok(url.to_owned())
}

#[operator]
async fn store(page: String) -> usize {
    page.len()
}

graph! {
    pub async fn page(url: &str) -> Result<usize, ember::Error> {
        let stored = store(fetch(url).await?).await;
        Ok(stored)
    }
}

fn main() {}
