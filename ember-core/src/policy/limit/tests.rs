//! Limits as their users see them.

#[cfg(not(loom))]
mod concurrency;
#[cfg(not(loom))]
mod memory;
#[cfg(not(loom))]
mod rate;
