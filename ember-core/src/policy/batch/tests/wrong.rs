//! What goes wrong reaches the items that it is of.

use std::error::Error;
use std::panic::panic_any;
use std::thread;

use crate::ManualClock;
use crate::policy::{Answers, Batcher, PolicyError, WrongCount};

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{0} is down")]
struct Down(&'static str);

type Answered = Vec<Result<u32, PolicyError<Down>>>;

/// The call of one full batch, by as many threads as it has items.
fn shared<A: Answers<u32, Down>>(items: [u32; 3], call: impl Fn(Vec<u32>) -> A + Sync) -> Answered {
    let batcher: Batcher<u32, u32, Down> =
        Batcher::builder().max(items.len()).clock(ManualClock::new()).build().unwrap();
    let call = &call;
    let answers = thread::scope(|scope| {
        let calls = items.map(|item| {
            let batcher = &batcher;
            scope.spawn(move || batcher.call(item, call))
        });
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    });
    assert_eq!((batcher.batches(), batcher.in_flight(), batcher.waiting()), (1, 0, 0));
    answers
}

#[test]
fn r10_another_number_of_results_is_an_error_that_names_both() {
    for results in [0, 2, 4] {
        for answer in shared([1, 2, 3], |_| vec![7; results]) {
            let failed = answer.unwrap_err();
            assert!(failed.is_invalid() && failed.operator().is_none());
            let count = failed.source().unwrap().downcast_ref::<WrongCount>().unwrap();
            assert_eq!((count.items, count.results), (3, results));
        }
    }
}

#[test]
fn r10_a_failure_of_the_call_is_that_of_each_item() {
    for answer in shared([1, 2, 3], |_| Err::<Vec<u32>, _>(Down("model"))) {
        assert_eq!(answer.unwrap_err().operator(), Some(&Down("model")));
    }
}

#[test]
fn r33_a_failure_of_an_item_is_its_own() {
    let odd = |items: Vec<u32>| -> Vec<Result<u32, Down>> {
        items.iter().map(|item| if item % 2 == 1 { Ok(10 * item) } else { Err(Down("even")) }).collect()
    };
    let answers = shared([1, 2, 3], odd);
    assert_eq!(answers[0].as_ref().unwrap(), &10);
    assert_eq!(answers[1].as_ref().unwrap_err().operator(), Some(&Down("even")));
    assert_eq!(answers[2].as_ref().unwrap(), &30);
    let within = shared([1, 2, 3], |items| Ok::<_, Down>(odd(items)));
    assert_eq!(within.iter().filter(|answer| answer.is_ok()).count(), 2);
}

#[test]
fn r10_a_panic_is_that_of_each_item_in_the_batch_and_of_no_other() {
    for answer in shared([1, 2, 3], |_| -> Vec<u32> { panic!("boom") }) {
        let failed = answer.unwrap_err();
        assert!(failed.is_panic());
        assert_eq!(failed.to_string(), "panicked: boom");
    }
    let answers = shared([1, 2, 3], |_| -> Vec<u32> { panic_any(42) });
    let texts: Vec<String> = answers.into_iter().map(|answer| answer.unwrap_err().to_string()).collect();
    assert_eq!(texts.iter().filter(|text| *text == "panicked").count(), 1);
    assert_eq!(texts.iter().filter(|text| *text == "panicked: the call of the batch panicked").count(), 2);
}

#[test]
fn r10_a_batcher_works_on_after_a_panic() {
    let batcher: Batcher<u32, u32, Down> = Batcher::builder().max(1).in_flight(1).build().unwrap();
    assert!(batcher.call(1, |_| -> Vec<u32> { panic!("boom") }).unwrap_err().is_panic());
    assert_eq!(batcher.call(1, |items| items).unwrap(), 1);
}
