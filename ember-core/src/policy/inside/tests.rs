use super::Rank;

#[test]
fn who_is_inside_of_nothing_may_wait_for_anything() {
    assert!(Rank::new().may_wait());
}

#[test]
fn nobody_waits_for_the_cache_that_it_is_inside_of() {
    let (outer, inner) = (Rank::new(), Rank::new());
    let _outer = outer.enter();
    assert!(!outer.may_wait());
    let _inner = inner.enter();
    assert!(!outer.may_wait() && !inner.may_wait());
}

#[test]
fn the_first_wait_settles_the_order() {
    let (a, b) = (Rank::new(), Rank::new());
    let inside_a = a.enter();
    assert!(b.may_wait());
    drop(inside_a);
    let _inside_b = b.enter();
    assert!(!a.may_wait());
}

#[test]
fn no_circle_of_three_comes_into_being() {
    let ranks = [Rank::new(), Rank::new(), Rank::new()];
    for (i, may) in [(0, true), (1, true), (2, false)] {
        let _inside = ranks[i].enter();
        assert_eq!(ranks[(i + 1) % 3].may_wait(), may);
    }
}

#[test]
fn a_cache_that_is_gone_orders_nobody() {
    let (a, c) = (Rank::new(), Rank::new());
    let b = Rank::new();
    for (outer, inner) in [(&a, &b), (&b, &c)] {
        let _inside = outer.enter();
        assert!(inner.may_wait());
    }
    drop(b);
    let _inside = c.enter();
    assert!(a.may_wait());
}
