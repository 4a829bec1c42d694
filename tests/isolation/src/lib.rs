//! Nothing: its tests are all there is.
#![forbid(unsafe_code)]
