use ember::prelude::*;

pub struct Client;

impl Client {
    #[operator]
    pub async fn fetch(&self, url: &str) -> String {
        url.to_owned()
    }
}

graph! {
    pub async fn page(client: &Client, url: &str) -> usize {
        let page = client.fetch(url);
        page.len()
    }
}

fn main() {}
