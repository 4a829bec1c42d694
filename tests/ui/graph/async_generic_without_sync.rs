use ember::prelude::*;

#[operator]
fn width<T: AsRef<str>>(text: &T) -> usize {
    text.as_ref().len()
}

graph! {
    pub async fn measure<T: AsRef<str> + Send + 'static>(text: T) -> usize {
        let width = width(&text);
        width
    }
}

fn main() {}
