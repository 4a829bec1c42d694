//! Ships log files: files are read on threads that may block, lines are parsed on the pool, batches go over the wire.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ember::prelude::*;
use tokio::sync::mpsc;

#[derive(Clone, Debug, PartialEq)]
struct Line {
    level: char,
    text: String,
}

#[derive(Debug)]
enum ShipError {
    Read { node: String, kind: io::ErrorKind },
    Malformed(Malformed),
    Closed,
    Run(ember::Error),
}

#[derive(Debug, PartialEq)]
struct Malformed(String);

#[derive(Debug)]
struct Closed;

impl From<ember::Error> for ShipError {
    fn from(error: ember::Error) -> Self {
        ShipError::Run(error)
    }
}

impl From<ember::At<io::Error>> for ShipError {
    fn from(at: ember::At<io::Error>) -> Self {
        ShipError::Read { node: at.site().node().into_owned(), kind: at.into_source().kind() }
    }
}

impl From<Malformed> for ShipError {
    fn from(malformed: Malformed) -> Self {
        ShipError::Malformed(malformed)
    }
}

impl From<Closed> for ShipError {
    fn from(_: Closed) -> Self {
        ShipError::Closed
    }
}

#[operator(blocking)]
fn read(path: &Path) -> io::Result<String> {
    fs::read_to_string(path)
}

#[operator]
fn parse(text: &str) -> Result<Vec<Line>, Malformed> {
    text.lines()
        .map(|line| match line.split_once(' ') {
            Some((level, text)) if level.len() == 1 => {
                Ok(Line { level: level.chars().next().unwrap_or('?'), text: text.to_owned() })
            }
            _ => Err(Malformed(line.to_owned())),
        })
        .collect()
}

#[operator(inline)]
fn loud(lines: &[Line], level: char) -> Vec<Line> {
    lines.iter().filter(|line| line.level == level).cloned().collect()
}

#[operator]
async fn send(wire: &mpsc::Sender<Vec<Line>>, batch: Vec<Line>) -> Result<usize, Closed> {
    let lines = batch.len();
    wire.send(batch).await.map_err(|_| Closed)?;
    Ok(lines)
}

graph! {
    async fn ship(paths: Vec<PathBuf>, level: char, wire: mpsc::Sender<Vec<Line>>) -> Result<usize, ShipError> {
        #[concurrency(4)]
        let batches = for path in &paths {
            let text = read(path)?;
            let lines = parse(&text)?;
            loud(&lines, level)
        };
        let mut sent = 0;
        #[concurrency(1)]
        let counts = for batch in batches { send(&wire, batch).await? };
        sent += counts.iter().sum::<usize>();
        Ok(sent)
    }
}

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, files: &[&str]) -> (Folder, Vec<PathBuf>) {
        let path = std::env::temp_dir().join(format!("ember-logs-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        let paths = files.iter().enumerate().map(|(n, text)| {
            let file = path.join(format!("{n}.log"));
            fs::write(&file, text).unwrap();
            file
        });
        let paths = paths.collect();
        (Folder(path), paths)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

async fn collect(mut receiver: mpsc::Receiver<Vec<Line>>) -> Vec<String> {
    let mut all = Vec::new();
    while let Some(batch) = receiver.recv().await {
        all.extend(batch.into_iter().map(|line| line.text));
    }
    all
}

#[tokio::test]
async fn on_one_thread_in_the_order_of_the_files() {
    let (_folder, paths) = Folder::new("one", &["E a\nI b\nE c", "I d", "E e\nE f"]);
    let (wire, receiver) = mpsc::channel(1);
    let (sent, texts) = tokio::join!(ship(paths, 'E', wire), collect(receiver));
    assert_eq!(sent.unwrap(), 4);
    assert_eq!(texts, ["a", "c", "e", "f"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_several_threads_and_in_a_task() {
    let files: Vec<String> = (0..40).map(|n| format!("E {n}\nI nothing")).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let (_folder, paths) = Folder::new("many", &files);
    let (wire, receiver) = mpsc::channel(2);
    let shipping = tokio::spawn(ship(paths, 'E', wire));
    let texts = collect(receiver).await;
    assert_eq!(shipping.await.unwrap().unwrap(), 40);
    assert_eq!(texts, (0..40).map(|n| n.to_string()).collect::<Vec<_>>());
}

#[tokio::test]
async fn failures_arrive_as_what_they_are() {
    let (_folder, mut paths) = Folder::new("fails", &["E a", "no level here", "E c"]);
    let (wire, _receiver) = mpsc::channel(1);
    let error = ship(paths.clone(), 'E', wire.clone()).await.unwrap_err();
    assert!(matches!(&error, ShipError::Malformed(Malformed(line)) if line == "no level here"), "{error:?}");

    paths.insert(1, PathBuf::from("/no/such/file"));
    let error = ship(paths.clone(), 'E', wire.clone()).await.unwrap_err();
    let ShipError::Read { node, kind } = error else { panic!("{error:?}") };
    assert_eq!((node.as_str(), kind), ("batches[1].text", io::ErrorKind::NotFound));

    let (closed, receiver) = mpsc::channel(1);
    drop(receiver);
    paths.truncate(1);
    let error = ship(paths.clone(), 'E', closed).await.unwrap_err();
    assert!(matches!(error, ShipError::Closed), "{error:?}");

    let cx = Context::builder().build();
    cx.cancel();
    let error = cx.scope(|| ship(paths, 'E', wire)).await.unwrap_err();
    assert!(matches!(&error, ShipError::Run(error) if error.is_cancelled()), "{error:?}");
}

#[test]
fn a_run_is_sent_to_other_threads() {
    fn sent<T: Send>(value: T) -> T {
        value
    }
    let shared: Arc<str> = "shared".into();
    let (wire, _receiver) = mpsc::channel(1);
    drop(sent(ship(vec![PathBuf::from(&*shared)], 'E', wire)));
}
