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

#[operator(idempotent, retry = 3)]
pub fn fetch(ticket: Ticket, url: &str) -> Result<String, Down> {
    drop(ticket);
    Ok(url.to_owned())
}

fn main() {}
