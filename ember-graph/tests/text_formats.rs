//! Mermaid and DOT: the shape of the text, and that no name can break out of it.

mod common;

use common::{HOSTILE, Owned, dot, mermaid, random};
use ember_graph::{Access, Kind, Source};

fn answer() -> Owned {
    let mut graph = Owned { name: String::from("answer"), ..Owned::default() };
    graph.inputs.push(String::from("question"));
    let facts = graph.add("facts", "search", Kind::Operator, None, "");
    let hard = graph.add("hard", "nested", Kind::Operator, None, "");
    let best = graph.add("best", "", Kind::Branch, None, "");
    let then = graph.add("best.then", "judge", Kind::Operator, Some(best), "then");
    let otherwise = graph.add("best.else", "vote", Kind::Operator, Some(best), "else");
    graph.edges = vec![
        (Source::Input(0), facts, Access::Borrow),
        (Source::Node(facts), hard, Access::BorrowMut),
        (Source::Node(hard), best, Access::Take),
        (Source::Node(facts), then, Access::Borrow),
        (Source::Node(facts), otherwise, Access::Order),
        (Source::Node(best), otherwise, Access::Borrow),
    ];
    graph.output = Some(best);
    graph
}

#[test]
fn mermaid_has_a_subgraph_for_each_construct_and_part() {
    assert_eq!(
        answer().with(mermaid),
        r#"flowchart TD
    i0(["question"])
    n0["facts<br/>search"]
    n1[["hard<br/>nested"]]
    subgraph n2 ["best (branch)"]
        subgraph n2p0 ["then"]
            n3["judge"]
        end
        subgraph n2p1 ["else"]
            n4["vote"]
        end
    end
    i0 --> n0
    n0 -->|mut| n1
    n1 ==> n2
    n0 --> n3
    n0 -.-> n4
    output(["output"])
    n2 ==> output
"#
    );
}

#[test]
fn dot_has_a_cluster_for_each_construct_and_part() {
    assert_eq!(
        answer().with(dot),
        r#"digraph "answer" {
    compound=true
    fontname="sans-serif"
    node [shape=box, style="rounded,filled", fillcolor=white, fontname="sans-serif"]
    i0 [label="question", shape=box, style="rounded,filled", fillcolor=lightblue]
    n0 [label="facts\nsearch", shape=box]
    n1 [label="hard\nnested", shape=box, style=filled, peripheries=2]
    subgraph cluster_2 {
        label="best (branch)"; style="filled"; fillcolor=cornsilk
        n2 [label="", shape=point, style=invis, width=0]
        subgraph cluster_2_0 {
            label="then"; style="dashed,filled"; fillcolor=white
            n3 [label="judge", shape=box]
        }
        subgraph cluster_2_1 {
            label="else"; style="dashed,filled"; fillcolor=white
            n4 [label="vote", shape=box]
        }
    }
    i0 -> n0 [arrowhead=vee]
    n0 -> n1 [arrowhead=vee, label="mut"]
    n1 -> n2 [penwidth=2, lhead=cluster_2]
    n0 -> n3 [arrowhead=vee]
    n0 -> n4 [arrowhead=vee, style=dashed]
    n2 -> n4 [arrowhead=vee]
    output [label="output", shape=box, style="rounded,filled", fillcolor=palegreen]
    n2 -> output [penwidth=2, ltail=cluster_2]
}
"#
    );
}

/// What is left of a line without its quoted strings; a backslash escapes if so given.
fn outside_of_quotes(line: &str, backslash: bool) -> String {
    let mut rest = String::new();
    let (mut quoted, mut escaped) = (false, false);
    for char in line.chars() {
        match char {
            _ if escaped => escaped = false,
            '\\' if backslash && quoted => escaped = true,
            '"' => quoted = !quoted,
            char if !quoted => rest.push(char),
            _ => {}
        }
    }
    assert!(!quoted, "a string without end: {line}");
    rest
}

#[test]
fn no_name_breaks_out_of_its_quotes() {
    for seed in 0..60 {
        let mut graph = random(seed, 30);
        graph.inputs.extend(HOSTILE.map(String::from));
        graph.name = HOSTILE[usize::try_from(seed).unwrap() % HOSTILE.len()].to_owned();
        graph.with(|graph| {
            let known = |word: &str, words: &[&str]| {
                let id = word.trim_end_matches(|char: char| char.is_ascii_digit());
                words.contains(&word)
                    || ["i", "n", "cluster_"].contains(&id)
                    || id.starts_with('n') && id.ends_with('p')
                    || id.starts_with("cluster_")
            };
            let words = ["flowchart", "TD", "subgraph", "end", "output", "br", "mut", ""];
            for line in graph.to_mermaid().lines() {
                let rest = outside_of_quotes(line, false);
                for word in rest.split(|char: char| !char.is_alphanumeric() && char != '_') {
                    assert!(known(word, &words), "`{word}` in `{line}`");
                }
            }
            for line in graph.to_dot().lines().filter(|line| line.contains("label=")) {
                let rest = outside_of_quotes(line, true);
                assert!(!rest.contains("script") && !rest.contains("alert"), "{line}");
            }
        });
    }
}

#[test]
fn mermaid_labels_hold_nothing_that_mermaid_reads() {
    let mut graph = Owned::default();
    for name in HOSTILE {
        graph.add(name, "", Kind::Operator, None, "");
    }
    let text = graph.with(mermaid);
    for line in text.lines().skip(1) {
        let label = line.split('"').nth(1).unwrap();
        assert!(!label.contains(['<', '>', '`', '&', ':', '\\', '{', '|', '@', '%']), "{label}");
        // A number sign starts the code of a character and nothing else.
        for code in label.split('#').skip(1) {
            let (number, _) = code.split_once(';').unwrap();
            assert!(number.parse::<u32>().is_ok(), "{label}");
        }
    }
}

#[test]
fn subgraphs_and_clusters_are_closed() {
    for seed in 0..60 {
        random(seed, 40).with(|graph| {
            let mermaid = graph.to_mermaid();
            let starts = mermaid.lines().filter(|line| line.trim_start().starts_with("subgraph ")).count();
            assert_eq!(starts, mermaid.lines().filter(|line| line.trim() == "end").count());
            let dot = graph.to_dot();
            let starts = dot.lines().filter(|line| line.ends_with('{')).count();
            assert_eq!(starts, dot.lines().filter(|line| line.trim() == "}").count());
        });
    }
}
