//! Five models draft an answer, and a judge chooses: model calls that wait at the same time, beside work for a processor.
//!
//! The models are parts that a server of the example's own plays on loopback, behind the chat protocol of `OpenAI`: no
//! key, no network. Four scenes show a run where all goes well, partial failure, the fallback, and a deadline, each with
//! its verdict and a timeline of what ran when.
//!
//! ```console
//! $ cargo run -p ember-ensemble
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

use std::io::{self, Write as _};

use ember::Context;

use client::Client;
use graph::{Desk, answer};
use scenes::{ALL_ANSWER, ALL_FAIL, PARTS, QUESTION, Scene, TOO_LATE, TWO_FAIL};
use server::Server;
use timeline::{Timeline, draw};

#[tokio::main]
async fn main() -> io::Result<()> {
    let server = Server::start(PARTS).await?;
    let client = Client::new(reqwest::Client::new(), server.url());
    let scenes = [
        ("All five answer", ALL_ANSWER),
        ("Two of five fail", TWO_FAIL),
        ("All fail, and a reserve answers", ALL_FAIL),
        ("One hangs, and the deadline passes", TOO_LATE),
    ];
    let mut out = io::stdout();
    for (title, scene) in scenes {
        let played = play(scene, client.clone()).await;
        let shown = writeln!(out, "== {title}: {QUESTION}\n\n{played}");
        // Who reads it in a pipe may have read enough.
        if shown.is_err() {
            break;
        }
    }
    Ok(())
}

/// Runs the graph once, and tells what came of it and what ran when.
async fn play(Scene { panel, timeout, .. }: Scene, client: Client) -> String {
    let timeline = Timeline::start();
    let desk = Desk { client, timeline: timeline.clone(), panel };
    // The run belongs to the context in whose scope the graph is called, wherever its future is awaited.
    let context = Context::builder().timeout(timeout).build();
    let told = match context.scope(|| answer(desk, QUESTION.to_owned())).await {
        Ok(verdict) => verdict.to_string(),
        Err(error) => format!("{error:#}\n"),
    };
    format!("{told}\n{}", draw(&timeline.bars()))
}
