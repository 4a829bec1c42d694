use super::label::Label;
use super::text::{Face, Keep, clean, escape_xml, fit, width};
use crate::structure::Structure;
use crate::{Description, Kind, Node};

#[test]
fn text_becomes_one_printable_line() {
    assert_eq!(clean("  a\n\tb\r\n  c "), "a b c");
    assert_eq!(clean("a\0b\u{7f}c"), "a\u{fffd}b\u{fffd}c");
    assert_eq!(clean("\u{202e}txt.exe"), "\u{fffd}txt.exe");
    assert_eq!(clean("\u{fffe}\u{1ffff}"), "\u{fffd}\u{fffd}");
    assert_eq!(clean("naïve 日本 \u{1f980}"), "naïve 日本 \u{1f980}");
}

#[test]
fn text_cannot_be_taken_for_markup() {
    assert_eq!(escape_xml(r#"<a b="c">&'"#), "&lt;a b=&quot;c&quot;&gt;&amp;&#39;");
}

#[test]
fn what_fits_stays_whole() {
    assert_eq!(fit("facts", Face::Bold, 13.0, 100.0, Keep::Start), "facts");
    assert_eq!(fit("", Face::Mono, 13.0, 0.0, Keep::End), "");
}

#[test]
fn what_is_cut_fits_and_keeps_the_end_asked_for() {
    let long = "ops::search::documents_by_meaning".repeat(5);
    for face in [Face::Sans, Face::Bold, Face::Mono] {
        for limit in [20.0, 55.5, 210.0] {
            let start = fit(&long, face, 11.0, limit, Keep::Start);
            let end = fit(&long, face, 11.0, limit, Keep::End);
            assert!(width(&start, face, 11.0) <= limit && width(&end, face, 11.0) <= limit);
            assert!(long.starts_with(start.strip_suffix('…').unwrap()));
            assert!(long.ends_with(end.strip_prefix('…').unwrap()));
        }
    }
}

#[test]
fn wide_letters_count_more_than_narrow_ones() {
    let width = |text| width(text, Face::Sans, 10.0);
    assert!(width("iiii") < width("nnnn") && width("nnnn") < width("mmmm"));
    assert!(width("日本") > width("ab"));
}

/// The label of the last of some nodes, each inside of the one before.
fn label(nodes: &[(&str, &str, Kind, &str)]) -> (String, String) {
    let nodes: Vec<_> = (0_u32..)
        .zip(nodes)
        .map(|(index, (path, operator, kind, part))| {
            Node::__new(path, operator, *kind, index.checked_sub(1), part, false, 1, 1, None)
        })
        .collect();
    let description = Description::__new("graph", "lib.rs", 1, &[], &nodes, &[], None);
    let label = Label::of(&description, &Structure::new(&description), nodes.len() - 1);
    (label.name.to_owned(), label.operator.to_owned())
}

#[test]
fn a_label_is_what_the_path_adds() {
    let named = |name: &str, operator: &str| (name.to_owned(), operator.to_owned());
    let best = ("best", "", Kind::Branch, "");
    let inside = |path, operator, part| label(&[best, (path, operator, Kind::Operator, part)]);
    assert_eq!(label(&[("facts", "search", Kind::Operator, "")]), named("facts", "search"));
    assert_eq!(label(&[("search", "search", Kind::Operator, "")]), named("search", ""));
    assert_eq!(label(&[("search", "ops::search", Kind::Operator, "")]), named("search", "ops::search"));
    assert_eq!(inside("best.then", "judge", "then"), named("judge", ""));
    assert_eq!(inside("best.then", "law::judge::<T>", "then"), named("judge", "law::judge::<T>"));
    assert_eq!(inside("best.then.draft", "ask", "then"), named("draft", "ask"));
    assert_eq!(inside("best.draft", "ask", "then"), named("draft", "ask"));
    assert_eq!(inside("best[i]", "ask", ""), named("ask", ""));
    assert_eq!(inside("best.0", "ask", "0"), named("ask", ""));
    assert_eq!(inside("elsewhere", "ask", "then"), named("elsewhere", "ask"));
    assert_eq!(label(&[best, ("best.then", "", Kind::Branch, "then")]), named("", ""));
    assert_eq!(label(&[best, ("best.then", "", Kind::Glue, "then")]), named("{ … }", ""));
    assert_eq!(label(&[best, ("best.then.2", "ask", Kind::Operator, "then")]), named("ask", ""));
    assert_eq!(label(&[("best.if", "hard", Kind::Operator, "")]), named("hard", ""));
    assert_eq!(label(&[("if", "", Kind::Branch, "")]), named("if", ""));
    assert_eq!(label(&[("pair.0", "ask", Kind::Operator, "")]), named("ask", ""));
    assert_eq!(inside("best.then2", "judge", "then 2"), named("judge", ""));
    assert_eq!(inside("best.arm1", "judge", "Some (x)"), named("judge", ""));
    assert_eq!(inside("best.arm1.draft", "ask", "0..5"), named("draft", "ask"));
    assert_eq!(inside("best.0..5.draft", "ask", "0..5"), named("draft", "ask"));
    assert_eq!(inside("best[]", "ask", ""), named("ask", ""));
    assert_eq!(inside("best[].image", "load", ""), named("image", "load"));
}
