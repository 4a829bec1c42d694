//! The generic parameters of what is written for batches.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{
    AngleBracketedGenericArguments, GenericArgument, GenericParam, Generics, Lifetime,
    ParenthesizedGenericArguments, Path, Type, TypeFnPtr, TypeParam, TypeReference, parse_quote,
};

/// Lifetimes stand before types.
pub(super) fn lifetimes_first(generics: &mut Generics) {
    let (lifetimes, others): (Vec<_>, Vec<_>) = std::mem::take(&mut generics.params)
        .into_iter()
        .partition(|p| matches!(p, GenericParam::Lifetime(_)));
    generics.params.extend(lifetimes.into_iter().chain(others));
}

/// A type that names all generic parameters: an `impl` must not have others.
pub(super) fn key(generics: &Generics, implied: &[TokenStream], rt: &TokenStream) -> TokenStream {
    let parts = generics.params.iter().map(|param| match param {
        GenericParam::Lifetime(param) => {
            let lifetime = &param.lifetime;
            quote!(&#lifetime ())
        }
        GenericParam::Type(param) => {
            let ident = &param.ident;
            quote!(::core::marker::PhantomData<#ident>)
        }
        GenericParam::Const(param) => {
            let (ident, ty) = (&param.ident, &param.ty);
            let name = match ty {
                Type::Path(path) => {
                    path.path.get_ident().map_or_else(String::new, |ident| ident.unraw().to_string())
                }
                _ => String::new(),
            };
            let constant = format_ident!("const_{name}");
            quote!(#rt::constants::#constant<#ident>)
        }
    });
    quote!((#(#parts,)* #(#implied,)*))
}

/// What a signature implies of its lifetimes: of a parameter `&'a [T]`, that `T` outlives `'a`. Where the types stand in a bound
/// it would have to be said; in the key of a type, `&'a T`, it is implied again.
pub(super) struct Implied<'g> {
    pub(super) generics: &'g Generics,
    pub(super) found: Vec<TokenStream>,
}

impl Implied<'_> {
    /// The type parameters and lifetimes in a type outlive a lifetime.
    fn outlives(&mut self, lifetime: &Lifetime, inside: &dyn Fn(&mut Mentioned<'_>)) {
        if !self.generics.lifetimes().any(|known| known.lifetime == *lifetime) {
            return;
        }
        let mut mentioned = Mentioned { generics: self.generics, found: Vec::new() };
        inside(&mut mentioned);
        self.found.extend(mentioned.found.iter().map(|ty| quote!(&#lifetime #ty)));
    }
}

impl<'ast> Visit<'ast> for Implied<'_> {
    fn visit_type_reference(&mut self, reference: &'ast TypeReference) {
        if let Some(lifetime) = &reference.lifetime {
            self.outlives(lifetime, &|mentioned| mentioned.visit_type(&reference.elem));
        }
        visit::visit_type_reference(self, reference);
    }

    fn visit_angle_bracketed_generic_arguments(&mut self, arguments: &'ast AngleBracketedGenericArguments) {
        for argument in &arguments.args {
            if let GenericArgument::Lifetime(lifetime) = argument {
                let types = arguments.args.iter().filter(|other| matches!(other, GenericArgument::Type(_)));
                self.outlives(lifetime, &|mentioned| {
                    types.clone().for_each(|ty| mentioned.visit_generic_argument(ty));
                });
            }
        }
        visit::visit_angle_bracketed_generic_arguments(self, arguments);
    }
}

/// The type parameters and lifetimes of a graph that a type mentions.
struct Mentioned<'g> {
    generics: &'g Generics,
    found: Vec<TokenStream>,
}

impl<'ast> Visit<'ast> for Mentioned<'_> {
    fn visit_path(&mut self, path: &'ast Path) {
        if let Some(first) = path.segments.first().map(|first| &first.ident)
            && self.generics.type_params().any(|known| known.ident == *first)
        {
            self.found.push(quote!(::core::marker::PhantomData<#first>));
        }
        visit::visit_path(self, path);
    }

    fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
        if self.generics.lifetimes().any(|known| known.lifetime == *lifetime) {
            self.found.push(quote!(&#lifetime ()));
        }
    }
}

/// Gives each `impl Trait` the name of a type parameter.
#[derive(Default)]
pub(super) struct Named {
    pub(super) found: Vec<TypeParam>,
}

impl VisitMut for Named {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        visit_mut::visit_type_mut(self, ty);
        if let Type::ImplTrait(hidden) = ty {
            let (name, bounds) = (format_ident!("__Impl{}", self.found.len()), &hidden.bounds);
            self.found.push(parse_quote!(#name: #bounds));
            *ty = parse_quote!(#name);
        }
    }
}

/// Gives each elided lifetime a name, but for those of functions in the types, which are any.
#[derive(Default)]
pub(super) struct Elided {
    pub(super) names: Vec<Lifetime>,
}

impl Elided {
    fn name(&mut self) -> Lifetime {
        let name = Lifetime::new(&format!("'__elided{}", self.names.len()), proc_macro2::Span::call_site());
        self.names.push(name.clone());
        name
    }
}

impl VisitMut for Elided {
    fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
        if reference.lifetime.is_none() {
            reference.lifetime = Some(self.name());
        }
        visit_mut::visit_type_reference_mut(self, reference);
    }

    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident == "_" {
            *lifetime = self.name();
        }
    }

    fn visit_type_fn_ptr_mut(&mut self, _: &mut TypeFnPtr) {}

    fn visit_parenthesized_generic_arguments_mut(&mut self, _: &mut ParenthesizedGenericArguments) {}
}

/// Whether a type elides a lifetime.
pub(super) fn has_elided(ty: &Type) -> bool {
    let mut elided = Elided::default();
    elided.visit_type_mut(&mut ty.clone());
    !elided.names.is_empty()
}

/// The lifetimes in types, of which each that is elided is one of its own.
pub(super) fn lifetimes(types: &[Type]) -> Vec<Lifetime> {
    let (mut elided, mut written) = (Elided::default(), Written::default());
    for mut ty in types.iter().cloned() {
        elided.visit_type_mut(&mut ty);
        written.visit_type(&ty);
    }
    written.0
}

#[derive(Default)]
struct Written(Vec<Lifetime>);

impl<'ast> Visit<'ast> for Written {
    fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
        if !self.0.contains(lifetime) {
            self.0.push(lifetime.clone());
        }
    }

    fn visit_type_fn_ptr(&mut self, _: &'ast TypeFnPtr) {}

    fn visit_parenthesized_generic_arguments(&mut self, _: &'ast ParenthesizedGenericArguments) {}
}

/// Puts a lifetime where one is elided.
pub(super) struct Borrowed<'l>(pub(super) &'l Lifetime);

impl VisitMut for Borrowed<'_> {
    fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
        reference.lifetime.get_or_insert_with(|| self.0.clone());
        visit_mut::visit_type_reference_mut(self, reference);
    }

    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident == "_" {
            *lifetime = self.0.clone();
        }
    }

    fn visit_type_fn_ptr_mut(&mut self, _: &mut TypeFnPtr) {}

    fn visit_parenthesized_generic_arguments_mut(&mut self, _: &mut ParenthesizedGenericArguments) {}
}
