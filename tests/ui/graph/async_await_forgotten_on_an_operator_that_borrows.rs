use ember::prelude::*;

pub struct Page(String);

#[operator]
async fn fetch(url: &str) -> Result<Page, std::io::Error> {
    Ok(Page(url.to_owned()))
}

#[operator]
async fn render(page: &Page) -> String {
    page.0.clone()
}

graph! {
    pub async fn page(url: &str) -> Result<String, ember::Error> {
        let page = fetch(url)?;
        let text = render(&page).await;
        Ok(text)
    }
}

fn main() {}
