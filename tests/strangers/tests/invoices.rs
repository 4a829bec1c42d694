//! An invoice pipeline: text in, lines checked one by one, totals per customer, typed errors.

use std::collections::BTreeMap;
use std::fmt;

use ember::prelude::*;
use ember_strangers::same_everywhere;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    customer: String,
    cents: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum ParseError {
    Columns { found: usize },
    Amount(String),
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Columns { found } => write!(f, "expected 2 columns, found {found}"),
            Self::Amount(text) => write!(f, "not an amount: {text}"),
        }
    }
}

impl std::error::Error for ParseError {}

#[derive(Debug, Clone, PartialEq, Eq)]
struct TooLarge(i64);

#[derive(Debug)]
enum InvoiceError {
    Parse { node: String, error: ParseError },
    Limit(TooLarge),
    Run(ember::Error),
}

impl From<ember::At<ParseError>> for InvoiceError {
    fn from(at: ember::At<ParseError>) -> Self {
        Self::Parse { node: at.site().node().to_string(), error: at.source }
    }
}

impl From<ember::At<TooLarge>> for InvoiceError {
    fn from(at: ember::At<TooLarge>) -> Self {
        Self::Limit(at.source)
    }
}

impl From<ember::Error> for InvoiceError {
    fn from(error: ember::Error) -> Self {
        Self::Run(error)
    }
}

/// The plain function's errors have no node.
impl From<ParseError> for InvoiceError {
    fn from(error: ParseError) -> Self {
        Self::Parse { node: String::new(), error }
    }
}

impl From<TooLarge> for InvoiceError {
    fn from(error: TooLarge) -> Self {
        Self::Limit(error)
    }
}

#[operator]
fn rows(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).filter(|row| !row.is_empty() && !row.starts_with('#')).collect()
}

#[operator]
fn parse(row: &str) -> Result<Line, ParseError> {
    let cells: Vec<&str> = row.split(',').map(str::trim).collect();
    let [customer, amount] = cells[..] else { return Err(ParseError::Columns { found: cells.len() }) };
    let (whole, part) = amount.split_once('.').unwrap_or((amount, "0"));
    let number = |s: &str| s.parse::<i64>().map_err(|_| ParseError::Amount(amount.to_string()));
    Ok(Line { customer: customer.to_string(), cents: number(whole)? * 100 + number(part)? })
}

#[operator]
fn check(line: &Line, limit: i64) -> Result<(), TooLarge> {
    if line.cents > limit { Err(TooLarge(line.cents)) } else { Ok(()) }
}

#[operator]
fn customers(lines: &[Line]) -> Vec<String> {
    let mut names: Vec<String> = lines.iter().map(|line| line.customer.clone()).collect();
    names.sort();
    names.dedup();
    names
}

#[operator]
fn total(lines: &[Line], customer: &str) -> i64 {
    lines.iter().filter(|line| line.customer == customer).map(|line| line.cents).sum()
}

#[operator]
fn discount(total: i64, percent: i64) -> i64 {
    total - total * percent / 100
}

#[derive(Debug, PartialEq)]
struct Report {
    totals: BTreeMap<String, i64>,
    offers: Vec<Vec<i64>>,
    sum: i64,
}

graph! {
    /// Reads `text` and sums up what every customer owes.
    fn invoices(text: &str, limit: i64) -> Result<Report, InvoiceError> {
        let rows = rows(text);
        let lines = for row in &rows { parse(row)? };
        let _checked = for line in &lines { check(line, limit)? };
        let names = customers(&lines);
        let sums = for name in &names { total(&lines, name) };
        let offers = for sum in &sums {
            for percent in [0, 5, 10] { discount(*sum, percent) }
        };
        let sum = sums.iter().sum();
        Ok(Report { totals: names.into_iter().zip(sums).collect(), offers, sum })
    }
}

fn plain(text: &str, limit: i64) -> Result<Report, InvoiceError> {
    let rows = rows(text);
    let mut lines = Vec::new();
    for row in &rows {
        lines.push(parse(row)?);
    }
    for line in &lines {
        check(line, limit)?;
    }
    let names = customers(&lines);
    let sums: Vec<i64> = names.iter().map(|name| total(&lines, name)).collect();
    let offers = sums
        .iter()
        .map(|sum| [0, 5, 10].into_iter().map(|percent| discount(*sum, percent)).collect())
        .collect();
    let sum = sums.iter().sum();
    Ok(Report { totals: names.into_iter().zip(sums).collect(), offers, sum })
}

const GOOD: &str = "# customer, amount\nada, 12.50\nbob, 3\n\nada, 7.25\ncleo, 100.00\n";

#[test]
fn totals_are_those_of_the_plain_function() {
    let expected = plain(GOOD, 1_000_000).expect("good input");
    assert_eq!(expected.sum, 12_275);
    same_everywhere(&expected, || invoices(GOOD, 1_000_000).expect("good input"));
}

#[test]
fn the_first_bad_row_is_reported_with_its_node() {
    let text = "ada, 1\nbob, x\ncleo\n";
    let expected = match plain(text, 10) {
        Err(InvoiceError::Parse { error, .. }) => error,
        other => panic!("{other:?}"),
    };
    same_everywhere(&("lines[1]".to_string(), expected), || match invoices(text, 10) {
        Err(InvoiceError::Parse { node, error }) => (node, error),
        other => panic!("{other:?}"),
    });
}

#[test]
fn the_second_operator_has_another_error_type() {
    same_everywhere(&TooLarge(1250), || match invoices(GOOD, 1000) {
        Err(InvoiceError::Limit(error)) => error,
        other => panic!("{other:?}"),
    });
}

#[test]
fn a_cancelled_run_is_an_ember_error() {
    let cx = Context::builder().build();
    cx.cancel();
    match cx.scope(|| invoices(GOOD, 1_000_000)) {
        Err(InvoiceError::Run(error)) => assert!(error.is_cancelled(), "{error}"),
        other => panic!("{other:?}"),
    }
}
