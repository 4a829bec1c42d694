//! Every mistake of a user gives one plain message, at the user's own token.
//!
//! The snapshots in `ui` quote the compiler, so they hold for the one that `rust-toolchain.toml` pins. After a
//! change of a message, `TRYBUILD=overwrite cargo test -p ember-tests --test ui` writes them anew: read each before
//! it is kept.

#[test]
fn messages() {
    if !is_pinned_compiler() {
        return;
    }
    let cases = trybuild::TestCases::new();
    cases.compile_fail("ui/operator/*.rs");
    cases.compile_fail("ui/graph/*.rs");
    cases.compile_fail("ui/attribute/*.rs");
}
fn is_pinned_compiler() -> bool { true }
