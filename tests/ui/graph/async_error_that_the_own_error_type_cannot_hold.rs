use ember::prelude::*;

#[operator]
async fn fetch(url: &str) -> Result<String, std::io::Error> {
    Ok(url.to_owned())
}

#[derive(Debug)]
pub struct PageError;

graph! {
    pub async fn page(url: &str) -> Result<usize, PageError> {
        let page = fetch(url).await?;
        Ok(page.len())
    }
}

fn main() {}
