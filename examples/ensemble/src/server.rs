//! A server of models that play parts: each says what its script says, when it says so.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::protocol::{COMPLETIONS, Choice, Completion, Message, Reason, Refusal, Request, Role};

/// What a model does when it is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reply {
    after: Duration,
    with: Result<&'static str, (StatusCode, &'static str)>,
}

impl Reply {
    /// A text, after so many milliseconds.
    pub(crate) const fn text(millis: u64, text: &'static str) -> Self {
        Self { after: Duration::from_millis(millis), with: Ok(text) }
    }

    /// A status that is no success, after so many milliseconds.
    pub(crate) const fn refusal(millis: u64, status: StatusCode, message: &'static str) -> Self {
        Self { after: Duration::from_millis(millis), with: Err((status, message)) }
    }
}

/// A model, and its replies: the first to the first request, and from the beginning again after the last.
pub(crate) type Part = (&'static str, &'static [Reply]);

/// A server on a port of its own, until it is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    url: String,
    task: JoinHandle<()>,
}

impl Server {
    /// Starts to listen on loopback.
    ///
    /// # Errors
    ///
    /// If there is no port left.
    pub(crate) async fn start(parts: &[Part]) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let stage = Stage(parts.iter().map(|&(model, replies)| (model, Cue::new(replies))).collect());
        let app = Router::new().route(COMPLETIONS, post(complete)).with_state(Arc::new(stage));
        let task = tokio::spawn(async move {
            // It goes on until the task is aborted.
            let _ = axum::serve(listener, app).await;
        });
        Ok(Self { url, task })
    }

    /// Where it is, without a path.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The models by their names.
struct Stage(HashMap<&'static str, Cue>);

/// Where a model is in its script.
struct Cue {
    replies: &'static [Reply],
    asked: AtomicUsize,
}

impl Cue {
    fn new(replies: &'static [Reply]) -> Self {
        Self { replies, asked: AtomicUsize::new(0) }
    }

    fn next(&self) -> Option<Reply> {
        let asked = self.asked.fetch_add(1, Ordering::Relaxed);
        self.replies.iter().cycle().nth(asked % self.replies.len().max(1)).copied()
    }
}

/// The endpoint. Who hangs up while it waits is not answered: the future is dropped.
async fn complete(
    State(stage): State<Arc<Stage>>,
    Json(request): Json<Request>,
) -> Result<Json<Completion>, (StatusCode, Json<Refusal>)> {
    let refuse = |status, message: &str| {
        Err((status, Json(Refusal { error: Reason { message: message.to_owned() } })))
    };
    let Some(reply) = stage.0.get(&*request.model).and_then(Cue::next) else {
        return refuse(StatusCode::NOT_FOUND, "there is no such model");
    };
    tokio::time::sleep(reply.after).await;
    match reply.with {
        Ok(text) => {
            let message = Message { role: Role::Assistant, content: text.to_owned() };
            let choice = Choice { index: 0, message, finish_reason: "stop".to_owned() };
            Ok(Json(Completion { model: request.model, choices: vec![choice] }))
        }
        Err((status, message)) => refuse(status, message),
    }
}
