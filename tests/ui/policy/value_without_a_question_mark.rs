use ember::prelude::*;

#[derive(Debug)]
struct Down;

impl std::fmt::Display for Down {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("down")
    }
}

impl std::error::Error for Down {}

#[operator(timeout = "2s")]
async fn fetch(url: String) -> Result<String, Down> {
    Ok(url)
}

#[operator]
fn shout(page: Result<String, Down>) -> String {
    page.unwrap_or_default()
}

graph! {
    pub async fn page(url: String) -> String {
        let page = fetch(url).await;
        shout(page)
    }
}

fn main() {}
