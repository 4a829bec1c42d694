use super::{MOST_TEXT, bounded, cut};

#[test]
fn long_texts_are_cut_between_characters() {
    let long = format!("a{}", "é".repeat(MOST_TEXT));
    assert_eq!(cut(&long).len(), MOST_TEXT - 1);
    assert_eq!(bounded(&long), cut(&long));
    assert_eq!(bounded(&"short"), "short");
}
