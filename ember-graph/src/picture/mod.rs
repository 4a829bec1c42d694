//! The pictures: what every format shares, and the two that leave the layout to other programs.

mod dot;
pub(crate) mod label;
mod mermaid;
mod relations;
#[cfg(test)]
mod tests;
pub(crate) mod text;
mod tree;

pub(crate) use relations::{Relation, relations};

use crate::Description;
use crate::svg::{self, Dress};

impl Description<'_> {
    /// The graph as a [Mermaid](https://mermaid.js.org) flowchart, for Markdown that is shown by a forge.
    ///
    /// Inputs have round ends, glue has round corners, nested graphs have double sides, and a construct is
    /// a subgraph. A thick arrow moves its value, a thin one borrows it (`mut`: exclusively), a dotted one
    /// only orders.
    ///
    /// ```
    /// # use ember_graph::{Access, Description, Edge, Input, Kind, Node, Source};
    /// # let inputs = [Input::__new("question", "String")];
    /// # let nodes = [Node::__new("facts", "search", Kind::Operator, None, "", true, 3, 9, None)];
    /// # let edges = [Edge::__new(Source::Input(0), 0, Access::Borrow, "question")];
    /// # let answer = Description::__new("answer", "src/lib.rs", 1, &inputs, &nodes, &edges, Some(0));
    /// let text = answer.to_mermaid();
    /// assert!(text.starts_with("flowchart TD\n"));
    /// assert!(text.contains("i0 --> n0"));
    /// ```
    pub fn to_mermaid(&self) -> String {
        mermaid::draw(self)
    }

    /// The graph in the language of [Graphviz](https://graphviz.org), for its `dot` program.
    ///
    /// The shapes are those of [`to_mermaid`](Self::to_mermaid), with clusters for constructs.
    ///
    /// ```
    /// # use ember_graph::{Access, Description, Edge, Input, Kind, Node, Source};
    /// # let inputs = [Input::__new("question", "String")];
    /// # let nodes = [Node::__new("facts", "search", Kind::Operator, None, "", true, 3, 9, None)];
    /// # let edges = [Edge::__new(Source::Input(0), 0, Access::Borrow, "question")];
    /// # let answer = Description::__new("answer", "src/lib.rs", 1, &inputs, &nodes, &edges, Some(0));
    /// let text = answer.to_dot();
    /// assert!(text.starts_with("digraph \"answer\" {\n"));
    /// assert!(text.contains("i0 -> n0"));
    /// ```
    pub fn to_dot(&self) -> String {
        dot::draw(self)
    }

    /// The graph as an SVG image that needs nothing beside itself: no font, script, style sheet or program.
    ///
    /// Values flow downwards. A branch is a frame with its parts side by side, a fan-out a stack of cards, a
    /// loop a frame with an arrow back to its head; a node with a double border is a graph of its own.
    /// Inputs are pills at the top and the output is one at the bottom. A strong arrow moves its value, a
    /// thin one borrows it, and a dashed one only orders; names too long for a box are cut and stand whole
    /// in its tooltip. The colours follow the reader's preference for light or dark pages.
    ///
    /// The text can stand in a file, or inline in an HTML page or a documentation comment: it has no blank
    /// lines, its styles apply to nothing else, and its ids are made from the graph's name and place. It is
    /// the same for the same description.
    ///
    /// ```
    /// # use ember_graph::{Access, Description, Edge, Input, Kind, Node, Source};
    /// # let inputs = [Input::__new("question", "String")];
    /// # let nodes = [Node::__new("facts", "search", Kind::Operator, None, "", true, 3, 9, None)];
    /// # let edges = [Edge::__new(Source::Input(0), 0, Access::Borrow, "question")];
    /// # let answer = Description::__new("answer", "src/lib.rs", 1, &inputs, &nodes, &edges, Some(0));
    /// let image = answer.to_svg();
    /// assert!(image.starts_with("<svg "));
    /// assert!(image.contains(r#"data-node="facts""#));
    /// ```
    pub fn to_svg(&self) -> String {
        svg::draw(self, Dress::Styled)
    }

    /// The image of [`to_svg`](Self::to_svg) without colours and fonts, for a page that has style rules of its own for the
    /// classes in it, or whose content security policy allows no inline styles.
    ///
    /// ```
    /// # use ember_graph::{Access, Description, Edge, Input, Kind, Node, Source};
    /// # let inputs = [Input::__new("question", "String")];
    /// # let nodes = [Node::__new("facts", "search", Kind::Operator, None, "", true, 3, 9, None)];
    /// # let edges = [Edge::__new(Source::Input(0), 0, Access::Borrow, "question")];
    /// # let answer = Description::__new("answer", "src/lib.rs", 1, &inputs, &nodes, &edges, Some(0));
    /// let image = answer.to_bare_svg();
    /// assert!(image.contains(r#"<rect class="eg-node""#) && !image.contains("style"));
    /// ```
    pub fn to_bare_svg(&self) -> String {
        svg::draw(self, Dress::Bare)
    }
}
