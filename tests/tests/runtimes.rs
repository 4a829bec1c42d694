//! Runtimes: whose threads a run uses, how many, which runs go first, and how it ends.

use std::future::{Future, pending};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Barrier, Mutex};
use std::task::{self, Poll, Wake};
use std::thread::{self, Thread};
use std::time::Duration;

use ember::policy::{MemoryBudget, Refused};
use ember::prelude::*;
use ember::{Priority, Runtime, Weigh};
use ember_tests::{Gate, Minute, pool};

fn runtime(threads: usize, name: &str) -> Runtime {
    Runtime::builder().threads(threads).thread_name(name).strategy(Strategy::Parallel).build().unwrap()
}

fn thread_name() -> String {
    thread::current().name().unwrap_or_default().to_owned()
}

#[operator]
fn met(meet: &Barrier, _other: bool) -> String {
    meet.wait();
    thread_name()
}

graph! {
    /// Ends only if two threads work for it.
    fn both(meet: &Barrier) -> [String; 2] {
        let one = met(meet, false);
        let two = met(meet, true);
        [one, two]
    }

    /// The same within another graph.
    fn nested(meet: &Barrier) -> [String; 2] {
        let names = both(meet);
        names
    }
}

/// Where the node ran that was not on the calling thread.
fn elsewhere(names: [String; 2]) -> String {
    let own = thread_name();
    names.into_iter().find(|name| *name != own).expect("one node ran on another thread")
}

#[test]
fn a_run_uses_the_threads_of_its_runtime() {
    let _bound = Minute::begin();
    let (red, blue) = (runtime(2, "red"), runtime(2, "blue"));
    for _ in 0..50 {
        assert!(elsewhere(red.scope(|| both(&Barrier::new(2)))).starts_with("red-"));
        assert!(elsewhere(blue.scope(|| nested(&Barrier::new(2)))).starts_with("blue-"));
        assert!(!elsewhere(in_common(|| both(&Barrier::new(2)))).starts_with("red-"));
    }
}

fn in_common<R>(f: impl FnOnce() -> R) -> R {
    Context::builder().strategy(Strategy::Parallel).build().scope(f)
}

#[test]
fn also_on_a_thread_of_another_pool_and_on_its_own() {
    let _bound = Minute::begin();
    let (red, blue) = (runtime(2, "red"), runtime(2, "blue"));
    let inner = red.scope(|| nested_in(&Barrier::new(2), &blue));
    assert!(inner.starts_with("blue-"), "{inner}");
    let pool = pool(2);
    let names = pool.install(|| red.scope(|| both(&Barrier::new(2))));
    assert!(names.iter().any(|name| name.starts_with("red-")), "{names:?}");
    let again = red.scope(|| nested_in(&Barrier::new(2), &red));
    assert!(again.starts_with("red-") || again == thread_name(), "{again}");
}

#[operator]
fn run_in(meet: &Barrier, runtime: &Runtime) -> String {
    let own = thread_name();
    let names = runtime.scope(|| both(meet));
    names.into_iter().find(|name| *name != own).unwrap()
}

graph! {
    fn nested_in(meet: &Barrier, runtime: &Runtime) -> String {
        let name = run_in(meet, runtime);
        name
    }
}

#[test]
fn a_pool_that_was_handed_in_does_the_work() {
    let _bound = Minute::begin();
    let theirs = rayon::ThreadPoolBuilder::new().num_threads(2).thread_name(|i| format!("theirs-{i}"));
    let theirs = Arc::new(theirs.build().unwrap());
    let runtime = Runtime::builder().pool(theirs).strategy(Strategy::Parallel).build().unwrap();
    assert!(elsewhere(runtime.scope(|| both(&Barrier::new(2)))).starts_with("theirs-"));
}

#[operator]
fn name_of(n: usize) -> (usize, String) {
    (n, thread_name())
}

graph! {
    fn names_of(items: usize) -> Vec<(usize, String)> {
        let names = for n in 0..items { name_of(n) };
        names
    }

    fn names_of_names(items: usize) -> Vec<Vec<(usize, String)>> {
        let names = for n in 0..items { names_of(n) };
        names
    }
}

#[test]
fn r19_runs_make_no_threads() {
    let runtime = runtime(3, "few");
    let mut seen = std::collections::HashSet::new();
    for _ in 0..1000 {
        seen.extend(runtime.scope(|| names_of(20)).into_iter().map(|(_, name)| name));
    }
    seen.remove(&thread_name());
    assert!(seen.iter().all(|name| ["few-0", "few-1", "few-2"].contains(&name.as_str())), "{seen:?}");
}

#[test]
fn nested_graphs_complete_on_a_pool_of_one_thread() {
    let runtime = runtime(1, "lone");
    let names = runtime.scope(|| names_of_names(20));
    assert_eq!(names.iter().map(Vec::len).sum::<usize>(), 190);
    // On the one thread itself, too.
    let theirs = Arc::new(pool(1));
    let inside = Runtime::builder().pool(theirs.clone()).strategy(Strategy::Parallel).build().unwrap();
    let names = theirs.install(|| inside.scope(|| names_of_names(20)));
    assert_eq!(names.len(), 20);
}

/// Counts how many are in it at the same time.
#[derive(Default)]
struct Room {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Room {
    fn visit(&self) {
        self.most.fetch_max(self.now.fetch_add(1, SeqCst) + 1, SeqCst);
        for _ in 0..20 {
            thread::yield_now();
        }
        self.now.fetch_sub(1, SeqCst);
    }
}

#[operator]
fn visit(room: &Room, _n: usize) {
    room.visit();
}

#[operator]
fn visit_shared(room: &Arc<Room>, _n: usize) {
    room.visit();
}

graph! {
    fn visits(room: &Room) -> usize {
        let done = for n in 0..200 { visit(room, n) };
        done.len()
    }

    fn two_rows_of_visits(room: &Room) -> usize {
        let one = visits(room);
        let two = visits(room);
        one + two
    }

    async fn async_visits(room: Arc<Room>) -> usize {
        let done = for n in 0..200 { visit_shared(&room, n) };
        done.len()
    }
}

#[test]
fn r30_so_many_threads_work_for_a_run_and_no_more() {
    let _bound = Minute::begin();
    let runtime = runtime(4, "four");
    for threads in 1..=3 {
        let room = Room::default();
        let cx = runtime.request().threads(threads).build();
        assert_eq!(cx.scope(|| two_rows_of_visits(&room)), 400);
        assert!(room.most.load(SeqCst) <= threads, "{} of {threads}", room.most.load(SeqCst));
    }
}

#[test]
fn r30_the_bound_holds_on_the_threads_of_the_pool_too() {
    let theirs = Arc::new(pool(4));
    let runtime = Runtime::builder().pool(theirs.clone()).strategy(Strategy::Parallel).build().unwrap();
    let room = Room::default();
    let cx = runtime.request().threads(2).build();
    assert_eq!(theirs.install(|| cx.scope(|| two_rows_of_visits(&room))), 400);
    assert!(room.most.load(SeqCst) <= 2);
}

#[test]
fn r30_the_bound_holds_for_jobs_of_an_async_run() {
    let runtime = runtime(4, "four");
    for threads in 1..=3 {
        let room = Arc::new(Room::default());
        let cx = runtime.request().threads(threads).build();
        let run = cx.scope(|| async_visits(room.clone()));
        assert_eq!(block_on(run), 200);
        assert!(room.most.load(SeqCst) <= threads, "{} of {threads}", room.most.load(SeqCst));
    }
}

#[operator]
fn load(cx: &Context, bytes: usize) -> Result<Vec<u8>, Refused> {
    let page = vec![0; bytes];
    let admitted = cx.memory().expect("it has a bound").admit(page.weight())?;
    thread::yield_now();
    drop(admitted);
    Ok(page)
}

graph! {
    fn load_all(pages: usize, bytes: usize) -> Result<usize, ember::Error> {
        let pages = for _ in 0..pages { load(bytes)? };
        Ok(pages.len())
    }
}

#[test]
fn r30_a_run_is_held_to_the_memory_of_its_runtime() {
    let memory = MemoryBudget::builder().bytes(10_000).build().unwrap();
    let runtime = Runtime::builder().threads(4).memory(&memory).build().unwrap();
    assert_eq!(runtime.scope(|| load_all(50, 4000)).unwrap(), 50);
    assert!(memory.peak() <= 10_000 && memory.used() == 0);

    let less = MemoryBudget::builder().bytes(1000).within(&memory).build().unwrap();
    let request = runtime.request().memory(&less).build();
    let error = request.scope(|| load_all(1, 4000)).unwrap_err();
    let refused = error.find::<Refused>().expect("the operator's own failure");
    assert_eq!(*refused, Refused::TooLarge { weight: 4000 + size_of::<Vec<u8>>(), most: 1000 });
}

/// Waits on this thread, outside of any runtime.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Waker(Thread);
    impl Wake for Waker {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = task::Waker::from(Arc::new(Waker(thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut task::Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}

/// An item of a bulk run: there are so many that the run lasts for a minute, unless somebody says that it is enough.
#[operator]
fn chew(enough: &AtomicBool, begun: &Mutex<Option<Sender<()>>>, _n: usize) {
    if thread_name().starts_with("busy-")
        && let Some(begun) = begun.lock().unwrap().take()
    {
        begun.send(()).unwrap();
    }
    for _ in 0..2_000 {
        if enough.load(SeqCst) {
            return;
        }
        std::hint::spin_loop();
    }
}

graph! {
    fn bulk(enough: &AtomicBool, begun: &Mutex<Option<Sender<()>>>) -> usize {
        let chewed = for n in 0..400_000 { chew(enough, begun, n) };
        chewed.len()
    }
}

#[test]
fn r30_a_bulk_run_gives_its_helper_to_one_that_somebody_waits_for() {
    let _bound = Minute::begin();
    // One thread that helps.
    let runtime = runtime(2, "busy");
    let (enough, over) = (AtomicBool::new(false), AtomicBool::new(false));
    let (begun, has_begun) = channel();
    let begun = Mutex::new(Some(begun));
    thread::scope(|scope| {
        scope.spawn(|| {
            let cx = runtime.request().priority(Priority::Bulk).build();
            assert_eq!(cx.scope(|| bulk(&enough, &begun)), 400_000);
            over.store(true, SeqCst);
        });
        has_begun.recv().unwrap();
        for _ in 0..20 {
            assert!(elsewhere(runtime.scope(|| both(&Barrier::new(2)))).starts_with("busy-"));
        }
        assert!(!over.load(SeqCst), "the bulk run was over before");
        enough.store(true, SeqCst);
    });
}

#[test]
fn r30_a_bulk_run_comes_to_its_end_beside_those_that_somebody_waits_for() {
    /// Runs that others make at most while the bulk runs are under way.
    const MOST: usize = 20_000;
    let runtime = runtime(1, "shared");
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let others = [(), ()].map(|()| {
            scope.spawn(|| {
                let run = |_: &usize| block_on(runtime.scope(|| async_visits(Arc::default())));
                (0..MOST).take_while(|_| !over.load(SeqCst)).filter(|n| run(n) == 200).count()
            })
        });
        let cx = runtime.request().priority(Priority::Bulk).build();
        for _ in 0..3 {
            assert_eq!(block_on(cx.scope(|| async_visits(Arc::default()))), 200);
            assert_eq!(cx.scope(|| visits(&Room::default())), 200);
        }
        over.store(true, SeqCst);
        for other in others {
            let runs = other.join().unwrap();
            assert!(runs < MOST, "{runs} others came first");
        }
    });
}

#[test]
fn its_end_waits_for_what_ends_in_time_and_cancels_nothing() {
    let runtime = runtime(2, "patient");
    let (cx, gate) = (runtime.request().build(), Arc::new(Gate::new()));
    let (begun, has_begun) = channel();
    let run = thread::spawn({
        let gate = gate.clone();
        move || {
            cx.scope(|| {
                begun.send(()).unwrap();
                gate.pass();
                Context::current().check().map(|()| names_of(20).len())
            })
        }
    });
    has_begun.recv().unwrap();
    assert_eq!(runtime.running(), 1);
    let end = thread::spawn(move || runtime.shutdown(Duration::from_mins(10)));
    gate.open();
    assert_eq!(run.join().unwrap(), Ok(20));
    let end = end.join().unwrap();
    assert_eq!((end.cancelled, end.is_clean()), (0, true), "{end:?}");
}

#[operator]
async fn never() -> Result<(), String> {
    pending().await
}

graph! {
    async fn waits_for_ever() -> Result<(), ember::Error> {
        never().await?;
        Ok(())
    }
}

#[test]
fn r31_timers_of_a_runtime_that_was_handed_in_serve_outside_of_it() {
    let _bound = Minute::begin();
    let theirs = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build().unwrap();
    let runtime = Runtime::builder()
        .threads(1)
        .tokio(theirs.handle().clone())
        .deadline(Duration::from_millis(5))
        .build()
        .unwrap();
    let error = block_on(runtime.scope(waits_for_ever)).unwrap_err();
    assert!(error.is_timeout(), "{error}");
}

#[tokio::test]
async fn the_end_of_a_runtime_cancels_async_runs() {
    let _bound = Minute::begin();
    let runtime = runtime(1, "ends");
    let run = tokio::spawn(runtime.scope(waits_for_ever));
    // A run that nobody counts is not cancelled, and so would be waited for in vain.
    assert_eq!(runtime.running(), 1, "a run is under way from when it is made");
    tokio::task::yield_now().await;
    let end = tokio::task::spawn_blocking(move || runtime.shutdown(Duration::ZERO));
    let error = run.await.unwrap().unwrap_err();
    assert!(error.is_cancelled(), "{error}");
    let end = end.await.unwrap();
    assert_eq!((end.cancelled, end.is_clean()), (1, true), "{end:?}");
}

#[test]
fn async_runs_are_under_way_until_they_are_dropped() {
    let runtime = runtime(1, "counts");
    let running = || runtime.running();
    let waits = runtime.scope(waits_for_ever);
    assert_eq!(running(), 1);
    let blocks = runtime.scope(|| blocked(Arc::default(), channel().0));
    assert_eq!(running(), 2);
    drop(waits);
    assert_eq!(running(), 1);
    drop(blocks);
    assert_eq!(running(), 0);
}

#[operator(blocking)]
fn blocks(gate: &Gate, begun: &Sender<()>) -> String {
    begun.send(()).unwrap();
    gate.pass();
    thread_name()
}

graph! {
    async fn blocked(gate: Arc<Gate>, begun: Sender<()>) -> String {
        let name = blocks(&gate, &begun);
        name
    }
}

#[tokio::test]
async fn a_call_that_blocks_is_told_as_left_behind() {
    let runtime = Runtime::builder().threads(1).grace(Duration::ZERO).build().unwrap();
    let gate = Arc::new(Gate::new());
    let (begun, has_begun) = channel();
    let run = tokio::spawn(runtime.scope(|| blocked(gate.clone(), begun)));
    tokio::task::spawn_blocking(move || has_begun.recv().unwrap()).await.unwrap();
    let end = tokio::task::spawn_blocking(move || runtime.shutdown(Duration::ZERO)).await.unwrap();
    assert_eq!((end.calls, end.is_clean()), (1, false), "{end:?}");
    gate.open();
    assert_eq!(run.await.unwrap(), "ember-blocking");
}

#[test]
fn what_begins_when_it_is_over_runs_on_the_calling_thread() {
    let runtime = runtime(2, "over");
    let cx = runtime.request().build();
    assert!(runtime.shutdown(Duration::ZERO).is_clean());
    let names = cx.scope(|| names_of(50));
    assert!(names.iter().all(|(_, name)| *name == thread_name()));
}

#[test]
fn many_in_a_row_leave_no_thread_behind() {
    let _bound = Minute::begin();
    for i in 0..20 {
        let runtime = runtime(2, &format!("brief-{i}"));
        assert!(elsewhere(runtime.scope(|| both(&Barrier::new(2)))).starts_with("brief-"));
        assert!(runtime.shutdown(Duration::from_mins(1)).is_clean());
    }
}
