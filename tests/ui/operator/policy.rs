use ember::prelude::*;

#[operator(retry = 3)]
fn fetch(url: &str) -> String {
    url.to_owned()
}

graph! {
    pub fn page(url: &str) -> String {
        let page = fetch(url);
        page
    }
}

fn main() {}
