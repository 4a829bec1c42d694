//! Data that no macro writes: drawn as far as it makes sense, never a panic and never an endless loop.

mod common;

use common::{Chance, random};
use ember_graph::{Description, Source};
use roxmltree::Document;

fn draw_all(description: &Description<'_>) {
    let image = description.to_svg();
    let document = Document::parse(&image).unwrap();
    let nodes = document.descendants().filter(|group| group.has_attribute("data-node")).count();
    assert_eq!(nodes, description.nodes.len());
    assert!(!description.to_mermaid().is_empty() && !description.to_dot().is_empty());
    assert!(description.critical_path().len() <= description.nodes.len());
    assert!(description.width() <= description.nodes.len());
}

#[test]
fn edges_parents_and_outputs_may_point_anywhere() {
    for seed in 0..150 {
        let mut chance = Chance(seed);
        let mut graph = random(seed, 30);
        let mut anywhere = |limit: u32| if chance.below(9) == 0 { u32::MAX } else { chance.below(limit) };
        for (from, to, _) in &mut graph.edges {
            (*from, *to) = match from {
                Source::Input(_) => (Source::Input(anywhere(5)), anywhere(33)),
                Source::Node(_) => (Source::Node(anywhere(33)), anywhere(33)),
            };
        }
        for node in &mut graph.nodes {
            node.parent = Some(anywhere(60)).filter(|&parent| parent < 33);
        }
        graph.output = Some(anywhere(33));
        graph.with(draw_all);
    }
}

#[test]
fn parents_in_a_circle_are_no_parents() {
    let mut graph = random(1, 20);
    let count = 20;
    for (index, node) in (0..).zip(&mut graph.nodes) {
        node.parent = Some((index + 1) % count);
    }
    graph.with(draw_all);
}
