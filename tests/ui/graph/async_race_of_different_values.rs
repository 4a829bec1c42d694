use ember::prelude::*;

#[operator]
async fn fetch(url: &str) -> Result<String, std::io::Error> {
    Ok(url.to_owned())
}

#[operator]
async fn size(url: &str) -> Result<usize, std::io::Error> {
    Ok(url.len())
}

graph! {
    pub async fn page(url: &str) -> Result<usize, ember::Error> {
        let page = race!(fetch(url), size(url)).await?;
        Ok(page.len())
    }
}

fn main() {}
