//! A build plan: borrowed names flow through the nodes, closures decide, where clauses everywhere.
#![allow(clippy::needless_lifetimes, clippy::elidable_lifetime_names)] // Named lifetimes are what this shows.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ember::prelude::*;
use ember_strangers::same_everywhere;

type Deps<'a> = BTreeMap<&'a str, Vec<&'a str>>;

#[derive(Debug, PartialEq, Eq, Clone)]
struct Cycle(Vec<String>);

impl std::fmt::Display for Cycle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a cycle among {}", self.0.join(", "))
    }
}

impl std::error::Error for Cycle {}

#[operator]
fn read(text: &str) -> Deps<'_> {
    text.lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(target, deps)| (target.trim(), deps.split_whitespace().collect()))
        .collect()
}

#[operator]
fn only<'a, F>(deps: Deps<'a>, wanted: F) -> Deps<'a>
where
    F: Fn(&str) -> bool,
{
    deps.into_iter().filter(|(target, _)| wanted(target)).collect()
}

#[operator]
fn order<'a>(deps: &Deps<'a>) -> Result<Vec<&'a str>, Cycle> {
    let mut done: Vec<&str> = Vec::new();
    let mut left: BTreeSet<&str> = deps.keys().copied().collect();
    while !left.is_empty() {
        let ready = |target: &&str| deps[target].iter().all(|dep| !left.contains(dep));
        let next: Vec<&str> = left.iter().copied().filter(ready).collect();
        if next.is_empty() {
            return Err(Cycle(left.into_iter().map(String::from).collect()));
        }
        left.retain(|target| !next.contains(target));
        done.extend(next);
    }
    Ok(done)
}

#[operator]
fn cost<'a>(target: &'a str, price: impl Fn(&str) -> u64) -> (&'a str, u64) {
    (target, price(target))
}

#[operator]
fn dearest<'a, T>(costs: &[(&'a str, T)]) -> Option<&'a str>
where
    T: Ord + Copy,
{
    costs.iter().max_by_key(|(_, cost)| *cost).map(|(target, _)| *target)
}

#[operator]
fn roots<'d, 'a: 'd>(deps: &'d Deps<'a>) -> impl Iterator<Item = &'a str> + 'd {
    deps.iter().filter(|(_, needs)| needs.is_empty()).map(|(target, _)| *target)
}

graph! {
    /// The targets in an order in which they can be built.
    pub fn plan<'a>(text: &'a str, wanted: impl Fn(&str) -> bool + Send) -> Result<Vec<&'a str>, ember::Error> {
        let all = read(text);
        let deps = only(all, wanted);
        Ok(order(&deps)?)
    }
}

graph! {
    /// The plan, its cost under `price` and the dearest target.
    pub fn estimate<'a, P>(text: &'a str, price: P) -> Result<(Vec<&'a str>, u64, Option<&'a str>), ember::Error>
    where
        P: Fn(&str) -> u64 + Sync,
    {
        let steps = plan(text, |_| true)?;
        let deps = read(text);
        let sources = roots(&deps);
        let costs = for step in steps.iter() { cost(step, &price) };
        let total = costs.iter().map(|(_, cost)| cost).sum();
        let top = dearest(&costs);
        let first: Vec<&str> = sources.collect();
        let names = if first.is_empty() { vec![] } else { steps };
        Ok((names, total, top))
    }
}

fn plan_plain<'a>(text: &'a str, wanted: impl Fn(&str) -> bool) -> Result<Vec<&'a str>, Cycle> {
    let all = read(text);
    let deps = only(all, wanted);
    order(&deps)
}

fn estimate_plain<'a>(
    text: &'a str,
    price: impl Fn(&str) -> u64,
) -> Result<(Vec<&'a str>, u64, Option<&'a str>), Cycle> {
    let steps = plan_plain(text, |_| true)?;
    let deps = read(text);
    let first: Vec<&str> = roots(&deps).collect();
    let costs: Vec<_> = steps.iter().map(|step| cost(step, &price)).collect();
    let total = costs.iter().map(|(_, cost)| cost).sum();
    let top = dearest(&costs);
    let names = if first.is_empty() { vec![] } else { steps };
    Ok((names, total, top))
}

const TEXT: &str = "app: net ui\nnet: core\nui: core gfx\ngfx: core\ncore:\n";

#[test]
fn the_plan_borrows_from_the_text() {
    let text = TEXT.to_string();
    let expected = plan_plain(&text, |name| name != "ui" && name != "app").expect("no cycle");
    assert_eq!(expected, ["core", "gfx", "net"]);
    same_everywhere(&expected, || plan(&text, |name| name != "ui" && name != "app").expect("no cycle"));
}

#[test]
fn costs_come_from_a_closure_that_borrows() {
    let prices = HashMap::from([("core", 5), ("gfx", 9)]);
    let price = |name: &str| prices.get(name).copied().unwrap_or(1);
    let expected = estimate_plain(TEXT, price).expect("no cycle");
    assert_eq!(expected.2, Some("gfx"));
    same_everywhere(&expected, || estimate(TEXT, price).expect("no cycle"));
}

#[test]
fn a_cycle_keeps_its_type_and_its_nodes() {
    let text = "a: b\nb: a\nc:\n";
    let error = estimate(text, |_| 1).expect_err("a cycle");
    assert_eq!(error.find::<Cycle>(), Some(&Cycle(vec!["a".into(), "b".into()])));
    assert_eq!(error.find::<Cycle>().cloned(), estimate_plain(text, |_| 1).err());
}
