//! A load of requests whose failures are seen everywhere, under the same correlation id.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use ember::health::Health;
use serde_json::Value;
use service::api::Service;
use service::client::Client;
use service::load;
use service::observed::Observed;
use service::shop::{Faults, Shop};
use tracing_subscriber::fmt::MakeWriter;

/// What is logged, kept.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Kept {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// Asks for a page, and gives its status and text.
async fn get(http: &reqwest::Client, url: String) -> (u16, String) {
    let response = http.get(url).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

/// The value of a series in Prometheus' text.
fn series(text: &str, series: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(series));
    line.unwrap_or_else(|| panic!("no {series} in\n{text}")).trim().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn r42_the_failures_of_a_load_are_seen_in_page_log_metrics_and_health_alike() {
    let log = Kept::default();
    tracing_subscriber::fmt().json().with_writer(log.clone()).init();
    let faults = Faults::new();
    let shop = Shop::start(faults.clone()).await.unwrap();
    let observed = Observed::new().unwrap();
    let page = observed.serve(Health::default()).unwrap();
    let http = reqwest::Client::new();
    let service = Service::start(Client::new(http.clone(), shop.url()), observed).await.unwrap();

    let well = load::run(service.url(), 500, 16).await.unwrap();
    assert_eq!((well.quotes, well.failures.len()), (500, 0));
    let (status, health) = get(&http, format!("{}health/ready", page.url())).await;
    assert_eq!(status, 200);
    assert_eq!(serde_json::from_str::<Value>(&health).unwrap()["status"], "up", "{health}");

    faults.prices(100);
    faults.carriage(30);
    let badly = load::run(service.url(), 500, 16).await.unwrap();
    assert_eq!((badly.quotes, badly.failures.len()), (0, 500));
    let failed: BTreeSet<&str> = badly.failures.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(failed.len(), 500);

    // The page: what it shows is what this tells it.
    let (_, graphs) = get(&http, format!("{}graphs", page.url())).await;
    let graphs: Value = serde_json::from_str(&graphs).unwrap();
    let quote = graphs["graphs"].as_array().unwrap().iter().find(|graph| graph["name"] == "quote").unwrap();
    let now = graphs["now"]["graphs"].as_array().unwrap().iter().find(|graph| graph["id"] == quote["id"]);
    let runs = &now.unwrap()["figures"];
    assert_eq!(
        (runs["finished"].as_u64(), runs["failed"].as_u64()),
        (Some(500), Some(500)),
        "{:#}",
        graphs["now"]
    );
    let last = runs["last_failure"]["correlation_id"].as_str().unwrap();
    assert!(failed.contains(last), "{last}");

    // The log: each failed run under its id, the one on the page among them.
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let logged: BTreeSet<String> = log
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|line| line["fields"]["event"] == "run_failed")
        .filter_map(|line| Some(line["span"]["correlation_id"].as_str()?.to_owned()))
        .collect();
    assert!(logged.contains(last), "{last} in {logged:?}");
    assert!(failed.iter().all(|id| logged.contains(*id)), "each failure is logged under its id");

    // Metrics: the same counts.
    let (_, metrics) = get(&http, format!("{}metrics", page.url())).await;
    assert_eq!(series(&metrics, r#"ember_runs_total{graph="quote",outcome="failed"}"#), 500);
    assert_eq!(series(&metrics, r#"ember_runs_total{graph="quote",outcome="finished"}"#), 500);
    assert_eq!(series(&metrics, r#"ember_states_troubled{owner="price",kind="breaker"}"#), 1);

    // Health: degraded, and why.
    let (status, health) = get(&http, format!("{}health/ready", page.url())).await;
    let health: Value = serde_json::from_str(&health).unwrap();
    assert_eq!((status, health["status"].as_str()), (200, Some("degraded")), "{health:#}");
    let reasons = health["reasons"].as_array().unwrap();
    assert!(reasons.iter().any(|why| why["of"] == "price" && why["kind"] == "breaker"), "{health:#}");
}
