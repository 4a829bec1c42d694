mod contexts;
#[cfg(feature = "tokio")]
mod futures;
mod settings;
mod threads;
mod wrong;
