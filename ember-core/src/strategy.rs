//! How the nodes of a run are laid over threads.

/// How a run uses threads.
///
/// A strategy changes when nodes run, never what a graph returns. Concurrency is promised only under
/// [`Strategy::Parallel`].
///
/// ```
/// use ember_core::{Context, Strategy};
///
/// let cx = Context::builder().strategy(Strategy::Sequential).build();
/// assert_eq!(cx.strategy(), Some(Strategy::Sequential));
/// # #[cfg(feature = "parallel")]
/// assert_eq!(Strategy::default(), Strategy::Parallel);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Strategy {
    /// One node after the other on the calling thread, in source order.
    #[cfg_attr(not(feature = "parallel"), default)]
    Sequential,
    /// Nodes that do not wait for each other run at the same time. Without the feature `parallel` there is no such
    /// strategy, so that nobody asks for one and gets another.
    #[cfg(feature = "parallel")]
    #[default]
    Parallel,
}
