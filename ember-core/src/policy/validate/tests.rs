use std::error::Error as _;

#[cfg(feature = "validate")]
use super::Problems;
use super::Validation;
use crate::policy::PolicyError;

type Failed = PolicyError<std::fmt::Error>;

#[test]
fn what_holds_is_let_through() {
    assert!(Validation::new().require("n", true, "must be even").finish::<()>().is_ok());
}

#[test]
fn r37_a_thousand_problems_are_counted_and_not_told() {
    let all =
        (0..1000).fold(Validation::new(), |all, n| all.require(&format!("items[{n}]"), false, "is odd"));
    let failed: Failed = all.finish().unwrap_err();
    let told = failed.source().unwrap().to_string();
    assert!(told.starts_with("items[0]: is odd; items[1]: is odd"));
    assert!(told.ends_with("items[63]: is odd; and 936 more"), "{told}");
}

#[test]
fn r37_keys_from_outside_neither_break_a_line_nor_fill_a_disk() {
    let key = format!("limits[a\nb{}]", "x".repeat(10_000));
    let failed: Failed = Validation::new().require(&key, false, "is odd").finish().unwrap_err();
    let told = failed.source().unwrap().to_string();
    assert!(told.starts_with("limits[a\u{fffd}bxxx") && told.ends_with("xxx: is odd"), "{told}");
    assert!(told.len() < 300, "{}", told.len());
}

#[cfg(feature = "validate")]
#[test]
fn r12_the_error_names_the_path_of_the_field_and_not_its_value() {
    use garde::Validate;

    #[derive(Validate)]
    struct Question {
        #[garde(length(min = 1))]
        text: String,
        #[garde(dive)]
        parts: Vec<Part>,
    }

    #[derive(Validate)]
    struct Part {
        #[garde(range(max = 9))]
        weight: u32,
    }

    let question = Question { text: String::new(), parts: vec![Part { weight: 1 }, Part { weight: 77_777 }] };
    let failed: Failed = Validation::new().value("question", &question).finish().unwrap_err();
    let problems = failed.source().unwrap().downcast_ref::<Problems>().unwrap();
    let paths: Vec<&str> = problems.iter().map(super::Problem::path).collect();
    assert_eq!(paths, ["question.parts[1].weight", "question.text"]);
    assert!(problems.to_string().contains("question.text: length is lower than 1"), "{problems}");
    assert!(!problems.to_string().contains("77777"), "{problems}");
}
