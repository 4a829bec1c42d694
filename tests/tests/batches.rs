//! `name::batch(..)`: many inputs, a result for each.

use ember::prelude::*;
use ember::batch::Cause;

#[operator]
fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
    text.parse()
}

#[operator]
fn half(n: u32) -> u32 {
    assert!(n % 2 == 0, "{n} is odd");
    n / 2
}

graph! {
    fn number(text: &str) -> Result<u32, ember::Error> {
        let n = parse(text)?;
        Ok(n)
    }

    fn halved(n: u32) -> u32 {
        half(n)
    }
}

#[test]
fn r33_an_input_that_fails_costs_no_other() {
    let report = number::batch(["1", "x", "3"]).run();
    assert_eq!(report.iter().map(|r| r.as_ref().ok().copied()).collect::<Vec<_>>(), [Some(1), None, Some(3)]);
    let error = report[1].as_ref().unwrap_err();
    assert_eq!(error.index(), 1);
    assert_eq!(error.error().unwrap().node(), "n");
}

#[test]
fn r33_an_input_that_panics_costs_no_other() {
    let report = halved::batch(0..6).run();
    for (i, result) in report.iter().enumerate() {
        match result {
            Ok(value) => assert_eq!(*value as usize, i / 2),
            Err(error) => {
                assert_eq!(error.index(), i);
                let Cause::Panicked(panic) = error.cause() else { panic!("{error:?}") };
                assert!(panic.is_panic());
                println!("{error:#}");
            }
        }
    }
    assert_eq!(report.errors().count(), 3);
}
