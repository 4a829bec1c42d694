//! How much CPU time a process takes when its last run is over.
//!
//! `cargo bench -p ember-benches --bench idle`, on Linux.

use std::time::Duration;
use std::{fs, io, thread};

use ember_benches::grid8;

/// Nanoseconds of CPU time of all threads so far.
fn busy() -> io::Result<u64> {
    let mut total = 0;
    for task in fs::read_dir("/proc/self/task")? {
        let text = fs::read_to_string(task?.path().join("schedstat"))?;
        total += text.split(' ').next().and_then(|nanos| nanos.parse::<u64>().ok()).unwrap_or(0);
    }
    Ok(total)
}

fn main() -> io::Result<()> {
    if !cfg!(target_os = "linux") {
        println!("not measured: there is no /proc here");
        return Ok(());
    }
    let wait = Duration::from_secs(if std::env::args().any(|arg| arg == "--test") { 0 } else { 2 });
    for x in 0..5_000 {
        std::hint::black_box(grid8(x, 800));
    }
    thread::sleep(Duration::from_millis(10));
    let before = busy()?;
    thread::sleep(wait);
    println!(
        "{} µs of CPU time in {} s, from 10 ms after the last run",
        (busy()? - before) / 1_000,
        wait.as_secs()
    );
    Ok(())
}
