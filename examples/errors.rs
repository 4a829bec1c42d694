//! What a failing graph tells, and how a program answers.
//!
//! A bill is made of three texts: settings, prices and orders. Each of them can be wrong, an operator can panic,
//! and there may be no time left.
//!
//! ```console
//! $ cargo run -p ember-examples --example errors
//! ```

use std::{collections::BTreeMap, time::Duration};

use ember::{At, Context, ManualClock, Stopped, graph, operator};

/// The texts of a bill.
#[derive(Clone, Copy)]
struct Files<'t> {
    /// `key = value`, a line each.
    settings: &'t str,
    /// `article;price in cents`, a line each.
    prices: &'t str,
    /// `article;pieces`, a line each.
    orders: &'t str,
}

const GOOD: Files<'_> =
    Files { settings: "discount = 10\nguests = 4", prices: "tea;250\ncake;400", orders: "tea;4\ncake;2" };

/// A line that cannot be understood.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {text:?} is no {expected}")]
struct ParseError {
    line: usize,
    text: String,
    expected: &'static str,
}

/// An order for what is not sold.
#[derive(Debug, thiserror::Error)]
#[error("nobody sells {0:?}")]
struct UnknownArticle(String);

struct Settings {
    discount: u64,
    guests: u64,
}

struct Order<'t> {
    article: &'t str,
    pieces: u64,
}

#[operator]
fn read_settings(text: &str) -> Result<Settings, ParseError> {
    let mut settings = Settings { discount: 0, guests: 1 };
    for (line, (key, value)) in pairs(text, '=') {
        let value = number(line, value)?;
        match key {
            "discount" if value <= 100 => settings.discount = value,
            "guests" => settings.guests = value,
            _ => return Err(ParseError { line, text: key.to_owned(), expected: "setting" }),
        }
    }
    Ok(settings)
}

#[operator]
fn read_prices(text: &str) -> Result<BTreeMap<&str, u64>, ParseError> {
    pairs(text, ';').map(|(line, (article, price))| Ok((article, number(line, price)?))).collect()
}

#[operator]
fn read_order(line: usize, text: &str) -> Result<Order<'_>, ParseError> {
    let unclear = || ParseError { line, text: text.to_owned(), expected: "order" };
    let (article, pieces) = text.split_once(';').ok_or_else(unclear)?;
    Ok(Order { article, pieces: number(line, pieces)? })
}

#[operator]
fn add_up(
    orders: &[Order<'_>],
    prices: &BTreeMap<&str, u64>,
    settings: &Settings,
) -> Result<u64, UnknownArticle> {
    let mut cents = 0;
    for order in orders {
        let price = prices.get(order.article).ok_or_else(|| UnknownArticle(order.article.to_owned()))?;
        cents += price * order.pieces;
    }
    Ok(cents * (100 - settings.discount) / 100)
}

/// Panics when there is no guest: a mistake of this program, not of its input.
#[operator]
fn split(cents: u64, settings: &Settings) -> u64 {
    cents / settings.guests
}

/// Asks now and then whether there is time left. The clock stands for the work, so that nobody has to wait.
#[operator]
fn post(cx: &Context, clock: &ManualClock, share: u64) -> Result<u64, Stopped> {
    for _ in 0..20 {
        cx.check()?;
        clock.advance(Duration::from_millis(10));
    }
    Ok(share)
}

/// What can go wrong with a bill, for programs that must tell one from the other.
#[derive(Debug, thiserror::Error)]
enum BillError {
    /// A text is wrong: the customer can mend it.
    #[error("the text behind `{node}` is wrong")]
    Text { node: String, source: ParseError },
    /// All else, panics and deadlines among it.
    #[error(transparent)]
    Graph(#[from] ember::Error),
}

impl From<At<ParseError>> for BillError {
    fn from(at: At<ParseError>) -> Self {
        Self::Text { node: at.site().node().into_owned(), source: at.into_source() }
    }
}

graph! {
    /// What each guest has to pay. The three texts are read side by side, the orders line by line too.
    fn bill(files: Files<'_>) -> Result<u64, ember::Error> {
        let settings = read_settings(files.settings)?;
        let prices = read_prices(files.prices)?;
        let orders = for (line, text) in (1..).zip(files.orders.lines()) { read_order(line, text)? };
        let cents = add_up(&orders, &prices, &settings)?;
        let share = split(cents, &settings);
        Ok(share)
    }

    /// The same, for a caller who acts on the kind of failure.
    fn typed_bill(files: Files<'_>) -> Result<u64, BillError> {
        let settings = read_settings(files.settings)?;
        let prices = read_prices(files.prices)?;
        let orders = for (line, text) in (1..).zip(files.orders.lines()) { read_order(line, text)? };
        let cents = add_up(&orders, &prices, &settings)?;
        let share = split(cents, &settings);
        Ok(share)
    }

    /// Charges for what can be read. Without `?` the value is the `Result`, and nothing ends.
    fn lenient_bill(files: Files<'_>) -> Result<(u64, usize), ember::Error> {
        let settings = read_settings(files.settings)?;
        let prices = read_prices(files.prices)?;
        let read = for (line, text) in (1..).zip(files.orders.lines()) { read_order(line, text) };
        let (good, bad) = { partition(read) };
        let cents = add_up(&good, &prices, &settings)?;
        Ok((cents, bad.len()))
    }

    /// Tells the guests. A graph is an operator too, and an error of `bill` says that it was run from here.
    fn posted_bill(files: Files<'_>, clock: &ManualClock) -> Result<u64, ember::Error> {
        let share = bill(files)?;
        let posted = post(clock, share)?;
        Ok(posted)
    }
}

fn partition<T, E>(results: Vec<Result<T, E>>) -> (Vec<T>, Vec<E>) {
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(value) => good.push(value),
            Err(error) => bad.push(error),
        }
    }
    (good, bad)
}

/// The lines of `text` with their numbers, cut in two at `mark`; what lacks it is a key without a value.
fn pairs(text: &str, mark: char) -> impl Iterator<Item = (usize, (&str, &str))> {
    (1..).zip(text.lines()).map(move |(line, text)| {
        let (key, value) = text.split_once(mark).unwrap_or((text, ""));
        (line, (key.trim(), value.trim()))
    })
}

fn number(line: usize, text: &str) -> Result<u64, ParseError> {
    text.trim().parse().map_err(|_| ParseError { line, text: text.to_owned(), expected: "number" })
}

fn main() -> Result<(), ember::Error> {
    println!("# All is well");
    println!("each guest pays {} cents\n", bill(GOOD)?);

    println!("# Two texts are wrong, and the first takes longer to read");
    let settings = "guests = 4\n".repeat(20_000) + "discount = much";
    let wrong = Files { settings: &settings, prices: "tea;cheap", ..GOOD };
    // The first failure is the same in every run. Which later nodes had started by then is not.
    let error = bill(wrong).unwrap_err();
    println!("{}\n", error.report());

    println!("# The same failures, one by one");
    for failure in error.failures() {
        if let Some(wrong) = failure.find::<ParseError>() {
            println!("{}: line {}", failure.node(), wrong.line);
        }
    }
    println!("{} nodes did not start\n", error.nodes().not_started);

    println!("# A program that acts on the kind of failure");
    match typed_bill(wrong) {
        Err(BillError::Text { node, source }) => println!("to the customer: mend the {node}, {source}\n"),
        Err(BillError::Graph(error)) => println!("to the operators: {error:#}\n"),
        Ok(share) => println!("each guest pays {share} cents\n"),
    }

    println!("# One that goes on without the lines that it cannot read");
    match lenient_bill(Files { orders: "tea;2\nwater\ncake;x", ..GOOD }) {
        Ok((cents, unread)) => println!("{cents} cents, and {unread} lines are not on the bill\n"),
        Err(error) => println!("{error:#}\n"),
    }

    println!("# A mistake of the program: Rust tells the panic as ever, the graph returns an error");
    let clock = ManualClock::new();
    let error = posted_bill(Files { settings: "guests = 0", ..GOOD }, &clock).unwrap_err();
    println!("{error:#}");
    println!("is_panic: {}, panic_message: {:?}\n", error.is_panic(), error.panic_message());

    println!("# No time left");
    let hurried = Context::builder()
        .clock(clock.clone())
        .timeout(Duration::from_millis(50))
        .correlation_id("order-17")
        .build();
    let error = hurried.scope(|| posted_bill(GOOD, &clock)).unwrap_err();
    println!("{}\n\nis_timeout: {}", error.report(), error.is_timeout());
    Ok(())
}
