//! A program that forgot `ember::isolate::init()`.
#![cfg(unix)]
#![allow(clippy::needless_pass_by_value, reason = "what is isolated owns its arguments")]

use ember::policy::IsolationError;
use ember::prelude::*;

#[operator(isolate)]
fn parse(text: String) -> Result<u8, String> {
    text.parse().map_err(|_| "no number".to_owned())
}

graph! {
    fn parsed(text: String) -> Result<u8, ember::Error> {
        let number = parse(text)?;
        Ok(number)
    }
}

#[test]
fn r39_a_program_that_does_not_begin_with_init_is_told_and_not_started_again() {
    let failed = parsed("7".to_owned()).unwrap_err();
    assert_eq!(failed.isolation(), Some(&IsolationError::NotInitialized));
    assert!(format!("{failed:#}").ends_with("which must be the first line of `main`"));
    assert_eq!(parse::isolation().started(), 0);
    assert_eq!(parse("7".to_owned()), Ok(7));
}
