//! Health, metrics, graphs and a live page over HTTP, for programs that run ember's graphs.
//!
//! ```
//! use ember_serve::Serve;
//!
//! let server = Serve::builder().title("orders").build()?.start()?;
//! println!("see {}", server.url());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod answer;
mod builder;
mod guard;
mod invalid;
mod limits;
mod page;
mod program;
mod server;
mod told;
mod work;

pub use builder::{Serve, ServeBuilder};
pub use invalid::Invalid;
pub use server::Server;

/// The version of what `/graphs`, `/events` and `/health` tell as JSON. Fields may be added without a new one.
const VERSION: u32 = 1;
