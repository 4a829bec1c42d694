use ember::prelude::*;

pub struct Session {
    pub token: String,
}

#[operator(log(args = [session]))]
pub fn fetch(session: &Session) -> String {
    session.token.clone()
}

fn main() {}
