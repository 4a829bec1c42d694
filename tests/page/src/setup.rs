//! Finds a browser and its driver, and installs them if there are none.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

/// Where the programs are: as the variables say, or where packages put them.
///
/// # Panics
///
/// If there are none and they cannot be installed.
pub fn programs() -> Programs {
    static FOUND: LazyLock<Programs> = LazyLock::new(|| {
        find().unwrap_or_else(|| {
            install();
            find().expect("the packages bring chromium and chromedriver")
        })
    });
    FOUND.clone()
}

/// A browser and what drives it.
#[derive(Clone, Debug)]
pub struct Programs {
    /// Chromium, headless or whole.
    pub browser: PathBuf,
    /// Chromedriver of the same version.
    pub driver: PathBuf,
}

fn find() -> Option<Programs> {
    let named = |variable: &str, names: &[&str]| {
        let said = std::env::var_os(variable).map(PathBuf::from);
        said.or_else(|| names.iter().find_map(|name| in_path(name)))
    };
    Some(Programs {
        browser: named("EMBER_BROWSER", &["chromium-headless-shell", "chromium", "google-chrome"])?,
        driver: named("EMBER_BROWSER_DRIVER", &["chromedriver"])?,
    })
}

fn in_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// Another may install something just now, and be waited for.
const LOCK: &str = "DPkg::Lock::Timeout=300";

fn install() {
    let run = |arguments: &[&str]| {
        let mut apt = Command::new("apt-get");
        apt.args(arguments).env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
        let output = apt.output().expect(
            "there is no browser and no apt-get: EMBER_BROWSER and EMBER_BROWSER_DRIVER must name a browser and its driver",
        );
        assert!(
            output.status.success(),
            "no browser is installed, and `apt-get {}` cannot fetch one; EMBER_BROWSER and EMBER_BROWSER_DRIVER may name a browser and its driver: {}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stderr)
        );
    };
    run(&["update", "-qq", "-o", LOCK]);
    run(&[
        "install",
        "-y",
        "-qq",
        "-o",
        LOCK,
        "--no-install-recommends",
        "chromium-headless-shell",
        "chromium-driver",
        "fonts-liberation",
    ]);
}
