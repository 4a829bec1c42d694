//! The attribute form everywhere: generics, documentation, pictures, contexts as parameters.

use std::fmt::Debug;
use std::time::Duration;

use ember::{Context, Strategy, graph_fn, operator};
use ember_strangers::same_everywhere;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Buy,
    Sell,
}

#[derive(Debug, Clone, PartialEq)]
struct Order<Q> {
    side: Side,
    quantity: Q,
    limit: f64,
}

/// Splits `orders` into those of either side.
#[operator]
fn split<Q: Clone>(orders: &[Order<Q>]) -> (Vec<Order<Q>>, Vec<Order<Q>>) {
    orders.iter().cloned().partition(|order| order.side == Side::Buy)
}

/// The order that goes first.
#[operator]
fn best<Q>(orders: &[Order<Q>], better: fn(f64, f64) -> bool) -> Option<&Order<Q>> {
    let first = orders.first()?;
    Some(orders.iter().fold(first, |best, order| if better(order.limit, best.limit) { order } else { best }))
}

#[operator]
fn volume<Q: Copy + Into<f64>>(orders: &[Order<Q>]) -> f64 {
    orders.iter().map(|order| order.quantity.into()).sum()
}

/// Marks `text` with the run it belongs to.
#[operator]
fn stamp(cx: &Context, text: &str) -> String {
    format!("[{}] {text}", cx.correlation_id())
}

#[operator]
fn show(price: Option<f64>, bought: f64, sold: f64) -> String {
    match price {
        Some(price) => format!("{bought}/{sold} at {price}"),
        None => "no trade".to_string(),
    }
}

/// Where buyers and sellers meet.
///
/// # Examples
///
/// Called as any function is.
#[graph_fn]
pub fn cross<Q>(orders: &[Order<Q>]) -> Option<f64>
where
    Q: Clone + Debug + Send + Sync,
{
    let (buys, sells) = split(orders);
    let bid = best(&buys, |a, b| a > b);
    let ask = best(&sells, |a, b| a < b);
    if let (Some(bid), Some(ask)) = (bid, ask) {
        (bid.limit >= ask.limit).then_some(f64::midpoint(bid.limit, ask.limit))
    } else {
        None
    }
}

/// One line about the `orders`, stamped with the run that wrote it.
#[ember::graph_fn]
pub fn bulletin<Q: Clone + Copy + Debug + Send + Sync + Into<f64>>(
    cx: &Context,
    orders: &[Order<Q>],
) -> String {
    let price = cross(orders);
    let (buys, sells) = split(orders);
    let (bought, sold) = (volume(&buys), volume(&sells));
    let text = show(price, bought, sold);
    // A nested graph and an operator both see the same run.
    let inner = quote(&text);
    let outer = stamp(&text);
    let same = cx.correlation_id().len() + 2 < outer.len() && inner == outer;
    if same { outer } else { String::new() }
}

#[ember::graph_fn]
fn quote(cx: &Context, text: &str) -> String {
    let known = !cx.correlation_id().is_empty();
    let stamped = stamp(text);
    if known { stamped } else { "anonymous".to_string() }
}

fn cross_plain<Q: Clone>(orders: &[Order<Q>]) -> Option<f64> {
    let (buys, sells) = split(orders);
    let bid = best(&buys, |a, b| a > b)?;
    let ask = best(&sells, |a, b| a < b)?;
    (bid.limit >= ask.limit).then_some(f64::midpoint(bid.limit, ask.limit))
}

fn bulletin_plain<Q: Copy + Into<f64>>(id: &str, orders: &[Order<Q>]) -> String {
    let (buys, sells) = split(orders);
    format!("[{id}] {}", show(cross_plain(orders), volume(&buys), volume(&sells)))
}

fn orders<Q: Copy>(quantities: [Q; 4]) -> Vec<Order<Q>> {
    let [a, b, c, d] = quantities;
    vec![
        Order { side: Side::Buy, quantity: a, limit: 10.0 },
        Order { side: Side::Sell, quantity: b, limit: 11.0 },
        Order { side: Side::Buy, quantity: c, limit: 12.0 },
        Order { side: Side::Sell, quantity: d, limit: 14.5 },
    ]
}

#[test]
fn the_price_is_that_of_the_plain_function() {
    let book = orders([1_u32, 2, 3, 4]);
    assert_eq!(cross_plain(&book), Some(11.5));
    for upto in 0..=book.len() {
        same_everywhere(&cross_plain(&book[..upto]), || cross(&book[..upto]));
    }
}

#[test]
fn the_correlation_id_reaches_every_node() {
    let book = orders([1.5_f32, 2.0, 3.0, 4.0]);
    for strategy in [Strategy::Sequential, Strategy::Parallel] {
        let cx = Context::builder()
            .correlation_id("run-7")
            .strategy(strategy)
            .timeout(Duration::from_mins(1))
            .build();
        let got = cx.scope(|| {
            assert_eq!(Context::current().correlation_id(), "run-7");
            bulletin(&Context::current(), &book)
        });
        assert_eq!(got, bulletin_plain("run-7", &book));
        // The context that is passed is the one that the nodes run in.
        assert_eq!(bulletin(&cx, &book), got);
    }
}

#[test]
fn the_graph_describes_itself() {
    let description = cross::describe();
    assert_eq!(description.name, "cross");
    let names: Vec<&str> = description.nodes.iter().map(|node| node.path).collect();
    assert!(names.contains(&"bid") && names.contains(&"ask"), "{names:?}");
    let mermaid = bulletin::describe().to_mermaid();
    assert!(mermaid.starts_with("flowchart") && mermaid.contains("bought"), "{mermaid}");
    let svg = bulletin::describe().to_svg();
    assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"), "{svg}");
}
