use ember::prelude::*;

#[derive(Debug, thiserror::Error)]
#[error("down")]
pub struct Down;

pub type Answer = String;

pub struct Once;

pub struct Client;

impl Client {
    #[operator(breaker)]
    pub fn fetch(&self, url: &str) -> Result<String, Down> {
        Ok(url)
    }

    #[operator(breaker)]
    pub fn other(&self) -> Answer {
        String::new()
    }

    #[operator(idempotent, retry)]
    pub fn once(&self, _: Once) -> Result<String, Down> {
        Err(Down)
    }
}

pub fn elsewhere(client: &Client) -> Result<String, Down> {
    client.fetch("x")
}

graph! {
    pub fn page(client: &Client) -> Result<String, ember::Error> {
        let page = client.fetch(3)?;
        Ok(page)
    }
}

fn main() {}
