//! Tests with a collector of traces, apart from others: what is compiled for them would stand in messages of the compiler.
