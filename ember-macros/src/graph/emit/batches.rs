//! `name::batch(inputs)` and `name::stream(items)`.
//!
//! A hidden type stands for the graph there. What the graph gives for an item of some type is said by a pointer to a function with
//! its signature: that may elide lifetimes, of types too whose name hides them, where an `impl` may not. The future of an
//! `async` graph has no name, so such a graph implements its trait for the types of its parameters, with their lifetimes
//! named.

mod generics;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::visit::Visit;
use syn::visit_mut::VisitMut;
use syn::{Attribute, GenericParam, Generics, ReturnType, Signature, Type, Visibility, parse_quote};

use self::generics::{Borrowed, Elided, Implied, Named, has_elided, key, lifetimes, lifetimes_first};
use crate::operator::{Parameter, call_name};

/// The runtime calls functions of so many arguments.
const MOST_PARAMETERS: usize = 12;

/// The two functions, and what stands outside of the graph's hidden type for them.
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
    /// The hidden type of the graph, without policies.
    pub(in crate::graph) node: &'g Ident,
    pub(in crate::graph) cfgs: &'g [&'g Attribute],
    /// Its return type is a `Result`, as far as syntax tells.
    pub(in crate::graph) is_result: bool,
    /// Its straight line is a function of its own.
    pub(in crate::graph) straight: bool,
    /// There is one for contexts that have nothing to say: whether these may stop the graph.
    pub(in crate::graph) quiet: Option<TokenStream>,
    pub(in crate::graph) krate: &'g TokenStream,
}

/// Nothing if the graph has too many parameters, or returns an `impl Trait` or what is borrowed from nobody knows where, which
/// is told elsewhere to be impossible.
pub(in crate::graph) fn emit(of: &Of<'_>) -> Batches {
    let mut types: Vec<Type> = of.parameters.iter().filter(|p| p.is_passed()).map(|p| p.ty.clone()).collect();
    let mut returned = match &of.sig.output {
        ReturnType::Default => parse_quote!(()),
        ReturnType::Type(_, ty) => (**ty).clone(),
    };
    let mut named = Named::default();
    named.visit_type_mut(&mut returned);
    let unknown = has_elided(&returned) && lifetimes(&types).len() > 1;
    if !named.found.is_empty() || unknown || types.len() > MOST_PARAMETERS {
        return Batches::default();
    }
    let mut generics = of.sig.generics.clone();
    for ty in &mut types {
        named.visit_type_mut(ty);
    }
    generics.params.extend(named.found.into_iter().map(GenericParam::Type));

    let krate = of.krate;
    let rt = quote!(#krate::__private::batch);
    let mut implied = Implied { generics: &generics, found: Vec::new() };
    for ty in &types {
        implied.visit_type(ty);
    }
    implied.visit_type(&returned);
    let name = &of.sig.ident;
    let many = Many {
        of,
        key: key(&generics, &implied.found, &rt),
        signature: quote!(fn(#(#types),*) -> #returned),
        graph: format_ident!("__{}_of_many", name.unraw(), span = crate::span::at(name.span())),
        generics: &generics,
        types: &types,
        returned: &returned,
        rt,
    };
    Batches { functions: many.functions(), outside: many.outside() }
}

struct Many<'m> {
    of: &'m Of<'m>,
    /// With a name for each `impl Trait`, as in the types.
    generics: &'m Generics,
    types: &'m [Type],
    returned: &'m Type,
    signature: TokenStream,
    /// The hidden type, and the type that names its generic parameters.
    graph: Ident,
    key: TokenStream,
    rt: TokenStream,
}

impl Many<'_> {
    fn is_async(&self) -> bool {
        self.of.sig.asyncness.is_some()
    }

    fn outside(&self) -> TokenStream {
        let Self { of, graph, rt, .. } = self;
        let Of { vis, sig, node, cfgs, is_result, krate, .. } = of;
        let name = &sig.ident;
        let reading = format_ident!("{}", if *is_result { "ByResult" } else { "ByValue" });
        let call = if self.is_async() { self.call_async() } else { self.call() };
        let goes_straight = of.straight.then(|| {
            quote! {
                fn goes_straight(__context: &#krate::Context) -> bool {
                    #krate::__private::goes_straight(__context, #node::__info())
                }
            }
        });
        quote! {
            #(#cfgs)*
            #[doc(hidden)]
            #[allow(non_camel_case_types, missing_docs, dead_code, missing_debug_implementations)]
            #vis enum #graph {}

            #(#cfgs)*
            #[automatically_derived]
            impl #rt::Graph for #graph {
                type Reading = #rt::#reading;
                fn description() -> &'static #krate::graph::Description<'static> { #name::describe() }
                #goes_straight
            }

            #(#cfgs)*
            #[automatically_derived]
            #[diagnostic::do_not_recommend]
            #[allow(
                unused_lifetimes, single_use_lifetimes, mismatched_lifetime_syntaxes, private_interfaces, private_bounds,
                clippy::all, clippy::pedantic, clippy::nursery, clippy::restriction
            )]
            #call
        }
    }

    /// The names of the arguments, and the call with them.
    fn called(&self) -> (Vec<Ident>, TokenStream) {
        let (name, node) = (&self.of.sig.ident, self.of.node);
        let arguments: Vec<Ident> = (0..self.types.len()).map(|i| format_ident!("__argument{i}")).collect();
        let call = call_name(self.is_async(), name.span());
        let called = quote!(#node {}.#call(#(#arguments),*));
        (arguments, called)
    }

    fn call(&self) -> TokenStream {
        let Self { of: Of { node, straight, quiet, krate, .. }, graph, key, signature, rt, .. } = self;
        let (arguments, called) = self.called();
        let generics = self.with(&[quote!(__Arguments)], &quote!(__Arguments));
        let (parameters, _, where_clause) = generics.split_for_impl();
        let output = self.output(&quote!(__Arguments));
        let straight_call = |context: TokenStream| {
            quote! {{
                let (__value, __checked) = #node {}.__straight(#context, #(#arguments),*);
                #krate::__private::checked(__checked);
                __value
            }}
        };
        let straight = straight.then(|| {
            let asked = straight_call(quote!(__context));
            let asked = quote!(#krate::Context::__with(move |__context| #asked));
            let body = match quiet {
                Some(stoppable) => {
                    let quiet = straight_call(quote!(#krate::__private::Quiet));
                    quote!(if #krate::__private::is_plain_line(#stoppable) { #quiet } else { #asked })
                }
                None => asked,
            };
            quote! {
                #[inline]
                fn call_straight(__arguments: __Arguments) -> #output {
                    let __call: #signature = |#(#arguments),*| #body;
                    #rt::Returns::invoke(&__call, __arguments)
                }
            }
        });
        quote! {
            impl #parameters #rt::Call<__Arguments, #key, #output> for #graph #where_clause {
                #[inline]
                fn call(__arguments: __Arguments) -> #output {
                    let __call: #signature = |#(#arguments),*| #called;
                    #rt::Returns::invoke(&__call, __arguments)
                }

                #straight
            }
        }
    }

    fn call_async(&self) -> TokenStream {
        let Self { graph, key, rt, .. } = self;
        let (arguments, called) = self.called();
        let (mut types, mut output, mut generics) =
            (self.types.to_vec(), self.returned.clone(), self.generics.clone());
        let mut elided = Elided::default();
        for ty in &mut types {
            elided.visit_type_mut(ty);
        }
        if let [one] = &lifetimes(&types)[..] {
            Borrowed(one).visit_type_mut(&mut output);
        }
        for name in &elided.names {
            generics.params.push(parse_quote!(#name));
        }
        lifetimes_first(&mut generics);
        let (parameters, _, where_clause) = generics.split_for_impl();
        quote! {
            impl #parameters #rt::CallAsync<#graph, #key, #output> for (#(#types,)*) #where_clause {
                fn call(self) -> impl ::core::future::Future<Output = #output> {
                    let (#(#arguments,)*) = self;
                    #called
                }
            }
        }
    }

    fn functions(&self) -> TokenStream {
        let Self { of: Of { vis, krate, .. }, rt, .. } = self;
        let iterator = Items {
            parameters: vec![quote!(__Items: ::core::iter::IntoIterator)],
            item: quote!(<__Items as ::core::iter::IntoIterator>::Item),
            all: quote!(<__Items as ::core::iter::IntoIterator>::IntoIter),
            made: quote!(::core::iter::IntoIterator::into_iter(__items)),
            one: quote!(#rt::One),
        };
        let source = Items {
            parameters: vec![quote!(__Items: #rt::Source<__How>), quote!(__How)],
            item: quote!(<__Items as #rt::Source<__How>>::Item),
            all: quote!(<__Items as #rt::Source<__How>>::Stream),
            made: quote!(#rt::Source::stream(__items)),
            one: quote!(#rt::OneOfStream),
        };
        let (batch, inputs, made, kind) = self.taking(&iterator, Some(quote!('__progress)));
        let (parameters, _, where_clause) = batch.split_for_impl();
        let batch = quote! {
            /// The graph for many inputs: a result for each, in their order.
            #[allow(private_interfaces, private_bounds, mismatched_lifetime_syntaxes)]
            #vis fn batch #parameters (__items: __Items) -> #krate::Batch<'__progress, #inputs, #kind> #where_clause {
                #krate::Batch::__new(#made)
            }
        };
        let (stream, items, made, kind) =
            self.taking(if self.is_async() { &source } else { &iterator }, None);
        let (parameters, _, where_clause) = stream.split_for_impl();
        quote! {
            #batch

            /// The graph over a stream of inputs: results come while inputs go.
            #[allow(private_interfaces, private_bounds, mismatched_lifetime_syntaxes)]
            #vis fn stream #parameters (__items: __Items) -> #krate::Stream<#items, #kind> #where_clause {
                #krate::Stream::__new(#made)
            }
        }
    }

    /// The generics of a function that takes items, the type of the items, how they are made, and the kind of the run.
    fn taking(
        &self,
        items: &Items,
        lifetime: Option<TokenStream>,
    ) -> (Generics, TokenStream, TokenStream, TokenStream) {
        let Self { graph, key, rt, .. } = self;
        let Items { parameters, item, all, made, one } = items;
        // An item of a graph of one parameter is the parameter.
        let (item, all, made) = if self.types.len() == 1 {
            (quote!((#item,)), quote!(#one<#all>), quote!(#one::new(#made)))
        } else {
            (item.clone(), all.clone(), made.clone())
        };
        let parameters: Vec<TokenStream> = lifetime.into_iter().chain(parameters.iter().cloned()).collect();
        let kind = format_ident!("{}", if self.is_async() { "Waiting" } else { "Working" });
        let output = self.output(&item);
        (self.with(&parameters, &item), all, made, quote!(#rt::#kind<#graph, #key, #output>))
    }

    /// What the graph gives for such arguments.
    fn output(&self, arguments: &TokenStream) -> TokenStream {
        let Self { signature, rt, .. } = self;
        quote!(<#signature as #rt::Returns<#arguments>>::Output)
    }

    /// The graph's generics with some more parameters, if the graph takes such arguments.
    fn with(&self, parameters: &[TokenStream], arguments: &TokenStream) -> Generics {
        let Self { signature, rt, .. } = self;
        let mut generics = self.generics.clone();
        for parameter in parameters {
            generics.params.push(parse_quote!(#parameter));
        }
        generics.make_where_clause().predicates.push(parse_quote!(#signature: #rt::Returns<#arguments>));
        lifetimes_first(&mut generics);
        generics
    }
}

/// How a function takes items.
struct Items {
    parameters: Vec<TokenStream>,
    item: TokenStream,
    /// The type of all of them, how it is made of the argument, and a type that puts each into a tuple.
    all: TokenStream,
    made: TokenStream,
    one: TokenStream,
}
