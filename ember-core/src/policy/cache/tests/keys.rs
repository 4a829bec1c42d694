use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use super::Outcome;
use crate::policy::{Cache, CacheKey, CacheValue};

const fn is_key<T: CacheKey>() {}
const fn is_value<T: CacheValue>() {}

#[test]
fn r35_a_key_is_made_of_what_can_be_compared_and_hashed() {
    is_key::<(String, u32, Option<Arc<str>>, Vec<u8>, [char; 3])>();
    is_key::<()>();
    is_value::<Arc<dyn Fn() + Send + Sync>>();
}

#[test]
fn entries_are_found_by_what_the_key_borrows_as() {
    let cache: Cache<(String, Vec<u8>, u64), u32> = Cache::builder().build().unwrap();
    let ask = |value| cache.call(("name", &[1, 2][..], &3), || Outcome::<_, ()>::Ok(value)).unwrap();
    assert_eq!((ask(1), ask(2)), (1, 1));
    assert_eq!(cache.peek((&"name".to_owned(), &vec![1, 2], &3)), Some(1));
    assert_eq!(cache.peek(&("name".to_owned(), vec![1, 2], 3)), Some(1));
    assert_eq!(cache.peek(("name", &[1][..], &3)), None);
}

#[test]
fn a_cache_without_arguments_has_one_entry() {
    let cache: Cache<(), Cow<'static, str>> = Cache::builder().build().unwrap();
    for _ in 0..2 {
        assert_eq!(cache.call((), || Outcome::<_, ()>::Ok("once".into())).unwrap(), "once");
    }
    assert_eq!(cache.counts().loads, 1);
}

static CLONES: AtomicUsize = AtomicUsize::new(0);

#[derive(PartialEq, Eq, Hash)]
struct Counted(u32);

impl Clone for Counted {
    fn clone(&self) -> Self {
        CLONES.fetch_add(1, Relaxed);
        Self(self.0)
    }
}

#[test]
fn a_hit_clones_no_key_and_a_miss_one() {
    let cache: Cache<Counted, u32> = Cache::builder().build().unwrap();
    for _ in 0..10 {
        cache.call(&Counted(1), || Outcome::<_, ()>::Ok(1)).unwrap();
    }
    assert_eq!(CLONES.load(Relaxed), 1);
}
