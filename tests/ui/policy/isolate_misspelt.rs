use ember::prelude::*;

#[operator(isolate(memory = "512MB", cpu = "10ms", worker = 4))]
fn one(text: String) -> Result<u32, String> {
    Err(text)
}

#[operator(isolate(memory = "1MiB", max_message = 64, timeout = "0s", workers = 0))]
fn two(text: String) -> Result<u32, String> {
    Err(text)
}

#[operator(isolate = "512MiB")]
fn three(text: String) -> Result<u32, String> {
    Err(text)
}

fn main() {}
