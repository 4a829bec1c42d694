//! Whatever the last lines take of a value, a graph gives what the function with the same lines gives.
#![allow(
    clippy::let_and_return,
    clippy::many_single_char_names,
    clippy::needless_pass_by_value,
    reason = "the last lines are what is tested"
)]

use std::sync::Arc;

use ember::prelude::*;
use ember_tests::everywhere;

struct Deep {
    a: (u8, String),
    b: Box<Inner>,
    c: [u32; 2],
    d: Option<u32>,
    e: Kind,
}

struct Inner {
    x: u32,
    y: String,
}

#[derive(Clone, Copy)]
enum Kind {
    Even(u32),
    Odd,
}

#[operator]
fn deep(n: u32) -> Deep {
    let kind = if n.is_multiple_of(2) { Kind::Even(n) } else { Kind::Odd };
    let a = (u8::from(n > 0), n.to_string());
    Deep { a, b: Box::new(Inner { x: n, y: "y".to_owned() }), c: [n, n + 1], d: Some(n), e: kind }
}

#[operator]
fn double(n: u32) -> u32 {
    n * 2
}

#[operator]
fn own(text: String) -> usize {
    text.len() + text.capacity().min(1)
}

#[operator]
fn look(deep: &Deep) -> usize {
    deep.a.1.len()
}

#[operator]
fn text(deep: &Deep) -> &str {
    &deep.a.1
}

/// A graph and a function of the same lines, and a test that they agree.
macro_rules! both {
    ($name:ident($n:ident) { $($body:tt)* }) => {
        mod $name {
            use super::*;

            graph! {
                fn graph($n: u32) -> String { $($body)* }
            }

            fn function($n: u32) -> String { $($body)* }

            #[test]
            fn agrees() {
                everywhere(|_| {
                    for n in [0, 1, 4, 5] {
                        assert_eq!(graph(n), function(n));
                    }
                });
            }
        }
    };
}

both!(copies_out_of_a_box(n) {
    let d = deep(n);
    let o = double(n);
    let x = double(d.b.x);
    let s = format!("{o}{x}");
    s
});

both!(lends_and_copies_an_element(n) {
    let d = deep(n);
    let t = text(&d);
    let o = double(n);
    let x = double(d.c[1]);
    let s = format!("{o}{x}{t}");
    s
});

both!(moves_out_of_a_box(n) {
    let d = deep(n);
    let o = double(n);
    let x = own(d.b.y);
    let s = format!("{o}{x}");
    s
});

both!(lends_and_copies_an_option(n) {
    let d = deep(n);
    let t = text(&d);
    let o = double(n);
    let x = double(d.d.unwrap_or(3));
    let s = format!("{o}{x}{t}");
    s
});

both!(lends_and_matches_a_copy(n) {
    let d = deep(n);
    let t = text(&d);
    let o = double(n);
    let x = match d.e { Kind::Even(k) => double(k), Kind::Odd => o };
    let s = format!("{o}{x}{t}");
    s
});

both!(moves_one_field_and_copies_another(n) {
    let d = deep(n);
    let o = double(n);
    let x = own(d.a.1);
    let y = double(u32::from(d.a.0));
    let s = format!("{o}{x}{y}");
    s
});

both!(moves_two_fields_in_one_task(n) {
    let d = deep(n);
    let o = double(n);
    let x = own(d.a.1);
    let z = double(o);
    let y = own(d.b.y);
    let s = format!("{o}{x}{y}{z}");
    s
});

both!(moves_two_fields_in_an_arm(n) {
    let d = deep(n);
    let l = look(&d);
    let o = double(n);
    let s = if o > 3 {
        let k = own(d.a.1);
        let j = double(d.d.unwrap());
        format!("{k}{j}{l}")
    } else {
        let q = double(d.b.x);
        format!("{q}")
    };
    s
});

both!(lends_and_copies_in_an_arm(n) {
    let d = deep(n);
    let t = text(&d);
    let o = double(n);
    let s = if o > 3 {
        let k = double(d.c[0] + d.b.x);
        format!("{k}{t}")
    } else {
        t.to_owned()
    };
    s
});

both!(takes_a_copy_apart(n) {
    let m = deep(n);
    let o = double(n);
    let Deep { e, .. } = m;
    let x = match e { Kind::Even(k) => double(k), Kind::Odd => o };
    let s = format!("{o}{x}");
    s
});

both!(copies_in_a_closure_and_after_it(n) {
    let d = deep(n);
    let t = text(&d);
    let o = double(n);
    let f = |k: u32| k + d.b.x;
    let x = double(f(1));
    let y = double(d.b.x);
    let s = format!("{o}{x}{y}{t}");
    s
});

both!(copies_in_arrays_and_tuples(n) {
    let d = deep(n);
    let e = deep(n + 1);
    let t = text(&d);
    let u = text(&e);
    let sums = [double(d.b.x), double(e.b.x)];
    let both = (double(n), double(sums[0]));
    let s = format!("{sums:?}{both:?}{t}{u}");
    s
});

both!(copies_through_a_reference(n) {
    let w = deep(n);
    let d = &w;
    let t = text(d);
    let o = double(n);
    let x = double(d.b.x);
    let s = format!("{o}{x}{t}");
    s
});

both!(copies_through_an_arc(n) {
    let d = Arc::new(deep(n));
    let t = text(&d);
    let o = double(n);
    let x = double(d.b.x);
    let s = format!("{o}{x}{t}");
    s
});

both!(copies_out_of_a_tuple(n) {
    let d = (deep(n), deep(n + 2));
    let t = text(&d.0);
    let o = double(n);
    let x = double(d.1.b.x);
    let y = double(d.0.c[0]);
    let s = format!("{o}{x}{y}{t}");
    s
});
