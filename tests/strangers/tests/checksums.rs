//! Sums of files: read where threads may block, added up on the pool, from whichever runtime.

use std::path::{Path, PathBuf};

use ember::prelude::*;

#[operator(blocking)]
fn list(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
    let mut paths = entries.collect::<std::io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

#[operator(blocking)]
fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    std::fs::read(path)
}

/// After Fletcher, 16 bits.
#[operator]
fn sum(bytes: &[u8]) -> u16 {
    let (low, high) = bytes.iter().fold((0_u16, 0_u16), |(low, high), byte| {
        let low = (low + u16::from(*byte)) % 255;
        (low, (high + low) % 255)
    });
    high << 8 | low
}

#[operator(inline)]
fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

graph! {
    async fn sums(folder: PathBuf) -> Result<Vec<(String, u16)>, ember::Error> {
        let paths = list(&folder)?;
        #[concurrency(4)]
        let sums = for path in &paths {
            let bytes = read(path)?;
            let sum = sum(&bytes);
            let name = name(path);
            (name, sum)
        };
        Ok(sums)
    }
}

/// A folder with files, which goes with the value.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("ember-checksums-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for (name, text) in [("a", "abcde"), ("b", "abcdef"), ("c", "abcdefgh")] {
            std::fs::write(folder.join(name), text).unwrap();
        }
        Folder(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

/// The values that are known of this sum.
fn known() -> Vec<(String, u16)> {
    [("a", 0xC8F0), ("b", 0x2057), ("c", 0x0627)].map(|(name, sum)| (name.to_owned(), sum)).to_vec()
}

#[test]
fn on_runtimes_of_both_kinds() {
    let folder = Folder::new("kinds");
    let current = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let multi = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    for runtime in [&current, &multi] {
        for strategy in [Strategy::Sequential, Strategy::Parallel, Strategy::Auto] {
            let cx = Context::builder().strategy(strategy).build();
            let sums = cx.scope(|| sums(folder.0.clone()));
            assert_eq!(runtime.block_on(sums).unwrap(), known(), "{strategy:?}");
        }
    }
    let tasks = [(); 4].map(|()| multi.spawn(sums(folder.0.clone())));
    for task in tasks {
        assert_eq!(multi.block_on(task).unwrap().unwrap(), known());
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_named() {
    let folder = Folder::new("unreadable");
    std::fs::create_dir(folder.0.join("bb")).unwrap();
    let error = sums(folder.0.clone()).await.unwrap_err();
    assert_eq!((error.node(), error.operator()), ("sums[2].bytes", "read"));
    assert_eq!(error.find::<std::io::Error>().unwrap().kind(), std::io::ErrorKind::IsADirectory);

    let error = sums(folder.0.join("nowhere")).await.unwrap_err();
    assert_eq!(error.node(), "paths");
}
