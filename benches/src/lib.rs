//! The shapes that the benchmarks run: each as a graph and as the plain function of the same lines.
//!
//! Each node adds its number to what it is given and makes `w` dependent steps of xor, shift and multiply.

use ember::{graph, operator};

/// A shape: the graph, and the plain function of the same lines.
macro_rules! both {
    ($(#[$about:meta])* pub fn $graph:ident, $plain:ident($($inputs:tt)*) -> $output:ident $body:tt) => {
        graph! {
            $(#[$about])*
            pub fn $graph($($inputs)*) -> $output $body
        }

        #[doc = concat!("The plain function of [`", stringify!($graph), "`].")]
        #[must_use]
        #[allow(
            clippy::let_and_return,
            clippy::similar_names,
            clippy::many_single_char_names,
            clippy::too_many_lines
        )]
        pub fn $plain($($inputs)*) -> $output $body
    };
}

mod of_64;

pub use of_64::{grid8, grid8_plain, rand64, rand64_plain};

/// The work of one node.
#[operator]
#[inline]
#[must_use]
pub fn step(node: u64, given: u64, w: u32) -> u64 {
    let mut x = given.wrapping_add(node + 1);
    for _ in 0..w {
        x = (x ^ (x >> 32)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
    std::hint::black_box(x)
}

fn sum(values: &[u64]) -> u64 {
    values.iter().copied().fold(0, u64::wrapping_add)
}

both! {
    /// 32 nodes, one after the other.
    pub fn chain32, chain32_plain(x: u64, w: u32) -> u64 {
        let a0 = step(0, x, w);
        let a1 = step(1, a0, w);
        let a2 = step(2, a1, w);
        let a3 = step(3, a2, w);
        let a4 = step(4, a3, w);
        let a5 = step(5, a4, w);
        let a6 = step(6, a5, w);
        let a7 = step(7, a6, w);
        let a8 = step(8, a7, w);
        let a9 = step(9, a8, w);
        let a10 = step(10, a9, w);
        let a11 = step(11, a10, w);
        let a12 = step(12, a11, w);
        let a13 = step(13, a12, w);
        let a14 = step(14, a13, w);
        let a15 = step(15, a14, w);
        let a16 = step(16, a15, w);
        let a17 = step(17, a16, w);
        let a18 = step(18, a17, w);
        let a19 = step(19, a18, w);
        let a20 = step(20, a19, w);
        let a21 = step(21, a20, w);
        let a22 = step(22, a21, w);
        let a23 = step(23, a22, w);
        let a24 = step(24, a23, w);
        let a25 = step(25, a24, w);
        let a26 = step(26, a25, w);
        let a27 = step(27, a26, w);
        let a28 = step(28, a27, w);
        let a29 = step(29, a28, w);
        let a30 = step(30, a29, w);
        step(31, a30, w)
    }
}

both! {
    /// One node, two side by side, one.
    pub fn diamond, diamond_plain(x: u64, w: u32) -> u64 {
        let a = step(0, x, w);
        let b = step(1, a, w);
        let c = step(2, a, w);
        step(3, b.wrapping_add(c), w)
    }
}

both! {
    /// One node, 32 side by side, one.
    pub fn fan32, fan32_plain(x: u64, w: u32) -> u64 {
        let a = step(0, x, w);
        let b0 = step(1, a, w);
        let b1 = step(2, a, w);
        let b2 = step(3, a, w);
        let b3 = step(4, a, w);
        let b4 = step(5, a, w);
        let b5 = step(6, a, w);
        let b6 = step(7, a, w);
        let b7 = step(8, a, w);
        let b8 = step(9, a, w);
        let b9 = step(10, a, w);
        let b10 = step(11, a, w);
        let b11 = step(12, a, w);
        let b12 = step(13, a, w);
        let b13 = step(14, a, w);
        let b14 = step(15, a, w);
        let b15 = step(16, a, w);
        let b16 = step(17, a, w);
        let b17 = step(18, a, w);
        let b18 = step(19, a, w);
        let b19 = step(20, a, w);
        let b20 = step(21, a, w);
        let b21 = step(22, a, w);
        let b22 = step(23, a, w);
        let b23 = step(24, a, w);
        let b24 = step(25, a, w);
        let b25 = step(26, a, w);
        let b26 = step(27, a, w);
        let b27 = step(28, a, w);
        let b28 = step(29, a, w);
        let b29 = step(30, a, w);
        let b30 = step(31, a, w);
        let b31 = step(32, a, w);
        let s = {
            sum(&[
                b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15, b16, b17, b18, b19, b20,
                b21, b22, b23, b24, b25, b26, b27, b28, b29, b30, b31,
            ])
        };
        step(33, s, w)
    }
}

both! {
    /// A binary reduction of 16 leaves.
    pub fn tree31, tree31_plain(x: u64, w: u32) -> u64 {
        let n0 = step(0, x, w);
        let n1 = step(1, x, w);
        let n2 = step(2, x, w);
        let n3 = step(3, x, w);
        let n4 = step(4, x, w);
        let n5 = step(5, x, w);
        let n6 = step(6, x, w);
        let n7 = step(7, x, w);
        let n8 = step(8, x, w);
        let n9 = step(9, x, w);
        let n10 = step(10, x, w);
        let n11 = step(11, x, w);
        let n12 = step(12, x, w);
        let n13 = step(13, x, w);
        let n14 = step(14, x, w);
        let n15 = step(15, x, w);
        let n16 = step(16, n0.wrapping_add(n1), w);
        let n17 = step(17, n2.wrapping_add(n3), w);
        let n18 = step(18, n4.wrapping_add(n5), w);
        let n19 = step(19, n6.wrapping_add(n7), w);
        let n20 = step(20, n8.wrapping_add(n9), w);
        let n21 = step(21, n10.wrapping_add(n11), w);
        let n22 = step(22, n12.wrapping_add(n13), w);
        let n23 = step(23, n14.wrapping_add(n15), w);
        let n24 = step(24, n16.wrapping_add(n17), w);
        let n25 = step(25, n18.wrapping_add(n19), w);
        let n26 = step(26, n20.wrapping_add(n21), w);
        let n27 = step(27, n22.wrapping_add(n23), w);
        let n28 = step(28, n24.wrapping_add(n25), w);
        let n29 = step(29, n26.wrapping_add(n27), w);
        step(30, n28.wrapping_add(n29), w)
    }
}
