//! Tells what a folder of sources holds; see `--help`.
//!
//! ```console
//! $ cargo run --release -p ember-examples --example codebase -- --top 5 src
//! ```

use std::process::ExitCode;

fn main() -> ExitCode {
    codebase::cli::run(std::env::args_os().skip(1))
}
