use ember::prelude::*;

#[operator]
async fn fetch(url: &str) -> Result<String, std::io::Error> {
    Ok(url.to_owned())
}

graph! {
    pub async fn page(number: u32) -> Result<usize, ember::Error> {
        let page = fetch(number).await?;
        Ok(page.len())
    }
}

fn main() {}
