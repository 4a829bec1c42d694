//! Models of the hatch: whatever the order in which results come, all are handed out, in their order.

use loom::sync::{Arc, Mutex};
use loom::thread;

use super::Hatch;

#[test]
fn results_are_handed_out_in_order_by_one_thread_at_a_time() {
    loom::model(|| {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let take = {
            let seen = seen.clone();
            move |result: usize| seen.try_lock().expect("one thread at a time").push(result)
        };
        let hatch = Arc::new(Hatch::new(take, false));
        let put = |hatch: &Hatch<usize, (), _>, number| {
            hatch.put(number, (vec![number], vec![()]), |_| {}, |_| unreachable!("nothing panics"));
        };
        let others = [1, 2].map(|number| {
            let hatch = hatch.clone();
            thread::spawn(move || put(&hatch, number))
        });
        put(&hatch, 0);
        for other in others {
            other.join().unwrap();
        }
        assert_eq!(*seen.lock().unwrap(), [0, 1, 2]);
    });
}
