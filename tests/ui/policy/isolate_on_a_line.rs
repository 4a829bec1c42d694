use ember::prelude::*;

#[operator(isolate)]
fn parse(text: String) -> Result<u32, String> {
    Err(text)
}

graph! {
    fn one(text: String) -> Result<u32, ember::Error> {
        #[without(isolate)]
        let a = parse(text.clone())?;
        #[isolate]
        let b = parse(text)?;
        Ok(a + b)
    }
}

fn main() {}
