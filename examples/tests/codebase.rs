//! The `codebase` example, on trees that are made for it.

#[path = "codebase/command_line.rs"]
mod command_line;
#[path = "codebase/odd_files.rs"]
mod odd_files;
#[path = "codebase/planted.rs"]
mod planted;
#[path = "codebase/strategies.rs"]
mod strategies;

use std::{fmt::Write as _, fs, ops::Range, path::Path};

use codebase::{Look, limits::Limits, progress::Progress, render, report::Report, survey::survey};
use tempfile::TempDir;

/// A folder with these files, gone at the end of the test.
fn tree(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, text) in files {
        write(folder.path(), name, text.as_bytes());
    }
    folder
}

fn write(folder: &Path, name: &str, bytes: &[u8]) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("a folder")).expect("to make the folder");
    fs::write(path, bytes).expect("to write the file");
}

fn report(folder: &TempDir, limits: &Limits) -> Report {
    survey(folder.path(), limits, &Progress::hidden()).expect("the folder to be there")
}

fn text(report: &Report) -> String {
    render(report, Look { width: 100, colour: false })
}

/// Lines of Rust that stand nowhere else, unless the same `mark` and numbers are used again.
fn lines(mark: &str, numbers: Range<u32>) -> String {
    numbers.fold(String::new(), |mut lines, number| {
        let _ = writeln!(lines, "let {mark}_{number} = {number};");
        lines
    })
}
