//! What rust-analyzer gets to see of graphs that are right, wrong and half typed.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::quote;

use super::soup::{GRAPHS, Mutation, count, inside, mutate, tokens};

/// The expansion for an editor.
fn expand(graphs: &TokenStream) -> TokenStream {
    super::super::expand_for(true, quote!([::ember] #graphs))
}

/// The words of tokens, through all groups.
fn words(tokens: TokenStream) -> Vec<String> {
    let mut found = Vec::new();
    for tree in tokens {
        match inside(&tree) {
            None => found.push(tree.to_string()),
            Some(inner) => {
                let TokenTree::Group(group) = &tree else { continue };
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                found.push(open.to_owned());
                found.extend(words(inner));
                found.push(close.to_owned());
            }
        }
    }
    found
}

/// The function in the expansion of a graph.
fn function(graph: &str) -> String {
    let shown = words(expand(&tokens(graph)));
    let end = shown.iter().position(|word| word == "struct").unwrap_or(shown.len());
    shown[..end].join(" ")
}

/// What is written for the lines of a graph. They are written the same wherever they stand.
fn lines(lines: &str) -> String {
    let function = function(&format!("fn g(x: u32, f: F) -> Result<u32, E> {{ {lines} }}"));
    let (_, body) = function.split_once("as _ ;").expect("a body");
    let (body, _) = body.rsplit_once('}').expect("a closed body");
    body.split_once("} #").map_or(body, |(body, _)| body).trim().to_owned()
}

fn written(lines: &str) -> String {
    words(tokens(lines)).join(" ")
}

/// What rust-analyzer relies on: a name typed at the cursor changes nothing that is written in front of it.
fn check(actual: &TokenStream, typed: &TokenStream) {
    let source = words(typed.clone());
    let Some(cursor) = source.iter().position(|word| word == "cursor") else { return };
    let before = &source[..cursor];
    // Nothing is completed where the name of an attribute or a `.` should stand.
    let attribute = before.iter().rev().take(3).any(|word| word == "#");
    let dot = before.last().is_some_and(|word| word == ")")
        && source.get(cursor + 1).is_some_and(|word| word == ".");
    // Nor in front of an `await` that is there.
    let awaited = source.get(cursor + 1).is_some_and(|word| word == "await");
    // Nor in the middle of `race!(`.
    let race = match before {
        [.., race] if race == "race" => source.get(cursor + 1).is_some_and(|word| word == "!"),
        [.., race, bang] => race == "race" && bang == "!",
        _ => false,
    };
    if attribute || dot || awaited || race {
        return;
    }
    let (shown, with_name) = (words(expand(actual)), words(expand(typed)));
    let cursor = with_name.iter().position(|word| word == "cursor").expect("the name is shown");
    assert_eq!(shown[..cursor.min(shown.len())], with_name[..cursor], "{typed}");
}

#[test]
fn a_name_changes_nothing_in_front_of_it() {
    for graph in GRAPHS {
        let graph = tokens(graph);
        for at in 0..count(&graph) {
            let change = |mutation| mutate(graph.clone(), &mut at.clone(), &mutation);
            let (put_in, instead) = (change(Mutation::Insert("cursor")), change(Mutation::Replace("cursor")));
            // Put in; put in where a token is missing; typed to its end.
            check(&graph, &put_in);
            check(&change(Mutation::Delete), &instead);
            check(&change(Mutation::Replace("cur")), &instead);
        }
    }
}

#[test]
fn half_typed_lines_are_shown_as_they_stand() {
    for half in [
        "let y = x.",
        "let y = x. let z = 1;",
        "let y =",
        "let y = ; x",
        "let y = read(x; x",
        "read(x",
        "if x.",
        "match x.",
        "for i in x.",
        "let y = x y x",
        "x..=",
        "#",
        "#[",
    ] {
        // Brackets that are missing are put in before a macro is called.
        let missing = |open, close| half.matches::<char>(open).count() - half.matches::<char>(close).count();
        let close =
            ")".repeat(missing('(', ')')) + &"]".repeat(missing('[', ']')) + &"}".repeat(missing('{', '}'));
        let half = format!("{half}{close}");
        let shown = lines(&half).replace(" . __as_node ( read { } ) . call", "");
        assert_eq!(shown, written(&half));
    }
}

#[test]
fn a_graph_without_a_body_is_shown_as_it_stands() {
    for half in
        ["fn", "fn g", "fn g(x: )", "fn g(x: u32) ->", "pub fn g(x: u32) -> Result<", "#[cfg(test)] fn g("]
    {
        let half = half.to_owned() + if half.ends_with('(') { ")" } else { "" };
        let shown = function(&half);
        assert!(shown.starts_with(&written(&half)), "{half}: {shown}");
    }
}

#[test]
fn a_mistake_is_told_behind_the_function() {
    for graph in ["fn g(x: u32) -> u32 { let y = x. }", "fn g(x: u32) -> u32 { while x > 3 { } x }"] {
        let shown = expand(&tokens(graph)).to_string();
        let mistake = shown.find("compile_error").expect(&shown);
        assert!(shown.find("struct g").is_some_and(|node| node < mistake), "{shown}");
    }
}

#[test]
fn other_graphs_are_shown_beside_a_broken_one() {
    let shown = expand(&tokens("fn a(x: u32) -> u32 { let = } fn b(y: u32) -> u32 { read(y) }"));
    let shown = words(shown).join(" ");
    assert!(shown.starts_with("fn a ( x : u32 ) - > u32"), "{shown}");
    assert!(shown.contains("read . __as_node ( read { } ) . call ( y )"), "{shown}");
}

#[test]
fn a_right_graph_is_shown_as_rust_without_mistakes() {
    for graph in &GRAPHS[..GRAPHS.len() - 1] {
        let shown = expand(&tokens(graph));
        assert!(syn::parse2::<syn::File>(shown.clone()).is_ok(), "{shown}");
        assert!(!shown.to_string().contains("compile_error"), "{shown}");
    }
}

#[test]
fn operators_are_called_through_their_nodes() {
    let node = |path: &str| format!("{path} . __as_node ( {path} {{ }} ) . call");
    let read = node("read");
    for (line, shown) in [
        ("let y = read(x);", format!("let y = {read} ( x ) ;")),
        ("let y = read(x) y", format!("let y = {read} ( x ) y")),
        ("read(x)", format!("{read} ( x )")),
        ("read(x); read(y);", format!("{read} ( x ) ; {read} ( y ) ;")),
        ("let mut y = 1; y = read(x);", format!("let mut y = 1 ; y = {read} ( x ) ;")),
        ("let y = ops::read(x);", format!("let y = {} ( x ) ;", node("ops : : read"))),
        ("let y = [read(x), 1];", format!("let y = [ {read} ( x ) , 1 ] ;")),
        ("let y = (1, read(x));", format!("let y = ( 1 , {read} ( x ) ) ;")),
        ("if read(x) { read(y) } else { 1 }", format!("if {read} ( x ) {{ {read} ( y ) }} else {{ 1 }}")),
        ("if !read(x) { 1 }", format!("if ! {read} ( x ) {{ 1 }}")),
        ("if let S { a } = read(x) { a }", format!("if let S {{ a }} = {read} ( x ) {{ a }}")),
        (
            "match read(x) { S { a } => read(a), _ => 1 }",
            format!("match {read} ( x ) {{ S {{ a }} = > {read} ( a ) , _ = > 1 }}"),
        ),
        (
            "match x { 1 => { read(x) } _ => read(y) }",
            format!("match x {{ 1 = > {{ {read} ( x ) }} _ = > {read} ( y ) }}"),
        ),
        (
            "let y = 'a: loop { read(x); break 'a 1 };",
            format!("let y = ' a : loop {{ {read} ( x ) ; break ' a 1 }} ;"),
        ),
    ] {
        assert_eq!(lines(line), shown);
    }
    let turbofish = lines("let y = read::<Vec<u8>>(x);");
    assert_eq!(
        turbofish,
        "let y = read : : < Vec < u8 > > . __as_node ( read { } ) . call : : < Vec < u8 > > ( x ) ;"
    );
}

#[test]
fn plain_rust_stays_as_it_is() {
    for line in [
        "let y = Some(x);",
        "let y = String::from(x);",
        "let y = f(x);",
        "let y = x.read(x);",
        "let y = read(x).len();",
        "let y = read(x) + 1;",
        "let y = [read(x); 3];",
        "let y = { read(x) };",
        "let y = format!(\"{}\", read(x));",
        "let y = take(|x| read(x)) as u8;",
        "let g = |x| x; let y = g(x);",
        "return (x);",
    ] {
        assert_eq!(lines(line), written(line));
    }
}

#[test]
fn a_for_gives_a_vector_where_it_is_wanted() {
    let wanted = |shown: &str| {
        (shown.contains("collect : : < : : std : : vec : : Vec < _ > > ( )"), shown.contains(". for_each ("))
    };
    for line in ["let y = for i in x { f(i) };", "let y = for i in x { f(i); };", "for i in x { f(i) }"] {
        assert_eq!(wanted(&lines(line)), (true, false), "{line}");
    }
    for line in ["for i in x { f(i) } x", "for i in x { f(i); }", "for i in x { }"] {
        assert_eq!(wanted(&lines(line)), (false, true), "{line}");
    }
    let asked = |output| wanted(&function(&format!("fn g(x: X) {output} {{ for i in x {{ f(i); }} }}"))).0;
    assert_eq!(["-> Vec<()>", "-> Result<(), E>", "-> ()", ""].map(asked), [true, false, false, false]);
}

#[test]
fn tries_of_the_graph_ask_for_no_conversion() {
    for (line, shown) in [
        ("let y = f(x)?;", "let y = f ( x ) . ok ( ) . unwrap ( ) ;"),
        ("let y = x?.len()?;", "let y = x . ok ( ) . unwrap ( ) . len ( ) . ok ( ) . unwrap ( ) ;"),
        ("let y = x || f(x)?;", "let y = x || f ( x ) . ok ( ) . unwrap ( ) ;"),
        ("let y = Ok({ x? });", "let y = Ok ( { x . ok ( ) . unwrap ( ) } ) ;"),
        ("let y = X(|a| f(a)?, x?);", "let y = X ( | a | f ( a ) ? , x . ok ( ) . unwrap ( ) ) ;"),
        ("let y = X(move || { x? });", "let y = X ( move | | { x ? } ) ;"),
        ("let y = X(async { x? }, x?);", "let y = X ( async { x ? } , x . ok ( ) . unwrap ( ) ) ;"),
    ] {
        assert_eq!(lines(line), shown.replace("||", "| |"));
    }
}

#[test]
fn attributes_of_lines_are_shown_as_values() {
    assert_eq!(lines("#[after(x)] let y = 1;"), "let _ = ( x ) ; let y = 1 ;");
    let bound = lines("#[at_most(x + 1)] loop { }");
    assert_eq!(bound, "let _ : : : core : : primitive : : usize = ( x + 1 ) ; loop { }");
    assert_eq!(lines("#[allow(unused)] let y = 1;"), "# [ allow ( unused ) ] let y = 1 ;");
    let shown = function("#[fail_fast] #[doc(hidden)] fn g(#[arg] cx: &Context) { }");
    assert!(shown.starts_with("# [ doc ( hidden ) ] fn g ( cx : & Context ) {"), "{shown}");
}

#[test]
fn a_race_is_shown_as_one_of_its_branches() {
    let node = |path: &str| format!("{path} . __as_node ( {path} {{ }} ) . call_async");
    let (read, other) = (node("read"), node("ops : : other"));
    let race = |arms: &str| {
        format!(": : core : : future : : ready ( match 0usize {{ {arms} _ = > loop {{ }} }} ) . await")
    };
    let both =
        race(&format!("0usize = > ( {read} ( x ) ) . await , 1usize = > ( {other} ( x , 1 ) ) . await ,"));
    assert_eq!(lines("let y = race!(read(x), ops::other(x, 1)).await;"), format!("let y = {both} ;"));
    assert_eq!(
        lines("match race!(read(x), ops::other(x, 1)).await { _ => 1 }"),
        format!("match {both} {{ _ = > 1 }}")
    );
    let methods = race("0usize = > ( x . read ( 1 ) ) . await , 1usize = > ( x . ) . await ,");
    assert_eq!(lines("let y = race!(x.read(1), x.).await;"), format!("let y = {methods} ;"));
    let begun = race(&format!("0usize = > ( {read} ( x ) ) . await , 1usize = > ( ) . await ,"));
    assert_eq!(lines("let y = race!(read(x), ).await;"), format!("let y = {begun} ;"));
    assert_eq!(lines("let y = race!().await;"), format!("let y = {} ;", race("0usize = > ( ) . await ,")));
}
