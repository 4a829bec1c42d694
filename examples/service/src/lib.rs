//! The parts of the example, in reading order: `graph` is what it is all about, `api` answers requests with it, `client`
//! calls the back end, and `observed` shows how it runs; `shop` is that back end, and `load` those who call the service.

pub mod api;
pub mod client;
pub mod graph;
pub mod load;
pub mod observed;
pub mod shop;
