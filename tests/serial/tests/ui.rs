//! What cannot be without the features of ember, told in the words of a user.
//!
//! As in the workspace, `TRYBUILD=overwrite` writes the messages anew.

#[test]
fn messages() {
    trybuild::TestCases::new().compile_fail("ui/*.rs");
}
