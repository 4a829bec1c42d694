//! A small HTTP service on a graph, under load while its back end fails and comes back.
//!
//! `cargo run -p ember-service` sends 1,000 requests and tells what came of them; with `-- --stay` it goes on serving, so that
//! the page, the metrics and the health can be looked at.

use ember::health::Health;
use service::api::Service;
use service::client::Client;
use service::load;
use service::observed::Observed;
use service::shop::{Faults, Shop};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let stay = std::env::args().skip(1).any(|argument| argument == "--stay");
    tracing_subscriber::fmt().with_max_level(tracing::Level::ERROR).init();
    let faults = Faults::new();
    let shop = Shop::start(faults.clone()).await?;
    let observed = Observed::new()?;
    let health = Health::default();
    let page = observed.serve(health.clone())?;
    let service = Service::start(Client::new(reqwest::Client::new(), shop.url()), observed).await?;
    println!("quotes at {}/quotes, how it runs at {}", service.url(), page.url());

    for percent in [0, 30, 100, 0] {
        faults.prices(percent);
        faults.carriage(percent);
        let outcome = load::run(service.url(), 250, 16).await?;
        println!("{percent}% faults: {} quotes, {} failures", outcome.quotes, outcome.failures.len());
        println!("health: {}", health.report());
    }
    if stay {
        tokio::signal::ctrl_c().await?;
    }
    Ok(())
}
