use ember::prelude::*;

pub struct Client;

impl Client {
    #[operator]
    pub async fn fetch(&self, url: &str) -> String {
        url.to_owned()
    }
}

#[operator]
async fn store(page: String) -> usize {
    page.len()
}

graph! {
    pub async fn page(client: &Client, url: &str) -> usize {
        let stored = store(client.fetch(url).await).await;
        stored
    }
}

fn main() {}
