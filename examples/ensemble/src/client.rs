//! A client for models behind the chat protocol of `OpenAI`.

use reqwest::StatusCode;
use thiserror::Error;

use crate::protocol::{COMPLETIONS, Completion, Message, Refusal, Request, Role};

/// Calls the models of one server. A clone shares the connections.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    http: reqwest::Client,
    endpoint: String,
}

/// Why a model gave no text.
#[derive(Debug, Error)]
pub(crate) enum CallError {
    #[error("{status}: {message}", status = .status.as_u16())]
    Refused { status: StatusCode, message: String },
    #[error("the answer holds no text")]
    Empty,
    #[error("the server cannot be reached")]
    Transport(#[from] reqwest::Error),
}

impl Client {
    /// For the server at `url`. `http` holds the connections: a program has one, for all its servers and all its runs.
    pub(crate) fn new(http: reqwest::Client, url: &str) -> Self {
        Self { http, endpoint: format!("{url}{COMPLETIONS}") }
    }

    /// Asks a model, and gives the text of its answer.
    pub(crate) async fn complete(&self, model: &str, prompt: String) -> Result<String, CallError> {
        let message = Message { role: Role::User, content: prompt };
        let request = Request { model: model.to_owned(), messages: vec![message] };
        let response = self.http.post(&self.endpoint).json(&request).send().await?;
        let status = response.status();
        if !status.is_success() {
            let refusal: Refusal = response.json().await?;
            return Err(CallError::Refused { status, message: refusal.error.message });
        }
        let completion: Completion = response.json().await?;
        let first = completion.choices.into_iter().next();
        first.map(|choice| choice.message.content).filter(|text| !text.is_empty()).ok_or(CallError::Empty)
    }
}
