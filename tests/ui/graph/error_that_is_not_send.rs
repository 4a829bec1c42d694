use ember::prelude::*;

use std::fmt;
use std::rc::Rc;

#[derive(Debug)]
struct Local(Rc<str>);

impl fmt::Display for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Local {}

#[operator]
fn parse(text: &str) -> Result<u32, Local> {
    text.parse().map_err(|_| Local(text.into()))
}

graph! {
    pub fn number(text: &str) -> Result<u32, ember::Error> {
        let number = parse(text)?;
        Ok(number)
    }
}

fn main() {}
