//! Where generated code calls for threads: before the last node ahead of a region, which a thread may take to wake.

use quote::quote;

use super::soup::tokens;

/// What of the expansion says which nodes start, and when threads are called, in the order of the text.
fn calls(graph: &str) -> Vec<String> {
    let graphs = tokens(graph);
    let text = super::super::expand_for(false, quote!([::ember] #graphs)).to_string();
    let calls = text.split("__level .").skip(1);
    let calls = calls.filter_map(|call| {
        let call = call.trim_start();
        if call.starts_with("ahead") {
            return Some("ahead".to_owned());
        }
        let arguments = call.strip_prefix("start ").or_else(|| call.strip_prefix("start_inline "))?;
        let node = arguments.split([',', ')']).nth(1)?;
        Some(node.trim().trim_end_matches("u32").to_owned())
    });
    calls.collect()
}

#[test]
fn threads_are_called_before_the_last_node_ahead_of_a_region() {
    let found = calls(
        "fn series(n: u32) -> u32 {
            let a = grow(n);
            let b = grow(a);
            let c = grow(b);
            let d = grow(b);
            let e = join(c, d);
            e
        }",
    );
    assert_eq!(found, ["0", "ahead", "1", "2", "3", "4"]);
}

#[test]
fn none_is_called_where_nothing_runs_before_or_threads_are_there_or_nodes_wait() {
    for graph in [
        "fn at_once(n: u32) -> u32 { let a = grow(n); let b = grow(n); let c = join(a, b); c }",
        "fn in_items(ns: Vec<u32>) -> Vec<u32> {
            let all = for n in ns { let a = grow(n); let b = grow(a); let c = grow(a); let d = join(b, c); d };
            all
        }",
        "async fn waits(n: u32) -> u32 {
            let a = ask(n).await;
            let b = ask(a).await;
            let c = ask(a).await;
            let d = join(b, c).await;
            d
        }",
    ] {
        assert!(!calls(graph).contains(&"ahead".to_owned()), "{graph}");
    }
}
