//! Every mistake of a user gives one plain message, at the user's own token.
//!
//! The snapshots in `ui` quote the compiler, so they hold for exactly the one that `rust-toolchain.toml` pins. After
//! the change of a message, `TRYBUILD=overwrite cargo test -p ember-tests --test ui` writes them anew: read each
//! aloud before it is kept.

use std::path::Path;
use std::process::Command;

#[test]
fn messages() {
    let (pinned, used) = (pinned_compiler(), used_compiler());
    assert_eq!(used, pinned, "the snapshots quote rustc {pinned}; run them with `cargo +{pinned} test`");
    let cases = trybuild::TestCases::new();
    cases.compile_fail("ui/operator/*.rs");
    cases.compile_fail("ui/graph/*.rs");
    cases.compile_fail("ui/attribute/*.rs");
    cases.compile_fail("ui/policy/*.rs");
    cases.compile_fail("ui/resource/*.rs");
    cases.compile_fail("ui/batch/*.rs");
    cases.compile_fail("ui/log/*.rs");
}

/// The version that `rust-toolchain.toml` names.
fn pinned_compiler() -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rust-toolchain.toml");
    let text = std::fs::read_to_string(file).expect("the workspace pins its compiler");
    let channel = text.lines().find_map(|line| line.strip_prefix("channel = "));
    channel.expect("the pin names a channel").trim_matches('"').to_owned()
}

/// The version of the compiler that trybuild is going to call.
fn used_compiler() -> String {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output().expect("rustc runs");
    let text = String::from_utf8(output.stdout).expect("rustc speaks UTF-8");
    text.split_whitespace().nth(1).expect("rustc says its version").to_owned()
}
