use super::*;
use crate::limits::Limits;

fn entry(name: &str) -> Entry {
    Entry { path: name.into(), name: name.to_owned() }
}

/// What the passages of these texts are: each letter is a line, a space leaves lines out.
fn passages(texts: &[&str], least: usize) -> (Vec<(usize, Vec<String>)>, usize, usize) {
    let entries: Vec<Entry> = (0..texts.len()).map(|nth| entry(&format!("{nth}"))).collect();
    let excerpts = texts.iter().zip(&entries).map(|(text, entry)| {
        let lines: String =
            text.chars().map(|c| if c == ' ' { "\n".into() } else { format!("{c}\n") }).collect();
        let numbers = (1..).zip(text.chars()).filter(|(_, c)| *c != ' ').map(|(number, _)| number).collect();
        Ok(Excerpt { entry, text: lines, numbers })
    });
    let limits = Limits { min_lines: least, ..Limits::default() };
    let found = passages_in(excerpts.collect(), &limits);
    let passages = found.passages.into_iter().map(|passage| {
        let places =
            passage.places.iter().map(|place| format!("{}:{}-{}", place.file, place.first, place.last));
        (passage.lines, places.collect())
    });
    (passages.collect(), found.found, found.lines)
}

fn passage(lines: usize, places: &[&str]) -> (usize, Vec<String>) {
    (lines, places.iter().map(ToString::to_string).collect())
}

#[test]
fn a_passage_is_as_long_as_its_places_allow() {
    let (found, count, lines) = passages(&["xabcdey", "zabcdew"], 3);
    assert_eq!(found, [passage(5, &["0:2-6", "1:2-6"])]);
    assert_eq!((count, lines), (1, 10));
}

#[test]
fn a_place_of_a_part_is_told_beside_the_whole() {
    let (found, ..) = passages(&["1abcdefg2", "3abcdefg4", "5cdef6"], 3);
    assert_eq!(found, [passage(4, &["0:4-7", "1:4-7", "2:2-5"]), passage(7, &["0:2-8", "1:2-8"])]);
}

#[test]
fn a_part_that_stands_nowhere_else_is_not_told() {
    let (found, ..) = passages(&["1abcdef2", "3abcdef4", "5abcdef6"], 3);
    assert_eq!(found, [passage(6, &["0:2-7", "1:2-7", "2:2-7"])]);
}

#[test]
fn parts_shared_with_different_files_are_each_told() {
    let (found, ..) = passages(&["1abcdefgh2", "3abcdefgh4", "5abcdef6", "7cdefgh8"], 4);
    let lengths: Vec<(usize, usize)> = found.iter().map(|(lines, places)| (*lines, places.len())).collect();
    assert_eq!(lengths, [(6, 3), (6, 3), (8, 2)]);
}

#[test]
fn passages_do_not_reach_over_lines_that_were_left_out() {
    let (found, ..) = passages(&["abc def", "abc def"], 3);
    assert_eq!(found, [passage(3, &["0:1-3", "1:1-3"]), passage(3, &["0:5-7", "1:5-7"])]);
    assert!(passages(&["ab cd", "ab cd"], 3).0.is_empty());
}

#[test]
fn equal_lines_in_a_row_are_one_passage_twice_and_take_linear_time() {
    let table = "a".repeat(20_000);
    let (found, count, lines) = passages(&[&table], 10);
    assert_eq!(found, [passage(10_000, &["0:1-10000", "0:10001-20000"])]);
    assert_eq!((count, lines), (1, 20_000));
}

#[test]
fn places_within_one_file_do_not_overlap() {
    let (found, ..) = passages(&["xabcabcabcabcy"], 3);
    assert_eq!(found, [passage(6, &["0:2-7", "0:8-13"])]);
    assert!(passages(&["xababy"], 3).0.is_empty());
}

/// Which lines stand in some text of at least `least` lines that stands in two places apart, by trying all.
fn lines_by_trying_all(texts: &[String], least: usize) -> usize {
    // Each text ends with what no other holds.
    let ends = ('0'..).take(texts.len());
    let all: Vec<char> = texts.iter().zip(ends).flat_map(|(text, end)| text.chars().chain([end])).collect();
    let mut covered = vec![false; all.len()];
    for length in least..all.len() {
        for start in 0..=all.len() - length {
            let same = |at: &usize| all[*at..at + length] == all[start..start + length];
            let places: Vec<usize> = (0..=all.len() - length).filter(same).collect();
            if places[places.len() - 1] - places[0] >= length {
                covered[start..start + length].fill(true);
            }
        }
    }
    covered.iter().filter(|covered| **covered).count()
}

#[test]
fn random_texts_agree_with_trying_all() {
    let mut random = fastrand::Rng::with_seed(7);
    for _ in 0..300 {
        let letters = random.usize(1..4);
        let texts: Vec<String> = (0..random.usize(1..4))
            .map(|_| (0..random.usize(0..16)).map(|_| ['a', 'b', 'c'][random.usize(0..letters)]).collect())
            .collect();
        let minimum = random.usize(2..5);
        let (found, count, lines) = passages(&texts.iter().map(|text| &**text).collect::<Vec<_>>(), minimum);
        assert_eq!(lines, lines_by_trying_all(&texts, minimum), "{texts:?} {minimum}");
        assert!(found.len() == count.min(10));
        for (length, places) in found {
            let mut told: Vec<(usize, usize, &str)> = Vec::new();
            for place in &places {
                let (file, lines) = place.split_once(':').expect("a place");
                let (first, last) = lines.split_once('-').expect("two lines");
                let [file, first, last] =
                    [file, first, last].map(|text| text.parse::<usize>().expect("a number"));
                told.push((file, first, &texts[file][first - 1..last]));
            }
            assert!(length >= minimum && told.len() > 1, "{texts:?} {places:?}");
            let same = told.iter().all(|(.., text)| *text == told[0].2 && text.len() == length);
            assert!(same, "{texts:?} {places:?}");
            let apart =
                |pair: &[(usize, usize, &str)]| pair[0].0 != pair[1].0 || pair[0].1 + length <= pair[1].1;
            assert!(told.windows(2).all(apart), "{texts:?} {places:?}");
        }
    }
}
