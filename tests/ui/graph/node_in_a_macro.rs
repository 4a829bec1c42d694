use ember::prelude::*;

#[operator]
fn work(n: u64) -> u64 {
    n + 1
}

fn plain(n: u64) -> u64 {
    n
}

graph! {
    fn shown(n: u64) -> String {
        let first = work(n);
        let shown = format!("{first} {:?}", work(n));
        shown
    }

    fn in_a_statement(n: u64) -> u64 {
        let first = work(n);
        let count = if first > 1 {
            assert_eq!(work(n), first);
            work(first)
        } else {
            0
        };
        count
    }

    fn in_a_closure(n: u64) -> (u64, Vec<u64>) {
        let first = work(n);
        let all = vec![(0..n).map(|i| work(i)).sum()];
        (first, all)
    }

    fn right(n: u64) -> String {
        let first = work(n);
        let shown = format!("{first} {:?} {:?}", plain(n), vec![plain(first); 2]);
        shown
    }
}

fn main() {}
