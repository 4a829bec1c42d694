//! The lines of a body, as they stand, and what a graph means by them.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;

use super::Names;
use super::call::{Call, ends, is_awaited};
use super::tokens::{
    attribute, is_equals, is_fat_arrow, is_group, is_keyword, is_punct, unseen, with_tokens, words,
};
use crate::operator::call_name;

/// The lines between two braces.
pub(super) struct Body {
    pub(super) names: Names,
    /// The graph's type asks for the value of a `for` at the end.
    pub(super) asked: bool,
}

/// What a head is like.
#[derive(Clone, Copy, PartialEq)]
enum Shape {
    /// Like a block, with no need of a `;`.
    Block,
    /// Like any expression.
    Plain,
}

impl Body {
    pub(super) fn lines(mut self, tokens: TokenStream) -> TokenStream {
        let trees: Vec<TokenTree> = tokens.into_iter().collect();
        let mut out = TokenStream::new();
        let mut i = 0;
        while i < trees.len() {
            i = self.line(&trees, i, &mut out);
        }
        out
    }

    /// Writes one line, and gives the place behind it.
    fn line(&mut self, trees: &[TokenTree], mut i: usize, out: &mut TokenStream) -> usize {
        while let Some((name, arguments)) = attribute(&trees[i..]) {
            let arguments = arguments.unwrap_or_default();
            match name.as_str() {
                // What stands in them are values and can be looked at like others.
                "after" => out.extend(quote!(let _ = (#arguments);)),
                "at_most" => out.extend(quote!(let _: ::core::primitive::usize = (#arguments);)),
                _ => out.extend(trees[i..i + 2].iter().cloned()),
            }
            i += 2;
        }
        let mut made = Names::new();
        if trees.get(i).is_some_and(|tree| is_keyword(tree, "let")) {
            i = pattern(trees, i, is_equals, &mut made, out);
            if i < trees.len() && is_equals(trees, i) {
                out.extend([trees[i].clone()]);
                i = self.head(trees, i + 1, false, out).0;
            }
        } else {
            let start = i;
            let shape;
            (i, shape) = self.head(trees, i, true, out);
            let goes_on = trees.get(i).is_some_and(|tree| is_punct(tree, '.') || is_punct(tree, '?'));
            if i > start && shape == Shape::Block && !goes_on {
                return i;
            }
        }
        // What is left of the line. A `let` in it starts the next one, where the `;` is missing.
        while let Some(tree) = trees.get(i) {
            if is_keyword(tree, "let") {
                break;
            }
            out.extend([tree.clone()]);
            i += 1;
            if is_punct(tree, ';') {
                break;
            }
            if is_equals(trees, i - 1) {
                i = self.head(trees, i, false, out).0;
            }
        }
        self.names.extend(made);
        i
    }

    /// Writes what stands at a head, as far as a graph gives it a meaning of its own.
    fn head(&self, trees: &[TokenTree], i: usize, line: bool, out: &mut TokenStream) -> (usize, Shape) {
        match trees.get(i) {
            Some(TokenTree::Group(group)) => match group.delimiter() {
                // Braces at a head make plain Rust.
                Delimiter::Brace if line => {
                    out.extend([trees[i].clone()]);
                    (i + 1, Shape::Block)
                }
                Delimiter::Parenthesis | Delimiter::Bracket if ends(trees, i + 1) => {
                    out.extend([with_tokens(group, self.elements(group.stream()))]);
                    (i + 1, Shape::Plain)
                }
                _ => (i, Shape::Plain),
            },
            Some(TokenTree::Punct(punct)) if punct.as_char() == '\'' => {
                // A label.
                let colon = trees.get(i + 2).is_some_and(|tree| is_punct(tree, ':'));
                if !colon {
                    return (i, Shape::Plain);
                }
                out.extend(trees[i..i + 3].iter().cloned());
                self.head(trees, i + 3, line, out)
            }
            Some(TokenTree::Ident(ident)) => match ident.to_string().as_str() {
                "if" => (self.branch(trees, i, out), Shape::Block),
                "match" => (self.choice(trees, i, out), Shape::Block),
                "for" => (self.fan_out(trees, i, line, out), Shape::Block),
                "loop" => {
                    out.extend([trees[i].clone()]);
                    (self.block(trees, i + 1, &Names::new(), out), Shape::Block)
                }
                _ => (self.call(trees, i, out), Shape::Plain),
            },
            Some(_) => (self.call(trees, i, out), Shape::Plain),
            None => (i, Shape::Plain),
        }
    }

    /// The elements of an array or a tuple.
    fn elements(&self, tokens: TokenStream) -> TokenStream {
        let trees: Vec<TokenTree> = tokens.clone().into_iter().collect();
        if trees.iter().any(|tree| is_punct(tree, ';')) {
            return tokens;
        }
        let mut out = TokenStream::new();
        let mut i = 0;
        while i < trees.len() {
            i = self.head(&trees, i, false, &mut out).0;
            while let Some(tree) = trees.get(i) {
                out.extend([tree.clone()]);
                i += 1;
                if is_punct(tree, ',') {
                    break;
                }
            }
        }
        out
    }

    /// A body inside this one, if it is there.
    fn block(&self, trees: &[TokenTree], i: usize, made: &Names, out: &mut TokenStream) -> usize {
        match trees.get(i) {
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                out.extend([self.inner(group, made)]);
                i + 1
            }
            _ => i,
        }
    }

    fn inner(&self, group: &Group, made: &Names) -> TokenTree {
        let body = Body { names: self.names.union(made).cloned().collect(), asked: false };
        with_tokens(group, body.lines(group.stream()))
    }

    /// `if condition { .. } else { .. }`
    fn branch(&self, trees: &[TokenTree], mut i: usize, out: &mut TokenStream) -> usize {
        out.extend([trees[i].clone()]);
        let mut made = Names::new();
        i = self.condition(trees, i + 1, &mut made, out);
        i = self.block(trees, i, &made, out);
        if !trees.get(i).is_some_and(|tree| is_keyword(tree, "else")) {
            return i;
        }
        out.extend([trees[i].clone()]);
        if trees.get(i + 1).is_some_and(|tree| is_keyword(tree, "if")) {
            return self.branch(trees, i + 1, out);
        }
        self.block(trees, i + 1, &Names::new(), out)
    }

    /// What stands between `if` or `match` and the braces.
    fn condition(&self, trees: &[TokenTree], mut i: usize, made: &mut Names, out: &mut TokenStream) -> usize {
        let mut first = true;
        while let Some(tree) = trees.get(i) {
            if is_keyword(tree, "let") {
                i = pattern(trees, i, is_equals, made, out);
                if let Some(equals) = trees.get(i) {
                    out.extend([equals.clone()]);
                    i += 1;
                    first = true;
                }
                continue;
            }
            if is_group(tree, Delimiter::Brace) || is_punct(tree, ';') {
                break;
            }
            let before = i;
            if first && !is_punct(tree, '!') {
                i = self.call(trees, i, out);
                first = false;
            }
            if i == before {
                out.extend([tree.clone()]);
                i += 1;
            }
        }
        i
    }

    /// `match value { .. }`
    fn choice(&self, trees: &[TokenTree], i: usize, out: &mut TokenStream) -> usize {
        out.extend([trees[i].clone()]);
        let i = self.condition(trees, i + 1, &mut Names::new(), out);
        let Some(TokenTree::Group(group)) = trees.get(i) else { return i };
        if group.delimiter() != Delimiter::Brace {
            return i;
        }
        out.extend([with_tokens(group, self.arms(group.stream()))]);
        i + 1
    }

    fn arms(&self, tokens: TokenStream) -> TokenStream {
        let trees: Vec<TokenTree> = tokens.into_iter().collect();
        let mut out = TokenStream::new();
        let mut i = 0;
        while i < trees.len() {
            let mut made = Names::new();
            i = pattern(&trees, i, is_fat_arrow, &mut made, &mut out);
            if i == trees.len() {
                break;
            }
            if is_punct(&trees[i], ';') {
                out.extend([trees[i].clone()]);
                i += 1;
                continue;
            }
            out.extend(trees[i..i + 2].iter().cloned());
            i += 2;
            let block = self.block(&trees, i, &made, &mut out);
            if block > i {
                i = block;
                if trees.get(i).is_some_and(|tree| is_punct(tree, ',')) {
                    out.extend([trees[i].clone()]);
                    i += 1;
                }
                continue;
            }
            let arm = Body { names: self.names.union(&made).cloned().collect(), asked: false };
            i = arm.head(&trees, i, false, &mut out).0;
            while let Some(tree) = trees.get(i) {
                out.extend([tree.clone()]);
                i += 1;
                if is_punct(tree, ',') {
                    break;
                }
            }
        }
        out
    }

    /// `for pattern in items { .. }`: a vector, made of the first item's value. Whether anybody wants it is written
    /// last.
    fn fan_out(&self, trees: &[TokenTree], start: usize, line: bool, out: &mut TokenStream) -> usize {
        let rest = &trees[start + 1..];
        let is_in = |tree: &TokenTree| is_keyword(tree, "in");
        let Some(within) = rest.iter().position(|tree| is_in(tree) || is_punct(tree, ';')) else {
            return start;
        };
        let items = &rest[within + 1..];
        let brace = items.iter().position(|tree| is_group(tree, Delimiter::Brace));
        let (true, Some(brace)) = (is_in(&rest[within]), brace) else { return start };
        let TokenTree::Group(group) = &items[brace] else { return start };
        let mut made = Names::new();
        let pattern = &rest[..within];
        for tree in pattern {
            words(tree, &mut made);
        }
        let items: TokenStream = items[..brace].iter().cloned().collect();
        let pattern: TokenStream = pattern.iter().cloned().collect();
        let end = start + 1 + within + 1 + brace + 1;
        let body = self.inner(group, &made);
        out.extend(quote! {
            match ::core::iter::Iterator::next(&mut ::core::iter::IntoIterator::into_iter(#items)) {
                ::core::option::Option::Some(#pattern) => ::core::iter::once(#body),
                ::core::option::Option::None => loop {},
            }
        });
        let last = end == trees.len();
        let wanted = !line || last && (self.asked || has_value(group));
        out.extend(if wanted {
            quote!(.collect::<::std::vec::Vec<_>>())
        } else {
            quote!(.for_each(::core::mem::drop))
        });
        if line && !last && !trees.get(end).is_some_and(|tree| is_punct(tree, ';')) {
            out.extend(quote!(;));
        }
        end
    }

    /// A race, or the call of an operator. Whether it takes a context only its node knows, so the call goes there; the name in
    /// front is for whoever asks what it means.
    fn call(&self, trees: &[TokenTree], start: usize, out: &mut TokenStream) -> usize {
        if let [TokenTree::Ident(name), bang, TokenTree::Group(branches), ..] = &trees[start..]
            && name == "race"
            && is_punct(bang, '!')
        {
            out.extend(self.race(branches.stream()));
            return start + 3;
        }
        let waits = |call: &Call<'_>| is_awaited(trees, call.end);
        self.operator(trees, start, waits, out)
    }

    /// `race!(a, b)`: what becomes of one of its branches. A branch is begun behind each `,`, so that a name which is typed
    /// there changes nothing in front of it.
    fn race(&self, tokens: TokenStream) -> TokenStream {
        let trees: Vec<TokenTree> = tokens.into_iter().collect();
        let mut arms = TokenStream::new();
        let mut i = 0;
        for n in 0usize.. {
            let mut branch = TokenStream::new();
            i = self.operator(&trees, i, |_| true, &mut branch);
            while let Some(tree) = trees.get(i).filter(|tree| !is_punct(tree, ',')) {
                branch.extend([tree.clone()]);
                i += 1;
            }
            arms.extend(quote!(#n => (#branch).await,));
            if i >= trees.len() {
                break;
            }
            i += 1;
        }
        quote!(::core::future::ready(match 0usize { #arms _ => loop {} }))
    }

    fn operator(
        &self,
        trees: &[TokenTree],
        start: usize,
        waits: impl Fn(&Call<'_>) -> bool,
        out: &mut TokenStream,
    ) -> usize {
        let Some(call) = Call::read(trees, start) else { return start };
        if !call.is_operator(&self.names) {
            return start;
        }
        let path = call.path.iter().cloned().collect::<TokenStream>();
        let turbofish = call.turbofish.iter().cloned().collect::<TokenStream>();
        let (node, again) = (unseen(path.clone()), unseen(turbofish.clone()));
        let arguments = call.arguments;
        let method = call_name(waits(&call), proc_macro2::Span::call_site());
        out.extend(quote!(#path #turbofish.__as_node(#node {}).#method #again #arguments));
        call.end
    }
}

/// Writes a pattern, up to what ends it or to the end of the line.
fn pattern(
    trees: &[TokenTree],
    mut i: usize,
    stop: impl Fn(&[TokenTree], usize) -> bool,
    made: &mut Names,
    out: &mut TokenStream,
) -> usize {
    while let Some(tree) = trees.get(i) {
        if stop(trees, i) || is_punct(tree, ';') {
            break;
        }
        words(tree, made);
        out.extend([tree.clone()]);
        i += 1;
    }
    i
}

/// Whether the body of a `for` has a value.
fn has_value(group: &Group) -> bool {
    let last = group.stream().into_iter().last();
    last.is_some_and(|tree| !is_punct(&tree, ';'))
}
