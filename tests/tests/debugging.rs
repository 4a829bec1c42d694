//! What a debugger and a backtrace show are the user's lines.

use std::backtrace::Backtrace;
use std::panic;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use ember::{graph, operator};
use ember_tests::{everywhere, quiet};

/// The backtrace at the operator.
#[operator]
#[inline(never)]
fn trace(_: u32) -> String {
    Backtrace::force_capture().to_string()
}

#[operator]
fn add(a: u32, b: u32) -> u32 {
    a + b
}

/// The lines of the graph below, from its first.
const GRAPH: u32 = line!() + 2;
graph! {
    fn traced(n: u32) -> (String, String, u32) {
        let first = trace(n);
        let second = trace(n + 1);
        let third = add(n, 2);
        (first, second, third)
    }

    fn glue_panics(xs: &[u32], at: usize) -> u32 {
        let a = add(1, 2);
        let b = add(3, 4);
        let picked = xs[at];
        add(a + b, picked)
    }
}

#[test]
fn a_backtrace_names_the_line_of_the_node() {
    everywhere(|_| {
        let (first, second, _) = traced(1);
        for (text, line) in [(first, GRAPH + 1), (second, GRAPH + 2)] {
            let wanted = format!("debugging.rs:{line}");
            assert!(text.contains(&wanted), "no frame at {wanted} in\n{text}");
        }
    });
}

#[test]
fn a_panic_in_plain_rust_is_located_at_its_line() {
    static LINES: Mutex<Vec<(String, u32)>> = Mutex::new(Vec::new());
    quiet();
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|info| {
        if let Some(at) = info.location() {
            LINES.lock().unwrap().push((at.file().to_owned(), at.line()));
        }
    }));
    let runs = AtomicUsize::new(0);
    everywhere(|_| {
        runs.fetch_add(1, Relaxed);
        assert!(panic::catch_unwind(|| glue_panics(&[1, 2], 2)).is_err());
    });
    panic::set_hook(hook);
    let lines = LINES.lock().unwrap();
    assert_eq!(lines.len(), runs.into_inner(), "{lines:?}");
    for (file, line) in lines.iter() {
        assert!(file.ends_with("debugging.rs") && *line == GRAPH + 10, "{file}:{line}");
    }
}
