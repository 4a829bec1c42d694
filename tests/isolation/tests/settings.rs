//! A file says what a process may use, in the place of the attribute.
#![cfg(target_os = "linux")]
#![allow(
    clippy::needless_pass_by_value,
    clippy::unnecessary_wraps,
    reason = "what is isolated owns its arguments"
)]

use ember::policy::{IsolationError, Settings};
use ember::prelude::*;

ember::isolate::in_tests!();

#[operator(isolate(max_message = "64MiB", memory = "1GiB"))]
fn length(text: String) -> Result<usize, String> {
    Ok(text.len())
}

graph! {
    fn measured(text: String) -> Result<usize, ember::Error> {
        let length = length(text)?;
        Ok(length)
    }
}

/// One test, since they belong to the process.
#[test]
fn r39_a_file_changes_what_a_process_may_use() {
    let settings: Settings =
        toml::from_str("length.isolate = { max_message = '1KiB', workers = 1 }").unwrap();
    settings.check([measured::describe()]).unwrap();
    settings.install().unwrap();
    assert_eq!(measured("four".to_owned()).unwrap(), 4);
    let failed = measured("x".repeat(4096)).unwrap_err();
    assert!(
        matches!(failed.isolation(), Some(IsolationError::TooLarge { limit: 1024, .. })),
        "64 MiB are too many: {failed:#}"
    );
}
