use ember::prelude::*;

#[operator]
async fn fetch(url: &str) -> Result<String, std::io::Error> {
    Ok(url.to_owned())
}

graph! {
    pub async fn page(url: &str, other: usize) -> Result<usize, ember::Error> {
        let page = race!(fetch(url), fetch(other)).await?;
        Ok(page.len())
    }
}

fn main() {}
