use ember::prelude::*;

#[derive(Debug)]
struct Down;

impl std::fmt::Display for Down {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("down")
    }
}

impl std::error::Error for Down {}

#[operator(idempotent, timeout = "2s")]
fn fetch(url: String) -> Result<String, Down> {
    Ok(url)
}

graph! {
    pub fn page(url: String) -> Result<String, ember::Error> {
        #[retry = 3]
        let page = fetch(url)?;
        Ok(page)
    }
}

fn main() {}
