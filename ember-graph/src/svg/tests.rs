use super::shapes::Num;
use super::theme::style;

#[test]
fn numbers_are_short() {
    let text = |number| Num(number).to_string();
    assert_eq!(
        [3.0, 2.55, -0.01, 1234.449, 1e9].map(text),
        ["3", "2.5", "0", "1234.4", "1000000000"],
        "one decimal, and only where it says something"
    );
}

#[test]
fn only_the_classes_in_use_have_rules() {
    let sheet = style("id", r#"<rect class="eg-node"/>"#);
    assert!(sheet.contains("#id .eg-node{") && !sheet.contains("eg-glue"));
    assert_eq!(sheet.matches('{').count(), sheet.matches('}').count());
    assert_eq!(sheet.matches("#id .eg-node{").count(), 5, "always, three themes of pages, and dark systems");
}
