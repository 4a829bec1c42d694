//! Both limits as their users see them.

#[cfg(not(loom))]
mod concurrency;
#[cfg(not(loom))]
mod rate;
