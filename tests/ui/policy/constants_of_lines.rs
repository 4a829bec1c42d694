use std::time::Duration;

use ember::prelude::*;

#[derive(Debug, thiserror::Error)]
#[error("down")]
pub struct Down;

const SECONDS: u32 = 3;
const NONE: u32 = 0;
const MANY: u64 = 8;
const YEARS: Duration = Duration::from_secs(1 << 40);

#[operator(idempotent, retry)]
pub fn fetch(key: u32) -> Result<u32, Down> {
    Ok(key)
}

#[operator(idempotent)]
pub async fn ask(key: u32) -> Result<u32, Down> {
    Ok(key)
}

pub struct Client;

impl Client {
    #[operator(idempotent, retry)]
    pub fn fetch(&self, key: u32) -> Result<u32, Down> {
        Ok(key)
    }
}

graph! {
    pub fn parallel(client: &Client) -> Result<u32, ember::Error> {
        #[deadline = SECONDS]
        let wrong_type = fetch(1)?;
        #[deadline = UNKNOWN]
        let unknown = fetch(2)?;
        #[retry = NONE]
        let out_of_bounds = fetch(3)?;
        #[deadline = YEARS]
        let method = client.fetch(4)?;
        for _ in 0..2 {
            #[timeout = UNKNOWN_TOO]
            let _in_a_loop = fetch(5)?;
        };
        Ok(wrong_type + unknown + out_of_bounds + method)
    }
}

graph! {
    pub async fn waits() -> Result<u32, ember::Error> {
        #[timeout = SECONDS]
        let wrong_type = ask(1).await?;
        #[timeout = UNHEARD_OF]
        let unknown = ask(2).await?;
        #[hedge(after = MANY)]
        let wrong_type_too = ask(3).await?;
        #[hedge(after = NOWHERE)]
        let unknown_too = ask(4).await?;
        #[hedge(after = "1s", at_most = SECONDS)]
        let attempts = ask(5).await?;
        Ok(wrong_type + unknown + wrong_type_too + unknown_too + attempts)
    }
}

fn main() {}
