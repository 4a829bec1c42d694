//! The process of a worker: starting it, ending it, and what its end means.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use super::limits::Limits;
use super::registry::{self, hash};
use super::words::Word;
use crate::observe;
use crate::policy::IsolationError;

/// Says to a process that it is a worker, and whose: the number of its parent.
pub(super) const PARENT: &str = "EMBER_ISOLATE_WORKER_OF";

/// What this program is started again as. On Linux that is what runs, even if its file has been replaced since.
fn path() -> io::Result<PathBuf> {
    if cfg!(any(target_os = "linux", target_os = "android")) {
        Ok("/proc/self/exe".into())
    } else {
        std::env::current_exe()
    }
}

/// What tells this program's file apart from others.
pub(super) fn program() -> u64 {
    let Ok(file) = path().and_then(File::open).and_then(|file| file.metadata()) else { return 0 };
    let facts = [
        file.dev(),
        file.ino(),
        file.size(),
        file.mtime().cast_unsigned(),
        file.mtime_nsec().cast_unsigned(),
    ];
    facts.into_iter().fold(0, |sum, fact| hash(sum, &fact.to_le_bytes()))
}

/// What is started as a worker.
pub(super) type Program = fn() -> io::Result<Command>;

/// This program, which serves in its `main`.
pub(super) fn this_program() -> io::Result<Command> {
    let mut command = Command::new(path()?);
    if let Some(name) = std::env::args_os().next() {
        command.arg0(name);
    }
    if let Some(test) = registry::harness() {
        command.args([test, "--exact", "--nocapture"]);
    }
    observe::withhold_timeline(&mut command);
    command.env(PARENT, std::process::id().to_string());
    Ok(command)
}

/// Starts a worker, as the leader of a process group of its own: what a terminal sends to its foreground does not reach it,
/// and what it starts ends with it.
///
/// # Errors
///
/// If the operating system cannot.
pub(super) fn start(program: Program) -> io::Result<(Child, UnixStream)> {
    let (ours, theirs) = UnixStream::pair()?;
    ours.set_nonblocking(true)?;
    let mut command = program()?;
    let child =
        command.stdin(Stdio::from(OwnedFd::from(theirs))).stderr(Stdio::piped()).process_group(0).spawn()?;
    Ok((child, ours))
}

/// The life of a process, for who may end it: its number is known as long as it is this process's.
pub(super) struct Life(Mutex<Option<Pid>>);

impl Life {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(None))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Pid>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn begins(&self, child: &Child) {
        *self.lock() = Some(Pid::from_child(child));
    }

    /// Kills the process, and all of its group.
    pub(super) fn kill(&self) {
        if let Some(process) = *self.lock() {
            // It fails if there is none any more, which is as well.
            let _ = kill_process_group(process, Signal::KILL);
        }
    }

    /// Whether the process has ended, though it is still there to be buried.
    pub(super) fn is_over(&self) -> bool {
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        self.lock().is_none_or(|process| !matches!(waitid(WaitId::Pid(process), look), Ok(None)))
    }

    /// Kills the rest of the group, and takes the process's end from the kernel.
    pub(super) fn bury(&self, child: &mut Child) -> io::Result<ExitStatus> {
        self.kill();
        // Nobody must kill by a number that may soon be another's.
        *self.lock() = None;
        child.wait()
    }
}

/// What the end of a process means that was not killed by its parent.
pub(super) fn meaning(status: ExitStatus, word: Option<Word>, limits: &Limits) -> IsolationError {
    let Some(signal) = status.signal() else { return IsolationError::Exited(status.code().unwrap_or(-1)) };
    let name = Signal::from_named_raw(signal).and_then(name);
    match (name, word, limits.cpu) {
        (Some("SIGABRT"), Some(Word::OutOfMemory), _) => IsolationError::OutOfMemory { limit: limits.memory },
        (Some("SIGABRT"), Some(Word::StackOverflow), _) => IsolationError::StackOverflow,
        (Some("SIGABRT"), None, _) => IsolationError::Aborted,
        (Some("SIGXCPU"), _, Some(cpu)) => IsolationError::CpuLimit(cpu),
        (Some(name @ ("SIGSEGV" | "SIGBUS" | "SIGILL" | "SIGFPE" | "SIGTRAP" | "SIGSYS")), ..) => {
            IsolationError::Crashed { signal, name }
        }
        (name, ..) => IsolationError::Killed { signal, name: name.unwrap_or("a signal") },
    }
}

fn name(signal: Signal) -> Option<&'static str> {
    Some(match signal {
        Signal::ABORT => "SIGABRT",
        Signal::ALARM => "SIGALRM",
        Signal::BUS => "SIGBUS",
        Signal::FPE => "SIGFPE",
        Signal::HUP => "SIGHUP",
        Signal::ILL => "SIGILL",
        Signal::INT => "SIGINT",
        Signal::KILL => "SIGKILL",
        Signal::PIPE => "SIGPIPE",
        Signal::QUIT => "SIGQUIT",
        Signal::SEGV => "SIGSEGV",
        Signal::SYS => "SIGSYS",
        Signal::TERM => "SIGTERM",
        Signal::TRAP => "SIGTRAP",
        Signal::USR1 => "SIGUSR1",
        Signal::USR2 => "SIGUSR2",
        Signal::XCPU => "SIGXCPU",
        Signal::XFSZ => "SIGXFSZ",
        _ => return None,
    })
}
