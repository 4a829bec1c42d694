//! The back end of the shop: what the service calls, over HTTP, and what fails there when it is told to.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// What the shop knows of a customer.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Customer {
    /// Who it is.
    pub number: u64,
    /// In percent.
    pub discount: u64,
}

/// What an article costs.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Price {
    /// Which one.
    pub article: String,
    /// Of one piece, in cents.
    pub cents: u64,
}

/// What it costs to send a parcel.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Carriage {
    /// In cents.
    pub cents: u64,
}

/// How often the parts of the shop fail, in failures of a hundred calls. A clone is another handle on the same numbers.
#[derive(Clone, Debug, Default)]
pub struct Faults(Arc<Shares>);

#[derive(Debug, Default)]
struct Shares {
    prices: Share,
    carriage: Share,
}

#[derive(Debug, Default)]
struct Share {
    percent: AtomicU32,
    calls: AtomicU64,
}

impl Share {
    /// Spread over the calls evenly, so that a scene is the same each time.
    fn fails(&self) -> bool {
        let percent = u64::from(self.percent.load(Ordering::Relaxed));
        let call = self.calls.fetch_add(1, Ordering::Relaxed);
        call * percent % 100 + percent > 100 || percent == 100
    }
}

impl Faults {
    /// Nothing fails.
    pub fn new() -> Self {
        Self::default()
    }

    /// So many of a hundred calls for a price fail from now on.
    pub fn prices(&self, percent: u32) {
        self.0.prices.percent.store(percent.min(100), Ordering::Relaxed);
    }

    /// So many of a hundred calls for a carriage fail from now on.
    pub fn carriage(&self, percent: u32) {
        self.0.carriage.percent.store(percent.min(100), Ordering::Relaxed);
    }
}

/// The back end on a port of its own, until it is dropped.
#[derive(Debug)]
pub struct Shop {
    url: String,
    task: JoinHandle<()>,
}

impl Shop {
    /// Starts to listen on loopback.
    ///
    /// # Errors
    ///
    /// If there is no port left.
    pub async fn start(faults: Faults) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let app = Router::new()
            .route("/customers/{number}", get(customer))
            .route("/prices/{article}", get(price))
            .route("/carriage/{country}", get(carriage))
            .with_state(faults);
        let task = tokio::spawn(async move {
            // It goes on until the task is aborted.
            let _ = axum::serve(listener, app).await;
        });
        Ok(Self { url, task })
    }

    /// Where it is, without a path.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn customer(Path(number): Path<u64>) -> Json<Customer> {
    Json(Customer { number, discount: number % 4 * 5 })
}

async fn price(State(faults): State<Faults>, Path(article): Path<String>) -> Result<Json<Price>, StatusCode> {
    if faults.0.prices.fails() {
        return Err(StatusCode::SERVICE_UNAVAILABLE);
    }
    let cents = article.bytes().map(u64::from).sum::<u64>() % 9000 + 99;
    Ok(Json(Price { article, cents }))
}

async fn carriage(
    State(faults): State<Faults>,
    Path(country): Path<String>,
) -> Result<Json<Carriage>, StatusCode> {
    if faults.0.carriage.fails() {
        return Err(StatusCode::BAD_GATEWAY);
    }
    Ok(Json(Carriage { cents: if country == "DE" { 490 } else { 1290 } }))
}
