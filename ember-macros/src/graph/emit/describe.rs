//! The constants beside the code: the description, and what the runtime knows of each node.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use ember_graph::{Access, Description, Edge, Input, Kind, Node, Policy, Source};
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::{FnArg, Pat};

use super::super::check::each_step;
use super::super::model::Graph;
use super::super::policies::LinePolicies;
use super::super::types::tidy;
use super::Names;
use crate::span::position;

fn kind(kind: Kind) -> TokenStream {
    match kind {
        Kind::Operator => quote!(Operator),
        Kind::Branch => quote!(Branch),
        Kind::FanOut => quote!(FanOut),
        Kind::Loop => quote!(Loop),
        Kind::Group => quote!(Group),
        _ => quote!(Glue),
    }
}

fn access(access: Access) -> TokenStream {
    match access {
        Access::Borrow => quote!(Borrow),
        Access::BorrowMut => quote!(BorrowMut),
        Access::Take => quote!(Take),
        _ => quote!(Order),
    }
}

/// The parameters' names and types as written.
fn inputs(graph: &Graph) -> Vec<(String, String)> {
    graph
        .sig
        .inputs
        .iter()
        .filter_map(|arg| if let FnArg::Typed(typed) = arg { Some(typed) } else { None })
        .map(|typed| {
            let name = match &*typed.pat {
                Pat::Ident(pat) => pat.ident.to_string(),
                other => tidy(&other.to_token_stream().to_string()),
            };
            (name, tidy(&typed.ty.to_token_stream().to_string()))
        })
        .collect()
}

/// `static INFO`.
pub(super) fn info(graph: &Graph, names: &Names, has_parts: bool) -> TokenStream {
    let rt = &names.rt;
    let name = graph.sig.ident.to_string();
    let (line, _) = position(graph.sig.ident.span());
    let inputs = inputs(graph).into_iter().map(|(name, ty)| quote!(#rt::graph::Input::__new(#name, #ty)));
    let (graphs, graph_of) = graphs(graph, names);
    let lines = lines(graph);
    let nodes = graph.nodes.iter().zip(0u32..).map(|(node, index)| {
        let (path, operator, part, fallible) = (&node.path, &node.operator, &node.part, node.fallible);
        let kind = kind(node.kind);
        let parent = option(node.parent);
        let (line, column) = position(node.span);
        let own = lines.get(&index).map(|line| {
            let without = line.without.iter().map(Ident::to_string);
            (line.instead.described(&quote!(#rt::graph)), quote!(&[#(#without),*]))
        });
        let (graph, policies) = match &node.callee {
            Some(callee) => {
                let Of { graph, policies } = &graph_of[&callee.to_token_stream().to_string()];
                let (own, without) = own.unwrap_or_else(|| (quote!(&[]), quote!(&[])));
                (quote!(::core::option::Option::Some(#graph)), quote!(.__policies(#policies, #own, #without)))
            }
            // Of a method it is only known what its line says.
            None => {
                let said = own.map(|(own, without)| quote!(.__policies(&[], #own, #without)));
                (quote!(::core::option::Option::None), said.unwrap_or_default())
            }
        };
        quote!(#rt::graph::Node::__new(#path, #operator, #rt::graph::Kind::#kind, #parent, #part, #fallible, #line, #column, #graph) #policies)
    });
    let edges = graph.edges.iter().map(|edge| {
        let from = match edge.from {
            Source::Input(i) => quote!(#rt::graph::Source::Input(#i)),
            Source::Node(i) => quote!(#rt::graph::Source::Node(#i)),
        };
        let (to, value) = (edge.to, &edge.value);
        let access = access(edge.access);
        quote!(#rt::graph::Edge::__new(#from, #to, #rt::graph::Access::#access, #value))
    });
    let spots = graph.nodes.iter().map(|node| {
        let ((a, b), (c, d)) = (node.serial, node.parallel);
        let loops = node.loops.iter().map(|&slot| u32::try_from(slot).unwrap_or(u32::MAX));
        quote!(#rt::Spot { serial: (#a, #b), parallel: (#c, #d), loops: &[#(#loops),*] })
    });
    let output = option(output(graph));
    let waits = graph.asynchronous.then(|| quote!(.__async(true)));
    let fail_fast = graph.options.fail_fast;
    let count = graph.nodes.iter().filter(|node| node.kind == Kind::Operator).count();
    let operators = u32::try_from(count).unwrap_or(u32::MAX);
    // How many items or turns there will be is not known.
    let varies = graph.nodes.iter().any(|node| matches!(node.kind, Kind::FanOut | Kind::Loop));
    quote! {
        #graphs
        static INFO: #rt::Info = #rt::Info {
            description: #rt::graph::Description::__new(
                #name, ::core::file!(), #line, &[#(#inputs),*], &[#(#nodes),*], &[#(#edges),*], #output,
            ) #waits,
            spots: &[#(#spots),*],
            fail_fast: #fail_fast,
            parts: #has_parts,
            gauge: #rt::Gauge::new(#operators, #varies),
        };
    }
}

/// What the lines say of the policies of their nodes.
fn lines(graph: &Graph) -> HashMap<u32, &LinePolicies> {
    let mut lines = HashMap::new();
    each_step(&graph.body, &mut |step| {
        if !step.policies.is_empty() {
            lines.insert(step.node, &step.policies);
        }
    });
    lines
}

/// What is asked of an operator: the names of a function that gives its description, if it is a graph, and of a constant with
/// its policies.
struct Of {
    graph: Ident,
    policies: Ident,
}

/// That of each operator.
fn graphs(graph: &Graph, names: &Names) -> (TokenStream, HashMap<String, Of>) {
    let rt = &names.rt;
    let mut functions = TokenStream::new();
    let mut of = HashMap::new();
    for callee in graph.nodes.iter().filter_map(|node| node.callee.as_ref()) {
        let function = super::hidden(&format!("__graph{}", of.len()));
        let policies = super::hidden(&format!("__POLICIES{}", of.len()));
        if let Entry::Vacant(entry) = of.entry(callee.to_token_stream().to_string()) {
            let target = super::operator(graph, callee);
            functions.extend(quote! {
                fn #function() -> ::core::option::Option<&'static #rt::graph::Description<'static>> {
                    #target.__graph()
                }
                const #policies: &[#rt::graph::Policy<'static>] = #rt::policies_of(|| #target);
            });
            entry.insert(Of { graph: function, policies });
        }
    }
    (functions, of)
}

fn output(graph: &Graph) -> Option<u32> {
    graph.body.steps.last().filter(|_| graph.body.tail).map(|step| step.node)
}

fn option(value: Option<u32>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}

/// The picture in the graph's documentation, drawn only when documentation is built.
pub(super) fn picture(graph: &Graph) -> TokenStream {
    if !wants_picture() {
        return TokenStream::new();
    }
    let name = graph.sig.ident.to_string();
    let texts = inputs(graph);
    let inputs: Vec<Input<'_>> = texts.iter().map(|(name, ty)| Input::__new(name, ty)).collect();
    let lines = lines(graph);
    let policies: Vec<Vec<Policy<'_>>> = (0u32..)
        .zip(&graph.nodes)
        .map(|(index, _)| {
            let said = lines.get(&index).into_iter().flat_map(|line| line.instead.written());
            said.map(|(name, value)| Policy::__new(name, value)).collect()
        })
        .collect();
    let nodes: Vec<Node<'_>> =
        graph
            .nodes
            .iter()
            .zip(&policies)
            .map(|(n, said)| {
                Node::__new(&n.path, &n.operator, n.kind, n.parent, &n.part, n.fallible, 1, 1, None)
                    .__policies(&[], said, &[])
            })
            .collect();
    let edges: Vec<Edge<'_>> =
        graph.edges.iter().map(|e| Edge::__new(e.from, e.to, e.access, &e.value)).collect();
    let description = Description::__new(&name, "", 1, &inputs, &nodes, &edges, output(graph));
    // A blank line would end the HTML block in Markdown.
    let svg: String = description
        .to_svg()
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(str::trim)
        .collect::<Vec<_>>()
        .join("\n");
    quote!(#[cfg_attr(doc, doc = #svg)])
}

/// Whether the crate is being documented: drawing costs a little, and only rustdoc shows it.
fn wants_picture() -> bool {
    std::env::args_os().next().is_some_and(|program| {
        std::path::Path::new(&program)
            .file_stem()
            .is_some_and(|stem| stem.to_string_lossy().contains("rustdoc"))
    })
}
