use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::Weigh;

#[test]
fn r37_what_lies_on_the_heap_counts_however_deep() {
    let deep: Vec<Option<Box<String>>> = vec![None, Some(Box::new("x".repeat(100)))];
    let string = size_of::<String>() + 100;
    assert_eq!(deep.heap(), deep.capacity() * size_of::<usize>() + string);
    assert_eq!(deep.weight(), size_of::<Vec<u8>>() + deep.heap());
}

#[test]
fn room_that_is_kept_counts_and_not_only_what_is_in_it() {
    let mut text = String::with_capacity(1000);
    text.push('a');
    assert_eq!(text.heap(), text.capacity());
    let row: Vec<u64> = Vec::with_capacity(10);
    assert_eq!(row.heap(), row.capacity() * 8);
}

#[test]
fn what_is_flat_owns_nothing_elsewhere() {
    assert_eq!((7_u64.weight(), "text".weight(), Duration::ZERO.heap()), (8, 4, 0));
    assert_eq!([1_u32, 2, 3].weight(), 12);
    assert_eq!((1_u8, String::from("ab")).heap(), 2);
    let text = "x".repeat(1000);
    assert_eq!(Weigh::heap(&&text), 0, "it is somebody else's");
}

#[test]
fn a_handle_counts_what_it_points_to() {
    let shared = Arc::new("x".repeat(10));
    assert_eq!(shared.heap(), 2 * size_of::<usize>() + size_of::<String>() + 10);
    assert_eq!(Mutex::new(String::from("abc")).heap(), 3);
}

#[test]
fn of_both_ways_the_one_that_is_there_counts() {
    let way: Result<String, Vec<u8>> = Err(vec![0; 5]);
    assert_eq!(way.heap(), 5);
    assert_eq!(Cow::Borrowed("long text").heap(), 0);
    assert_eq!(Cow::<str>::Owned("abc".to_owned()).heap(), 3);
}

#[test]
fn maps_count_their_entries_and_what_these_own() {
    let tree = BTreeMap::from([(1_u64, "ab".to_owned())]);
    assert_eq!(tree.heap(), size_of::<(u64, String)>() + 2);
    let table = HashMap::from([("ab".to_owned(), 1_u64)]);
    assert_eq!(table.heap(), table.capacity() * (size_of::<(String, u64)>() + 1) + 2);
}
