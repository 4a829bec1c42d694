use ember::prelude::*;

#[derive(Debug, thiserror::Error)]
#[error("down")]
pub struct Down;

#[operator(concurrency = FEW)]
pub fn unknown() -> Result<u32, Down> {
    Ok(1)
}

pub struct Client;

impl Client {
    pub const FEW: u32 = 3;

    #[operator(concurrency = Self::FEW)]
    pub fn method(&self) -> Result<u32, Down> {
        Ok(1)
    }

    #[operator(idempotent, retry = attempts)]
    pub fn no_constant(&self) -> Result<u32, Down> {
        Ok(1)
    }
}

fn main() {}
