//! What a builder refuses.

use std::time::Duration;

use crate::policy::{Batcher, BatcherBuilder};

type Builder = BatcherBuilder<u32, u32, String>;

fn refused(builder: Builder) -> String {
    builder.build().unwrap_err().to_string()
}

#[test]
fn r10_settings_out_of_their_bounds_are_refused() {
    let builder = || Batcher::<u32, u32, String>::builder();
    assert_eq!(refused(builder().max(0)), "batch: `max` is 0, and must be between 1 and 2147483647");
    assert_eq!(
        refused(builder().in_flight(0)),
        "batch: `in_flight` is 0, and must be between 1 and 2147483647"
    );
    assert_eq!(refused(builder().queue(63)), "batch: `queue` is 63, and must be at least `max`");
    let long = builder().wait(Duration::from_secs(3601));
    assert_eq!(refused(long), "batch: `wait` is 3601s, and must be at most an hour");
    assert!(builder().wait(Duration::ZERO).max(1).queue(1).build().is_ok());
}

#[test]
fn r10_the_defaults_are_those_of_the_documentation() {
    let said = format!("{:?}", Builder::default());
    assert_eq!(said, "BatcherBuilder { max: 64, wait: 2ms, in_flight: 8, queue: 65536, .. }");
}
