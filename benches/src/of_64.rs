//! The shapes of 64 nodes.

use ember::graph;

use crate::step;

both! {
    /// An 8 × 8 wavefront: each node needs those to its left and above.
    pub fn grid8, grid8_plain(x: u64, w: u32) -> u64 {
        let n0 = step(0, x, w);
        let n1 = step(1, n0, w);
        let n2 = step(2, n1, w);
        let n3 = step(3, n2, w);
        let n4 = step(4, n3, w);
        let n5 = step(5, n4, w);
        let n6 = step(6, n5, w);
        let n7 = step(7, n6, w);
        let n8 = step(8, n0, w);
        let n9 = step(9, n1.wrapping_add(n8), w);
        let n10 = step(10, n2.wrapping_add(n9), w);
        let n11 = step(11, n3.wrapping_add(n10), w);
        let n12 = step(12, n4.wrapping_add(n11), w);
        let n13 = step(13, n5.wrapping_add(n12), w);
        let n14 = step(14, n6.wrapping_add(n13), w);
        let n15 = step(15, n7.wrapping_add(n14), w);
        let n16 = step(16, n8, w);
        let n17 = step(17, n9.wrapping_add(n16), w);
        let n18 = step(18, n10.wrapping_add(n17), w);
        let n19 = step(19, n11.wrapping_add(n18), w);
        let n20 = step(20, n12.wrapping_add(n19), w);
        let n21 = step(21, n13.wrapping_add(n20), w);
        let n22 = step(22, n14.wrapping_add(n21), w);
        let n23 = step(23, n15.wrapping_add(n22), w);
        let n24 = step(24, n16, w);
        let n25 = step(25, n17.wrapping_add(n24), w);
        let n26 = step(26, n18.wrapping_add(n25), w);
        let n27 = step(27, n19.wrapping_add(n26), w);
        let n28 = step(28, n20.wrapping_add(n27), w);
        let n29 = step(29, n21.wrapping_add(n28), w);
        let n30 = step(30, n22.wrapping_add(n29), w);
        let n31 = step(31, n23.wrapping_add(n30), w);
        let n32 = step(32, n24, w);
        let n33 = step(33, n25.wrapping_add(n32), w);
        let n34 = step(34, n26.wrapping_add(n33), w);
        let n35 = step(35, n27.wrapping_add(n34), w);
        let n36 = step(36, n28.wrapping_add(n35), w);
        let n37 = step(37, n29.wrapping_add(n36), w);
        let n38 = step(38, n30.wrapping_add(n37), w);
        let n39 = step(39, n31.wrapping_add(n38), w);
        let n40 = step(40, n32, w);
        let n41 = step(41, n33.wrapping_add(n40), w);
        let n42 = step(42, n34.wrapping_add(n41), w);
        let n43 = step(43, n35.wrapping_add(n42), w);
        let n44 = step(44, n36.wrapping_add(n43), w);
        let n45 = step(45, n37.wrapping_add(n44), w);
        let n46 = step(46, n38.wrapping_add(n45), w);
        let n47 = step(47, n39.wrapping_add(n46), w);
        let n48 = step(48, n40, w);
        let n49 = step(49, n41.wrapping_add(n48), w);
        let n50 = step(50, n42.wrapping_add(n49), w);
        let n51 = step(51, n43.wrapping_add(n50), w);
        let n52 = step(52, n44.wrapping_add(n51), w);
        let n53 = step(53, n45.wrapping_add(n52), w);
        let n54 = step(54, n46.wrapping_add(n53), w);
        let n55 = step(55, n47.wrapping_add(n54), w);
        let n56 = step(56, n48, w);
        let n57 = step(57, n49.wrapping_add(n56), w);
        let n58 = step(58, n50.wrapping_add(n57), w);
        let n59 = step(59, n51.wrapping_add(n58), w);
        let n60 = step(60, n52.wrapping_add(n59), w);
        let n61 = step(61, n53.wrapping_add(n60), w);
        let n62 = step(62, n54.wrapping_add(n61), w);
        step(63, n55.wrapping_add(n62), w)
    }
}

both! {
    /// 64 nodes, each of which needs one to four of the twelve before it: drawn once, by `SplitMix64` from the seed 42.
    pub fn rand64, rand64_plain(x: u64, w: u32) -> u64 {
        let n0 = step(0, x, w);
        let n1 = step(1, n0, w);
        let n2 = step(2, n0.wrapping_add(n1), w);
        let n3 = step(3, n1, w);
        let n4 = step(4, n0.wrapping_add(n2).wrapping_add(n3), w);
        let n5 = step(5, n1.wrapping_add(n2).wrapping_add(n4), w);
        let n6 = step(6, n0, w);
        let n7 = step(7, n4.wrapping_add(n5), w);
        let n8 = step(8, n1, w);
        let n9 = step(9, n1.wrapping_add(n7), w);
        let n10 = step(10, n1.wrapping_add(n2).wrapping_add(n3).wrapping_add(n8), w);
        let n11 = step(11, n3.wrapping_add(n8), w);
        let n12 = step(12, n4.wrapping_add(n10), w);
        let n13 = step(13, n2.wrapping_add(n5), w);
        let n14 = step(14, n4.wrapping_add(n8).wrapping_add(n9).wrapping_add(n12), w);
        let n15 = step(15, n7.wrapping_add(n10).wrapping_add(n11).wrapping_add(n12), w);
        let n16 = step(16, n5.wrapping_add(n7), w);
        let n17 = step(17, n9.wrapping_add(n11).wrapping_add(n15), w);
        let n18 = step(18, n8.wrapping_add(n9).wrapping_add(n16), w);
        let n19 = step(19, n9, w);
        let n20 = step(20, n10.wrapping_add(n18), w);
        let n21 = step(21, n11.wrapping_add(n15).wrapping_add(n17).wrapping_add(n18), w);
        let n22 = step(22, n11.wrapping_add(n12).wrapping_add(n13).wrapping_add(n14), w);
        let n23 = step(23, n14.wrapping_add(n15), w);
        let n24 = step(24, n14.wrapping_add(n15).wrapping_add(n18).wrapping_add(n20), w);
        let n25 = step(25, n14.wrapping_add(n15).wrapping_add(n21).wrapping_add(n24), w);
        let n26 = step(26, n14.wrapping_add(n18).wrapping_add(n24).wrapping_add(n25), w);
        let n27 = step(27, n17.wrapping_add(n18).wrapping_add(n19).wrapping_add(n25), w);
        let n28 = step(28, n21.wrapping_add(n24).wrapping_add(n27), w);
        let n29 = step(29, n21.wrapping_add(n22).wrapping_add(n27), w);
        let n30 = step(30, n21.wrapping_add(n27).wrapping_add(n28), w);
        let n31 = step(31, n20.wrapping_add(n21).wrapping_add(n30), w);
        let n32 = step(32, n21, w);
        let n33 = step(33, n28.wrapping_add(n31), w);
        let n34 = step(34, n27, w);
        let n35 = step(35, n29.wrapping_add(n32), w);
        let n36 = step(36, n24.wrapping_add(n25).wrapping_add(n30), w);
        let n37 = step(37, n26.wrapping_add(n29).wrapping_add(n31), w);
        let n38 = step(38, n26.wrapping_add(n31).wrapping_add(n35).wrapping_add(n36), w);
        let n39 = step(39, n30.wrapping_add(n31).wrapping_add(n34).wrapping_add(n38), w);
        let n40 = step(40, n33.wrapping_add(n34), w);
        let n41 = step(41, n29.wrapping_add(n34).wrapping_add(n35).wrapping_add(n38), w);
        let n42 = step(42, n31.wrapping_add(n41), w);
        let n43 = step(43, n36.wrapping_add(n37).wrapping_add(n40).wrapping_add(n41), w);
        let n44 = step(44, n38, w);
        let n45 = step(45, n33, w);
        let n46 = step(46, n39.wrapping_add(n41), w);
        let n47 = step(47, n36.wrapping_add(n43).wrapping_add(n44).wrapping_add(n45), w);
        let n48 = step(48, n36.wrapping_add(n37).wrapping_add(n40).wrapping_add(n46), w);
        let n49 = step(49, n40, w);
        let n50 = step(50, n47.wrapping_add(n48), w);
        let n51 = step(51, n39.wrapping_add(n40), w);
        let n52 = step(52, n40.wrapping_add(n42).wrapping_add(n45), w);
        let n53 = step(53, n46.wrapping_add(n48).wrapping_add(n52), w);
        let n54 = step(54, n49.wrapping_add(n53), w);
        let n55 = step(55, n47.wrapping_add(n51), w);
        let n56 = step(56, n47.wrapping_add(n52), w);
        let n57 = step(57, n45.wrapping_add(n47).wrapping_add(n51).wrapping_add(n54), w);
        let n58 = step(58, n48.wrapping_add(n57), w);
        let n59 = step(59, n47.wrapping_add(n49), w);
        let n60 = step(60, n48.wrapping_add(n55), w);
        let n61 = step(61, n51.wrapping_add(n53).wrapping_add(n57), w);
        let n62 = step(62, n58, w);
        let n63 = step(63, n52.wrapping_add(n54).wrapping_add(n55).wrapping_add(n60), w);
        n6.wrapping_add(n23)
            .wrapping_add(n50)
            .wrapping_add(n56)
            .wrapping_add(n59)
            .wrapping_add(n61)
            .wrapping_add(n62)
            .wrapping_add(n63)
    }
}
