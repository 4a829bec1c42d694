use ember::prelude::*;

#[operator]
async fn fetch(url: &str) -> Result<String, std::io::Error> {
    Ok(url.to_owned())
}

#[operator]
async fn first(page: &str) -> &str {
    page
}

graph! {
    pub async fn page<'a>(url: &'a str) -> Result<&'a str, ember::Error> {
        let page = fetch(url).await?;
        let first = first(&page).await;
        Ok(first)
    }
}

fn main() {}
