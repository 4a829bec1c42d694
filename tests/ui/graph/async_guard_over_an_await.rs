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
    pub async fn page(lock: std::sync::Arc<std::sync::Mutex<String>>) -> Result<usize, ember::Error> {
        let guard = { lock.lock().unwrap() };
        let page = fetch(&guard).await?;
        let count = count(&page);
        Ok(count)
    }
}

fn main() {}
