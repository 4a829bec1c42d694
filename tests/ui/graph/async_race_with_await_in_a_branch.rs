use ember::prelude::*;

#[operator]
async fn fetch(url: &str) -> Result<String, std::io::Error> {
    Ok(url.to_owned())
}

graph! {
    pub async fn page(a: &str, b: &str) -> Result<usize, ember::Error> {
        let page = race!(fetch(a).await, fetch(b).await).await?;
        Ok(page.len())
    }
}

fn main() {}
