use super::{Policy, line};
use crate::{Description, Kind, Node};

const TIMEOUT: Policy<'static> = Policy::__new("timeout", "2s");
const RETRY: Policy<'static> = Policy::__new("retry", "attempts = 3, backoff = none");
const CACHE: Policy<'static> = Policy::__new("cache", "");
const HOSTILE: Policy<'static> = Policy::__new("fallback", "\"]--><b>&\n");

fn node<'a>(operator: &'a [Policy<'a>], line: &'a [Policy<'a>], without: &'a [&'a str]) -> Node<'a> {
    Node::__new("n", "op", Kind::Operator, None, "", false, 1, 1, None).__policies(operator, line, without)
}

#[test]
fn what_a_line_says_comes_before_what_the_operator_says() {
    let own = [Policy::__new("timeout", "500ms")];
    assert_eq!(line(&node(&[TIMEOUT, RETRY, CACHE], &own, &["cache"])), "retry · timeout 500ms");
    assert_eq!(line(&node(&[TIMEOUT], &[], &["timeout"])), "");
    assert_eq!(line(&node(&[], &own, &["retry"])), "timeout 500ms");
    assert_eq!(line(&node(&[], &[], &[])), "");
}

#[test]
fn the_outermost_stands_first_however_they_are_written() {
    let node = node(&[TIMEOUT, RETRY, CACHE], &[], &[]);
    assert_eq!(node.policies().collect::<Vec<_>>(), [CACHE, RETRY, TIMEOUT]);
}

#[test]
fn pictures_show_policies_and_no_value_breaks_out_of_them() {
    let nodes = [node(&[TIMEOUT, HOSTILE], &[], &[])];
    let description = Description::__new("g", "", 1, &[], &nodes, &[], None);
    let said = |picture: &str, shown: &str| assert!(picture.contains(shown), "{picture}");
    said(
        &description.to_mermaid(),
        "<br/><small>fallback #34;]#45;#45;#62;#60;b#62;#38; #183; timeout 2s</small>",
    );
    said(&description.to_dot(), r#"\nfallback \"]--><b>&amp; · timeout 2s", "#);
    said(&description.to_svg(), "&lt;b&gt;&amp; · timeout 2s</text>");
}
