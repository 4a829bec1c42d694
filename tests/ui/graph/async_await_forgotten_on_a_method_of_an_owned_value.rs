use ember::prelude::*;

#[derive(Clone)]
pub struct Client;

impl Client {
    #[operator]
    pub async fn fetch(&self, url: &str) -> Result<String, std::io::Error> {
        Ok(url.to_owned())
    }
}

graph! {
    pub async fn page(client: Client) -> Result<usize, ember::Error> {
        let page = client.fetch("/")?;
        Ok(page.len())
    }
}

fn main() {}
