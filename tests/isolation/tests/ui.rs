//! What cannot go to another process is told at its type.

#[test]
fn r39_what_cannot_be_carried_is_told_at_its_type() {
    trybuild::TestCases::new().compile_fail("ui/*.rs");
}
