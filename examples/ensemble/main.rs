//! Five models draft an answer, and a judge chooses: model calls that wait at the same time, beside work for a processor.
//!
//! The models are parts that a server of the example's own plays on loopback, behind the chat protocol of `OpenAI`: no
//! key, no network. Four scenes show a run where all goes well, partial failure, the fallback, and a deadline, each with
//! its verdict and a timeline of what ran when.
//!
//! ```console
//! $ cargo run -p ember-examples --example ensemble
//! ```
//!
//! In reading order: `graph` is what it is all about, `ranking` the work of its nodes, `client` calls a model;
//! `timeline` draws what happened; `server` plays the models, with the parts and scenes in `scenes`.

mod client;
mod graph;
mod protocol;
mod ranking;
mod scenes;
mod server;
mod timeline;

use std::error::Error;

use ember::Context;

use client::Client;
use graph::{Desk, Reason, Verdict, answer};
use scenes::{ALL_ANSWER, ALL_FAIL, PARTS, QUESTION, Scene, TOO_LATE, TWO_FAIL};
use server::Server;
use timeline::{Timeline, draw};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = Server::start(PARTS).await?;
    let client = Client::new(reqwest::Client::new(), server.url());
    println!("{QUESTION}\n");
    let scenes = [
        ("All five answer", ALL_ANSWER),
        ("Two of five fail", TWO_FAIL),
        ("All fail, and a reserve answers", ALL_FAIL),
        ("One hangs, and the deadline passes", TOO_LATE),
    ];
    for (title, scene) in scenes {
        println!("== {title}\n");
        play(scene, client.clone()).await;
    }
    Ok(())
}

/// Runs the graph once, and prints what came of it and what ran when.
async fn play(Scene { panel, timeout, .. }: Scene, client: Client) {
    let desk = Desk { client, timeline: Timeline::start(), panel };
    let timeline = desk.timeline.clone();
    // The run belongs to the context in whose scope the graph is called, wherever its future is awaited.
    let context = Context::builder().timeout(timeout).build();
    match context.scope(|| answer(desk, QUESTION.to_owned())).await {
        Ok(verdict) => tell(&verdict),
        Err(error) => println!("{error:#}"),
    }
    println!("\n{}", draw(&timeline.bars()));
}

fn tell(Verdict { draft, reason, absent }: &Verdict) {
    println!("{}", draft.text);
    match reason {
        Reason::Chosen { from } => println!("by {}, chosen from {from} drafts", draft.drafter),
        Reason::Fallback => println!("by {}, as no drafter answered", draft.drafter),
    }
    for absence in absent {
        println!("without {}: {}", absence.drafter, absence.why);
    }
}
