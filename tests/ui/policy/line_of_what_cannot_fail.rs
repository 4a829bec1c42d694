use ember::prelude::*;

#[derive(Debug)]
struct Down;

impl std::fmt::Display for Down {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("down")
    }
}

impl std::error::Error for Down {}

#[operator]
fn shout(url: &str) -> String {
    url.to_uppercase()
}

graph! {
    pub fn page(url: &str) -> Result<String, ember::Error> {
        #[timeout = "2s"]
        let page = shout(url);
        Ok(page)
    }
}

fn main() {}
