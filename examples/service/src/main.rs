//! A small HTTP service on a graph, under load while its back end fails more and more.
//!
//! `cargo run -p ember-service` sends 1,000 requests and tells what came of them; with `-- --stay` it goes on under a light load,
//! with a back end that comes and goes, so that the page, the metrics, the health and the log can be looked at.

use std::time::Duration;

use ember::health::Health;
use service::api::Service;
use service::client::Client;
use service::load;
use service::observed::Observed;
use service::shop::{Faults, Shop};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let stay = std::env::args().skip(1).any(|argument| argument == "--stay");
    // Lines of failures are many here, so they are only written for who stays to read them.
    let level = if stay { tracing::Level::WARN } else { tracing::Level::ERROR };
    tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).init();
    let faults = Faults::new();
    let shop = Shop::start(faults.clone()).await?;
    let observed = Observed::new()?;
    let health = Health::default();
    let page = observed.serve(health.clone())?;
    let service = Service::start(Client::new(reqwest::Client::new(), shop.url()), observed.clone()).await?;
    println!("quotes at {}/quotes, how it runs at {}", service.url(), page.url());

    for percent in [0, 10, 30, 100] {
        faults.prices(percent);
        faults.carriage(percent);
        let outcome = load::run(service.url(), 250, 16).await?;
        println!("{percent}% faults: {} quotes, {} failures", outcome.quotes, outcome.failures.len());
        println!("health: {}", health.report());
    }
    println!("\n{}", service::graph::quote::explain().with(&observed.statistics()));
    if stay {
        println!("It goes on: {} shows how, and ctrl-c ends it.", page.url());
        tokio::select! {
            done = go_on(&faults, service.url()) => done?,
            done = tokio::signal::ctrl_c() => done?,
        }
    }
    Ok(())
}

/// Calls the service for ever, while its back end is there for a minute and away for half a minute.
async fn go_on(faults: &Faults, service: &str) -> reqwest::Result<()> {
    loop {
        for second in 0..90 {
            let percent = if second < 60 { 0 } else { 100 };
            faults.prices(percent);
            faults.carriage(percent);
            load::run(service, 20, 4).await?;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}
