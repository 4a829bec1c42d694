//! Where there is no browser and none can be installed, it is said what to do.

use std::process::Command;

/// What the program for pictures says where these variables are all that it knows.
fn said(variables: &[(&str, &str)]) -> String {
    let mut program = Command::new(env!("CARGO_BIN_EXE_screenshots"));
    let output = program.env_clear().envs(variables.iter().copied()).output().unwrap();
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn it_is_said_what_to_install_and_which_variables_name_a_browser() {
    let said = said(&[("PATH", "/no/such/folder")]);
    for word in
        ["no apt-get", "chromium-headless-shell, chromium-driver", "EMBER_BROWSER and EMBER_BROWSER_DRIVER"]
    {
        assert!(said.contains(word), "{word}: {said}");
    }
}

#[test]
fn a_variable_that_names_nothing_is_told() {
    let said = said(&[("PATH", "/no/such/folder"), ("EMBER_BROWSER", "/no/such/browser")]);
    assert!(said.contains("EMBER_BROWSER names /no/such/browser, which is no file"), "{said}");
}
