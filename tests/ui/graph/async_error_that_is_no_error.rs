use ember::prelude::*;

pub struct Refused;

#[operator]
async fn fetch(url: &str) -> Result<String, Refused> {
    if url.is_empty() { Err(Refused) } else { Ok(url.to_owned()) }
}

graph! {
    pub async fn page(url: &str) -> Result<usize, ember::Error> {
        let page = fetch(url).await?;
        Ok(page.len())
    }
}

fn main() {}
