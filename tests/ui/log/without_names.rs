use ember::prelude::*;

#[operator(log)]
pub fn fetch(url: &str) -> String {
    url.to_owned()
}

#[operator(log(args = url))]
pub fn load(url: &str) -> String {
    url.to_owned()
}

#[operator(log(args = []))]
pub fn read(url: &str) -> String {
    url.to_owned()
}

#[operator(log())]
pub fn ask(url: &str) -> String {
    url.to_owned()
}

fn main() {}
