//! A shape as numbered steps, with the order among them in bit masks: what a hand-written executor of this one graph
//! would hold. `src/steps.rs` has the trait.

use std::fmt::Write;

use crate::shapes::{Shape, sum};

/// A straight line asks every so many nodes whether it takes too long.
const STRIDE: usize = 4;

pub(crate) fn write(shape: &Shape) -> String {
    let Shape { name, .. } = shape;
    let nodes = shape.len();
    let chains = shape.chains();
    let tails: Vec<usize> = chains.iter().map(|chain| chain[chain.len() - 1]).collect();
    let waiting = shape.preds.iter().map(|preds| u8::try_from(preds.len()).expect("few predecessors"));
    let is_chain = shape.levels().iter().all(|level| level.len() == 1);

    let mut text = String::new();
    let _ = writeln!(text, "pub(crate) enum {} {{}}", type_name(name));
    let _ = writeln!(text, "impl Steps<{nodes}> for {} {{", type_name(name));
    let _ = writeln!(text, "    const ROOTS: u64 = {};", mask(&shape.roots()));
    let _ = writeln!(text, "    const ALL: u64 = {};", mask(&tails));
    let _ = writeln!(text, "    const IS_CHAIN: bool = {is_chain};");
    let _ = writeln!(text, "    const WAITING: [u8; {nodes}] = {:?};", waiting.collect::<Vec<_>>());
    let _ = writeln!(
        text,
        "    #[inline(always)] fn plain(x: u64, w: u32) -> u64 {{ plain::{name}::plain(x, w) }}"
    );
    let _ = writeln!(
        text,
        "    #[inline(always)] fn estimate() -> &'static Estimate {{ static ESTIMATE: Estimate = Estimate::new(); \
         &ESTIMATE }}"
    );
    let _ = writeln!(
        text,
        "    #[inline(always)] fn sum(s: &State<{nodes}>) -> u64 {{ {} }}",
        sum(&shape.sinks(), |node| format!("s.get({node})"))
    );
    by_bits(&mut text, shape, &chains);
    by_counters(&mut text, shape, &chains);
    level_by_level(&mut text, shape);
    straight(&mut text, shape, &chains);
    text + "}\n"
}

/// `chain32` as `Chain32`.
fn type_name(name: &str) -> String {
    name[..1].to_uppercase() + &name[1..]
}

fn mask(nodes: &[usize]) -> String {
    let bits = nodes.iter().fold(0u64, |bits, node| bits | 1 << node);
    let [a, b, c, d] = [48, 32, 16, 0].map(|shift| bits >> shift & 0xFFFF);
    format!("0x{a:04x}_{b:04x}_{c:04x}_{d:04x}")
}

/// The nodes of a chain, its value stored at the end.
fn chain_body(text: &mut String, shape: &Shape, chain: &[usize]) {
    for (k, &node) in chain.iter().enumerate() {
        let value = |pred: usize| {
            if k > 0 && pred == chain[k - 1] { format!("n{pred}") } else { format!("s.get({pred})") }
        };
        let _ =
            writeln!(text, "                let n{node} = step({node}, {}, w);", shape.given(node, value));
    }
    let tail = chain[chain.len() - 1];
    let _ = writeln!(text, "                s.set({tail}, n{tail});");
}

/// Those that wait for this node alone, and those that wait for others too.
fn followers(shape: &Shape, node: usize) -> (Vec<usize>, Vec<usize>) {
    shape.succs(node).into_iter().partition(|&succ| shape.preds[succ].len() == 1)
}

fn by_bits(text: &mut String, shape: &Shape, chains: &[Vec<usize>]) {
    let nodes = shape.len();
    let _ = writeln!(
        text,
        "    #[inline(always)] fn step<const COUNTED: bool>(s: &State<{nodes}>, id: u32) -> u64 {{\n        \
         let (x, w) = s.inputs();\n        match id {{"
    );
    for chain in chains {
        let tail = chain[chain.len() - 1];
        let (sole, merges) = followers(shape, tail);
        let _ = writeln!(text, "            {} => {{", chain[0]);
        chain_body(text, shape, chain);
        if merges.is_empty() {
            let _ = writeln!(text, "                if COUNTED {{ s.finish({tail}); }}");
            let _ = writeln!(text, "                {}", mask(&sole));
        } else {
            let _ = writeln!(text, "                let done = s.finish({tail});");
            let _ = write!(text, "                {}", mask(&sole));
            for merge in merges {
                let _ = write!(
                    text,
                    " | ready({}, done & {preds} == {preds})",
                    mask(&[merge]),
                    preds = mask(&shape.preds[merge])
                );
            }
            let _ = writeln!(text);
        }
        let _ = writeln!(text, "            }}");
    }
    let _ = writeln!(text, "            _ => unreachable!(),\n        }}\n    }}");
}

fn by_counters(text: &mut String, shape: &Shape, chains: &[Vec<usize>]) {
    let nodes = shape.len();
    let _ = writeln!(
        text,
        "    #[inline(always)] fn counted(s: &State<{nodes}>, waiting: &Counters<{nodes}>, id: u32) -> u64 {{\n        \
         let (x, w) = s.inputs();\n        match id {{"
    );
    for chain in chains {
        let (sole, merges) = followers(shape, chain[chain.len() - 1]);
        let _ = writeln!(text, "            {} => {{", chain[0]);
        chain_body(text, shape, chain);
        let _ = write!(text, "                {}", mask(&sole));
        for merge in merges {
            let _ = write!(text, " | ready({}, waiting.arrive({merge}))", mask(&[merge]));
        }
        let _ = writeln!(text, "\n            }}");
    }
    let _ = writeln!(text, "            _ => unreachable!(),\n        }}\n    }}");
}

fn level_by_level(text: &mut String, shape: &Shape) {
    let _ = writeln!(
        text,
        "    #[inline(always)] fn levels(s: &State<{}>) {{\n        let (x, w) = s.inputs();",
        shape.len()
    );
    for level in shape.levels() {
        let line = |&node: &usize| {
            format!("s.set({node}, step({node}, {}, w))", shape.given(node, |pred| format!("s.get({pred})")))
        };
        let _ = match &level[..] {
            [only] => writeln!(text, "        {};", line(only)),
            [first, others @ ..] => {
                let spawn = |node| format!("scope.spawn(|_| {});", line(node));
                let others: Vec<String> = others.iter().map(spawn).collect();
                writeln!(text, "        rayon::scope(|scope| {{ {} {}; }});", others.join(" "), line(first))
            }
            [] => unreachable!("levels have nodes"),
        };
    }
    let _ = writeln!(text, "    }}");
}

fn straight(text: &mut String, shape: &Shape, chains: &[Vec<usize>]) {
    let value = |node: usize| format!("n{node}");
    let _ = writeln!(
        text,
        "    #[inline(always)] fn straight(s: &State<{}>, is_late: impl Fn() -> bool) -> Result<u64, Cut> {{\n        \
         let (x, w) = s.inputs();",
        shape.len()
    );
    let mut done: Vec<usize> = Vec::new();
    let mut since = STRIDE;
    for chain in in_order(shape, chains) {
        for &node in chain {
            let _ = writeln!(
                text,
                "        let n{node} = step({node}, {}, w); s.set({node}, n{node});",
                shape.given(node, value)
            );
        }
        done.extend(chain);
        since += chain.len();
        let ready: Vec<usize> =
            chains.iter().map(|chain| chain[0]).filter(|head| is_next(shape, &done, *head)).collect();
        if ready.len() >= 2 && since >= STRIDE {
            since = 0;
            let (done, ready) = (mask(&done), mask(&ready));
            let _ = writeln!(
                text,
                "        if is_late() {{ return Err(Cut {{ done: {done} & Self::ALL, ready: {ready} }}) }}"
            );
        }
    }
    let _ = writeln!(text, "        Ok({})\n    }}", sum(&shape.sinks(), value));
}

/// The chains one after the other, each behind those that it waits for.
fn in_order<'a>(shape: &Shape, chains: &'a [Vec<usize>]) -> Vec<&'a Vec<usize>> {
    let mut done: Vec<usize> = Vec::new();
    let mut order = Vec::new();
    while order.len() < chains.len() {
        let next = chains.iter().find(|chain| is_next(shape, &done, chain[0])).expect("no cycle");
        done.extend(next);
        order.push(next);
    }
    order
}

fn is_next(shape: &Shape, done: &[usize], node: usize) -> bool {
    !done.contains(&node) && shape.preds[node].iter().all(|pred| done.contains(pred))
}
