//! Writes each shape in the forms that cannot be built at run time: the plain function, the ember graph, and the
//! numbered steps that hand-written executors drive. Compiles the C++ peer, if it is asked for.

mod dfir;
mod ember;
mod plain;
mod shapes;
mod steps;

use std::path::Path;
use std::{env, fs};

use self::shapes::Shape;

fn main() {
    println!("cargo::rerun-if-changed=build");
    let shapes = shapes::all();
    let each = |form: fn(&Shape) -> String| shapes.iter().map(form).collect::<String>();
    write("plain.rs", &each(plain::write));
    write("ember.rs", &each(ember::write));
    write("steps.rs", &each(steps::write));
    write("dfir.rs", &dfir::write_all(&shapes));
    #[cfg(feature = "tbb")]
    compile_flow_graph();
}

fn write(file: &str, text: &str) {
    let folder = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&folder).join(file), text).expect("OUT_DIR can be written to");
}

#[cfg(feature = "tbb")]
fn compile_flow_graph() {
    println!("cargo::rerun-if-changed=cpp");
    cc::Build::new().cpp(true).std("c++17").opt_level(3).file("cpp/flow_graph.cpp").compile("flow_graph");
    println!("cargo::rustc-link-lib=tbb");
}
