//! Files that cannot be read as sources are rows of the report.

use codebase::walk::Reason;

use super::*;

/// What was skipped, by reason and name.
fn skipped(report: &Report) -> Vec<(Reason, &str)> {
    report.skipped.iter().map(|one| (one.reason.clone(), &*one.name)).collect()
}

#[test]
fn binary_empty_large_and_foreign_files_are_told() {
    let folder = tree(&[("empty.rs", ""), ("fits.rs", &"a\n".repeat(500)), ("large.rs", &"a\n".repeat(501))]);
    write(folder.path(), "binary.rs", b"fn main() {}\0");
    write(folder.path(), "foreign.rs", b"// gr\xfc\xdfe\nlet stra\xdfe = 1;\n");
    write(folder.path(), "marked.rs", b"\xef\xbb\xbf// a byte order mark\n");
    let report = report(&folder, &Limits { max_bytes: 1000, ..Limits::default() });
    assert_eq!(skipped(&report), [(Reason::Binary, "binary.rs"), (Reason::TooLarge, "large.rs")]);
    assert_eq!(report.replaced, ["foreign.rs"]);
    assert_eq!((report.all.files, report.all.empty), (4, 1));
    assert_eq!((report.all.lines.code, report.all.lines.comment), (501, 2));
    let text = text(&report);
    assert!(text.starts_with("4 files, 503 lines, 1.0 KiB, 1 empty, 2 skipped\n"), "{text}");
    assert!(text.contains("Not UTF-8  1 file, odd bytes replaced\n    foreign.rs\n"), "{text}");
    assert!(
        text.ends_with("Skipped\n  1 binary\n    binary.rs\n  1 larger than 1000 B\n    large.rs\n"),
        "{text}"
    );
}

#[test]
fn ignored_and_hidden_files_are_left_out() {
    let folder = tree(&[
        (".gitignore", "/made\n*.out\n"),
        (".hidden.rs", "a"),
        ("made/a.rs", "a"),
        ("b.out", "b"),
        ("c.rs", "c"),
    ]);
    let report = report(&folder, &Limits::default());
    assert_eq!((report.all.files, report.skipped.len()), (1, 0));
}

#[test]
fn long_lists_are_cut_and_the_rest_is_counted() {
    let folder = tree(&[]);
    for nth in 0..7 {
        write(folder.path(), &format!("{nth}.bin"), &[0]);
    }
    let report = report(&folder, &Limits { top: 3, ..Limits::default() });
    let text = text(&report);
    assert!(text.ends_with("  7 binary\n    0.bin\n    1.bin\n    2.bin\n    and 4 more\n"), "{text}");
}

#[cfg(unix)]
#[test]
fn links_are_told_and_loops_end() {
    use std::os::unix::fs::symlink;

    let folder = tree(&[("in/a.rs", "a")]);
    symlink("nothing.rs", folder.path().join("dangling.rs")).expect("a link");
    symlink("..", folder.path().join("in/loop")).expect("a link");
    symlink("in/a.rs", folder.path().join("link.rs")).expect("a link");
    let links = report(&folder, &Limits::default());
    assert_eq!(links.all.files, 1);
    let names = ["dangling.rs", "in/loop", "link.rs"];
    assert_eq!(skipped(&links), names.map(|name| (Reason::Link, name)));

    let followed = report(&folder, &Limits { follow: true, ..Limits::default() });
    assert_eq!(followed.all.files, 2);
    assert_eq!(skipped(&followed), [(Reason::LinkLoop, "in/loop"), (Reason::Vanished, "dangling.rs")]);
}

/// A pipe without a writer would keep a reader waiting for ever.
#[cfg(unix)]
#[test]
fn pipes_and_sockets_are_not_read() {
    let folder = tree(&[]);
    let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("a.rs")).expect("a socket");
    let report = report(&folder, &Limits::default());
    assert_eq!(skipped(&report), [(Reason::Special, "a.rs")]);
}

/// Permissions do not bind root, for whom this test tells nothing.
#[cfg(unix)]
#[test]
fn what_may_not_be_read_is_told() {
    use std::{
        io::ErrorKind,
        os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    };

    let folder = tree(&[("a.rs", "a"), ("closed/b.rs", "b")]);
    if fs::metadata(folder.path()).expect("the folder").uid() == 0 {
        eprintln!("skipped: root may read everything");
        return;
    }
    let allow = |name: &str, mode| {
        fs::set_permissions(folder.path().join(name), fs::Permissions::from_mode(mode)).expect("to own it");
    };
    allow("a.rs", 0o000);
    allow("closed", 0o000);
    let report = report(&folder, &Limits::default());
    allow("closed", 0o700);
    let denied = Reason::Unreadable(ErrorKind::PermissionDenied);
    assert_eq!(skipped(&report), [(denied.clone(), "a.rs"), (denied, "closed")]);
}

#[test]
fn names_cannot_command_the_terminal_and_lines_fit_it() {
    let code = lines("long_enough_to_be_cut_somewhere_in_the_middle_of_the_name", 0..20);
    let folder = tree(&[
        ("a/folder/with/a/long/path/and/a/file/whose/name/is/long/too.rs", &format!("fn f() {{\n{code}}}\n")),
        ("漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字.rs", &format!("fn f() {{\n{code}}}\n")),
    ]);
    if cfg!(unix) {
        write(folder.path(), "\u{1b}[31mred", &[0]);
    }
    let report = report(&folder, &Limits::default());
    for width in [50, 80, 200] {
        let text = render(&report, Look { width, colour: false });
        assert!(!text.contains('\u{1b}'), "{text}");
        for line in text.lines() {
            assert!(console::measure_text_width(line) <= width, "{line}");
        }
    }
    assert!(render(&report, Look { width: 80, colour: true }).contains("\u{1b}["));
}
