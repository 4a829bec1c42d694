//! Names and texts of any sort stay what they are, in all that is written.

use std::time::{Duration, Instant};

use ember_graph::{Description, Kind, Node};
use proptest::prelude::*;

use crate::error::Site;
use crate::observe::timeline::buffer::{Buffer, Said};
use crate::observe::timeline::record::{MOST_TEXT, Note, Outcome, Started, Wait, cut};
use crate::observe::timeline::recording::Recording;
use crate::observe::timeline::words::time;
use crate::observe::{EventKind, Form};

/// A run of one node, with the texts where texts can be.
fn recording(texts: &[String; 5], is_async: bool) -> Recording {
    let [graph, node, operator, correlation_id, error] = texts;
    // Descriptions live for ever; these are few and small.
    let leak = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
    let node = Node::__new(leak(node), leak(operator), Kind::Operator, None, "", true, 1, 1, None);
    let nodes: &'static [Node<'static>] = Box::leak(Box::new([node]));
    let description: &'static Description<'static> =
        Box::leak(Box::new(Description::__new(leak(graph), "file", 1, &[], nodes, &[], None)));
    let site = Site::__new(description, 0, &[]);
    let form = if is_async { Form::Async } else { Form::Parallel };
    let started =
        Started { caller: None, description: Some(description), correlation_id: cut(correlation_id), form };
    let notes = [
        (None, Note::RunStarted(Box::new(started))),
        (Some(site.clone()), Note::NodeStarted),
        (Some(site.clone()), Note::Waited(Wait::Permit, Duration::from_millis(1))),
        (Some(site.clone()), Note::Told(EventKind::AttemptFailed, cut(error))),
        (Some(site.clone()), Note::Backoff(Duration::from_millis(1))),
        (Some(site.clone()), Note::Told(EventKind::TimedOut, cut(error))),
        (Some(site), Note::NodeEnded(Outcome::Failed, cut(error))),
        (None, Note::RunEnded(Outcome::Failed, cut(error))),
    ];
    let (buffer, origin) = (Buffer::new(100), Instant::now());
    for ((site, note), at) in notes.into_iter().zip(0..) {
        let at = origin + Duration::from_millis(2 * at);
        buffer.keep(1, || Said { at, run: 7, attempt: 2, site, note });
    }
    let (records, mut threads) = buffer.snapshot();
    threads.insert(1, cut(graph));
    Recording::new((records, threads), 0)
}

fn text() -> impl Strategy<Value = String> {
    let sharp = prop::sample::select(vec![
        "</script><script>alert(1)</script>",
        "</title></svg>",
        "]]>",
        "<!--",
        "-->",
        "\"",
        "'",
        "\\",
        "\\u0000",
        "&lt;",
        "&",
        "\0",
        "\u{1b}[31m",
        "\u{2028}",
        "\u{202e}",
        "\u{fffe}",
        "\u{ffff}",
        "]}",
        "\n",
        "onload=alert(1)",
    ]);
    prop::collection::vec(prop_oneof![sharp.prop_map(str::to_owned), any::<String>()], 0..5)
        .prop_map(|parts| parts.concat())
}

/// What an XML reader has of a text that was written with `Xml`.
fn plain(text: &str) -> String {
    let letter = |letter: char| match letter {
        '\t' | '\n' => ' ',
        '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
        letter if letter.is_control() => '\u{fffd}',
        letter => letter,
    };
    text.chars().map(letter).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn hostile_texts_stay_texts(texts in prop::array::uniform5(text()), is_async: bool) {
        let recording = recording(&texts, is_async);

        let json: serde_json::Value = serde_json::from_str(&recording.chrome_json()).expect("JSON");
        let events = json["traceEvents"].as_array().expect("events");
        let run = events.iter().find(|event| event["args"]["run"] == 7).expect("the run");
        prop_assert_eq!(run["name"].as_str().unwrap(), &texts[0]);
        let node = events.iter().find(|event| event["args"]["node"].is_string()).expect("the node");
        prop_assert_eq!(node["args"]["operator"].as_str().unwrap(), &texts[2]);
        prop_assert_eq!(node["args"]["error"].as_str().unwrap_or_default(), &*cut(&texts[4]));

        let svg = recording.svg();
        let tree = roxmltree::Document::parse(&svg).expect("XML");
        let labels: Vec<&str> = tree.descendants().filter_map(|element| element.attribute("data-label")).collect();
        prop_assert_eq!(labels[0], format!("✕ {}", plain(&texts[0])));
        let count = |name| tree.descendants().filter(|element| element.has_tag_name(name)).count();
        let svg = "http://www.w3.org/2000/svg";
        prop_assert_eq!((count((svg, "script")), count((svg, "svg"))), (0, 2));

        // A page is read by rules of its own, but its only script is ours, and nothing else begins like a tag of the texts.
        let html = recording.html();
        prop_assert_eq!(html.matches("<script").count(), 1);
        prop_assert_eq!(html.matches("</script").count(), 1);
        prop_assert_eq!(html.matches("<!--").count(), 0);
        let table = &html[html.find("<table>").unwrap()..html.find("</table>").unwrap()];
        roxmltree::Document::parse(&format!("{table}</table>")).expect("a table");
    }

    #[test]
    fn a_text_is_cut_to_a_line(text in text(), times in 1..200_usize) {
        let kept = cut(text.repeat(times));
        prop_assert!(kept.len() <= MOST_TEXT + '…'.len_utf8());
        prop_assert!(!kept.chars().any(char::is_control));
    }
}

#[test]
fn what_panics_while_it_displays_itself_is_cut_there() {
    struct Panics;
    impl std::fmt::Display for Panics {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("so far")?;
            panic!("and no further")
        }
    }
    assert_eq!(&*cut(Panics), "so far…");
}

#[test]
fn times_read_well() {
    let told = [0, 7, 1_500, 60_000, 1_000_000, 360_000_000, 1_234_567_890].map(time);
    assert_eq!(told, ["0", "7ns", "1.5µs", "60µs", "1ms", "360ms", "1.234s"]);
}
