//! Names: values named like operators, operators behind modules and re-exports, parameters named like their function,
//! graphs inside of functions.

use ember_tests::everywhere;

mod text {
    use ember::operator;

    /// Its parameter has its own name.
    #[operator]
    pub(crate) fn text(text: &str) -> usize {
        text.len()
    }

    /// So does its module.
    #[operator]
    pub(crate) fn words(words: &str) -> Vec<&str> {
        words.split(' ').collect()
    }

    pub(crate) mod deep {
        #[ember::operator]
        pub(crate) fn upper(text: &str) -> String {
            text.to_uppercase()
        }

        #[ember::operator]
        pub(super) fn lower(text: &str) -> String {
            text.to_lowercase()
        }
    }

    ember::graph! {
        /// A graph that others use as an operator.
        pub(super) fn both(given: &str) -> (String, String) {
            let up = deep::upper(given);
            let down = self::deep::lower(given);
            (up, down)
        }

        pub(crate) fn crate_wide(given: &str) -> usize {
            let (up, down) = super::text::both(given);
            let n = text(&up);
            let m = crate::text::text(&down);
            n + m
        }
    }
}

mod facade {
    pub(crate) use super::text::deep::upper;
    pub(crate) use super::text::deep::upper as shout;
    pub(crate) use super::text::{crate_wide, text};
}

use facade::{crate_wide, shout};

ember::graph! {
    fn paths(given: &str) -> (String, String, usize, usize) {
        let a = facade::upper(given);
        let b = shout(given);
        let c = facade::text(given);
        let d = crate_wide(given);
        (a, b, c, d)
    }

    fn like_operators(given: &str) -> (usize, Vec<&str>, String) {
        let text = text::text(given);
        let words = text::words(given);
        let shout = shout(given);
        (text, words, shout)
    }

    fn as_operators(given: &str) -> (String, String) {
        let pair = text::both(given);
        pair
    }
}

#[test]
fn paths_and_re_exports_name_operators() {
    everywhere(|_| {
        let expected = ("ÄB".to_owned(), "ÄB".to_owned(), 3, 6);
        assert_eq!(paths("äB"), expected);
        assert_eq!(as_operators("aB"), ("AB".to_owned(), "ab".to_owned()));
    });
}

#[test]
fn a_value_may_have_the_name_of_its_operator() {
    everywhere(|_| assert_eq!(like_operators("a b"), (3, vec!["a", "b"], "A B".to_owned())));
}

#[test]
fn an_operator_stays_a_function() {
    assert_eq!(text::text("abc"), 3);
    let as_value: fn(&str) -> String = shout;
    assert_eq!(as_value("abc"), "ABC");
    assert_eq!(["a", "b"].map(text::deep::upper), ["A", "B"]);
}

#[test]
fn a_graph_may_stand_in_a_function() {
    use ember::prelude::*;

    #[operator]
    fn double(n: u32) -> u32 {
        n * 2
    }

    graph! {
        fn local(n: u32) -> u32 {
            let a = double(n);
            let b = double(n);
            a + b
        }
    }

    everywhere(|_| assert_eq!(local(2), 8));
    assert_eq!(local::describe().name, "local");
}

#[test]
fn several_graphs_stand_in_one_call_and_see_each_other() {
    use ember::prelude::*;

    #[operator]
    fn double(n: u32) -> u32 {
        n * 2
    }

    graph! {
        fn first(n: u32) -> u32 {
            let a = second(n);
            let b = third(n);
            a + b
        }

        fn second(n: u32) -> u32 {
            let a = double(n);
            let b = third(n);
            a + b
        }

        fn third(n: u32) -> u32 {
            double(n)
        }
    }

    everywhere(|_| assert_eq!(first(1), 6));
}

#[test]
fn a_line_may_shadow_a_parameter_and_an_item() {
    use ember::prelude::*;

    #[operator]
    fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
        text.trim().parse()
    }

    #[operator]
    fn width(text: &str) -> u32 {
        u32::try_from(text.len()).unwrap_or(u32::MAX)
    }

    graph! {
        fn shadowed(text: &str, lines: &[&str]) -> Result<(u32, u32, Vec<u32>), ember::Error> {
            let before = width(text);
            let text = parse(text)?;
            let lines = for line in lines { let line = parse(line)?; line + 1 };
            Ok((before, text, lines))
        }
    }

    everywhere(|_| assert_eq!(shadowed(" 7", &["1", "2"]).unwrap(), (2, 7, vec![2, 3])));
}

#[test]
fn a_graph_may_have_a_parameter_of_its_own_name() {
    use ember::prelude::*;

    #[operator]
    fn width(text: &str) -> usize {
        text.len()
    }

    graph! {
        fn line(line: &str, times: usize) -> usize {
            let first = width(line);
            let second = width(line);
            (first + second) * times
        }

        async fn later(mut later: String) -> usize {
            later.push('!');
            let first = width(&later);
            let second = width(&later);
            first + second
        }
    }

    everywhere(|_| assert_eq!(line("abc", 2), 12));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(runtime.block_on(later("abc".to_owned())), 8);
}
