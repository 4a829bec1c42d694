//! A scheduler of reports: whichever rendering is ready first is taken, one that takes too long is given up, and jobs are
//! tasks of whatever runtime there is.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use ember::prelude::*;
use tokio::runtime;
use tokio::time::{Instant, sleep, timeout};

/// What is going on, for a page that operators look at.
#[derive(Debug, Default)]
struct Board {
    open: AtomicUsize,
    queried: AtomicUsize,
    rendered: AtomicUsize,
    mailed: AtomicUsize,
}

/// Counts a query for as long as it runs.
struct OnBoard<'b>(&'b Board);

impl<'b> OnBoard<'b> {
    fn new(board: &'b Board) -> OnBoard<'b> {
        board.open.fetch_add(1, SeqCst);
        OnBoard(board)
    }
}

impl Drop for OnBoard<'_> {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, SeqCst);
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Job {
    number: u64,
    query: Duration,
    mail: Duration,
}

#[derive(Debug, PartialEq)]
struct Report {
    number: u64,
    pages: usize,
    text: String,
}

#[operator]
async fn query(board: &Board, job: &Job, shard: u64) -> Vec<u64> {
    let _on_board = OnBoard::new(board);
    sleep(job.query).await;
    board.queried.fetch_add(1, SeqCst);
    (0..job.number).map(|n| n * 10 + shard).collect()
}

/// Short, so it stays: a paused clock would go on while the pool works.
#[operator(inline)]
fn render(board: &Board, job: &Job, rows: &[Vec<u64>]) -> Report {
    let sum: u64 = rows.iter().flatten().sum();
    board.rendered.fetch_add(1, SeqCst);
    Report { number: job.number, pages: rows.len(), text: format!("job {}: {sum}", job.number) }
}

/// Runs of equal characters; a pool of threads is what it is for.
#[operator]
fn pack(text: &str) -> Vec<(char, usize)> {
    let mut runs: Vec<(char, usize)> = Vec::new();
    for c in text.chars() {
        match runs.last_mut() {
            Some((last, n)) if *last == c => *n += 1,
            _ => runs.push((c, 1)),
        }
    }
    runs
}

#[operator]
async fn mail(board: &Board, job: &Job, report: &Report) -> usize {
    let _on_board = OnBoard::new(board);
    sleep(job.mail).await;
    board.mailed.fetch_add(1, SeqCst);
    report.text.len()
}

graph! {
    async fn run(board: Arc<Board>, job: Job) -> Report {
        let rows = for shard in 0..3 { query(&board, &job, shard).await };
        let report = render(&board, &job, &rows);
        mail(&board, &job, &report).await;
        report
    }

    /// A job whose report is kept in a smaller form.
    async fn kept(board: Arc<Board>, job: Job) -> (u64, Vec<(char, usize)>) {
        let report = run(board, job).await;
        let packed = pack(&report.text);
        (report.number, packed)
    }
}

fn job(number: u64, query: u64, mail: u64) -> Job {
    Job { number, query: Duration::from_secs(query), mail: Duration::from_secs(mail) }
}

#[tokio::test(start_paused = true)]
async fn the_slower_job_is_given_up() {
    let (fast, slow, start) = (Arc::new(Board::default()), Arc::new(Board::default()), Instant::now());
    let report = tokio::select! {
        report = run(slow.clone(), job(7, 1, 60)) => report,
        report = run(fast.clone(), job(2, 3, 1)) => report,
    };
    assert_eq!(report, Report { number: 2, pages: 3, text: "job 2: 36".to_owned() });
    assert_eq!(start.elapsed(), Duration::from_secs(4));
    assert_eq!((slow.rendered.load(SeqCst), slow.mailed.load(SeqCst)), (1, 0));
    // Its mail was on the way, and is not any more.
    assert_eq!(slow.open.load(SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn a_job_goes_on_beside_a_ticker() {
    let board = Arc::new(Board::default());
    let mut job = std::pin::pin!(run(board.clone(), job(4, 5, 5)));
    let (mut ticks, mut most) = (0, 0);
    let report = loop {
        tokio::select! {
            report = &mut job => break report,
            () = sleep(Duration::from_millis(900)) => {
                ticks += 1;
                most = board.open.load(SeqCst).max(most);
            }
        }
    };
    assert_eq!((report.number, ticks, most), (4, 11, 3));
}

#[tokio::test(start_paused = true)]
async fn a_timeout_drops_what_is_under_way() {
    let board = Arc::new(Board::default());
    let late = timeout(Duration::from_secs(2), run(board.clone(), job(1, 10, 0))).await;
    assert!(late.is_err());
    assert_eq!((board.open.load(SeqCst), board.queried.load(SeqCst)), (0, 0));

    let task = tokio::spawn(run(board.clone(), job(1, 10, 0)));
    sleep(Duration::from_secs(1)).await;
    assert_eq!(board.open.load(SeqCst), 3);
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    assert_eq!(board.open.load(SeqCst), 0);
}

/// Ten jobs as tasks, each in a context of its own.
async fn ten(board: Arc<Board>) -> Vec<(u64, Vec<(char, usize)>)> {
    let tasks: Vec<_> = (0..10)
        .map(|number| {
            let cx = Context::builder().correlation_id(format!("job-{number}")).build();
            tokio::spawn(cx.scope(|| kept(board.clone(), job(number, 0, 0))))
        })
        .collect();
    let mut packed = Vec::new();
    for task in tasks {
        packed.push(task.await.unwrap());
    }
    packed
}

#[test]
fn jobs_run_as_tasks_of_either_runtime() {
    let one = runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let many = runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap();
    for runtime in [one, many] {
        let board = Arc::new(Board::default());
        let packed = runtime.block_on(ten(board.clone()));
        assert!(packed.iter().map(|(number, _)| *number).eq(0..10));
        // "job 7: 651" and "job 3: 99".
        assert_eq!(packed[7].1.len(), 10);
        assert_eq!(packed[3].1.last(), Some(&('9', 2)));
        assert_eq!((board.queried.load(SeqCst), board.mailed.load(SeqCst)), (30, 10));
    }
}
