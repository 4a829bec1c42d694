//! What a graph is about. A small graph that took every operator as often as any other would make a value of an
//! uncommon type and never get to use it; so each graph has themes, whose operators and glue come often.

use super::forms::Form;
use super::rng::Rng;

/// The beginnings of the templates of each theme.
const THEMES: [&[&str]; 11] = [
    &["model(", "Model::new(", "@.forward(", "@.read(", "@.learn(", "@.into_total("],
    &["make(", "view(", "view(", "glance(", "close("],
    &["make(", "merge(", "retire(", "again(", "risk(", "peek("],
    &["record(", "weigh(", "rename(", "Record {", "@"],
    &["half(", "kind(", "head(", "divide(", "Some("],
    &["words(", "longest(", "head(", "drain(", "either(", "halves("],
    &["cat(", "seal(", "polish(", "count_apart(", "measure(", "up("],
    &["ladder(", "push(", "append(", "total(", "spend(", "grow("],
    &["triple(", "sum_of(", "times::"],
    &["apply(", "|x: usize| x +", "move |x: usize|", "@(@)"],
    &["check(", "divide(", "number(", "risk(", "verify(", "@?"],
];

/// How much more often a theme's forms come than others.
const BOOST: usize = 6;

/// Two themes for a graph, as weights of its tables.
pub(super) fn set(rng: &mut Rng, operators: &mut [Form], glue: &mut [Form]) {
    for _ in 0..2 {
        let theme = *rng.pick(&THEMES);
        for form in operators.iter_mut().chain(glue.iter_mut()) {
            // `@` alone is the field that is moved out, not the beginning of every method call.
            let begins = |start: &str| {
                if start == "@" { form.template == start } else { form.template.starts_with(start) }
            };
            if theme.iter().any(|start| begins(start)) {
                form.weight *= BOOST;
            }
        }
    }
}
