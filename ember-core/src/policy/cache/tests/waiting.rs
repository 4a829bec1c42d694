//! What waits for what, and never for ever.

use std::sync::mpsc;
use std::thread;

use super::{Outcome, small, sure, until, waits};

#[test]
fn a_call_that_asks_for_its_own_key_goes_on() {
    let cache = small().build().unwrap();
    let value = cache.call(&1, || Outcome::<_, ()>::Ok(1 + sure(&cache, 1, 10)));
    assert_eq!(value.unwrap(), 11);
    assert_eq!(cache.peek(&1), Some(11));
    let counts = cache.counts();
    assert_eq!((counts.loads, counts.beside, counts.waits), (2, 1, 0));
}

#[test]
fn a_call_that_asks_for_other_keys_of_the_cache_goes_on() {
    fn factorial(cache: &crate::policy::Cache<u32, u32>, n: u32) -> u32 {
        cache.call(&n, || Outcome::<_, ()>::Ok(if n == 0 { 1 } else { n * factorial(cache, n - 1) })).unwrap()
    }
    let cache = small().build().unwrap();
    assert_eq!(factorial(&cache, 10), 3_628_800);
    assert_eq!((cache.len(), cache.counts().loads), (11, 11));
}

#[test]
fn two_calls_of_one_cache_that_ask_for_each_others_keys_do_not_hang() {
    let cache = small().build().unwrap();
    let barrier = std::sync::Barrier::new(2);
    let ask = |mine: u32, other: u32| {
        cache.call(&mine, || {
            barrier.wait();
            Outcome::<_, ()>::Ok(sure(&cache, other, 100))
        })
    };
    thread::scope(|scope| {
        let one = scope.spawn(|| ask(1, 2));
        assert_eq!(ask(2, 1).unwrap(), 100);
        assert_eq!(one.join().unwrap().unwrap(), 100);
    });
    assert_eq!(cache.flights.len(), 0);
}

#[test]
fn calls_of_two_caches_that_ask_each_other_do_not_hang() {
    let (a, b) = (small().build().unwrap(), small().build().unwrap());
    let barrier = std::sync::Barrier::new(2);
    let nested = |outer: &crate::policy::Cache<u32, u32>, inner: &crate::policy::Cache<u32, u32>| {
        outer.call(&1, || {
            barrier.wait();
            Outcome::<_, ()>::Ok(sure(inner, 1, 100))
        })
    };
    thread::scope(|scope| {
        let one = scope.spawn(|| nested(&a, &b).unwrap());
        let two = nested(&b, &a).unwrap();
        assert!(one.join().unwrap() == 100 && two == 100);
    });
    assert_eq!(a.counts().beside + b.counts().beside, 1, "one waits for the other");
}

#[test]
fn a_call_inside_of_another_caches_call_waits_as_any() {
    let (outer, inner) = (small().build().unwrap(), small().build().unwrap());
    thread::scope(|scope| {
        let (leads, led) = mpsc::channel();
        let first = scope.spawn(|| {
            let inner = &inner;
            inner.call(&1, move || {
                leads.send(()).unwrap();
                until(|| waits(inner) == 1);
                Outcome::<_, ()>::Ok(5)
            })
        });
        led.recv().unwrap();
        assert_eq!(outer.call(&1, || Outcome::<_, ()>::Ok(sure(&inner, 1, 9))).unwrap(), 5);
        assert_eq!(first.join().unwrap().unwrap(), 5);
    });
    assert_eq!(inner.counts().loads, 1);
}

#[cfg(feature = "parallel")]
mod in_a_pool {
    use super::*;

    fn pool() -> rayon::ThreadPool {
        rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap()
    }

    #[test]
    fn a_thread_that_waits_does_other_work_meanwhile() {
        let (pool, cache) = (pool(), small().build().unwrap());
        let (leads, led) = mpsc::channel();
        thread::scope(|scope| {
            // The call can only end if the one thread of the pool, which waits for it, does another job.
            let (pool, cache) = (&pool, &cache);
            let first = scope.spawn(move || {
                cache.call(&1, || {
                    leads.send(()).unwrap();
                    until(|| waits(cache) == 1);
                    let (done, did) = mpsc::channel();
                    pool.spawn(move || done.send(()).unwrap());
                    Outcome::<_, mpsc::RecvError>::Ok(did.recv().map(|()| 5)?)
                })
            });
            led.recv().unwrap();
            assert_eq!(pool.install(|| sure(cache, 1, 9)), 5);
            assert_eq!(first.join().unwrap().unwrap(), 5);
        });
    }

    #[test]
    fn the_lead_does_not_go_to_a_thread_that_does_something_else() {
        let (pool, cache) = (pool(), std::sync::Arc::new(small().build().unwrap()));
        let (leads, led) = mpsc::channel();
        thread::scope(|scope| {
            let (pool, cache) = (&pool, &cache);
            let first = scope.spawn(move || {
                let (began, begun) = mpsc::channel();
                let (failed, fails) = mpsc::channel::<()>();
                let failure = cache.call(&1, || {
                    leads.send(()).unwrap();
                    until(|| waits(cache) == 1);
                    let cache = std::sync::Arc::clone(cache);
                    // On the stack of the thread that waits: it asks for the same key, and gets it.
                    pool.spawn(move || {
                        began.send(()).unwrap();
                        fails.recv().unwrap();
                        assert_eq!(sure(&cache, 1, 7), 7);
                    });
                    begun.recv().unwrap();
                    Outcome::<u32, &str>::Err("down".into())
                });
                failed.send(()).unwrap();
                failure
            });
            led.recv().unwrap();
            assert_eq!(pool.install(|| sure(cache, 1, 9)), 7);
            assert!(first.join().unwrap().is_err());
        });
        assert_eq!(cache.flights.len(), 0);
    }
}
