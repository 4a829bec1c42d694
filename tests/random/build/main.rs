//! Writes the random graphs that the test `agree` includes.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

#[path = "../src/generate/mod.rs"]
#[allow(dead_code, unreachable_pub, unused_imports, reason = "the library has the rest of its users")]
mod generate;

mod later;

/// How many graphs one module holds.
const PART: u64 = 20;

fn main() {
    println!("cargo::rerun-if-changed=src/generate");
    let number = |name: &str, default: u64| {
        println!("cargo::rerun-if-env-changed={name}");
        env::var(name)
            .map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")))
    };
    let first = number("EMBER_RANDOM_SEED", generate::FIRST_SEED);
    let count = number("EMBER_RANDOM_COUNT", generate::COUNT);
    let plain_only = number("EMBER_RANDOM_PLAIN", 0) != 0;
    let folder = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    let folder = Path::new(&folder);

    let ops = Path::new(&env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("src/ops");
    save(&folder.join("later.rs"), &later::module(&ops, &["numbers", "records", "texts", "tracked"]));

    let (mut modules, mut names) = (String::new(), Vec::new());
    for start in (first..first + count).step_by(usize::try_from(PART).expect("it is small")) {
        let name = format!("from_{start}");
        let seeds = start..(start + PART).min(first + count);
        save(&folder.join(format!("{name}.rs")), &generate::emit::module(seeds, plain_only));
        let _ = write!(
            modules,
            "#[allow(warnings, clippy::all, clippy::pedantic, reason = \"nobody wrote it\")]\n\
             mod {name} {{\n    include!(concat!(env!(\"OUT_DIR\"), \"/{name}.rs\"));\n}}\n"
        );
        names.push(format!("{name}::CASES"));
    }
    let _ = write!(
        modules,
        "/// All cases, by module.\npub(crate) const MODULES: &[&[ember_random_graphs::agree::Case]] = &[{}];\n",
        names.join(", ")
    );
    save(&folder.join("graphs.rs"), &modules);

    let (mut modules, mut names) = (String::new(), Vec::new());
    for start in
        (first..first + count.min(generate::WAITING)).step_by(usize::try_from(PART).expect("it is small"))
    {
        let name = format!("waiting_from_{start}");
        let seeds = start..(start + PART).min(first + count);
        save(&folder.join(format!("{name}.rs")), &generate::emit::waiting_module(seeds));
        let _ = write!(
            modules,
            "#[allow(warnings, clippy::all, clippy::pedantic, reason = \"nobody wrote it\")]\n\
             mod {name} {{\n    include!(concat!(env!(\"OUT_DIR\"), \"/{name}.rs\"));\n}}\n"
        );
        names.push(format!("{name}::CASES"));
    }
    let _ = write!(
        modules,
        "/// All cases that wait, by module.\npub(crate) const MODULES: &[&[ember_random_graphs::waiting::WaitingCase]] = &[{}];\n",
        names.join(", ")
    );
    save(&folder.join("waiting.rs"), &modules);
}

fn save(path: &Path, text: &str) {
    fs::write(path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}
