//! The crate that is compiled again and again, and what that costs.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;
use std::{env, fmt, fs, io};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;

/// A way to compile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Check,
    Debug,
    Release,
}

impl Mode {
    pub(crate) const ALL: [Self; 3] = [Self::Check, Self::Debug, Self::Release];

    /// The name on the command line and in tables.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Debug => "debug",
            Self::Release => "release",
        }
    }

    const fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Check => &["check"],
            Self::Debug => &["build"],
            Self::Release => &["build", "--release"],
        }
    }
}

/// What one compilation took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// Seconds of processor time, in user and kernel mode, of the compiler and all that it started.
    pub(crate) cpu: f64,
    /// Seconds that passed.
    pub(crate) wall: f64,
}

impl Cost {
    pub(crate) fn median(mut costs: Vec<Self>) -> Option<Self> {
        costs.sort_by(|a, b| a.cpu.total_cmp(&b.cpu));
        costs.get(costs.len() / 2).copied()
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} ({:.2})", self.cpu, self.wall)
    }
}

/// A crate with one file, which depends on ember.
pub(crate) struct Leaf {
    folder: PathBuf,
}

impl Leaf {
    /// Writes the crate beside this program's own output.
    pub(crate) fn new() -> io::Result<Self> {
        let program = env::current_exe()?;
        let target = program.parent().and_then(Path::parent).unwrap_or(Path::new("target"));
        let folder = target.join("leaf");
        fs::create_dir_all(folder.join("src"))?;
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
        let manifest = format!(
            "[workspace]\n\n[package]\nname = \"leaf\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [dependencies]\nember = {{ path = {:?} }}\n",
            root.display().to_string()
        );
        fs::write(folder.join("Cargo.toml"), manifest)?;
        // The versions that the repository is tested with; cargo strikes out what the crate does not need.
        fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
        Ok(Self { folder })
    }

    /// Compiles a file `rounds` times and gives the median. Dependencies are built before, and not timed.
    pub(crate) fn cost(&self, source: &str, mode: Mode, rounds: usize) -> io::Result<Cost> {
        let costs: io::Result<Vec<Cost>> = (0..rounds.max(1)).map(|_| self.once(source, mode)).collect();
        Cost::median(costs?).ok_or_else(|| io::Error::other("nothing was measured"))
    }

    fn once(&self, source: &str, mode: Mode) -> io::Result<Cost> {
        // A new file: cargo compiles the crate, whatever it holds.
        fs::write(self.folder.join("src/lib.rs"), source)?;
        let before = children()?;
        let started = Instant::now();
        let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(mode.arguments())
            .arg("--quiet")
            .arg("--manifest-path")
            .arg(self.folder.join("Cargo.toml"))
            .arg("--target-dir")
            .arg(self.folder.join("target"))
            // The toolchain is the repository's.
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            // What is compiled is all of the crate, not what changed since the last time.
            .env("CARGO_INCREMENTAL", "0")
            .env_remove("RUSTFLAGS")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .output()?;
        let wall = started.elapsed().as_secs_f64();
        let cpu = children()? - before;
        if output.status.success() {
            Ok(Cost { cpu, wall })
        } else {
            let text = String::from_utf8_lossy(&output.stderr);
            Err(io::Error::other(format!("{}: {}", mode.name(), text.trim())))
        }
    }
}

/// Seconds of processor time of all children that have ended, and of theirs.
fn children() -> io::Result<f64> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    Ok(seconds(usage.user_time()) + seconds(usage.system_time()))
}

#[expect(clippy::cast_precision_loss, reason = "no compilation takes that long")]
fn seconds(time: TimeVal) -> f64 {
    time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6
}
