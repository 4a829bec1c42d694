use ember::prelude::*;

#[derive(Debug, thiserror::Error)]
#[error("down")]
pub struct Down;

pub struct Client;

impl Client {
    #[operator(timeout = "2s")]
    pub fn no_time(&self, url: &str) -> Result<String, Down> {
        Ok(url.to_owned())
    }

    #[operator(retry)]
    pub fn twice(&self) -> Result<String, Down> {
        Err(Down)
    }

    #[operator(idempotent, retry)]
    pub fn changes(&mut self) -> Result<String, Down> {
        Err(Down)
    }

    #[operator(idempotent, retry)]
    pub fn used_up(self) -> Result<String, Down> {
        Err(Down)
    }

    #[operator(cache)]
    pub fn cached(&self, url: &str) -> Result<String, Down> {
        Ok(url.to_owned())
    }

    #[operator(cache(key = |me, url| url.to_owned()))]
    pub fn cached_by(&self, url: &str) -> Result<String, Down> {
        Ok(url.to_owned())
    }

    #[operator(batch(max = 4))]
    pub fn many(&self, urls: &[String]) -> Result<Vec<String>, Down> {
        Ok(urls.to_vec())
    }

    #[operator(fallback = Self::many)]
    pub fn another(&self, url: &str) -> Result<String, Down> {
        Ok(url.to_owned())
    }

    #[operator(fallback(last_good))]
    pub fn last(&self) -> Result<String, Down> {
        Err(Down)
    }

    #[operator(breaker)]
    pub fn unnamed(&self) -> Result<impl Sized, Down> {
        Ok(0)
    }

    #[operator(breaker)]
    pub const fn constant(&self) -> Result<u32, Down> {
        Ok(0)
    }

    #[operator(breaker)]
    pub fn never_fails(&self) -> u32 {
        0
    }
}

fn main() {}
