use std::collections::HashSet;

use super::{html, nonce, policy};

#[test]
fn a_title_is_text() {
    let page = html("<script>alert('1')</script> @nonce", "n0");
    assert!(page.contains("<h1>&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; @nonce</h1>"));
    assert!(!page.contains("<script>"));
}

#[test]
fn all_that_runs_has_the_word_of_the_answer() {
    let page = html("ember", "n0");
    let tags = |name: &str| page.matches(name).count();
    assert_eq!(tags("<script"), tags(r#"<script type="module" nonce="n0">"#));
    assert_eq!(tags("<style"), tags(r#"<style nonce="n0">"#));
    assert_eq!(tags(" style="), 0);
    assert!(policy("n0").contains("script-src 'nonce-n0';"));
}

#[test]
fn the_page_asks_no_other_host() {
    let page = html("ember", "n0");
    let known = page.replace("http://www.w3.org/2000/svg", "");
    assert!(!known.contains("http://") && !known.contains("https://"));
}

#[test]
fn no_two_answers_share_a_word() {
    let words: HashSet<String> = (0..1000).map(|_| nonce()).collect();
    assert_eq!(words.len(), 1000);
}
