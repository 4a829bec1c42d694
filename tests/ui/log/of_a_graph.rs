use ember::prelude::*;

#[operator]
fn fetch(url: &str) -> String {
    url.to_owned()
}

graph! {
    #[operator(log(args = [url]))]
    pub fn fetched(url: &str) -> String {
        let page = fetch(url);
        page
    }
}

fn main() {}
