use ember::prelude::*;

#[derive(Debug)]
struct Down;

impl std::fmt::Display for Down {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("down")
    }
}

impl std::error::Error for Down {}

pub struct Question;

#[operator(validate)]
pub fn ask(_question: &Question) -> Result<String, Down> {
    Err(Down)
}

fn main() {}
