//! `?` in what a `for` goes through, at its head and inside of it.

use ember::prelude::*;
use ember_tests::everywhere;

#[operator]
fn work(n: u64) -> u64 {
    n + 1
}

#[allow(clippy::unused_async, reason = "it is ready at its first poll, which is meant")]
#[operator]
async fn wait(n: u64) -> u64 {
    n + 1
}

#[operator]
fn list(n: u64) -> Result<Vec<u64>, String> {
    if n < 10 { Ok((0..n).collect()) } else { Err(format!("{n} is too much")) }
}

#[allow(clippy::unused_async, reason = "it is ready at its first poll, which is meant")]
#[operator]
async fn fetch(n: u64) -> Result<Vec<u64>, String> {
    list(n)
}

graph! {
    fn at_the_head(n: u64) -> Result<u64, ember::Error> {
        let all = for x in list(n)? { work(x) };
        Ok(all.iter().sum())
    }

    fn of_a_range(n: u64) -> Result<u64, ember::Error> {
        let all = for x in n.checked_sub(1).ok_or("nothing is before 0")?..9 { work(x) };
        Ok(all.iter().sum())
    }

    fn inside(n: u64) -> Result<u64, ember::Error> {
        let all = for x in vec![n, n.checked_sub(1).ok_or("nothing is before 0")?] {
            let a = work(x);
            let b = work(a);
            b
        };
        Ok(all.iter().sum())
    }

    async fn async_at_the_head(n: u64) -> Result<u64, ember::Error> {
        let all = for x in list(n)? { wait(x).await };
        Ok(all.iter().sum())
    }

    async fn awaited(n: u64) -> Result<u64, ember::Error> {
        let all = for x in fetch(n).await? { work(x) };
        Ok(all.iter().sum())
    }

    async fn async_of_a_range(n: u64) -> Result<u64, ember::Error> {
        let all = for x in n.checked_sub(1).ok_or("nothing is before 0")?..9 { wait(x).await };
        Ok(all.iter().sum())
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime can be made").block_on(future)
}

#[test]
fn of_a_list() {
    everywhere(|_| {
        assert_eq!(at_the_head(4).unwrap(), 10);
        assert_eq!(block_on(async_at_the_head(4)).unwrap(), 10);
        assert_eq!(block_on(awaited(4)).unwrap(), 10);
        for error in [at_the_head(10), block_on(async_at_the_head(10)), block_on(awaited(10))] {
            let error = error.unwrap_err();
            assert!(format!("{error:?}").contains("10 is too much"), "{error:?}");
        }
    });
}

#[test]
fn of_a_range_whose_start_fails() {
    everywhere(|_| {
        assert_eq!(of_a_range(7).unwrap(), 24);
        assert_eq!(block_on(async_of_a_range(7)).unwrap(), 24);
        assert_eq!(inside(7).unwrap(), 17);
        for error in [of_a_range(0), block_on(async_of_a_range(0)), inside(0)] {
            let error = error.unwrap_err();
            assert_eq!((error.node(), error.operator()), ("all", ""));
            assert!(format!("{error:?}").contains("nothing is before 0"), "{error:?}");
        }
    });
}
