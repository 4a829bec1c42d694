use ember::prelude::*;

#[derive(Debug)]
pub struct Client;

impl Client {
    #[operator(log(args = [url]))]
    pub fn fetch(&self, url: &str) -> String {
        url.to_owned()
    }
}

fn main() {}
