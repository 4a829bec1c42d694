use ember::prelude::*;

#[operator]
async fn fetch(url: &str) -> Result<String, std::io::Error> {
    Ok(url.to_owned())
}

#[operator]
fn count(page: &str) -> usize {
    page.len()
}

graph! {
    pub async fn page(cx: &Context, url: &str) -> Result<usize, ember::Error> {
        let page = fetch(url).await?;
        let count = count(&page);
        Ok(count + cx.correlation_id().len())
    }
}

fn main() {}
