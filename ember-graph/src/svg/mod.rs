//! The SVG image: boxes within boxes ([`cells`]), as large as their text and contents ([`size`],
//! [`compose`]), placed by a layered layout ([`layered`]) and painted in the reader's colours ([`paint`],
//! [`frames`], [`theme`]).

mod cells;
mod compose;
mod frames;
mod layered;
mod paint;
mod shapes;
mod size;
#[cfg(test)]
mod tests;
mod theme;
mod words;

use crate::Description;
use crate::structure::Structure;

/// Whether the image brings its style sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dress {
    Styled,
    Bare,
}

pub(crate) fn draw(description: &Description<'_>, dress: Dress) -> String {
    let structure = Structure::new(description);
    let cells = cells::Cells::new(description, &structure);
    let composition = compose::compose(description, &structure, &cells);
    paint::paint(description, &structure, &cells, &composition, dress)
}
