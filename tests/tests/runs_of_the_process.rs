//! Runs outside of any scope, in the runtime of the process: the only test of its program, as there is one.

use std::future::pending;
use std::pin::pin;
use std::task::{Context as Task, Waker};

use ember::Runtime;
use ember::prelude::*;

#[operator]
async fn wait(n: u32) -> u32 {
    pending::<()>().await;
    n
}

graph! {
    async fn one(n: u32) -> u32 {
        wait(n).await
    }
}

#[test]
fn a_run_outside_of_scopes_is_under_way_in_the_runtime_of_the_process() {
    let runtime = Runtime::builder().threads(2).build_global().unwrap();
    assert_eq!(runtime.running(), 0);
    {
        let mut run = pin!(one(1));
        assert!(run.as_mut().poll(&mut Task::from_waker(Waker::noop())).is_pending());
        assert_eq!(runtime.running(), 1);
    }
    assert_eq!(runtime.running(), 0);
}
