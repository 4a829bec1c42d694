use super::every;

/// How often something is true of so many.
pub(in crate::executor) fn share(of: u32, mut it: impl FnMut() -> bool) -> f64 {
    f64::from((0..of).filter(|_| it()).map(|_| 1).sum::<u32>()) / f64::from(of)
}

#[test]
fn what_is_asked_one_after_the_other_may_both_be_true() {
    for (first, second) in [(16, 4), (4, 64), (128, 64), (256, 16)] {
        let both = share(1_000_000, || every(first) && every(second)) * f64::from(first * second);
        assert!((0.7..1.3).contains(&both), "one of {first} and then of {second}: {both} times as often");
    }
}
