use ember::prelude::*;
use std::num::ParseIntError;

struct File(Vec<u8>);

#[operator(isolate)]
fn parse(file: File, radix: u32) -> Result<u32, ParseIntError> {
    u32::from_str_radix(&String::from_utf8_lossy(&file.0), radix)
}

graph! {
    fn sum(left: File, right: File) -> Result<u32, ember::Error> {
        let left = parse(left, 10)?;
        let right = parse(right, 16)?;
        Ok(left + right)
    }
}

fn main() {}
