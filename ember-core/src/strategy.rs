//! How the nodes of a run are laid over threads.

/// How a run uses threads.
///
/// A strategy changes when nodes run, never what a graph returns. Concurrency is promised only under
/// `Strategy::Parallel`, which is there with the feature `parallel`.
///
/// ```
/// use ember_core::{Context, Strategy};
///
/// let cx = Context::builder().strategy(Strategy::Sequential).build();
/// assert_eq!(cx.strategy(), Some(Strategy::Sequential));
/// assert_eq!(Strategy::default(), Strategy::Auto);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Strategy {
    /// Whichever of the others is the cheaper one. A graph measures its runs, and each run takes the way that the
    /// measurements speak for, as a whole and for each part. Any part may run in order. Without the feature `parallel`
    /// all do.
    #[default]
    Auto,
    /// One node after the other on the calling thread, in source order. In an `async` graph one after the other, too, but
    /// a node that follows from another one alone may run right behind it.
    Sequential,
    /// Nodes that do not wait for each other run at the same time, on the calling thread and on threads of the pool.
    /// Without the feature `parallel` there is no such strategy, so that nobody asks for one and gets another.
    #[cfg(feature = "parallel")]
    Parallel,
}

impl Strategy {
    /// Whether nodes are to run at the same time whatever it costs.
    pub(crate) const fn is_parallel(self) -> bool {
        match self {
            Self::Auto | Self::Sequential => false,
            #[cfg(feature = "parallel")]
            Self::Parallel => true,
        }
    }
}
