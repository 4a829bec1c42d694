use ember::prelude::*;

#[operator]
async fn fetch(url: &str) -> Result<String, std::io::Error> {
    Ok(url.to_owned())
}

graph! {
    pub fn page(a: &str, b: &str) -> Result<usize, ember::Error> {
        let page = race!(fetch(a), fetch(b)).await?;
        Ok(page.len())
    }
}

fn main() {}
