use ember::prelude::*;

#[operator]
fn add(a: u32, b: u32) -> u32 {
    a + b
}

#[operator]
fn double(a: u32) -> u32 {
    a * 2
}

#[operator]
fn upper(text: &str) -> String {
    text.to_uppercase()
}

#[operator]
fn length(text: &str) -> usize {
    text.len()
}

graph! {
    pub fn sum(a: u32) -> Result<u32, ember::Error> {
        let mut n = double(a);
        #[at_most(3)]
        let done = loop {
            n = add(n, "1");
            if n > 9 { break n }
        };
        Ok(done)
    }
}

fn main() {}
