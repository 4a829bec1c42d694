use super::antichain::heaviest;

#[test]
fn weights_count() {
    // 0 before 1 and 2: either 0 alone or the two others.
    let links = [(0, 1), (0, 2)];
    assert_eq!(heaviest(&[0, 1, 2], &links, &[5, 2, 2]), 5);
    assert_eq!(heaviest(&[0, 1, 2], &links, &[3, 2, 2]), 4);
}

#[test]
fn weightless_nodes_still_order() {
    assert_eq!(heaviest(&[0, 1, 2], &[(0, 1), (1, 2)], &[2, 0, 3]), 3);
}

#[test]
fn only_the_named_nodes_count() {
    assert_eq!(heaviest(&[1, 3], &[(0, 1), (1, 2), (2, 3)], &[9, 1, 9, 1]), 2);
    assert_eq!(heaviest(&[], &[], &[]), 0);
}
