//! Regions: tasks in closures, cells for what passes between them, and the plan of who waits for whom.

use std::collections::{HashMap, HashSet};

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Expr;

use super::super::super::model::{Body, Graph, VarId, Work};
use super::super::super::schedule::{Flow, Region, Tree};
use super::super::super::uses::{self, Access};
use super::super::{Names, rt_at, value_at};
use super::{Bind, Handle, Parallel, Scope};

/// The most tasks that the runtime keeps as bits of a word; of more it keeps counters.
const BITS: usize = 64;
/// Of more tasks so many go into one closure.
const GROUP: usize = 16;

impl<'g> Parallel<'g> {
    /// Makes values of the code at hand available to closures.
    pub(super) fn lend(
        &mut self,
        vars: impl Iterator<Item = VarId>,
        scope: &Scope,
        inner: &mut Scope,
    ) -> TokenStream {
        let mut tokens = TokenStream::new();
        for var in vars {
            if matches!(inner.handles.get(var), Some(Handle::Lent(_))) {
                continue;
            }
            let ident = &self.graph.vars[var].ident;
            let value = match (scope.bound.get(&var), scope.handles.get(var)) {
                (Some(Bind::Value), _) => quote_spanned!(ident.span()=> &#ident),
                (_, Some(Handle::Settled(settled, true))) => quote_spanned!(ident.span()=> #settled.get()),
                _ => continue,
            };
            let n = self.fresh();
            let span = self.graph.vars[var].ident.span();
            let handle = format_ident!("__lent{n}", span = Span::mixed_site().located_at(span));
            let rt = rt_at(span);
            inner.handles.insert(var, Handle::Lent(handle.clone()));
            if self.open {
                tokens.extend(quote_spanned!(span=> let #handle = #rt::OpenLent::new(#value);));
                continue;
            }
            let lend = if self.graph.vars[var].generic { "SharedByNodes" } else { "CrossesByReference" };
            let lend = Ident::new(lend, span);
            tokens.extend(quote_spanned!(span=> let #handle = #rt::#lend::lend(#value);));
        }
        tokens
    }

    /// A cell's name, its declaration, and the line that makes it.
    fn cell(&mut self, what: &str, kind: &str, var: VarId) -> (Ident, TokenStream, TokenStream) {
        let n = self.fresh();
        let span = self.graph.vars[var].ident.span();
        let handle = Ident::new(&format!("__{what}{n}"), Span::mixed_site().located_at(span));
        let rt = rt_at(span);
        let new = match (kind, self.homes.contains_key(&var)) {
            ("Slot", _) if self.open => quote_spanned!(span=> #rt::OpenSlot::new()),
            _ if self.open => quote_spanned!(span=> #rt::OpenBaton::new()),
            ("Slot", false) => quote_spanned!(span=> #rt::Crosses::slot()),
            ("Slot", true) => quote_spanned!(span=> #rt::Crosses::slot_of_settled()),
            (_, false) => quote_spanned!(span=> #rt::CrossesByValue::baton()),
            (_, true) => quote_spanned!(span=> #rt::CrossesByValue::baton_of_settled()),
        };
        let declared = quote_spanned!(span=> let #handle;);
        let made = quote_spanned!(span=> #handle = #new;);
        (handle, declared, made)
    }

    #[expect(clippy::too_many_lines, reason = "cells, tasks and plan are one piece of code, in this order")]
    pub(super) fn region(
        &mut self,
        region: &Region,
        body: &'g Body,
        flow: &Flow<'_>,
        scope: &mut Scope,
    ) -> TokenStream {
        self.parts += 1;
        let Names { rt, level, at: at_ident, .. } = self.names;
        let (rt, level, at_ident) = (rt.clone(), level.clone(), at_ident.clone());
        let tasks: Vec<Vec<usize>> = region.tasks.iter().map(Tree::steps).collect();
        let task_of: HashMap<usize, usize> =
            tasks.iter().enumerate().flat_map(|(t, steps)| steps.iter().map(move |&i| (i, t))).collect();
        let mut prefix = TokenStream::new();
        // Batons end with the region: what they held has been taken, but the compiler would see it dropped later.
        let mut batons = TokenStream::new();
        // Cells are made right before the task that fills them: there they get their types, and as long as a cell has
        // none, the compiler asks after it again and again.
        let mut cells: HashMap<usize, TokenStream> = HashMap::new();
        let mut inner = scope.clone();
        let mut batons_out: HashMap<usize, Vec<(VarId, Ident)>> = HashMap::new();
        let mut batons_in: HashMap<usize, Vec<(VarId, Ident, bool)>> = HashMap::new();

        // Cells for the values that the tasks make, in source order.
        let mut steps: Vec<usize> = task_of.keys().copied().collect();
        steps.sort_unstable();
        for &i in &steps {
            for &def in &body.steps[i].defs {
                if !scope.in_region {
                    prefix.extend(self.new_home(def));
                }
                match flow.movers.get(&def) {
                    // The code around the outermost region has a cell for it.
                    _ if scope.in_region && scope.handles.get(def).is_some() => {}
                    Some(mover) if task_of.get(mover) == task_of.get(&i) => {}
                    Some(mover) if task_of.contains_key(mover) => {
                        let (baton, declared, made) = self.cell("baton", "Baton", def);
                        batons.extend(declared);
                        cells.entry(task_of[&i]).or_default().extend(made);
                        let settled = self.homes.contains_key(&def);
                        batons_in.entry(task_of[mover]).or_default().push((def, baton.clone(), settled));
                        batons_out.entry(task_of[&i]).or_default().push((def, baton));
                    }
                    _ => {
                        let kind = if moves_only(def, body, flow) { "Baton" } else { "Slot" };
                        let (slot, declared, made) = self.cell("slot", kind, def);
                        prefix.extend(declared);
                        cells.entry(task_of[&i]).or_default().extend(made);
                        inner.handles.insert(def, Handle::Slot(slot.clone(), false));
                        scope.handles.insert(def, Handle::Slot(slot, true));
                    }
                }
            }
        }

        // What the tasks take from the code around.
        let made: HashSet<VarId> = steps.iter().flat_map(|&i| &body.steps[i].defs).copied().collect();
        let mut taken: HashSet<VarId> = HashSet::new();
        let mut lent: Vec<VarId> = Vec::new();
        for &i in &steps {
            for u in &body.steps[i].uses {
                if made.contains(&u.var) {
                    continue;
                }
                match flow.movers.get(&u.var) {
                    Some(&mover) if task_of.contains_key(&mover) => {
                        if !taken.insert(u.var) {
                            continue;
                        }
                        let (bring, mut ident) = self.bring_whole(u.var, scope);
                        prefix.extend(bring);
                        let settled = scope.bound.get(&u.var) != Some(&Bind::Value);
                        let span = body.steps[mover].use_of(u.var).map_or(u.at, |u| u.at);
                        ident.set_span(ident.span().located_at(span));
                        let n = self.fresh();
                        let baton = Ident::new(&format!("__baton{n}"), Span::mixed_site().located_at(span));
                        let rt = rt_at(span);
                        let handed = if self.open {
                            quote_spanned!(span=> #rt::OpenBaton::full)
                        } else {
                            let handed = Ident::new(if settled { "handed_settled" } else { "handed" }, span);
                            quote_spanned!(span=> #rt::CrossesByValue::#handed)
                        };
                        batons.extend(quote_spanned!(span=> let #baton = #handed(#ident);));
                        scope.bound.remove(&u.var);
                        scope.handles.remove(u.var);
                        batons_in.entry(task_of[&mover]).or_default().push((u.var, baton, settled));
                    }
                    _ => lent.push(u.var),
                }
            }
        }
        for var in &taken {
            inner.handles.remove(*var);
        }
        prefix.extend(self.lend(lent.into_iter(), scope, &mut inner));
        inner = inner.closure();

        // The tasks.
        let mut closures = TokenStream::new();
        let mut arms = Vec::new();
        let mut works = Vec::new();
        for (t, tree) in region.tasks.iter().enumerate() {
            let mut task = inner.closure();
            task.in_region = true;
            // What the task takes, it takes at its start: regions inside it may share it out again.
            let mut taking = Vec::new();
            for (var, baton, settled) in batons_in.remove(&t).unwrap_or_default() {
                task.handles.insert(var, Handle::Baton(baton, settled));
                taking.push(var);
            }
            taking.sort_unstable();
            let one_call = one_call(self.graph, tree, body, &task, &taking);
            let take: TokenStream = taking.into_iter().map(|var| self.bring(var, true, &mut task)).collect();
            self.apart = one_call.then(TokenStream::new);
            let tokens = self.tree(tree, body, flow, &mut task);
            let mut hand_over = TokenStream::new();
            for (var, baton) in batons_out.get(&t).into_iter().flatten() {
                let value = self.settled_or_bound(*var, &task);
                hand_over.extend(quote!(#baton.set(#value);));
            }
            let span = body.steps[tasks[t][0]].span;
            let made = cells.remove(&t);
            if let Some(future) = self.apart.take() {
                let step = &body.steps[tasks[t][0]];
                let (node, value) = (step.node, value_at(step.awaited.unwrap_or(span)));
                let task = quote_spanned! {span=>
                    #rt::one_call(
                        #rt::Node::<#node>,
                        || { #take #future },
                        |#value| -> ::core::result::Result<(), #rt::Halted> {
                            #tokens
                            #hand_over
                            ::core::result::Result::Ok(())
                        },
                    )
                };
                arms.push(quote!({ #made #task }));
                continue;
            }
            let work = quote! {
                #take
                #tokens
                #hand_over
                ::core::result::Result::Ok(())
            };
            if self.graph.asynchronous {
                // In the place where it stays, since what is made elsewhere first is moved there.
                let task = quote_spanned! {span=>
                    #rt::of_type::<::core::result::Result<(), #rt::Halted>, _>(async { #work })
                };
                arms.push(quote!({ #made #task }));
                continue;
            }
            closures.extend(made);
            works.push(quote!(#t => { #work }));
            // A closure of its own would stand on the stack among the cells: each write of one would take the lines that
            // other threads read closures from. Beyond so many tasks, one closure for all would take long to compile.
            if tasks.len() <= BITS {
                arms.append(&mut works);
            } else if works.len() == GROUP || t + 1 == tasks.len() {
                let n = self.fresh();
                let name = Ident::new(&format!("__tasks{n}"), Span::mixed_site().located_at(span));
                let first = t + 1 - works.len();
                closures.extend(quote_spanned! {span=>
                    let #name = |
                        __task: usize,
                        #at_ident: &::core::cell::Cell<u32>,
                    | -> ::core::result::Result<(), #rt::Halted> {
                        match __task {
                            #(#works)*
                            _ => ::core::result::Result::Err(#rt::Halted),
                        }
                    };
                });
                works.clear();
                arms.push(quote!(#first..=#t => #name(__task, #at_ident),));
            }
        }

        let plan = self.plan(region, &tasks, body, (scope.before, scope.after));
        let count = tasks.len();
        let path = scope.path();
        if self.graph.asynchronous {
            let (group, more) = (group(&rt, &arms), count.div_ceil(BITS) - 1);
            let counters = if region.waits.iter().all(Vec::is_empty) { 0 } else { count };
            return quote! {
                #prefix
                {
                    #batons
                    #closures
                    static PLAN: #rt::Plan = #plan;
                    #rt::tasks::<#count, #more, #counters, _>(#level, #path, &PLAN, #group).await?;
                }
            };
        }
        let counters = if count > BITS { count } else { 0 };
        quote! {
            #prefix
            {
                #batons
                #closures
                static COSTS: [#rt::Cost; #count] = [#rt::Cost::NEW; #count];
                static PLAN: #rt::Plan = #plan;
                let __states = [#rt::State::NEW; #counters];
                #rt::region(
                    #level,
                    #path,
                    &PLAN,
                    &__states,
                    &|__task, #at_ident| -> ::core::result::Result<(), #rt::Halted> {
                        match __task {
                            #(#arms)*
                            _ => ::core::result::Result::Err(#rt::Halted),
                        }
                    },
                )?;
            }
        }
    }

    fn plan(&self, region: &Region, tasks: &[Vec<usize>], body: &Body, around: (u32, u32)) -> TokenStream {
        let rt = &self.names.rt;
        let mut next: Vec<Vec<u32>> = vec![Vec::new(); tasks.len()];
        for (t, waits) in region.waits.iter().enumerate() {
            for &on in waits {
                next[on].push(u32::try_from(t).unwrap_or(u32::MAX));
            }
        }
        let (mut end, mut all) = (0u32, 0u32);
        let rows = region.tasks.iter().enumerate().map(|(t, tree)| {
            let waits = u32::try_from(region.waits[t].len()).unwrap_or(u32::MAX);
            end += u32::try_from(next[t].len()).unwrap_or(u32::MAX);
            let node = body.steps[tasks[t][0]].node;
            let operators = own_operators(tree, body);
            all += operators;
            let needs = region.waits[t].iter().filter(|_| tasks.len() <= BITS).fold(0u64, |set, &on| set | 1 << on);
            quote!(#rt::Task { waits: #waits, needs: #needs, next_end: #end, node: #node, operators: #operators })
        });
        let rows: Vec<TokenStream> = rows.collect();
        // What the tasks of an `async` graph cost is learned call by call.
        let costs = if self.graph.asynchronous { quote!(&[]) } else { quote!(&COSTS) };
        let next = next.iter().flatten();
        let (before, after) = around;
        quote!(#rt::Plan { tasks: &[#(#rows),*], next: &[#(#next),*], costs: #costs, operators: #all, around: (#before, #after), gauge: #rt::Gauge::new(#all, false) })
    }
}

/// Whether a task is one call that is awaited, and none of its arguments is lent by the task itself: neither what is made on the
/// way nor what it has `taken`. So the future can be made apart from what becomes of its value.
fn one_call(graph: &Graph, tree: &Tree, body: &Body, scope: &Scope, taken: &[VarId]) -> bool {
    let Tree::Serial(steps) = tree else { return false };
    let [step] = steps[..] else { return false };
    let step = &body.steps[step];
    let Work::Operator(call) = &step.work else { return false };
    let plain = step.awaited.is_some() && step.hedge.is_none() && step.policies.is_empty();
    let whole = |var: VarId| {
        let is_settled = matches!(scope.handles.get(var), Some(Handle::Baton(_, true)));
        let is_whole =
            |arg: &Expr| matches!(arg, Expr::Path(path) if path.path.is_ident(&graph.vars[var].ident));
        let is_lent = step.uses.iter().any(|found| found.var == var && (found.shared || found.place));
        !is_settled && !is_lent && call.args.iter().any(is_whole)
    };
    plain && taken.iter().all(|&var| whole(var)) && call.args.iter().all(uses::lends_nothing_made)
}

/// The tasks of an `async` graph as one value: by eights, which stay where they are made, and these two by two.
fn group(rt: &Ident, tasks: &[TokenStream]) -> TokenStream {
    let eights = tasks.chunks(8).map(|tasks| {
        let nobody = (tasks.len()..8).map(|_| quote!(#rt::Nobody));
        quote!(::core::pin::pin!(#rt::eight(#(#tasks,)* #(#nobody),*)))
    });
    let mut groups: Vec<TokenStream> = eights.collect();
    while groups.len() > 1 {
        let two_by_two = groups.chunks(2).map(|groups| match groups {
            [first, second] => quote!(#rt::both(#first, #second)),
            rest => quote!(#(#rest)*),
        });
        groups = two_by_two.collect();
    }
    groups.pop().unwrap_or_default()
}

/// Whether all that happens to a value is that one step takes it, not just in a part of it. Then nothing reads it in
/// its cell, and it need not be `Sync`.
fn moves_only(var: VarId, body: &Body, flow: &Flow<'_>) -> bool {
    let [user] = flow.users[var][..] else { return false };
    let step = &body.steps[user];
    flow.movers.get(&var) == Some(&user)
        && step.work.bodies().is_empty()
        && step.direct.iter().any(|direct| direct.var == var && direct.access != Access::Shared)
}

/// Operators that run in a task's own closure; those of regions in it are counted there.
fn own_operators(tree: &Tree, body: &Body) -> u32 {
    match tree {
        Tree::Serial(steps) => steps.iter().map(|&i| body.steps[i].operators).sum(),
        Tree::Series(parts) => parts.iter().map(|part| own_operators(part, body)).sum(),
        Tree::Region(_) => 0,
    }
}
