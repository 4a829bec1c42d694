//! Methods of the standard library that everyone knows, by how they take their receiver.

use syn::punctuated::Punctuated;
use syn::{Expr, Token};

/// Whether a method of this name never changes its receiver, whatever the type.
pub(super) fn only_reads(method: &str) -> bool {
    let prefixes = ["as_", "is_", "to_", "trim", "strip_", "contains", "starts_", "ends_"];
    let names = [
        "len",
        "clone",
        "get",
        "first",
        "last",
        "iter",
        "chars",
        "keys",
        "values",
        "windows",
        "chunks",
        "cmp",
        "partial_cmp",
        "eq",
        "ne",
        "capacity",
        "copied",
        "cloned",
    ];
    !method.ends_with("_mut")
        && (names.contains(&method) || prefixes.iter().any(|prefix| method.starts_with(prefix)))
}

/// Whether a method is one of the standard library's numbers, which are `Copy` and taken by value. Other types have some
/// of these names too, and take their arguments by reference.
pub(super) fn of_numbers(method: &str, args: &Punctuated<Expr, Token![,]>) -> bool {
    let prefixes = ["wrapping_", "saturating_", "checked_", "overflowing_"];
    prefixes.iter().any(|prefix| method.starts_with(prefix))
        && !args.is_empty()
        && !args.iter().any(|arg| matches!(arg, Expr::Reference(_)))
}

/// `true` by value, `false` by reference, nothing if the name does not tell. `args` is how many arguments it has.
pub(super) fn taking(method: &str, args: usize) -> Option<bool> {
    // Lists are joined, and texts are split, with something; a thread is joined, and a connection is split, as it is.
    if args == 0 && matches!(method, "join" | "split") {
        return Some(true);
    }
    if matches!(method, "is_some_and" | "is_none_or" | "is_ok_and" | "is_err_and") {
        return Some(true);
    }
    if method.starts_with("into_") || method.starts_with("unwrap") || method.starts_with("expect") {
        return Some(true);
    }
    if method.starts_with("as_")
        || method.starts_with("is_")
        || method.starts_with("to_")
        || method.starts_with("iter")
        || method.starts_with("split")
        || method.starts_with("trim")
        || method.starts_with("strip_")
        || method.starts_with("get")
        || method.starts_with("contains")
        || method.starts_with("starts_")
        || method.starts_with("ends_")
    {
        return Some(false);
    }
    match method {
        "map" | "map_err" | "and_then" | "or_else" | "ok_or" | "ok_or_else" | "ok" | "err" | "unzip"
        | "collect" | "sum" | "product" | "fold" | "filter" | "filter_map" | "flat_map" | "flatten"
        | "zip" | "chain" | "enumerate" | "rev" | "skip" | "cycle" | "step_by" | "peekable" | "cloned"
        | "copied" | "count" | "join_thread" | "build" | "finish" => Some(true),
        "len" | "clone" | "first" | "last" | "keys" | "values" | "chars" | "bytes" | "lines" | "windows"
        | "chunks" | "find" | "rfind" | "cmp" | "partial_cmp" | "eq" | "ne" | "join" | "concat" | "lock"
        | "read" | "borrow" | "deref" | "load" | "elapsed" | "binary_search" | "repeat" | "replace"
        | "parse" | "capacity" | "hash" | "display" => Some(false),
        _ => None,
    }
}
