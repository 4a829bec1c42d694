//! Whether a node may go on.

use super::attend::Waiting;

/// What a node asks each time that it is polled.
pub trait Gate {
    /// What a node says that must not go on.
    type Stop;

    /// Whether the node may go on. It is asked again and again; who is refused does not ask again.
    ///
    /// # Errors
    ///
    /// If it must not.
    fn pass(&self) -> Result<(), Self::Stop>;

    /// The run that the node is part of.
    fn waiting(&self) -> &Waiting;

    /// The number of the node.
    fn node(&self) -> u32;
}
