use std::time::Duration;

use super::Pace;

/// The sizes of lots of items that cost so much each, until all are claimed.
fn lots(cost: impl Fn(usize) -> u64, count: usize) -> Vec<usize> {
    let (mut pace, mut at, mut lots) = (Pace::START, 0, Vec::new());
    while at < count {
        let items = pace.0.min(count - at);
        let time = (at..at + items).map(&cost).sum();
        pace.took(items, Duration::from_nanos(time));
        lots.push(items);
        at += items;
    }
    lots
}

#[test]
fn costly_items_are_claimed_one_by_one_and_cheap_ones_by_the_thousand() {
    assert!(lots(|_| 100_000, 100).iter().all(|&items| items == 1));
    let cheap = lots(|_| 2, 1_000_000);
    assert!(cheap.len() < 60, "{cheap:?}");
    assert!(cheap[20..cheap.len() - 1].iter().all(|items| (12_500..=50_000).contains(items)), "{cheap:?}");
}

#[test]
fn the_size_of_lots_follows_what_items_cost() {
    // The first are a thousand times as costly as the rest, and then the other way.
    let falling = lots(|i| if i < 100 { 100_000 } else { 100 }, 10_000);
    assert_eq!(falling[..100], [1; 100]);
    assert!(falling.len() < 150, "{falling:?}");
    let rising = lots(|i| if i < 5_000 { 100 } else { 100_000 }, 5_600);
    assert!(rising.iter().all(|&items| items <= 512), "{rising:?}");
    assert!(rising[rising.len() - 50..].iter().all(|&items| items == 1), "{rising:?}");
}
