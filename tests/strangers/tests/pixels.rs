//! Filters on a grid: generic over the pixel, const generics, graphs in modules, borrowed slices.

use ember::prelude::*;
use ember_strangers::same_everywhere;

/// What a filter needs of a pixel.
trait Pixel: Copy + PartialEq + std::fmt::Debug + Send + Sync + 'static {
    fn from_level(level: f64) -> Self;
    fn level(self) -> f64;
}

impl Pixel for u8 {
    fn from_level(level: f64) -> Self {
        (0..=255).rev().find(|&byte| f64::from(byte) <= level).unwrap_or(0)
    }
    fn level(self) -> f64 {
        f64::from(self)
    }
}

impl Pixel for f64 {
    fn from_level(level: f64) -> Self {
        level
    }
    fn level(self) -> f64 {
        self
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Grid<P, const W: usize, const H: usize>([[P; W]; H]);

mod filters {
    use ember::prelude::*;

    use super::{Grid, Pixel};

    #[operator]
    pub(crate) fn blur<P: Pixel, const W: usize, const H: usize>(grid: &Grid<P, W, H>) -> Grid<P, W, H> {
        let mut out = *grid;
        for (y, row) in out.0.iter_mut().enumerate() {
            for (x, pixel) in row.iter_mut().enumerate() {
                let left = grid.0[y][x.saturating_sub(1)].level();
                let right = grid.0[y][(x + 1).min(W - 1)].level();
                *pixel = P::from_level(f64::midpoint(left, right));
            }
        }
        out
    }

    #[operator]
    pub(crate) fn flip<P: Pixel, const W: usize, const H: usize>(mut grid: Grid<P, W, H>) -> Grid<P, W, H> {
        grid.0.reverse();
        grid
    }

    #[operator]
    pub(crate) fn brightest<P: Pixel>(row: &[P]) -> Option<&P> {
        row.iter().max_by(|a, b| a.level().total_cmp(&b.level()))
    }

    pub(crate) mod mix {
        use super::*;

        #[operator]
        pub(crate) fn average<P, const W: usize, const H: usize>(
            a: &Grid<P, W, H>,
            b: &Grid<P, W, H>,
        ) -> Grid<P, W, H>
        where
            P: Pixel,
        {
            let mut out = *a;
            for (row, (x, y)) in out.0.iter_mut().zip(a.0.iter().zip(&b.0)) {
                for (pixel, (x, y)) in row.iter_mut().zip(x.iter().zip(y)) {
                    *pixel = P::from_level(f64::midpoint(x.level(), y.level()));
                }
            }
            out
        }

        graph! {
            /// The grid, blurred once and twice, and both mixed.
            pub(crate) fn soften<P: Pixel, const W: usize, const H: usize>(grid: &Grid<P, W, H>) -> Grid<P, W, H> {
                let once = super::blur(grid);
                let twice = super::blur(&once);
                average(&once, &twice)
            }
        }
    }

    pub(crate) use mix::soften;
}

use filters::flip;

graph! {
    /// Softens, flips and mixes; the last value borrows from the grid that came in.
    fn pipeline<'g, P: Pixel, const W: usize, const H: usize>(
        grid: &'g Grid<P, W, H>,
    ) -> (Grid<P, W, H>, Vec<Option<&'g P>>) {
        let soft = filters::soften(grid);
        let flipped = flip(*grid);
        let mixed = filters::mix::average(&soft, &flipped);
        let tops = for row in &grid.0 { filters::brightest(row) };
        (mixed, tops)
    }
}

fn plain<P: Pixel, const W: usize, const H: usize>(grid: &Grid<P, W, H>) -> (Grid<P, W, H>, Vec<Option<&P>>) {
    let once = filters::blur(grid);
    let twice = filters::blur(&once);
    let soft = filters::mix::average(&once, &twice);
    let flipped = flip(*grid);
    let mixed = filters::mix::average(&soft, &flipped);
    let tops = grid.0.iter().map(|row| filters::brightest(row)).collect();
    (mixed, tops)
}

graph! {
    fn split_sums(pixels: &[u8]) -> (u32, u32) {
        let (left, right) = pixels.split_at(pixels.len() / 2);
        let [low, high] = [sum(left), sum(right)];
        (low, high)
    }
}

#[operator]
fn sum(pixels: &[u8]) -> u32 {
    pixels.iter().map(|&pixel| u32::from(pixel)).sum()
}

#[test]
fn bytes() {
    let grid = Grid([[0_u8, 50, 100, 7], [200, 250, 3, 9], [1, 2, 3, 4]]);
    same_everywhere(&plain(&grid), || pipeline(&grid));
}

#[test]
fn floats() {
    let grid = Grid([[0.5_f64, 1.5], [2.5, -3.0]]);
    same_everywhere(&plain(&grid), || pipeline(&grid));
    same_everywhere(&plain(&grid), || pipeline::<f64, 2, 2>(&grid));
}

#[test]
fn an_operator_stays_a_plain_function() {
    assert_eq!(filters::brightest(&[3_u8, 9, 4]), Some(&9));
}

#[test]
fn halves() {
    same_everywhere(&(3, 12), || split_sums(&[1, 2, 3, 4, 5]));
}
