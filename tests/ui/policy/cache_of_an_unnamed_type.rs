use ember::prelude::*;

#[derive(Debug)]
struct Down;

impl std::fmt::Display for Down {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("down")
    }
}

impl std::error::Error for Down {}

#[operator(cache)]
pub fn fetch(url: impl AsRef<str>) -> Result<String, Down> {
    Ok(url.as_ref().to_owned())
}

fn main() {}
