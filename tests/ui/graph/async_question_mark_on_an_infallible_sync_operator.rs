use ember::prelude::*;

#[operator]
fn length(text: &str) -> usize {
    text.len()
}

graph! {
    pub async fn measure(text: String) -> Result<usize, ember::Error> {
        let length = length(&text)?;
        Ok(length)
    }
}

fn main() {}
