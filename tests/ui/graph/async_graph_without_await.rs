use ember::prelude::*;

#[operator]
async fn fetch(url: &str) -> Result<String, std::io::Error> {
    Ok(url.to_owned())
}

graph! {
    pub async fn inner(url: &str) -> Result<usize, ember::Error> {
        let page = fetch(url).await?;
        Ok(page.len())
    }

    pub async fn outer(url: String) -> Result<usize, ember::Error> {
        let inner = inner(&url)?;
        Ok(inner)
    }
}

fn main() {}
