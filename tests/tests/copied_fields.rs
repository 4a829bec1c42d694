//! A field that several lines use by value is copied: the value stays, and what borrows from it stays too.

use ember::prelude::*;
use ember_tests::everywhere;

struct Record {
    name: String,
    count: usize,
    bits: (usize, u8),
}

#[operator]
fn record(name: &str, count: usize) -> Record {
    Record { name: name.to_owned(), count, bits: (count, 0) }
}

#[operator]
fn either<'a>(left: &'a str, right: &'a str, first: bool) -> &'a str {
    if first { left } else { right }
}

#[operator]
fn double(n: usize) -> usize {
    n * 2
}

#[operator]
fn length(text: &str) -> usize {
    text.len()
}

graph! {
    fn borrowed_to_the_end(name: &str, count: usize) -> usize {
        let made = record(name, count);
        let name = either(&made.name, "none", made.count % 2 == 0);
        let doubled = double(made.count);
        let long = length(name);
        doubled + long
    }

    fn copied_by_two_nodes(name: &str, count: usize) -> (usize, usize, usize) {
        let made = record(name, count);
        let shown: &str = &made.name;
        let a = double(made.count);
        let b = double(made.count);
        let long = length(shown);
        (a, b, long)
    }

    fn copied_by_items(name: &str, count: usize) -> usize {
        let made = record(name, count);
        let shown: &str = &made.name;
        let all = for n in 0..3 { double(made.count + n) };
        let long = length(shown);
        all.iter().sum::<usize>() + long
    }

    fn read_through_a_reference(name: &str, count: usize) -> usize {
        let made = record(name, count);
        let name = either(&made.name, "none", true);
        let count = &made.count;
        let doubled = double(*count);
        let long = length(name);
        doubled + long
    }

    fn moved_once_in_either_arm(name: &str, count: usize, first: bool) -> (String, usize) {
        let made = record(name, count);
        let other = double(count);
        let name = if first { own(made.name) } else { loud(made.name) };
        (name, other)
    }
}

graph! {
    fn copied_by_items_or_moved(name: &str, count: usize, items: bool) -> (usize, usize) {
        let made = record(name, count);
        let other = double(count);
        let sum = if items {
            let all = for n in 0..3 { double(made.count + n) };
            all.iter().sum::<usize>()
        } else {
            let name = own(made.name);
            length(&name)
        };
        (sum, other)
    }

    fn lent_and_taken_in_one_line(name: &str, count: usize) -> (usize, usize) {
        let made = record(name, count);
        let other = double(count);
        let all = [made.weight(), made.into_count()];
        let sum = double(all[0] + all[1]);
        (sum, other)
    }
}

graph! {
    fn borrowed_past_the_only_copy(name: &str, count: usize) -> usize {
        let made = record(name, count);
        let name = either(&made.name, "none", true);
        let other = double(count);
        let doubled = double(made.count);
        let long = length(name);
        doubled + long + other
    }

    fn borrowed_past_the_copy_of_an_arm(name: &str, count: usize, copies: bool) -> usize {
        let made = record(name, count);
        let name = either(&made.name, &made.name, true);
        let n = if copies {
            double(made.count + 2)
        } else {
            double(0)
        };
        n + name.len()
    }

    fn borrowed_by_items_past_the_copy(name: &str, count: usize) -> usize {
        let made = record(name, count);
        let names = for first in [true, false] { either(&made.name, "none", first) };
        let both = [double(made.count), double(count)];
        names.len() + names[0].len() + both[0] + both[1]
    }

    fn given_and_borrowed_past_the_copy(made: Record, count: usize) -> usize {
        let name = either(&made.name, "none", true);
        let other = length(name);
        let doubled = double(made.count);
        let tripled = double(count);
        let long = length(name);
        doubled + tripled + long + other
    }

    fn looked_at_and_then_moved(name: &str, count: usize) -> (usize, String, usize) {
        let made = record(name, count);
        let long = length(&made.name);
        let doubled = double(count);
        let name = own(made.name);
        (long, name, doubled)
    }

    fn two_copied_in_one_line(name: &str, count: usize) -> usize {
        let made = record(name, count);
        let name = either(&made.name, "none", true);
        let other = double(count);
        let sum = double(made.count + made.bits.0);
        sum + length_of(name) + other
    }

    fn two_moved_in_one_task(name: &str, count: usize) -> (String, usize, usize) {
        let made = record(name, count);
        let name = own(made.name);
        let n = double(made.count);
        let other = double(count);
        (name, n, other)
    }
}

fn length_of(text: &str) -> usize {
    text.len()
}

impl Record {
    fn weight(&self) -> usize {
        self.name.len()
    }

    fn into_count(self) -> usize {
        self.count
    }
}

#[operator]
fn own(text: String) -> String {
    text
}

#[operator]
#[allow(clippy::needless_pass_by_value)]
fn loud(text: String) -> String {
    text.to_uppercase()
}

#[test]
fn a_copied_field_takes_nothing() {
    everywhere(|_| {
        assert_eq!(borrowed_to_the_end("abc", 4), 11);
        assert_eq!(read_through_a_reference("abc", 4), 11);
        assert_eq!(copied_by_two_nodes("abc", 4), (8, 8, 3));
        assert_eq!(copied_by_items("abc", 4), 33);
        assert_eq!(copied_by_items_or_moved("abc", 4, true), (30, 8));
        assert_eq!(copied_by_items_or_moved("abc", 4, false), (3, 8));
        assert_eq!(lent_and_taken_in_one_line("abc", 4), (14, 8));
        assert_eq!(moved_once_in_either_arm("abc", 4, false), ("ABC".to_owned(), 8));
    });
}

#[test]
fn what_borrows_a_value_may_outlive_the_copy_of_its_field() {
    everywhere(|_| {
        assert_eq!(borrowed_past_the_only_copy("abc", 4), 19);
        assert_eq!(borrowed_past_the_copy_of_an_arm("abc", 4, true), 15);
        assert_eq!(borrowed_past_the_copy_of_an_arm("abc", 4, false), 3);
        assert_eq!(borrowed_by_items_past_the_copy("abc", 4), 21);
        assert_eq!(given_and_borrowed_past_the_copy(record("abc", 4), 4), 22);
        assert_eq!(looked_at_and_then_moved("abc", 4), (3, "abc".to_owned(), 8));
        assert_eq!(two_copied_in_one_line("abc", 4), 27);
        assert_eq!(two_moved_in_one_task("abc", 4), ("abc".to_owned(), 8, 8));
    });
}
