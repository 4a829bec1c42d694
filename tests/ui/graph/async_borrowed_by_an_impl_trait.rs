use ember::prelude::*;

#[operator]
async fn fetch(url: &str) -> Result<String, std::io::Error> {
    Ok(url.to_owned())
}

#[operator]
fn count(page: &str) -> usize {
    page.len()
}

graph! {
    pub async fn page(url: impl AsRef<str> + Send) -> Result<usize, ember::Error> {
        let page = fetch(url.as_ref()).await?;
        let count = count(&page);
        Ok(count)
    }
}

fn main() {}
