use ember::prelude::*;

#[operator]
async fn fetch(url: &str) -> Result<String, std::io::Error> {
    Ok(url.to_owned())
}

#[operator]
async fn size(page: &str) -> usize {
    page.len()
}

graph! {
    pub async fn page(url: &str) -> Result<usize, ember::Error> {
        let page = fetch(url).await?;
        let size = size(&pages).await;
        Ok(size)
    }
}

fn main() {}
