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
    pub async fn page(urls: Vec<String>) -> Result<usize, ember::Error> {
        let pages = for url in urls { fetch(url).await? };
        Ok(count(&pages[0]))
    }
}

fn main() {}
