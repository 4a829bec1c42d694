//! Tests of the cells.
