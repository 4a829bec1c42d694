//! How much stack the first poll takes of `async` graphs in one another, and of plain functions with `join!`.
//!
//! `cargo bench -p ember-benches --bench depth`. That it grows with the depth and not with its square is checked.
#![recursion_limit = "512"]

use std::cell::Cell;
use std::hint::black_box;
use std::pin::pin;
use std::ptr;
use std::task::{Context, Poll, Waker};

use ember::prelude::*;
use futures_util::join;

thread_local! {
    /// The lowest address on the stack that a leaf has seen.
    static LOWEST: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// About where the stack ends.
#[inline(never)]
fn here() -> usize {
    let local = 0_u8;
    ptr::from_ref(black_box(&local)).addr()
}

#[allow(clippy::unused_async, reason = "it is ready at its first poll, which is meant")]
#[operator]
async fn leaf(n: u64) -> u64 {
    LOWEST.set(LOWEST.get().min(here()));
    n
}

macro_rules! nested {
    ($inner:ident $plain_inner:ident;) => {};
    ($inner:ident $plain_inner:ident; $outer:ident $plain_outer:ident $($rest:ident)*) => {
        graph! {
            async fn $outer(n: u64) -> u64 {
                let inside = $inner(n).await;
                let beside = leaf(n).await;
                inside + beside
            }
        }
        async fn $plain_outer(n: u64) -> u64 {
            let (inside, beside) = join!($plain_inner(n), leaf(n));
            inside + beside
        }
        nested!($outer $plain_outer; $($rest)*);
    };
}

nested!(leaf leaf;
    g1 p1 g2 p2 g3 p3 g4 p4 g5 p5 g6 p6 g7 p7 g8 p8 g9 p9 g10 p10 g11 p11 g12 p12 g13 p13 g14 p14 g15 p15 g16 p16
    g17 p17 g18 p18 g19 p19 g20 p20 g21 p21 g22 p22 g23 p23 g24 p24 g25 p25 g26 p26 g27 p27 g28 p28 g29 p29
    g30 p30 g31 p31 g32 p32 g33 p33 g34 p34 g35 p35 g36 p36 g37 p37 g38 p38 g39 p39 g40 p40 g41 p41 g42 p42
    g43 p43 g44 p44 g45 p45 g46 p46 g47 p47 g48 p48 g49 p49 g50 p50 g51 p51 g52 p52 g53 p53 g54 p54 g55 p55
    g56 p56 g57 p57 g58 p58 g59 p59 g60 p60 g61 p61 g62 p62 g63 p63 g64 p64 g65 p65 g66 p66 g67 p67 g68 p68
    g69 p69 g70 p70 g71 p71 g72 p72 g73 p73 g74 p74 g75 p75 g76 p76 g77 p77 g78 p78 g79 p79 g80 p80 g81 p81
    g82 p82 g83 p83 g84 p84 g85 p85 g86 p86 g87 p87 g88 p88 g89 p89 g90 p90 g91 p91 g92 p92 g93 p93 g94 p94
    g95 p95 g96 p96 g97 p97 g98 p98 g99 p99 g100 p100);

/// The bytes that the first poll of a future takes, which is ready then.
fn stack<F: Future<Output = u64>>(make: impl FnOnce() -> F) -> usize {
    LOWEST.set(usize::MAX);
    let future = pin!(make());
    let before = here();
    let polled = future.poll(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(polled, Poll::Ready(n) if n > 1), "each leaf gives one");
    before.saturating_sub(LOWEST.get())
}

fn main() {
    let mut graphs = Vec::new();
    println!("depth   graphs   plain functions   (bytes of stack)");
    macro_rules! measure {
        ($($depth:literal $graph:ident $plain:ident)*) => {$(
            let (graph, plain) = (stack(|| $graph(1)), stack(|| $plain(1)));
            println!("{:5} {graph:8} {plain:17}", $depth);
            graphs.push(graph);
        )*};
    }
    measure!(1 g1 p1 10 g10 p10 25 g25 p25 50 g50 p50 100 g100 p100);
    let (ten, hundred) = (graphs[1], graphs[4]);
    assert!(hundred < 20 * ten, "ten times as deep, {hundred} bytes are more than twenty times {ten}");
}
