//! More graphs than fit on a screen, and one with more nodes: what a program has that grew for years.

use ember::prelude::*;

use crate::program::Trouble;

#[operator]
fn fetch(number: u64) -> u64 {
    number % 1_000_003
}

#[operator]
fn merge(one: u64, other: u64) -> Result<u64, Trouble> {
    // Now and then one of many is refused.
    let both = (31 * one + other) % 1_000_003;
    if both % 4099 == 7 {
        Err(Trouble::Refused(format!("{both} has no place in the catalogue")))
    } else {
        Ok(both)
    }
}

/// A graph of layers, whose nodes each take two of the layer above.
macro_rules! layers {
    ($number:ident: $($first:ident)*; $($made:ident $one:ident $other:ident;)* => $end:expr) => {
        graph! {
            /// Two hundred nodes in ten layers.
            pub fn catalogue($number: u64) -> Result<u64, ember::Error> {
                $(let $first = fetch($number);)*
                $(let $made = merge($one, $other)?;)*
                Ok($end)
            }
        }
    };
}

#[rustfmt::skip]
layers! { number:
        a00 a01 a02 a03 a04 a05 a06 a07 a08 a09 a10 a11 a12 a13 a14 a15 a16 a17 a18 a19;
        b00 a00 a03; b01 a01 a10; b02 a02 a17; b03 a03 a04; b04 a04 a11;
        b05 a05 a18; b06 a06 a05; b07 a07 a12; b08 a08 a19; b09 a09 a06;
        b10 a10 a13; b11 a11 a00; b12 a12 a07; b13 a13 a14; b14 a14 a01;
        b15 a15 a08; b16 a16 a15; b17 a17 a02; b18 a18 a09; b19 a19 a16;
        c00 b00 b03; c01 b01 b10; c02 b02 b17; c03 b03 b04; c04 b04 b11;
        c05 b05 b18; c06 b06 b05; c07 b07 b12; c08 b08 b19; c09 b09 b06;
        c10 b10 b13; c11 b11 b00; c12 b12 b07; c13 b13 b14; c14 b14 b01;
        c15 b15 b08; c16 b16 b15; c17 b17 b02; c18 b18 b09; c19 b19 b16;
        d00 c00 c03; d01 c01 c10; d02 c02 c17; d03 c03 c04; d04 c04 c11;
        d05 c05 c18; d06 c06 c05; d07 c07 c12; d08 c08 c19; d09 c09 c06;
        d10 c10 c13; d11 c11 c00; d12 c12 c07; d13 c13 c14; d14 c14 c01;
        d15 c15 c08; d16 c16 c15; d17 c17 c02; d18 c18 c09; d19 c19 c16;
        e00 d00 d03; e01 d01 d10; e02 d02 d17; e03 d03 d04; e04 d04 d11;
        e05 d05 d18; e06 d06 d05; e07 d07 d12; e08 d08 d19; e09 d09 d06;
        e10 d10 d13; e11 d11 d00; e12 d12 d07; e13 d13 d14; e14 d14 d01;
        e15 d15 d08; e16 d16 d15; e17 d17 d02; e18 d18 d09; e19 d19 d16;
        f00 e00 e03; f01 e01 e10; f02 e02 e17; f03 e03 e04; f04 e04 e11;
        f05 e05 e18; f06 e06 e05; f07 e07 e12; f08 e08 e19; f09 e09 e06;
        f10 e10 e13; f11 e11 e00; f12 e12 e07; f13 e13 e14; f14 e14 e01;
        f15 e15 e08; f16 e16 e15; f17 e17 e02; f18 e18 e09; f19 e19 e16;
        g00 f00 f03; g01 f01 f10; g02 f02 f17; g03 f03 f04; g04 f04 f11;
        g05 f05 f18; g06 f06 f05; g07 f07 f12; g08 f08 f19; g09 f09 f06;
        g10 f10 f13; g11 f11 f00; g12 f12 f07; g13 f13 f14; g14 f14 f01;
        g15 f15 f08; g16 f16 f15; g17 f17 f02; g18 f18 f09; g19 f19 f16;
        h00 g00 g03; h01 g01 g10; h02 g02 g17; h03 g03 g04; h04 g04 g11;
        h05 g05 g18; h06 g06 g05; h07 g07 g12; h08 g08 g19; h09 g09 g06;
        h10 g10 g13; h11 g11 g00; h12 g12 g07; h13 g13 g14; h14 g14 g01;
        h15 g15 g08; h16 g16 g15; h17 g17 g02; h18 g18 g09; h19 g19 g16;
        i00 h00 h03; i01 h01 h10; i02 h02 h17; i03 h03 h04; i04 h04 h11;
        i05 h05 h18; i06 h06 h05; i07 h07 h12; i08 h08 h19; i09 h09 h06;
        i10 h10 h13; i11 h11 h00; i12 h12 h07; i13 h13 h14; i14 h14 h01;
        i15 h15 h08; i16 h16 h15; i17 h17 h02; i18 h18 h09; i19 h19 h16;
        j00 i00 i03; j01 i01 i10; j02 i02 i17; j03 i03 i04; j04 i04 i11;
        j05 i05 i18; j06 i06 i05; j07 i07 i12; j08 i08 i19; j09 i09 i06;
        j10 i10 i13; j11 i11 i00; j12 i12 i07; j13 i13 i14; j14 i14 i01;
        j15 i15 i08; j16 i16 i15; j17 i17 i02; j18 i18 i09; j19 i19 i16;
        => [j00, j01, j02, j03, j04, j05, j06, j07, j08, j09,
            j10, j11, j12, j13, j14, j15, j16, j17, j18, j19].iter().sum::<u64>() / 20
}

/// A small graph each, and a function that runs all.
macro_rules! graphs {
    ($($name:ident)*) => {
        graph! {
            $(pub fn $name(number: u64) -> Result<u64, ember::Error> {
                let read = fetch(number);
                let kept = merge(read, number)?;
                Ok(kept)
            })*
        }

        /// Runs each of them once.
        pub fn all(number: u64) {
            $(let _ = $name(number);)*
        }
    };
}

graphs! {
    invoices refunds shipments returns stock_levels suppliers contracts tariffs
    exchange_rates newsletters reminders ratings complaints vouchers gift_cards loyalty
    campaigns recommendations translations images thumbnails exports imports audits
    backups sessions permissions devices addresses holidays
}
