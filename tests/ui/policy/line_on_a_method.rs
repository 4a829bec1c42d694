use ember::prelude::*;

#[derive(Debug)]
pub struct Down;

impl std::fmt::Display for Down {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("down")
    }
}

impl std::error::Error for Down {}

pub struct Client;

impl Client {
    pub fn fetch_page(&self, url: &str) -> Result<String, Down> {
        Ok(url.to_owned())
    }

    #[operator(concurrency = 2)]
    pub fn fetch_text(&self, url: &str) -> Result<String, Down> {
        Ok(url.to_owned())
    }
}

graph! {
    pub fn page(client: &Client, url: &str) -> Result<String, ember::Error> {
        #[timeout = "2s"]
        let page = client.fetch_page(url)?;
        Ok(page)
    }

    pub fn text(client: &Client, url: &str) -> Result<String, ember::Error> {
        #[retry = 3]
        let text = client.fetch_text(url)?;
        Ok(text)
    }

    pub fn short(client: &Client) -> Result<String, ember::Error> {
        #[timeout = "2s"]
        let text = client.fetch_text()?;
        Ok(text)
    }

    pub fn longer(client: &Client, url: &str) -> Result<usize, ember::Error> {
        #[timeout = "2s"]
        let length = client.fetch_text(url)?.len();
        Ok(length)
    }
}

fn main() {}
