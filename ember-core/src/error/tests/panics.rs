use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::super::{__discard, __resume, Error, NodePanic};
use super::{Site, at, inner, outer};

/// Panics when it is dropped, with another of its kind, a given number of times.
struct Bomb(usize, Arc<AtomicUsize>);

impl Drop for Bomb {
    fn drop(&mut self) {
        self.1.fetch_add(1, Ordering::Relaxed);
        if self.0 > 0 {
            resume_unwind(Box::new(Self(self.0 - 1, self.1.clone())));
        }
    }
}

fn resumed(site: Site, payload: Box<dyn Any + Send>) -> Box<dyn Any + Send> {
    catch_unwind(AssertUnwindSafe(|| __resume(site, payload))).unwrap_err()
}

#[test]
fn text_is_told() {
    let panic = catch_unwind(|| resume_unwind(Box::new("boom"))).unwrap_err();
    let error = Error::__panicked(inner(1, &[3]), panic);
    assert!(error.is_panic());
    assert_eq!(error.panic_message(), Some("boom"));
    assert_eq!(format!("{error:#}"), "node `x[3].y` (operator `parse`) of graph `inner` panicked: boom");
    assert!(std::error::Error::source(&error).is_none());
    assert_eq!(error.into_panic().unwrap().downcast_ref::<&str>(), Some(&"boom"));

    let error = Error::__panicked(outer(1), Box::new(String::from("bang")));
    assert_eq!(error.to_string(), "node `b` of graph `outer` panicked: bang");
    assert_eq!(*error.into_panic().unwrap().downcast::<String>().unwrap(), "bang");
}

#[test]
fn a_payload_that_is_no_text_is_kept_and_not_printed() {
    let error = Error::__panicked(outer(1), Box::new(7_u8));
    assert_eq!(error.panic_message(), None);
    assert_eq!(error.to_string(), "node `b` of graph `outer` panicked with a payload that is no text");
    assert_eq!(error.into_panic().unwrap().downcast_ref(), Some(&7_u8));
}

#[test]
fn what_is_no_panic_is_given_back() {
    let error = Error::from(at("bad", outer(0))).into_panic().unwrap_err();
    assert_eq!(error.node(), "a");
}

#[test]
fn an_error_holds_payloads_that_are_not_sync() {
    let error = Error::__panicked(outer(0), Box::new(std::cell::Cell::new(3)));
    let error = std::thread::spawn(move || error).join().unwrap();
    let payload = error.into_panic().unwrap();
    assert_eq!(payload.downcast_ref::<std::cell::Cell<i32>>().unwrap().get(), 3);
}

#[test]
fn payloads_that_panic_when_dropped_are_survived() {
    let drops = Arc::new(AtomicUsize::new(0));
    let bomb = |charges| -> Box<dyn Any + Send> { Box::new(Bomb(charges, drops.clone())) };
    let dropped = || drops.swap(0, Ordering::Relaxed);

    __discard(bomb(0));
    assert_eq!(dropped(), 1);
    __discard(bomb(1));
    assert_eq!(dropped(), 1);
    __discard(bomb(100));
    assert_eq!(dropped(), 1);

    drop(Error::__panicked(outer(0), bomb(5)));
    assert_eq!(dropped(), 1);

    let others = vec![Error::__panicked(outer(0), bomb(5)), Error::__panicked(outer(0), bomb(5))];
    drop(Error::__panicked(outer(1), bomb(5)).__with_run(others, 0, super::Counts::default(), ""));
    assert_eq!(dropped(), 3);

    drop(resumed(outer(0), bomb(5)));
    assert_eq!(dropped(), 1);
}

#[test]
fn payloads_are_dropped_without_harm_while_another_panic_unwinds() {
    let drops = Arc::new(AtomicUsize::new(0));
    let caught = catch_unwind(AssertUnwindSafe(|| {
        let _error = Error::__panicked(outer(0), Box::new(Bomb(5, drops.clone())));
        resume_unwind(Box::new("first"));
    }));
    assert_eq!(caught.unwrap_err().downcast_ref::<&str>(), Some(&"first"));
    assert_eq!(drops.load(Ordering::Relaxed), 1);
}

#[test]
fn a_graph_without_result_goes_on_panicking_and_names_the_node() {
    let payload = resumed(inner(2, &[]), Box::new("boom"));
    let text = "node `z` (operator `ops::check`) of graph `inner` panicked: boom";
    assert_eq!(payload.downcast_ref::<String>().unwrap(), text);

    let payload = resumed(outer(0), payload);
    let text = format!("node `a` (operator `inner`) of graph `outer` panicked: {text}");
    assert_eq!(*payload.downcast::<String>().unwrap(), text);
}

#[test]
fn a_payload_that_is_no_text_goes_on_with_its_node() {
    let payload = catch_unwind(|| __resume(inner(1, &[3]), Box::new(7_u8))).unwrap_err();
    let payload = resumed(outer(0), payload);

    let panic = payload.downcast::<NodePanic>().unwrap();
    assert_eq!((panic.graph(), &*panic.node(), panic.operator()), ("inner", "x[3].y", "parse"));
    assert_eq!(panic.site().line(), 5);
    assert_eq!(panic.trail().map(Site::graph).collect::<Vec<_>>(), ["outer"]);
    assert_eq!(panic.payload().downcast_ref(), Some(&7_u8));
    assert_eq!(
        panic.to_string(),
        "node `x[3].y` (operator `parse`) of graph `inner`, run by node `a` of graph `outer`, \
         panicked with a payload that is no text"
    );
    assert!(format!("{panic:?}").starts_with("NodePanic { site: Site { graph: \"inner\""));
    assert_eq!(panic.into_payload().downcast_ref(), Some(&7_u8));
}

#[test]
fn a_graph_with_result_unfolds_the_panic_of_one_without() {
    let payload = resumed(inner(1, &[3]), Box::new(7_u8));
    let error = Error::__panicked(outer(0), payload);
    assert_eq!((error.graph(), error.node()), ("inner", "x[3].y"));
    assert_eq!(error.trail().map(Site::graph).collect::<Vec<_>>(), ["outer"]);
    assert_eq!(error.into_panic().unwrap().downcast_ref(), Some(&7_u8));
}

#[test]
fn an_error_goes_on_panicking_with_its_trail() {
    let resumed = |error: Error| catch_unwind(AssertUnwindSafe(|| error.__resume())).unwrap_err();

    let error = Error::from(at(Error::__panicked(inner(2, &[]), Box::new(7_u8)), outer(0)));
    let panic = resumed(error).downcast::<NodePanic>().unwrap();
    assert_eq!((panic.graph(), panic.trail().len()), ("inner", 1));

    let failure = Error::from(at("bad", outer(1)));
    let text = resumed(failure).downcast::<String>().unwrap();
    assert_eq!(*text, "node `b` of graph `outer` failed: bad");
}
