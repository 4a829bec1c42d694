//! How large boxes are, by what is written on them.

use super::cells::Role;
use crate::picture::label::{Label, kind_word, nested};
use crate::picture::text::{Face, Keep, clean, fit, width};
use crate::structure::Structure;
use crate::{Description, Kind, Node, policies};

pub(super) const NAME: f64 = 13.0;
pub(super) const SMALL: f64 = 11.0;
/// The widest that a line of text gets.
const LIMIT: f64 = 240.0;
const SIDE: f64 = 14.0;
/// The bar at the top of a construct, and the line with the name of a part.
pub(super) const BAR: f64 = 26.0;
pub(super) const PART_BAR: f64 = 20.0;
/// The space for the sign in a bar, up to the text.
pub(super) const SIGN: f64 = 30.0;
/// How far the cards of a fan-out stand out, each.
pub(super) const CARD: f64 = 5.0;
/// The space for the arrow of a loop.
pub(super) const RETURN: f64 = 26.0;
/// The line with a node's policies: its letters, and how much higher it makes the box.
const POLICY: f64 = 9.0;
pub(super) const POLICIES: f64 = 13.0;
/// Between the two borders of a nested graph.
pub(super) const DOUBLE: f64 = 4.0;

/// The text of a box, cut to size.
#[derive(Default)]
pub(super) struct Caption {
    pub(super) name: String,
    pub(super) operator: String,
    /// The policies, in one line.
    pub(super) policies: String,
    /// The kind of a construct, the mark of a failure, and the like.
    pub(super) note: &'static str,
}

impl Caption {
    pub(super) fn of(description: &Description<'_>, structure: &Structure, role: Role<'_>) -> Self {
        let name = |text: &str, face, size| fit(&clean(text), face, size, LIMIT, Keep::Start);
        match role {
            Role::Graph => Self::default(),
            Role::Input(input) => {
                Self { name: name(description.inputs[input].name, Face::Sans, NAME), ..Self::default() }
            }
            Role::Part(part) => Self { name: name(part, Face::Mono, SMALL), ..Self::default() },
            Role::Output => Self { name: String::from("output"), ..Self::default() },
            Role::Node(index) => {
                let node = &description.nodes[index];
                let label = Label::of(description, structure, index);
                let face = if is_plain(node) { Face::Sans } else { Face::Bold };
                Self {
                    name: name(label.name, face, NAME),
                    // The end of a path says more than its beginning.
                    operator: fit(&clean(label.operator), Face::Mono, SMALL, LIMIT, Keep::End),
                    policies: fit(&policies::line(node), Face::Sans, POLICY, LIMIT, Keep::Start),
                    note: match kind_word(node.kind) {
                        "" if node.fallible => "?",
                        word => word,
                    },
                }
            }
        }
    }

    /// How wide the bar of a construct must be.
    pub(super) fn bar_width(&self) -> f64 {
        let texts = [(&*self.name, Face::Bold, NAME), (self.note, Face::Sans, SMALL)];
        let texts =
            texts.map(|(text, face, size)| if text.is_empty() { 0.0 } else { width(text, face, size) + 8.0 });
        SIGN + texts.iter().sum::<f64>() + 4.0
    }

    /// How wide the line with the name of a part must be.
    pub(super) fn part_width(&self) -> f64 {
        width(&self.name, Face::Mono, SMALL) + 20.0
    }
}

/// Glue is written less boldly than operators.
pub(super) fn is_plain(node: &Node<'_>) -> bool {
    node.kind == Kind::Glue
}

/// The size of a box without contents.
pub(super) fn leaf(description: &Description<'_>, role: Role<'_>, caption: &Caption) -> (f64, f64) {
    let Role::Node(index) = role else {
        return (width(&caption.name, Face::Sans, NAME) + 2.0 * SIDE, 26.0);
    };
    let node = &description.nodes[index];
    match node.kind {
        Kind::Operator | Kind::Glue => {
            let mark = if node.fallible { width("?", Face::Mono, NAME) } else { 0.0 };
            let face = if is_plain(node) { Face::Sans } else { Face::Bold };
            let name = width(&caption.name, face, NAME);
            let operator = width(&caption.operator, Face::Mono, SMALL);
            // The mark stands behind the last line.
            let text = if operator > 0.0 { name.max(operator + mark) } else { name + mark };
            let policies = width(&caption.policies, Face::Sans, POLICY);
            let text = text.max(policies);
            let border = if nested(node).is_some() { 2.0 * DOUBLE } else { 0.0 };
            let height = if operator > 0.0 { 44.0 } else { 32.0 };
            let height = if policies > 0.0 { height + POLICIES } else { height };
            ((text + 2.0 * SIDE).max(56.0) + border, height + border)
        }
        _ => (caption.bar_width(), BAR),
    }
}
