//! Models of the inputs: each is pulled once, and who waits for the iterator or for room is woken.

use loom::sync::Arc;
use loom::thread;

use super::Feed;
use crate::batch::Unweighed;

/// Pulls one after the other until there are none. Loom has no time, so nobody gives up.
fn pull_all(feed: &Feed<std::ops::Range<usize>, Unweighed>) -> Vec<usize> {
    let mut all = Vec::new();
    while let Some((first, mut lot)) = feed.pull(1, |first, _| first) {
        assert_eq!(lot.items, [first]);
        all.append(&mut lot.items);
        feed.through(1);
    }
    all
}

#[test]
fn each_input_is_pulled_once_with_room_for_one() {
    loom::model(|| {
        let feed = Arc::new(Feed::new(0..2, 1, Unweighed));
        let other = thread::spawn({
            let feed = feed.clone();
            move || pull_all(&feed)
        });
        let mut all = pull_all(&feed);
        all.extend(other.join().unwrap());
        all.sort_unstable();
        assert_eq!(all, [0, 1]);
        assert!(!feed.is_open());
    });
}

#[test]
fn who_waits_is_told_that_no_more_are_wanted() {
    loom::model(|| {
        let feed = Arc::new(Feed::new(0..9, 1, Unweighed));
        assert_eq!(feed.pull(1, |first, _| first).map(|(first, _)| first), Some(0));
        let other = thread::spawn({
            let feed = feed.clone();
            // There is no room, so it waits.
            move || feed.pull(1, |first, _| first).is_none()
        });
        feed.close();
        assert!(other.join().unwrap());
    });
}
