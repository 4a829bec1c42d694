use std::thread;

use super::{Around, enter, is_inside, is_inside_of};
#[cfg(feature = "parallel")]
use crate::executor::idle;

#[test]
fn a_thread_is_inside_until_it_leaves_the_outermost_call() {
    assert!(!is_inside());
    let outer = enter(1);
    let inner = enter(2);
    assert!(is_inside() && is_inside_of(1) && is_inside_of(2) && !is_inside_of(3));
    drop(inner);
    assert!(is_inside() && !is_inside_of(2));
    drop(outer);
    assert!(!is_inside());
}

#[test]
fn who_helps_inside_of_a_call_is_inside_for_that_time() {
    let _outer = enter(1);
    let around = Around::here();
    thread::scope(|scope| {
        scope.spawn(|| {
            let _own = enter(7);
            let seen = around.lend(|| (is_inside_of(1), is_inside_of(7)));
            assert_eq!(seen, (true, false));
            assert!(is_inside_of(7) && !is_inside_of(1));
            assert!(!Around::default().lend(is_inside), "nor inside of what does not matter to the part");
        });
    });
}

#[cfg(feature = "parallel")]
#[test]
fn a_thread_of_the_pool_takes_up_nothing_else_inside_of_a_call() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    pool.install(|| {
        assert!(idle::may_take_part());
        let inside = enter(1);
        assert!(!idle::may_take_part() && !super::super::pool::is_inside());
        drop(inside);
        assert!(idle::may_take_part());
    });
}

/// Two threads: one waits in a join inside of a call, and the other offers a part of a run, which only the first could
/// take.
#[cfg(feature = "parallel")]
#[test]
fn a_thread_that_waits_inside_of_a_call_is_kept_out_of_what_it_steals() {
    use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

    let until = |it: &AtomicBool| {
        while !it.load(SeqCst) {
            thread::yield_now();
        }
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let (stolen, offered, kept_out) =
        (AtomicBool::new(false), AtomicBool::new(false), AtomicBool::new(false));
    pool.install(|| {
        let _inside = enter(1);
        rayon::join(
            || until(&stolen),
            || {
                stolen.store(true, SeqCst);
                let context = crate::Context::current();
                super::super::pool::both(&context, &mut || until(&offered), &mut |may| {
                    kept_out.store(!may && !is_inside(), SeqCst);
                    offered.store(true, SeqCst);
                });
            },
        );
    });
    assert!(kept_out.into_inner());
}
