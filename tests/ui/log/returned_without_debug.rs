use ember::prelude::*;

pub struct Session {
    pub token: String,
}

#[operator(log(returned))]
pub fn open(token: String) -> Session {
    Session { token }
}

fn main() {}
