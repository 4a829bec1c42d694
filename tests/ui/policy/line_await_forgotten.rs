use ember::prelude::*;

#[operator(idempotent, retry(attempts = 2))]
async fn fetch(key: u32) -> Result<u32, String> {
    Ok(key)
}

graph! {
    async fn get(key: u32) -> Result<u32, ember::Error> {
        #[deadline = "1s"]
        let value = fetch(key)?;
        Ok(value)
    }
}

fn main() {}
