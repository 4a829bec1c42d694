use ember::prelude::*;

use std::rc::Rc;

#[derive(Debug)]
pub struct Local(Rc<str>);

impl From<ember::Error> for Local {
    fn from(error: ember::Error) -> Self {
        Self(error.to_string().into())
    }
}

#[operator]
fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
    text.parse()
}

graph! {
    pub fn sum(a: &str, b: &str) -> Result<u32, Local> {
        let left = parse(a)?;
        let right = parse(b)?;
        Ok(left + right)
    }
}

fn main() {}
