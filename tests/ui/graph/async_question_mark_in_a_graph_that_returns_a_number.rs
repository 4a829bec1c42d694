use ember::prelude::*;

#[operator]
async fn fetch(url: &str) -> Result<String, std::io::Error> {
    Ok(url.to_owned())
}

graph! {
    pub async fn page(url: &str) -> usize {
        let page = fetch(url).await?;
        page.len()
    }
}

fn main() {}
