//! Workers do not write over the timeline of the program that they work for.

#![allow(clippy::unnecessary_wraps, reason = "the operators are as plain as can be")]

use ember::prelude::*;

/// What a worker has as the variable.
#[operator(isolate(workers = 1), timeout = "60s")]
fn variable(name: String) -> Result<Option<String>, String> {
    Ok(std::env::var(name).ok())
}

graph! {
    fn seen(name: String) -> Result<Option<String>, ember::Error> {
        let seen = variable(name)?;
        Ok(seen)
    }
}

#[cfg(target_os = "linux")]
fn main() {
    const VARIABLE: &str = "EMBER_TIMELINE";

    ember::isolate::init();
    if std::env::args().any(|argument| argument == "--list") {
        println!("workers_do_not_write_over_the_timeline_of_their_program: test");
        return;
    }
    if let Ok(file) = std::env::var(VARIABLE) {
        let expected = file.contains("%p").then_some(file);
        assert_eq!(seen(VARIABLE.to_owned()).unwrap(), expected);
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["run.json", "run-%p.json"] {
        let own = std::env::current_exe().expect("this program");
        let status = std::process::Command::new(own).env(VARIABLE, folder.path().join(name)).status();
        assert!(status.expect("a process").success());
    }
    let files = std::fs::read_dir(folder.path()).expect("a folder");
    let texts = files.map(|file| std::fs::read_to_string(file.expect("an entry").path()).expect("a text"));
    // One for each program; the workers ran no graph.
    assert_eq!(texts.filter(|text| text.contains("\"graph\":\"seen\"")).count(), 2);
}

#[cfg(not(target_os = "linux"))]
fn main() {}
