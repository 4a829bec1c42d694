use ember::prelude::*;

#[operator]
fn convert<T: From<u8>>(value: u8) -> T {
    T::from(value)
}

#[operator]
fn add(a: u32, b: u32) -> u32 {
    a + b
}

#[operator]
fn double(a: u32) -> u32 {
    a * 2
}

graph! {
    pub fn widen(value: u8) -> u32 {
        let wide = convert::<String>(value);
        let twice = double(3);
        twice
    }
}

fn main() {}
