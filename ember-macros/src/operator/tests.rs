//! What stands beside an operator, as text.

use proc_macro2::TokenStream;
use quote::quote;

use super::expand;

fn expanded(arguments: TokenStream, item: &TokenStream) -> String {
    expand(arguments, item).to_string()
}

/// Operators without policies.
fn plain() -> String {
    let operators = [
        expanded(
            quote!(),
            &quote! {
                /// Counts.
                pub fn words(text: &str) -> usize { text.len() }
            },
        ),
        expanded(
            quote!(idempotent),
            &quote! {
                #[must_use]
                async fn ask<'a, T: Clone>(cx: &Context, model: &'a T, n: usize) -> Result<T, Error>
                where
                    T: Send,
                {
                    todo!()
                }
            },
        ),
        expanded(
            quote!(crate = other::ember, blocking),
            &quote! {
                #[cfg(unix)]
                #[deprecated]
                pub(crate) fn read<const N: usize>((a, b): (u8, u8), by: impl Fn(u8) -> u8) -> impl Iterator<Item = u8> {
                    [a, b].into_iter()
                }
            },
        ),
    ];
    operators.join("\n\n") + "\n"
}

#[test]
fn an_operator_without_policies_carries_nothing_of_them() {
    let plain = plain();
    assert!(!plain.contains("polic"));
    assert_eq!(plain, include_str!("tests/plain.txt"));
}

#[test]
fn each_policy_that_is_not_said_is_not_there() {
    let item = quote!(
        async fn ask(question: &str) -> Result<String, Down> {
            todo!()
        }
    );
    let timed = expanded(quote!(timeout = "2s"), &item);
    for name in ["Retry", "Breaker", "Concurrency", "Rate", "Cache", "Fallback", "Validation", "Arguments"] {
        assert!(!timed.contains(&format!(":: {name}")), "{name}");
    }
    assert!(timed.contains("through_timeout"));
}
