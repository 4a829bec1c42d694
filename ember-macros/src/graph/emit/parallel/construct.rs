//! Branches and loops: their bodies are code of the closure at hand, or closures of their own.

use std::collections::HashSet;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;

use super::super::super::model::{Arm, Body, Branching, FanOut, Loop, Step, VarId};
use super::super::{
    Items, Names, braced, first_token, give_tail, hidden, hidden_at, items, lots, most, rt_at,
};
use super::{Bind, Parallel, Place, Scope};

impl<'g> Parallel<'g> {
    /// A body in the closure at hand: an arm, or a turn of a loop. Counts its operators when it is through.
    fn inner(&mut self, body: &'g Body, binds: &[VarId], scope: &Scope) -> TokenStream {
        let run = &self.names.run;
        let mut scope = scope.clone();
        scope.bound.extend(binds.iter().map(|&var| (var, Bind::Value)));
        scope.movable.extend(binds);
        let tokens = self.body(body, binds, &mut scope, Place::Arm);
        let tokens = match body.operators() {
            0 => tokens,
            n => {
                let (value, given) = give_tail(body, "same");
                let tokens = braced(tokens, body.braces);
                quote!(let #value = #tokens; #run.finished(#n); #given)
            }
        };
        braced(tokens, body.braces).into_token_stream()
    }

    pub(super) fn branch(
        &mut self,
        step: &'g Step,
        arms: &'g [Arm],
        branching: &'g Branching,
        references: &HashSet<String>,
        scope: &Scope,
    ) -> TokenStream {
        match branching {
            Branching::If => {
                let mut tokens = TokenStream::new();
                for (i, arm) in arms.iter().enumerate() {
                    if i > 0 {
                        tokens.extend(quote!(else));
                    }
                    let body = self.inner(&arm.body, &arm.binds, scope);
                    if let Some(condition) = &arm.condition {
                        let condition = self.plain(condition, references, step, scope);
                        let keyword = syn::Token![if](arm.span);
                        tokens.extend(quote!(#keyword #condition));
                    }
                    tokens.extend(body);
                }
                tokens
            }
            Branching::Match { scrutinee } => {
                let scrutinee = self.scrutinee(scrutinee, references, step, scope);
                let mut parts = Vec::new();
                for arm in arms {
                    let pat = &arm.pat;
                    let shadowed: HashSet<String> =
                        arm.binds.iter().map(|&var| self.graph.vars[var].ident.to_string()).collect();
                    let guard = arm.guard.as_ref().map(|guard| {
                        let references = references.difference(&shadowed).cloned().collect();
                        let guard = self.plain(guard, &references, step, scope);
                        quote!(if #guard)
                    });
                    let body = self.inner(&arm.body, &arm.binds, scope);
                    parts.push(quote!(#pat #guard => #body));
                }
                let span = self.graph.nodes[step.node as usize].span;
                quote_spanned!(span=> match #scrutinee { #(#parts)* })
            }
        }
    }

    pub(super) fn fan_out(
        &mut self,
        step: &'g Step,
        each: &'g FanOut,
        references: &HashSet<String>,
        scope: &Scope,
    ) -> TokenStream {
        let Names { level, at: at_ident, .. } = self.names;
        let (level, at_ident) = (level.clone(), at_ident.clone());
        self.parts += 1;
        let FanOut { pat, body, slot, span, .. } = each;
        let iter = self.plain(&each.iter, references, step, scope);
        let path = scope.path();
        let node = step.node;
        let mut inner = scope.closure();
        // What only the iterator uses stays here.
        let used = |var: VarId| each.body.steps.iter().any(|step| step.use_of(var).is_some());
        let lent = self.lend(step.uses.iter().map(|u| u.var).filter(|&var| used(var)), scope, &mut inner);
        inner.bound.extend(each.binds.iter().map(|&var| (var, Bind::Value)));
        inner.movable = each.binds.iter().copied().collect();
        let turn = hidden(&format!("__turn{slot}"));
        inner.turns.push(turn.clone());
        let operators = body.operators();
        let only = lots::only_call(self.graph, each);
        self.put_off = only.map(|only| only.node);
        let tokens = self.body(body, &each.binds, &mut inner, Place::Item);
        self.put_off = None;
        let span = *span;
        let item = hidden_at("__item", span);
        let rt = rt_at(span);
        let Items { bind: bind_items, given: items, .. } = items(&iter);
        let (whole, door) = (each.iter.span(), rt_at(each.iter.span()));
        if self.graph.asynchronous {
            let most = match &each.concurrency {
                None => quote!(::core::primitive::usize::MAX),
                Some(most) => {
                    let most = self.plain(most, references, step, scope);
                    super::super::most_at_once(&most)
                }
            };
            return quote_spanned! {span=> {
                #lent
                #bind_items
                let __path: &[usize] = #path;
                let __construct = #rt::Construct::new(#level, __path, #node, #operators);
                #rt::each(
                    &__construct,
                    #most,
                    #items,
                    async |#turn: usize, #item| {
                        let #level = &__construct.item(#turn);
                        let #pat = #item;
                        #tokens
                    },
                ).await?
            }};
        }
        let items = quote_spanned!(whole=> #door::Through::new(#items).items());
        if let Some(only) = only {
            let (lots, bind, settled) =
                (lots::lots(), lots::bind(self.graph, only), self.settled(body, only, &inner));
            let ((given, _), at) = (lots::given(only), quote!(#at_ident: &::core::cell::Cell<u32>));
            return quote_spanned! {span=> {
                #lent
                #bind_items
                #bind
                #lots.fan_out(
                    &#rt::Construct::new(#level, #path, #node, #operators),
                    #items,
                    |#lots, #level: &#rt::Level<'_>, #at, #turn: usize, #item| -> ::core::result::Result<_, #rt::Halted> {
                        let #pat = #item;
                        #tokens
                    },
                    |#level: &#rt::Level<'_>, #at, #turn: usize, #given| -> ::core::result::Result<_, #rt::Halted> {
                        #settled
                    },
                )?
            }};
        }
        quote_spanned! {span=> {
            #lent
            #bind_items
            #rt::fan_out(
                &#rt::Construct::new(#level, #path, #node, #operators),
                #items,
                |#level: &#rt::Level<'_>, #at_ident: &::core::cell::Cell<u32>, #turn: usize, #item|
                    -> ::core::result::Result<_, #rt::Halted>
                {
                    let #pat = #item;
                    #tokens
                },
            )?
        }}
    }

    /// What becomes of the value that the only call of an item gave.
    fn settled(&self, body: &Body, only: &Step, scope: &Scope) -> TokenStream {
        let (_, mut value) = lots::given(only);
        for mark in &only.tries {
            value = self.tried(&value, only.node, first_token(only), *mark, scope);
        }
        if body.tail {
            let (settled, given) = give_tail(body, "given");
            let value = braced(value, body.braces);
            quote!(let #settled = #value; #given)
        } else {
            quote!(#value; ::core::result::Result::Ok(()))
        }
    }

    pub(super) fn repeat(
        &mut self,
        step: &'g Step,
        each: &'g Loop,
        references: &HashSet<String>,
        scope: &Scope,
    ) -> TokenStream {
        let Names { rt, level, run, end, .. } = self.names;
        let Loop { label, at_most, body, slot, span } = each;
        let (most, bind_most) = most(&self.plain(at_most, references, step, scope));
        let path = scope.path();
        let node = step.node;
        let turn = hidden(&format!("__turn{slot}"));
        let mut inner = scope.clone();
        inner.turns.push(turn.clone());
        inner.movable.clear();
        let under_way = hidden("__under_way");
        let under_way = self.graph.asynchronous.then(|| quote!(let #under_way = #run.turn(#turn);));
        let body = self.inner(body, &[], &inner);
        let span = *span;
        let keyword = syn::Token![loop](span);
        quote_spanned! {span=> {
            let __construct = #rt::Construct::new(#level, &[], #node, 0);
            #bind_most
            let mut __next = 0usize;
            #label #keyword {
                if __next == #most {
                    #run.at_most(#end, #level, #node, #path, __next);
                    return ::core::result::Result::Err(#rt::Halted);
                }
                let #turn = __next;
                __next += 1;
                #under_way
                let __inner = __construct.item(#turn);
                let #level = &__inner;
                #body
            }
        }}
    }
}
