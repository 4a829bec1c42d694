//! The `ensemble` example, against the server that it brings along.

#[path = "../src/client.rs"]
mod client;
#[path = "../src/graph.rs"]
mod graph;
#[path = "../src/protocol.rs"]
mod protocol;
#[path = "../src/ranking.rs"]
mod ranking;
#[path = "../src/scenes.rs"]
mod scenes;
#[path = "../src/server.rs"]
mod server;
#[path = "../src/timeline.rs"]
mod timeline;

#[path = "ensemble/calls.rs"]
mod calls;
#[path = "ensemble/drawing.rs"]
mod drawing;
#[path = "ensemble/failures.rs"]
mod failures;
#[path = "ensemble/verdicts.rs"]
mod verdicts;

use ember::Context;

use client::Client;
use graph::{Desk, Verdict, answer};
use scenes::{PARTS, QUESTION, Scene};
use server::Server;
use timeline::{Bar, Timeline};

/// Plays a scene against a server of its own.
async fn play(Scene { panel, timeout, .. }: Scene) -> (Result<Verdict, ember::Error>, Vec<Bar>) {
    let server = Server::start(PARTS).await.expect("a port on loopback");
    let client = Client::new(reqwest::Client::new(), server.url());
    let timeline = Timeline::start();
    let desk = Desk { client, timeline: timeline.clone(), panel };
    let context = Context::builder().timeout(timeout).build();
    let outcome = context.scope(|| answer(desk, QUESTION.to_owned())).await;
    (outcome, timeline.bars())
}

fn ends<'b>(bars: &'b [Bar], label: &str) -> Vec<&'b timeline::End> {
    bars.iter().filter(|bar| bar.label == label).map(|bar| &bar.end).collect()
}
