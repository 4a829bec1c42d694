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
        let size = size(&page).await;
        let page = fetch(url).await?;
        Ok(size + page.len())
    }
}

fn main() {}
