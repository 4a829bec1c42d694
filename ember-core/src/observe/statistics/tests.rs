use super::{MOST_TEXT, bounded, cut};

#[test]
fn long_texts_are_cut_between_characters() {
    let long = format!("a{}", "é".repeat(MOST_TEXT));
    assert_eq!(cut(&long).len(), MOST_TEXT - 1);
    assert_eq!(bounded(&long), cut(&long));
    assert_eq!(bounded(&"short"), "short");
}

#[test]
fn a_text_that_panics_is_kept_as_far_as_it_came() {
    struct Panics;
    impl std::fmt::Display for Panics {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("so far")?;
            panic!("no further")
        }
    }
    assert_eq!(bounded(&Panics), "so far");
}
