//! `name::batch(inputs)` and `name::stream(items)`.
//!
//! A hidden type stands for the graph there. What it is called with, and what it gives, it says by a pointer to a function
//! with the graph's signature: that may elide lifetimes, of types too whose name hides them, where an `impl` may not. The future of
//! an `async` graph has no name, so such a graph implements its trait for the types of its parameters as they stand.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{
    AngleBracketedGenericArguments, Attribute, GenericArgument, GenericParam, Generics, Lifetime, Path,
    ReturnType, Signature, Type, TypeParam, TypeReference, Visibility, parse_quote,
};

use crate::operator::{Parameter, call_name};

/// The runtime calls functions of so many arguments.
const MOST_PARAMETERS: usize = 12;

/// The two functions, and what stands outside of the hidden type for them.
#[derive(Default)]
pub(in crate::graph) struct Batches {
    pub(in crate::graph) functions: TokenStream,
    pub(in crate::graph) outside: TokenStream,
}

/// What of a graph is asked here.
pub(in crate::graph) struct Of<'g> {
    pub(in crate::graph) vis: &'g Visibility,
    pub(in crate::graph) sig: &'g Signature,
    pub(in crate::graph) parameters: &'g [Parameter],
    pub(in crate::graph) cfgs: &'g [&'g Attribute],
    /// Its return type is a `Result`, as far as syntax tells.
    pub(in crate::graph) is_result: bool,
    pub(in crate::graph) krate: &'g TokenStream,
}

/// Nothing if the graph returns an `impl Trait`, whose type cannot be named, or has too many parameters.
pub(in crate::graph) fn emit(of: &Of<'_>) -> Batches {
    let Of { vis, sig, parameters, cfgs, is_result, krate } = of;
    let mut types: Vec<Type> = parameters.iter().filter(|p| !p.context).map(|p| p.ty.clone()).collect();
    let asynchronous = sig.asyncness.is_some();
    let mut returned = match &sig.output {
        ReturnType::Default => parse_quote!(()),
        ReturnType::Type(_, ty) => (**ty).clone(),
    };
    let mut named = Named::default();
    named.visit_type_mut(&mut returned);
    if !named.found.is_empty() || types.len() > MOST_PARAMETERS {
        return Batches::default();
    }
    let mut generics = sig.generics.clone();
    types.iter_mut().for_each(|ty| named.visit_type_mut(ty));
    generics.params.extend(named.found.into_iter().map(GenericParam::Type));

    let name = &sig.ident;
    let rt = quote!(#krate::__private::batch);
    let graph = format_ident!("__{}_of_many", name.unraw(), span = crate::span::at(name.span()));
    let mut implied = Implied { generics: &generics, found: Vec::new() };
    types.iter().for_each(|ty| implied.visit_type(ty));
    implied.visit_type(&returned);
    let key = key(&generics, &implied.found, &rt);
    let signature = quote!(fn(#(#types),*) -> #returned);
    let reading = format_ident!("{}", if *is_result { "ByResult" } else { "ByValue" });
    let arguments: Vec<Ident> = (0..types.len()).map(|i| format_ident!("__argument{i}")).collect();
    let call = call_name(asynchronous, name.span());
    let called = quote!(#name {}.#call(#(#arguments),*));
    let (parameters, _, where_clause) = generics.split_for_impl();
    let implemented = if asynchronous {
        quote! {
            impl #parameters #rt::CallAsync<#graph, #key> for (#(#types,)*) #where_clause {
                type Output = <#signature as #rt::Returns<Self>>::Output;
                fn call(self) -> impl ::core::future::Future<Output = Self::Output> {
                    let (#(#arguments,)*) = self;
                    #called
                }
            }
        }
    } else {
        let mut generics = generics.clone();
        generics.params.push(parse_quote!(__Arguments));
        generics.make_where_clause().predicates.push(parse_quote!(#signature: #rt::Returns<__Arguments>));
        let (parameters, _, where_clause) = generics.split_for_impl();
        quote! {
            impl #parameters #rt::Call<__Arguments, #key> for #graph #where_clause {
                type Output = <#signature as #rt::Returns<__Arguments>>::Output;
                #[inline]
                fn call(__arguments: __Arguments) -> Self::Output {
                    let __call: #signature = |#(#arguments),*| #called;
                    #rt::Returns::invoke(&__call, __arguments)
                }
            }
        }
    };
    let functions =
        functions(vis, &generics, &signature, asynchronous, types.len() == 1, &graph, &key, krate);
    Batches {
        functions,
        outside: quote! {
            #(#cfgs)*
            #[doc(hidden)]
            #[allow(non_camel_case_types, missing_docs, dead_code, missing_debug_implementations)]
            enum #graph {}

            #(#cfgs)*
            #[automatically_derived]
            impl #rt::Graph for #graph {
                type Reading = #rt::#reading;
                fn description() -> &'static #krate::graph::Description<'static> { #name::describe() }
            }

            #(#cfgs)*
            #[automatically_derived]
            #[allow(unused_lifetimes, single_use_lifetimes, mismatched_lifetime_syntaxes, clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction)]
            #implemented
        },
    }
}

#[expect(clippy::too_many_arguments, reason = "they are parts of one signature")]
fn functions(
    vis: &Visibility,
    generics: &Generics,
    signature: &TokenStream,
    asynchronous: bool,
    single: bool,
    graph: &Ident,
    key: &TokenStream,
    krate: &TokenStream,
) -> TokenStream {
    let rt = quote!(#krate::__private::batch);
    let kind =
        if asynchronous { quote!(#rt::Waiting<#graph, #key>) } else { quote!(#rt::Working<#graph, #key>) };
    let item = |of: TokenStream| if single { quote!((#of,)) } else { of };
    let with = |more: &[TokenStream], bounds: &[TokenStream]| {
        let mut generics = generics.clone();
        for param in more {
            generics.params.push(parse_quote!(#param));
        }
        for bound in bounds {
            generics.make_where_clause().predicates.push(parse_quote!(#bound));
        }
        generics
    };
    let one = |path: TokenStream, of: TokenStream| if single { quote!(#path<#of>) } else { of };

    let inputs = item(quote!(<__Inputs as ::core::iter::IntoIterator>::Item));
    let mut batch = with(
        &[quote!('__progress), quote!(__Inputs: ::core::iter::IntoIterator)],
        &[quote!(#signature: #rt::Returns<#inputs>)],
    );
    lifetimes_first(&mut batch);
    let (batch_generics, _, batch_where) = batch.split_for_impl();
    let iterator = one(quote!(#rt::One), quote!(<__Inputs as ::core::iter::IntoIterator>::IntoIter));
    let inputs = quote!(::core::iter::IntoIterator::into_iter(__inputs));
    let inputs = if single { quote!(#rt::One(#inputs)) } else { inputs };

    let (stream, source, items) = if asynchronous {
        let of = item(quote!(<__Items as #rt::Source<__How>>::Item));
        let generics = with(
            &[quote!(__Items: #rt::Source<__How>), quote!(__How)],
            &[quote!(#signature: #rt::Returns<#of>)],
        );
        let source = one(quote!(#rt::OneOfStream), quote!(<__Items as #rt::Source<__How>>::Stream));
        let items = quote!(#rt::Source::stream(__items));
        (generics, source, if single { quote!(#rt::OneOfStream::new(#items)) } else { items })
    } else {
        let of = item(quote!(<__Items as ::core::iter::IntoIterator>::Item));
        let generics =
            with(&[quote!(__Items: ::core::iter::IntoIterator)], &[quote!(#signature: #rt::Returns<#of>)]);
        let source = one(quote!(#rt::One), quote!(<__Items as ::core::iter::IntoIterator>::IntoIter));
        let items = quote!(::core::iter::IntoIterator::into_iter(__items));
        (generics, source, if single { quote!(#rt::One(#items)) } else { items })
    };
    let (stream_generics, _, stream_where) = stream.split_for_impl();
    quote! {
        /// The graph for many inputs: a result for each, in their order.
        #[allow(private_interfaces, private_bounds, mismatched_lifetime_syntaxes)]
        #vis fn batch #batch_generics (__inputs: __Inputs) -> #krate::Batch<'__progress, #iterator, #kind> #batch_where {
            #krate::Batch::__new(#inputs)
        }

        /// The graph over a stream of inputs: results come while inputs go.
        #[allow(private_interfaces, private_bounds, mismatched_lifetime_syntaxes)]
        #vis fn stream #stream_generics (__items: __Items) -> #krate::Stream<#source, #kind> #stream_where {
            #krate::Stream::__new(#items)
        }
    }
}

/// Lifetimes stand before types.
fn lifetimes_first(generics: &mut Generics) {
    let (lifetimes, others): (Vec<_>, Vec<_>) = std::mem::take(&mut generics.params)
        .into_iter()
        .partition(|p| matches!(p, GenericParam::Lifetime(_)));
    generics.params.extend(lifetimes.into_iter().chain(others));
}

/// A type that names all generic parameters: an `impl` must not have others.
fn key(generics: &Generics, implied: &[TokenStream], rt: &TokenStream) -> TokenStream {
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
struct Implied<'g> {
    generics: &'g Generics,
    found: Vec<TokenStream>,
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
struct Named {
    found: Vec<TypeParam>,
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
