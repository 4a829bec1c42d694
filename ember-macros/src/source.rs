//! The file in which the user's tokens stand, read for what tokens do not tell: what is around a function, and which
//! other functions there are.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use proc_macro2::Ident;
use syn::visit::{self, Visit};
use syn::{Attribute, Item, Signature};

use crate::span::{is_rust_analyzer, position};

/// What a file says. Strings and numbers only: tokens must not outlive the expansion that made them. Nor do the tokens of a
/// parsed file know where they stand, so all is told by name.
#[derive(Default)]
struct Source {
    /// The functions by name: whether they are operators; nothing where some of a name are and some are not.
    functions: HashMap<String, Option<bool>>,
    /// The same functions: whether they are `async`.
    asynchronous: HashMap<String, Option<bool>>,
    /// The operators by name, but for those that are associated by their signature: whether they stand in an `impl` block
    /// or a trait; nothing where some of a name do and some do not.
    associated: HashMap<String, Option<bool>>,
    /// The operators in `impl` blocks and traits by name: whether the block is that of a type itself, which has room for further
    /// functions; nothing where some of a name do and some do not.
    inherent: HashMap<String, Option<bool>>,
    /// Whether what is looked at stands in the `impl` block of a type itself.
    in_inherent: bool,
    /// The names of `macro_rules!` macros.
    macros: HashSet<String>,
    /// The names of operators of which one module or block has several.
    repeated: HashSet<String>,
    /// Of those, where the first one stands that was expanded.
    first: HashMap<String, (u32, u32)>,
}

/// Whether the functions of a name, in the file where it stands, are all operators, or all not.
pub(crate) fn functions(name: &Ident) -> Option<bool> {
    ask(name, |source| source.functions.get(&name.to_string()).copied().flatten()).flatten()
}

/// Whether the functions of a name, in the file where it stands, are all `async`, or all not.
pub(crate) fn is_async(name: &Ident) -> Option<bool> {
    ask(name, |source| source.asynchronous.get(&name.to_string()).copied().flatten()).flatten()
}

/// Whether the file of a name defines a macro of this name. `false` where that cannot be seen.
pub(crate) fn is_macro(name: &Ident) -> bool {
    ask(name, |source| source.macros.contains(&name.to_string())).unwrap_or(false)
}

/// Whether an operator belongs to an `impl` block, although its signature does not tell. `false` where that cannot be
/// seen.
pub(crate) fn is_associated(name: &Ident) -> bool {
    ask(name, |source| source.associated.get(&name.to_string()) == Some(&Some(true))).unwrap_or(false)
}

/// Whether a method or associated function stands in the `impl` block of a type itself, and not of a trait. `false` where
/// that cannot be seen.
pub(crate) fn is_inherent(name: &Ident) -> bool {
    ask(name, |source| source.inherent.get(&name.to_string()) == Some(&Some(true))).unwrap_or(false)
}

/// Whether an operator repeats the name of one that was expanded before. `false` where that cannot be seen, and in an
/// editor, which expands the same operator again and again.
pub(crate) fn is_repeated(name: &Ident) -> bool {
    if is_rust_analyzer() {
        return false;
    }
    ask(name, |source| {
        let (text, here) = (name.to_string(), position(name.span()));
        let single = source.associated.get(&text) == Some(&Some(false));
        single && source.repeated.contains(&text) && *source.first.entry(text).or_insert(here) != here
    })
    .unwrap_or(false)
}

/// Looks into the file of a name. Files are parsed once, if they are small.
fn ask<R>(name: &Ident, question: impl FnOnce(&mut Source) -> R) -> Option<R> {
    thread_local! {
        static FILES: RefCell<HashMap<PathBuf, Source>> = RefCell::new(HashMap::new());
    }
    if !proc_macro::is_available() {
        return None;
    }
    let file = name.span().unwrap().local_file()?;
    FILES.with(|files| {
        let mut files = files.borrow_mut();
        let source = files.entry(file).or_insert_with_key(|file| {
            let mut source = Source::default();
            let text = std::fs::read_to_string(file).ok().filter(|text| text.len() < 1 << 20);
            if let Some(file) = text.and_then(|text| syn::parse_file(&text).ok()) {
                source.visit_file(&file);
            }
            source
        });
        Some(question(source))
    })
}

fn is_operator(attrs: &[Attribute]) -> bool {
    let marks = |attr: &Attribute| {
        attr.path().segments.last().is_some_and(|s| s.ident == "operator" || s.ident == "graph_fn")
    };
    attrs.iter().any(marks)
}

impl Source {
    /// The items of a module or block.
    fn items<'a>(&mut self, items: impl Iterator<Item = &'a Item>) {
        let mut names = HashSet::new();
        for item in items {
            let Item::Fn(function) = item else { continue };
            let conditional =
                |attr: &Attribute| attr.path().is_ident("cfg") || attr.path().is_ident("cfg_attr");
            let counts = is_operator(&function.attrs) && !function.attrs.iter().any(conditional);
            if counts && !names.insert(&function.sig.ident) {
                self.repeated.insert(function.sig.ident.to_string());
            }
        }
    }

    /// An import may bring a plain function: a name that it brings is looked up through an import, too.
    fn import(&mut self, name: &Ident) {
        self.functions.insert(name.to_string(), Some(false));
        self.asynchronous.insert(name.to_string(), None);
    }

    fn operator(&mut self, attrs: &[Attribute], sig: &Signature, associated: bool) {
        if is_operator(attrs) && sig.receiver().is_none() {
            note(&mut self.associated, &sig.ident, associated);
        }
    }
}

fn note(names: &mut HashMap<String, Option<bool>>, name: &Ident, is: bool) {
    let known = names.entry(name.to_string());
    known.and_modify(|known| *known = known.filter(|known| *known == is)).or_insert(Some(is));
}

impl<'a> Visit<'a> for Source {
    fn visit_file(&mut self, file: &'a syn::File) {
        self.items(file.items.iter());
        visit::visit_file(self, file);
    }

    fn visit_item_mod(&mut self, module: &'a syn::ItemMod) {
        self.items(module.content.iter().flat_map(|(_, items)| items));
        visit::visit_item_mod(self, module);
    }

    fn visit_block(&mut self, block: &'a syn::Block) {
        let item = |stmt: &'a syn::Stmt| if let syn::Stmt::Item(item) = stmt { Some(item) } else { None };
        self.items(block.stmts.iter().filter_map(item));
        visit::visit_block(self, block);
    }

    fn visit_item_fn(&mut self, item: &'a syn::ItemFn) {
        note(&mut self.functions, &item.sig.ident, is_operator(&item.attrs));
        note(&mut self.asynchronous, &item.sig.ident, item.sig.asyncness.is_some());
        self.operator(&item.attrs, &item.sig, false);
        visit::visit_item_fn(self, item);
    }

    fn visit_item_impl(&mut self, item: &'a syn::ItemImpl) {
        let around = std::mem::replace(&mut self.in_inherent, item.trait_.is_none());
        visit::visit_item_impl(self, item);
        self.in_inherent = around;
    }

    fn visit_impl_item_fn(&mut self, item: &'a syn::ImplItemFn) {
        self.operator(&item.attrs, &item.sig, true);
        if is_operator(&item.attrs) {
            let inherent = self.in_inherent;
            note(&mut self.inherent, &item.sig.ident, inherent);
        }
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'a syn::TraitItemFn) {
        self.operator(&item.attrs, &item.sig, true);
        if is_operator(&item.attrs) {
            note(&mut self.inherent, &item.sig.ident, false);
        }
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_item_macro(&mut self, item: &'a syn::ItemMacro) {
        self.macros.extend(item.ident.as_ref().map(ToString::to_string));
    }

    fn visit_use_name(&mut self, name: &'a syn::UseName) {
        self.import(&name.ident);
    }

    fn visit_use_rename(&mut self, rename: &'a syn::UseRename) {
        self.import(&rename.rename);
    }
}
