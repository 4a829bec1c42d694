use ember::prelude::*;

#[operator]
fn first(values: &[u32]) -> Option<u32> {
    values.first().copied()
}

graph! {
    pub fn head(values: &[u32]) -> Result<u32, ember::Error> {
        let head = first(values)?;
        Ok(head)
    }
}

fn main() {}
