use ember::prelude::*;

pub struct Cache;

impl Cache {
    #[operator]
    pub fn get(&self, url: &str) -> Result<String, std::io::Error> {
        Ok(url.to_owned())
    }
}

#[operator]
async fn fetch(url: &str) -> Result<String, std::io::Error> {
    Ok(url.to_owned())
}

graph! {
    pub async fn page(cache: &Cache, url: &str) -> Result<usize, ember::Error> {
        let page = race!(cache.get(url), fetch(url)).await?;
        Ok(page.len())
    }
}

fn main() {}
