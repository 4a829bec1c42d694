//! Finds a browser and its driver, and installs them if there are none.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

/// The variables that name a browser and its driver.
const VARIABLES: [&str; 2] = ["EMBER_BROWSER", "EMBER_BROWSER_DRIVER"];
/// The names that they have elsewhere; the first is what the package brings.
const NAMES: [&[&str]; 2] = [&["chromium-headless-shell", "chromium", "google-chrome"], &["chromedriver"]];
/// Debian's packages. Without a font no letter is drawn.
const PACKAGES: [&str; 3] = ["chromium-headless-shell", "chromium-driver", "fonts-liberation"];
/// Another may install something just now, and be waited for.
const LOCK: &str = "DPkg::Lock::Timeout=300";

/// A browser and what drives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Programs {
    /// Chromium, headless or whole.
    pub browser: PathBuf,
    /// Chromedriver of the same version.
    pub driver: PathBuf,
}

/// Where the programs are: as the variables say, or where packages put them.
///
/// # Errors
///
/// If there are none and they cannot be installed; the text says what to do.
pub fn programs() -> Result<Programs, String> {
    static FOUND: LazyLock<Result<Programs, String>> = LazyLock::new(|| {
        let find = || {
            let path = std::env::var_os("PATH").unwrap_or_default();
            find(VARIABLES.map(std::env::var_os), &path)
        };
        if let Some(programs) = find()? {
            return Ok(programs);
        }
        install().map_err(|why| {
            let [browser, driver] = VARIABLES;
            format!(
                "there is no browser to look at the page with, and {why}. Install Chromium and the chromedriver of its \
                 version (Debian: {}), so that they are in PATH, or name them by {browser} and {driver}",
                PACKAGES.join(", "),
            )
        })?;
        find()?.ok_or_else(|| "the packages brought no chromedriver, or no browser".to_owned())
    });
    FOUND.clone()
}

/// What the variables name, or else what is in the folders of `path`; nothing if one of the two is not there.
fn find(named: [Option<OsString>; 2], path: &OsStr) -> Result<Option<Programs>, String> {
    let mut found = [None, None];
    for (place, named) in named.into_iter().enumerate() {
        found[place] = match named.map(PathBuf::from) {
            Some(file) if !file.is_file() => {
                return Err(format!("{} names {}, which is no file", VARIABLES[place], file.display()));
            }
            Some(file) => Some(file),
            None => NAMES[place].iter().find_map(|name| in_path(name, path)),
        };
    }
    let [browser, driver] = found;
    Ok(browser.zip(driver).map(|(browser, driver)| Programs { browser, driver }))
}

fn in_path(name: &str, path: &OsStr) -> Option<PathBuf> {
    std::env::split_paths(path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// Installs the packages, or tells why not.
fn install() -> Result<(), String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let apt = in_path("apt-get", &path).ok_or("there is no apt-get to install one")?;
    eprintln!("installing {} with {}", PACKAGES.join(", "), apt.display());
    // Where some list cannot be fetched the packages may still be known.
    let updated = run(&apt, &["update", "-qq", "-o", LOCK]);
    let mut arguments = vec!["install", "-y", "-qq", "-o", LOCK, "--no-install-recommends"];
    arguments.extend(PACKAGES);
    run(&apt, &arguments).map_err(|why| match updated {
        Ok(()) => why,
        Err(before) => format!("{before}, and {why}"),
    })
}

fn run(apt: &Path, arguments: &[&str]) -> Result<(), String> {
    let mut command = Command::new(apt);
    command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
    let output = command.output().map_err(|error| format!("{} does not start: {error}", apt.display()))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    // The last lines tell what stopped it.
    let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let last = lines[lines.len().saturating_sub(4)..].join(" | ");
    Err(format!("`apt-get {}` failed: {last}", arguments[0]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with empty files of these names.
    fn folder(of: &str, names: &[&str]) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("ember-page-{}-{of}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        names.iter().for_each(|name| std::fs::write(folder.join(name), "").unwrap());
        folder
    }

    #[test]
    fn a_browser_and_its_driver_are_found_in_the_path() {
        let folder = folder("both", &["google-chrome", "chromium", "chromedriver"]);
        let found = find([None, None], folder.as_os_str()).unwrap();
        let programs = Programs { browser: folder.join("chromium"), driver: folder.join("chromedriver") };
        assert_eq!(found, Some(programs));
    }

    #[test]
    fn one_without_the_other_is_none() {
        let folder = folder("one", &["google-chrome"]);
        assert_eq!(find([None, None], folder.as_os_str()), Ok(None));
    }

    #[test]
    fn what_the_variables_name_goes_first_and_must_be_there() {
        let folder = folder("named", &["chromium", "mine", "chromedriver"]);
        let [mine, gone] = ["mine", "gone"].map(|name| folder.join(name));
        let found = find([Some(mine.clone().into()), None], folder.as_os_str()).unwrap().unwrap();
        assert_eq!(found.browser, mine);
        let why = find([None, Some(gone.into())], folder.as_os_str()).unwrap_err();
        assert!(why.starts_with("EMBER_BROWSER_DRIVER names ") && why.ends_with("gone, which is no file"));
    }
}
