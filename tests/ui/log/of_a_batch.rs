use ember::prelude::*;

#[operator(batch(max = 64, wait = "2ms"), log(args = [urls]))]
pub fn fetch(urls: &[String]) -> Result<Vec<String>, std::io::Error> {
    Ok(urls.to_vec())
}

fn main() {}
