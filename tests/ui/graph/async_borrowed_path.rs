use std::ffi::OsStr;
use std::path::Path;

use ember::prelude::*;

#[operator]
async fn open(path: &Path) -> usize {
    path.components().count()
}

#[operator]
fn length(name: &OsStr, depth: usize) -> usize {
    name.len() + depth
}

graph! {
    pub async fn measure(path: &Path, name: &std::ffi::OsStr) -> usize {
        let depth = open(path).await;
        length(name, depth)
    }
}

fn main() {}
