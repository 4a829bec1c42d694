//! `?` in the arguments of calls that an `async` graph makes in closures: on other threads, and in attempts of a hedge.

use ember::prelude::*;
use ember_tests::{STRATEGIES, run};

#[operator]
fn work(n: u64) -> u64 {
    n + 1
}

#[operator]
fn add(a: u64, b: u64) -> u64 {
    a + b
}

#[operator(inline)]
fn stays(n: u64) -> u64 {
    n + 1
}

#[operator]
fn length(text: &str) -> Result<usize, String> {
    if text.len() < 10 { Ok(text.len()) } else { Err("too long".into()) }
}

#[operator]
fn apply(n: u64, by: impl Fn(u64) -> u64 + Send) -> u64 {
    by(n)
}

#[allow(clippy::unused_async, reason = "it is ready at its first poll, which is meant")]
#[operator(idempotent)]
async fn ask(n: u64) -> Result<u64, String> {
    Ok(n + 1)
}

struct Calculator(u64);

impl Calculator {
    #[operator]
    fn plus(&self, n: u64) -> u64 {
        self.0 + n
    }
}

fn parse(text: &str) -> Result<u64, std::num::ParseIntError> {
    text.parse()
}

fn text(n: u64) -> Result<String, &'static str> {
    if n == 9 { Err("no text for 9") } else { Ok(n.to_string()) }
}

fn bump(n: &mut u64) -> Result<u64, &'static str> {
    *n = n.checked_add(10).ok_or("too much")?;
    Ok(1)
}

graph! {
    async fn of_work(number: String) -> Result<u64, ember::Error> {
        let a = work(parse(&number)?);
        let b = stays(a + parse(&number)?);
        Ok(b)
    }

    async fn side_by_side(number: String) -> Result<u64, ember::Error> {
        let a = work(parse(&number)?);
        let b = work(if number.len() > 1 { parse(&number)? } else { 4 });
        let c = add(a, parse(&number)? + b);
        Ok(c)
    }

    async fn of_what_is_made_on_the_way(n: u64) -> Result<usize, ember::Error> {
        let a = length(text(n)?.as_str())?;
        let b = length(&text(n)?)?;
        Ok(a + b)
    }

    async fn with_a_closure(number: String) -> Result<u64, ember::Error> {
        let a = apply(parse(&number)?, |n| n * 2);
        Ok(a)
    }

    async fn of_a_method(number: String) -> Result<u64, ember::Error> {
        let calculator = Calculator(40);
        let a = calculator.plus(parse(&number)?);
        Ok(a)
    }

    async fn of_a_hedge(number: String) -> Result<u64, ember::Error> {
        #[hedge(after = "1s")]
        let a = ask(parse(&number)?).await?;
        Ok(a)
    }

    async fn before_it_changes(mut n: u64) -> Result<u64, ember::Error> {
        let a = add(n, bump(&mut n)?);
        Ok(a)
    }

    async fn in_order(number: String) -> Result<u64, ember::Error> {
        let a = add(parse(&number[..1])?, parse(&number[1..])?);
        Ok(a)
    }
}

#[test]
fn what_parses_is_worked_on() {
    for strategy in STRATEGIES {
        let three = || "3".to_owned();
        assert_eq!(run(strategy, || of_work(three())).unwrap(), 8);
        assert_eq!(run(strategy, || side_by_side(three())).unwrap(), 12);
        assert_eq!(run(strategy, || of_what_is_made_on_the_way(123)).unwrap(), 6);
        assert_eq!(run(strategy, || with_a_closure(three())).unwrap(), 6);
        assert_eq!(run(strategy, || of_a_method(three())).unwrap(), 43);
        assert_eq!(run(strategy, || of_a_hedge(three())).unwrap(), 4);
        assert_eq!(run(strategy, || in_order("12".to_owned())).unwrap(), 3);
        assert_eq!(run(strategy, || before_it_changes(0)).unwrap(), 1);
    }
}

#[test]
fn what_does_not_ends_the_run_at_its_node() {
    for strategy in STRATEGIES {
        let bad = || "three".to_owned();
        for error in [
            run(strategy, || of_work(bad())),
            run(strategy, || side_by_side(bad())),
            run(strategy, || with_a_closure(bad())),
            run(strategy, || of_a_method(bad())),
            run(strategy, || of_a_hedge(bad())),
            run(strategy, || in_order(bad())),
        ] {
            let error = error.unwrap_err();
            assert_eq!(error.node(), "a", "{strategy:?}");
            assert!(error.find::<std::num::ParseIntError>().is_some(), "{error:?}");
        }
        let error = run(strategy, || of_what_is_made_on_the_way(9)).unwrap_err();
        assert!(error.node() == "a" && format!("{error:?}").contains("no text for 9"), "{error:?}");
        let error = run(strategy, || of_what_is_made_on_the_way(12_345_678_901)).unwrap_err();
        assert!(error.node() == "a" && format!("{error:?}").contains("too long"), "{error:?}");
    }
}
