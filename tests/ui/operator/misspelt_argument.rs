use ember::prelude::*;

#[operator(asociated)]
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
