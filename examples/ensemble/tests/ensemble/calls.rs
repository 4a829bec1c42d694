//! The client and the server, alone with each other.

use reqwest::StatusCode;

use crate::client::{CallError, Client};
use crate::server::{Part, Reply, Server};

fn client(server: &Server) -> Client {
    Client::new(reqwest::Client::new(), server.url())
}

#[tokio::test]
async fn a_model_says_its_replies_in_turn() {
    const ECHO: &[Part] = &[("echo", &[Reply::text(0, "one"), Reply::text(0, "two")])];
    let server = Server::start(ECHO).await.unwrap();
    let client = client(&server);
    for expected in ["one", "two", "one"] {
        assert_eq!(client.complete("echo", "Say something.".to_owned()).await.unwrap(), expected);
    }
}

#[tokio::test]
async fn a_model_that_does_not_exist_is_refused() {
    let server = Server::start(&[]).await.unwrap();
    let error = client(&server).complete("nobody", String::new()).await.unwrap_err();
    assert!(matches!(error, CallError::Refused { status: StatusCode::NOT_FOUND, .. }));
}

#[tokio::test]
async fn a_server_that_is_gone_cannot_be_reached() {
    let server = Server::start(&[]).await.unwrap();
    let client = client(&server);
    let url = server.url().to_owned();
    drop(server);
    // The listener goes with the server's task, at the latest when that is looked at next.
    while tokio::net::TcpStream::connect(url.trim_start_matches("http://")).await.is_ok() {
        tokio::task::yield_now().await;
    }
    let error = client.complete("nobody", String::new()).await.unwrap_err();
    assert!(matches!(error, CallError::Transport(_)));
}
