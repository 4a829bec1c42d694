//! A service for offers: each request has a deadline and an id of its own, below a context that ends with the server.

use std::sync::Arc;
use std::time::Duration;

use ember::TokioClock;
use ember::prelude::*;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::{Instant, sleep};

struct Server {
    root: Context,
    started: Notify,
}

#[operator]
async fn stock(server: &Server, item: &str) -> Result<usize, String> {
    match item {
        "unknown" => Err("no such item".to_owned()),
        "slow" => {
            server.started.notify_one();
            sleep(Duration::from_hours(1)).await;
            Ok(0)
        }
        _ => Ok(item.len()),
    }
}

#[operator]
async fn price(item: &str) -> Result<usize, String> {
    sleep(Duration::from_millis(10)).await;
    Ok(100 + item.len())
}

/// A node that works asks for the request that it is a part of, too.
#[operator(inline)]
fn offer(cx: &Context, item: &str, stock: usize, price: usize) -> String {
    format!("{}: {stock} of {item} at {price}", cx.correlation_id())
}

graph! {
    async fn quote(server: Arc<Server>, item: String) -> Result<String, ember::Error> {
        let stock = stock(&server, &item).await?;
        let price = price(&item).await?;
        let text = offer(&item, stock, price);
        Ok(text)
    }
}

#[derive(Debug, PartialEq)]
enum Answer {
    Ok(String),
    BadRequest(String),
    Timeout(String),
    Unavailable(String),
}

async fn handle(server: Arc<Server>, id: String, item: String) -> Answer {
    let cx = Context::builder()
        .parent(&server.root)
        .clock(TokioClock)
        .correlation_id(id)
        .timeout(Duration::from_secs(5))
        .build();
    match cx.scope(|| quote(server.clone(), item)).await {
        Ok(text) => Answer::Ok(text),
        Err(error) if error.is_timeout() => Answer::Timeout(error.to_string()),
        Err(error) if error.is_cancelled() => Answer::Unavailable(error.to_string()),
        Err(error) => Answer::BadRequest(format!("{error:#}")),
    }
}

type Request = (String, String, oneshot::Sender<Answer>);

/// A task for each request, as servers have them.
fn serve() -> (Arc<Server>, mpsc::Sender<Request>) {
    let server = Arc::new(Server { root: Context::builder().build(), started: Notify::new() });
    let (sender, mut requests) = mpsc::channel::<Request>(8);
    let accepting = server.clone();
    tokio::spawn(async move {
        while let Some((id, item, reply)) = requests.recv().await {
            let server = accepting.clone();
            tokio::spawn(async move {
                // Who asked may be gone.
                let _ = reply.send(handle(server, id, item).await);
            });
        }
    });
    (server, sender)
}

async fn ask(server: &mpsc::Sender<Request>, id: &str, item: &str) -> Answer {
    let (reply, answer) = oneshot::channel();
    server.send((id.to_owned(), item.to_owned(), reply)).await.unwrap();
    answer.await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn each_request_has_its_id_and_its_failure() {
    let (_server, requests) = serve();
    let (pear, unknown) = tokio::join!(ask(&requests, "7", "pear"), ask(&requests, "8", "unknown"));
    assert_eq!(pear, Answer::Ok("7: 4 of pear at 104".to_owned()));
    let said = "node `stock` (operator `stock`) of graph `quote` failed: no such item";
    assert_eq!(unknown, Answer::BadRequest(said.to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_slow_request_has_five_seconds() {
    let (_server, requests) = serve();
    let start = Instant::now();
    let said = "the deadline passed while node `stock` of graph `quote` waited";
    assert_eq!(ask(&requests, "9", "slow").await, Answer::Timeout(said.to_owned()));
    assert_eq!(start.elapsed(), Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn the_end_of_the_server_is_that_of_its_requests() {
    let (server, requests) = serve();
    let (answer, ()) = tokio::join!(ask(&requests, "10", "slow"), async {
        server.started.notified().await;
        server.root.cancel();
    });
    let said = "graph `quote` was cancelled while node `stock` waited";
    assert_eq!(answer, Answer::Unavailable(said.to_owned()));
}
