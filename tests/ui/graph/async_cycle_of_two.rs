use ember::prelude::*;

#[operator]
async fn fetch(url: &str) -> Result<String, std::io::Error> {
    Ok(url.to_owned())
}

graph! {
    pub async fn page(url: &str) -> Result<usize, ember::Error> {
        let one = fetch(&two).await?;
        let two = fetch(&one).await?;
        Ok(two.len() + url.len())
    }
}

fn main() {}
