use ember::prelude::*;

pub struct Session {
    pub token: String,
}

#[operator(log(args = [session]), idempotent, retry = 3)]
pub async fn fetch(session: &Session) -> Result<String, std::io::Error> {
    Ok(session.token.clone())
}

fn main() {}
