//! `move` closures and `async move` blocks own what they take, as in the plain function, also where other lines use the
//! same values.

use std::thread::{self, JoinHandle};

use ember::prelude::*;

#[operator]
fn twice(n: u64) -> u64 {
    2 * n
}

#[operator]
async fn wait(n: u64) -> u64 {
    tokio::task::yield_now().await;
    n
}

struct Setting {
    offset: u64,
    name: String,
}

#[operator]
fn length(setting: &Setting) -> usize {
    setting.name.len()
}

graph! {
    fn thread_of_a_parameter(n: u64) -> u64 {
        let thread = { thread::spawn(move || n) };
        let a = twice(n);
        let b = twice(n + 1);
        let own = { JoinHandle::join(thread).unwrap() };
        a + b + own
    }

    fn thread_of_a_node(n: u64) -> u64 {
        let made = twice(n);
        let thread = { thread::spawn(move || thread::spawn(move || made + 1).join().unwrap() + made) };
        let a = twice(made);
        let b = twice(made + 1);
        let own = { JoinHandle::join(thread).unwrap() };
        a + b + own
    }

    fn texts(n: u64, name: &'static str) -> String {
        let thread = { thread::spawn(move || format!("{n} {n:#x} {name:?} {}", name.len())) };
        let a = twice(n);
        let b = twice(n + 1);
        let own = { JoinHandle::join(thread).unwrap() };
        format!("{name} {a} {b} {own}")
    }

    /// The closure takes a field, and leaves the rest to others.
    fn field(setting: Setting, n: u64) -> (Vec<u64>, usize) {
        let all = { (0..n).map(move |i| i + setting.offset * n).collect::<Vec<_>>() };
        let name = length(&setting);
        let again = twice(n);
        (all, name + again as usize)
    }

    fn items(n: u64) -> Vec<u64> {
        let factor = twice(n);
        let all = for i in 0..n {
            let thread = { thread::spawn(move || i * factor) };
            let a = twice(i);
            let own = { JoinHandle::join(thread).unwrap() };
            a + own
        };
        let after = twice(factor);
        [all, vec![after]].concat()
    }

    fn block(runtime: &tokio::runtime::Runtime, n: u64) -> u64 {
        let task = { runtime.spawn(async move { n }) };
        let a = twice(n);
        let b = twice(n + 1);
        let own = { runtime.block_on(task).unwrap() };
        a + b + own
    }

    async fn task_beside_nodes_that_wait(n: u64) -> Result<u64, ember::Error> {
        let made = wait(n).await;
        let task = { tokio::spawn(async move { n + made }) };
        let a = wait(made).await;
        let own = { task.await? };
        Ok(a + n + own)
    }

    async fn task_beside_nodes_that_work(n: u64) -> Result<u64, ember::Error> {
        let made = wait(n).await;
        let task = { tokio::spawn(async move { let of = async move |m: u64| m + made; of(n).await }) };
        let a = twice(made);
        let b = wait(n).await;
        let own = { task.await? };
        Ok(a + b + own)
    }
}

const STRATEGIES: [Strategy; 2] = [Strategy::Sequential, Strategy::Parallel];

#[test]
fn closures_own_what_they_take() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    for strategy in STRATEGIES {
        Context::builder().strategy(strategy).build().scope(|| {
            assert_eq!(thread_of_a_parameter(3), 6 + 8 + 3);
            assert_eq!(thread_of_a_node(3), 12 + 14 + 13);
            assert_eq!(texts(3, "x"), "x 6 8 3 0x3 \"x\" 1");
            assert_eq!(field(Setting { offset: 5, name: "four".to_owned() }, 2), (vec![10, 11], 8));
            assert_eq!(items(2), [0, 6, 8]);
            assert_eq!(block(&runtime, 3), 6 + 8 + 3);
        });
    }
}

#[tokio::test]
async fn blocks_own_what_they_take() {
    for strategy in STRATEGIES {
        let cx = Context::builder().strategy(strategy).build();
        assert_eq!(cx.scope(|| task_beside_nodes_that_wait(3)).await.unwrap(), 3 + 3 + 6);
        assert_eq!(cx.scope(|| task_beside_nodes_that_work(3)).await.unwrap(), 6 + 3 + 6);
    }
}

fn apply<T>(f: impl Fn(T) -> u64, to: T) -> u64 {
    f(to)
}

graph! {
    fn closure_whose_call_tells_what_it_takes(n: u64, text: String) -> u64 {
        let a = twice(n);
        let b = { apply(move |text| text.len() as u64 + n, text.clone()) };
        let c = twice(n);
        a + b + c
    }
}

#[test]
fn the_call_around_a_closure_may_tell_what_it_takes() {
    assert_eq!(closure_whose_call_tells_what_it_takes(1, "four".to_owned()), 9);
}
