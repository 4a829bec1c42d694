//! Writes each shape in the forms that cannot be built at run time: the plain function, the ember graph, and the
//! numbered steps that hand-written executors drive.

mod ember;
mod plain;
mod shapes;
mod steps;

use std::path::Path;
use std::{env, fs};

use self::shapes::Shape;

fn main() {
    println!("cargo::rerun-if-changed=build");
    let out = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    let shapes = shapes::all();
    write(Path::new(&out), "plain.rs", &shapes, plain::write);
    write(Path::new(&out), "ember.rs", &shapes, ember::write);
    write(Path::new(&out), "steps.rs", &shapes, steps::write);
}

fn write(folder: &Path, file: &str, shapes: &[Shape], form: impl Fn(&Shape) -> String) {
    let text: String = shapes.iter().map(form).collect();
    fs::write(folder.join(file), text).expect("OUT_DIR can be written to");
}
