//! The image: what it holds and where.

mod common;

use std::collections::HashMap;

use common::{HOSTILE, Owned, random, svg};
use ember_graph::{Access, Description, Kind, Source};
use roxmltree::{Document, Node};

/// Left, top, right, bottom.
type Bounds = [f64; 4];

fn number(element: Node<'_, '_>, attribute: &str) -> f64 {
    let number: f64 = element.attribute(attribute).unwrap().parse().unwrap();
    assert!(number.is_finite(), "{attribute} of {element:?}");
    number
}

fn bounds(group: Node<'_, '_>) -> Bounds {
    let rects = group.children().filter(|child| child.has_tag_name("rect"));
    rects.fold([f64::MAX, f64::MAX, f64::MIN, f64::MIN], |bounds, rect| {
        let (x, y) = (number(rect, "x"), number(rect, "y"));
        let (right, bottom) = (x + number(rect, "width"), y + number(rect, "height"));
        [bounds[0].min(x), bounds[1].min(y), bounds[2].max(right), bounds[3].max(bottom)]
    })
}

/// The boxes of the nodes in the order of the image, by the name in their tooltip.
fn boxes(image: &str) -> Vec<(String, Bounds)> {
    let document = Document::parse(image).unwrap();
    let groups = document.descendants().filter_map(|group| Some((group.attribute("data-node")?, group)));
    groups.map(|(name, group)| (name.to_owned(), bounds(group))).collect()
}

fn text(image: &str) -> String {
    let document = Document::parse(image).unwrap();
    let texts = document.descendants().filter(|element| element.has_tag_name("text"));
    texts
        .flat_map(|text| text.descendants().filter(Node::is_text).filter_map(|part| part.text()))
        .collect::<Vec<_>>()
        .join(" ")
}

/// What a name looks like once it is one printable line.
fn printable(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    let mark = |char: char| {
        if char.is_control() || "\u{fffe}\u{202e}".contains(char) { '\u{fffd}' } else { char }
    };
    words.join(" ").chars().map(mark).collect()
}

fn check(description: &Description<'_>) {
    let image = description.to_svg();
    assert!(!image.contains("NaN") && !image.contains("inf "), "{image}");
    let boxes = boxes(&image);
    assert_eq!(boxes.len(), description.nodes.len(), "every node stands in the image once");
    let places: HashMap<&str, Bounds> = boxes.iter().map(|(name, bounds)| (name.as_str(), *bounds)).collect();
    assert_eq!(places.len(), boxes.len());
    let place = |index: usize| places[printable(description.nodes[index].path).as_str()];
    let parent = |index: usize| {
        description.nodes[index].parent.map(|parent| parent as usize).filter(|&parent| parent < index)
    };
    for index in 0..description.nodes.len() {
        let own = place(index);
        if let Some(around) = parent(index).map(place) {
            assert!(
                own[0] > around[0] && own[1] > around[1] && own[2] < around[2] && own[3] < around[3],
                "node {index} at {own:?} is not inside of its parent at {around:?}"
            );
        }
        for other in (0..index).filter(|&other| parent(other) == parent(index)) {
            let other = place(other);
            assert!(
                own[0] >= other[2] || other[0] >= own[2] || own[1] >= other[3] || other[1] >= own[3],
                "node {index} at {own:?} overlaps another at {other:?}"
            );
        }
    }
}

#[test]
fn nodes_neither_overlap_nor_leave_their_construct() {
    for seed in 0..150 {
        random(seed, 1 + u32::try_from(seed).unwrap() % 50).with(check);
    }
}

#[test]
fn the_image_is_the_same_for_the_same_description() {
    for seed in 0..10 {
        let draw = || random(seed, 40).with(svg);
        assert_eq!(draw(), draw());
    }
}

#[test]
fn an_empty_graph_says_so() {
    let image = Owned::default().with(svg);
    assert_eq!(boxes(&image), []);
    assert_eq!(text(&image), "empty graph");
}

#[test]
fn a_single_node_needs_no_key() {
    let mut graph = Owned::operators(1, &[]);
    graph.output = Some(0);
    graph.with(check);
    assert_eq!(text(&graph.with(svg)), "n0 op output");
}

#[test]
fn hostile_names_stay_text() {
    let mut graph = Owned { name: HOSTILE.join(" "), ..Owned::default() };
    graph.inputs = HOSTILE.iter().map(|name| (*name).to_owned()).collect();
    for name in HOSTILE {
        let branch = graph.add(&format!("{name} branch"), name, Kind::Branch, None, "");
        let inside = graph.add(name, name, Kind::Operator, Some(branch), name);
        graph.edges.push((Source::Input(inside / 2), inside, Access::Borrow));
    }
    graph.with(check);
    let image = graph.with(svg);
    assert!(!image.contains("<script") && text(&image).contains("<script>alert(1)</script>"));
    assert!(!image.chars().any(|char| char.is_control() && char != '\n'));
}

#[test]
fn a_name_too_long_for_its_box_is_cut_and_stands_whole_in_the_tooltip() {
    let name = "a_name_without_end_".repeat(40);
    let mut graph = Owned::default();
    graph.add(&name, &format!("{name}::last"), Kind::Operator, None, "");
    graph.with(|graph| {
        let image = graph.to_svg();
        let [left, _, right, _] = boxes(&image)[0].1;
        assert!(right - left < 300.0);
        assert!(text(&image).contains("a_name_without_end_a_n") && text(&image).contains("end_::last"));
        assert!(!text(&image).contains(&name));
        let document = Document::parse(&image).unwrap();
        let node = document.descendants().find(|group| group.has_attribute("data-node")).unwrap();
        let tooltip = node.children().find(|child| child.has_tag_name("title")).unwrap();
        assert!(tooltip.text().unwrap().contains(&format!("{name}::last")));
    });
}

#[test]
fn constructs_and_nested_graphs_look_different() {
    let mut graph = Owned::default();
    for (name, kind) in
        [("branch", Kind::Branch), ("fan", Kind::FanOut), ("loop", Kind::Loop), ("group", Kind::Group)]
    {
        let parent = graph.add(name, "", kind, None, "");
        graph.add(&format!("{name}.x"), "f", Kind::Operator, Some(parent), "then");
    }
    graph.add("deep", "nested", Kind::Operator, None, "");
    graph.add("flat", "no_graph", Kind::Operator, None, "");
    let image = graph.with(svg);
    let document = Document::parse(&image).unwrap();
    let count = |name: &str, class: &str| {
        let group = document.descendants().find(|group| group.attribute("data-node") == Some(name)).unwrap();
        group.children().filter(|child| child.attribute("class") == Some(class)).count()
    };
    assert_eq!(count("branch", "eg-branch"), 1);
    assert_eq!(count("fan", "eg-fan"), 3, "a stack of cards");
    assert_eq!((count("loop", "eg-loop"), count("loop", "eg-back")), (1, 1), "an arrow back");
    assert_eq!(count("group", "eg-group"), 1);
    assert_eq!((count("deep", "eg-inner"), count("flat", "eg-inner")), (1, 0), "a double border");
    assert!(text(&image).contains("then"), "the parts of a branch are named");
}

#[test]
fn a_node_stands_below_all_that_it_waits_for() {
    let image = Owned::operators(4, &[(1, 0), (2, 0), (0, 3)]).with(svg);
    let tops: Vec<f64> = boxes(&image).iter().map(|(_, bounds)| bounds[1]).collect();
    assert!(tops[1].max(tops[2]) < tops[0] && tops[0] < tops[3], "{tops:?}");
}

#[test]
fn the_key_explains_the_kinds_of_arrows_that_there_are() {
    let mut graph = Owned::operators(3, &[(0, 1)]);
    let key = |graph: &Owned| text(&graph.with(svg)).contains("borrows");
    assert!(!key(&graph));
    graph.edges.push((Source::Node(1), 2, Access::Order));
    assert!(key(&graph));
}

#[test]
fn the_image_can_stand_inline_in_a_page() {
    let image = random(3, 60).with(svg);
    let mut lines = image.lines();
    let first = lines.next().unwrap();
    assert!(first.starts_with("<svg ") && first.ends_with('>') && first.matches('<').count() == 1);
    assert!(!image.trim_end().lines().any(|line| line.trim().is_empty()), "Markdown ends HTML there");
    let document = Document::parse(&image).unwrap();
    let id = document.root_element().attribute("id").unwrap();
    assert!(id.starts_with("ember-random-3-"));
    let style = document.descendants().find(|element| element.has_tag_name("style")).unwrap();
    for rule in style.text().unwrap().split('}') {
        let selector = rule.rsplit_once('{').map_or("", |(selector, _)| selector);
        let selector = selector.strip_prefix("\n@media(prefers-color-scheme:dark){").unwrap_or(selector);
        let selector = selector.split(']').next_back().unwrap().trim();
        assert!(selector.is_empty() || selector.starts_with(&format!("#{id} ")), "{selector} leaks");
    }
    for element in document.descendants() {
        assert!(!["script", "image", "use", "a", "foreignObject"].contains(&element.tag_name().name()));
        assert!(!element.attributes().any(|attribute| attribute.name().contains("href")));
    }
    assert!(!image.contains("url("));
}

#[test]
fn people_who_do_not_see_the_image_are_told_what_it_shows() {
    let mut graph = Owned::operators(2, &[(0, 1)]);
    graph.inputs.push(String::from("question"));
    graph.output = Some(1);
    let image = graph.with(svg);
    let document = Document::parse(&image).unwrap();
    let root = document.root_element();
    assert_eq!(root.attribute("role"), Some("img"));
    for id in root.attribute("aria-labelledby").unwrap().split(' ') {
        let named = document.descendants().find(|element| element.attribute("id") == Some(id)).unwrap();
        assert!(!named.text().unwrap().is_empty());
    }
    assert!(image.contains("Inputs: question. Nodes: n0 calls op, n1 calls op. Output: n1."));
}

#[test]
fn two_graphs_of_one_name_have_different_ids() {
    let id = |line: u32| {
        let image = Description::__new("same", "src/lib.rs", line, &[], &[], &[], None).to_svg();
        Document::parse(&image).unwrap().root_element().attribute("id").unwrap().to_owned()
    };
    assert_ne!(id(1), id(2));
}
