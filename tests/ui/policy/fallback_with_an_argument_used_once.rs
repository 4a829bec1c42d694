use ember::prelude::*;

#[derive(Debug)]
struct Down;

impl std::fmt::Display for Down {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("down")
    }
}

impl std::error::Error for Down {}

pub struct Ticket;

#[operator(fallback = from_archive)]
pub fn fetch(ticket: Ticket) -> Result<String, Down> {
    drop(ticket);
    Err(Down)
}

fn from_archive(ticket: Ticket) -> Result<String, Down> {
    drop(ticket);
    Ok(String::new())
}

fn main() {}
