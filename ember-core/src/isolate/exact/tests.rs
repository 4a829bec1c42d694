use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;

use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::super::codec::{Failed, read, write};

fn there_and_back<T: Serialize + DeserializeOwned>(value: &T) -> Result<Option<T>, Failed> {
    write(value, Vec::new(), 1 << 20).map(|bytes| read(&bytes))
}

fn same<T: Serialize + DeserializeOwned + Debug + PartialEq>(value: T) {
    let back = there_and_back(&value).unwrap();
    assert_eq!(back, Some(value));
}

#[derive(Serialize, Deserialize, Debug, PartialEq, Clone)]
struct Record {
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<u8>,
    second: u8,
    #[serde(flatten)]
    others: BTreeMap<String, u32>,
}

#[derive(Serialize, Deserialize, Debug, PartialEq)]
#[serde(untagged)]
enum Guessed {
    Number(u64),
    Text(String),
    List(Vec<u16>),
}

#[derive(Serialize, Deserialize, Debug, PartialEq)]
#[serde(tag = "kind")]
enum Tagged {
    Empty,
    Full { size: i64, part: Option<Box<Tagged>> },
}

#[derive(Serialize, Deserialize, Debug, PartialEq)]
struct Unit;

#[derive(Serialize, Deserialize, Debug, PartialEq, Clone)]
enum Tree {
    Leaf,
    Node(Box<Tree>),
}

/// Takes no byte for a level.
#[derive(Serialize, Deserialize, Debug, PartialEq)]
struct Link(Option<Box<Link>>);

fn tree(depth: usize) -> Tree {
    (0..depth).fold(Tree::Leaf, |below, _| Tree::Node(Box::new(below)))
}

#[test]
fn values_arrive_as_they_were() {
    same(Record { first: None, second: 2, others: BTreeMap::from([("x".to_owned(), 3)]) });
    same(Record { first: Some(1), second: 2, others: BTreeMap::new() });
    same(vec![Guessed::Number(7), Guessed::Text("seven".to_owned()), Guessed::List(vec![1, 2])]);
    same(Tagged::Full { size: -1, part: Some(Box::new(Tagged::Empty)) });
    same((u64::MAX, i64::MIN, f32::MIN_POSITIVE, 'é', (), [1_u8; 4], "text".to_owned()));
    same(HashMap::from([((1, 2), Some("a".to_owned())), ((3, 4), None)]));
    same::<Result<Vec<()>, String>>(Ok(vec![(); 300]));
    same(Some(Unit));
    same(i128::MIN);
}

#[test]
fn what_the_format_cannot_tell_apart_is_refused() {
    assert_eq!(there_and_back(&Some(None::<u8>)), Err(Failed::Unreadable));
    assert_eq!(there_and_back(&Some(())), Err(Failed::Unreadable));
    assert_eq!(there_and_back(&vec![Ok::<_, u8>(Some(Some(Some(None::<u8>))))]), Err(Failed::Unreadable));
    same(Some(Some(3)));
    same(None::<Option<u8>>);
}

#[test]
fn nesting_is_bounded_so_a_hostile_answer_takes_no_stack() {
    same(tree(50));
    let mut hostile = Vec::new();
    for _ in 0..1_000_000 {
        hostile.extend(*b"\x81\xa4Node");
    }
    assert_eq!(read::<Tree>(&hostile), None);
    assert_eq!(read::<Link>(&[1]), None);
}

#[test]
fn lengths_that_lie_cost_no_memory() {
    assert_eq!(read::<Vec<u64>>(b"\xdd\xff\xff\xff\xff"), None);
    assert_eq!(read::<String>(b"\xdb\xff\xff\xff\xff"), None);
    assert_eq!(read::<Vec<()>>(b"\xdd\xff\xff\xff\xff"), None);
    assert_eq!(read::<u8>(b"\x01\x01"), None, "something stands behind it");
}

#[test]
fn what_is_too_large_is_told_apart_from_what_cannot_be_written() {
    let text = "x".repeat(100);
    assert_eq!(write(&text, vec![1, 2], 50), Err(Failed::TooLarge));
    assert_eq!(write(&text, vec![1, 2], 102).unwrap().len(), 104);
}

proptest! {
    #[test]
    fn r39_no_answer_whatever_makes_the_reader_panic(bytes: Vec<u8>) {
        let _ = read::<Result<Vec<Record>, Guessed>>(&bytes);
        let _ = read::<Tree>(&bytes);
        let _ = read::<Tagged>(&bytes);
    }

    #[test]
    fn options_in_vectors_arrive_as_they_were(values: Vec<Option<Option<i16>>>) {
        let lossy = values.contains(&Some(None));
        let back = there_and_back(&values);
        prop_assert_eq!(back, if lossy { Err(Failed::Unreadable) } else { Ok(Some(values)) });
    }
}
