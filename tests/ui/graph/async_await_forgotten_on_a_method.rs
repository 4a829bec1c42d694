use ember::prelude::*;

pub struct Client;

impl Client {
    #[operator]
    pub async fn fetch(&self, url: &str) -> Result<String, std::io::Error> {
        Ok(url.to_owned())
    }
}

graph! {
    pub async fn page(client: &Client, url: &str) -> Result<usize, ember::Error> {
        let page = client.fetch(url)?;
        Ok(page.len())
    }
}

fn main() {}
