//! Graphs of a crate that knows ember by another name.

use ember_renamed::{sum, sums};

#[test]
fn a_renamed_dependency_works() {
    assert_eq!(sum("1", "2").unwrap(), 3);
    assert_eq!(sums(&["1", "2"]).unwrap(), [2, 3]);
    let error = sums(&["1", "x"]).unwrap_err();
    assert_eq!((error.graph(), error.node()), ("sum", "x"));
    assert_eq!(sums::describe().name, "sums");
}
