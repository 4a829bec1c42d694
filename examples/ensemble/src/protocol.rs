//! The part of the chat protocol of `OpenAI` that both sides speak: `POST /v1/chat/completions`.

use serde::{Deserialize, Serialize};

/// The path of the endpoint.
pub(crate) const COMPLETIONS: &str = "/v1/chat/completions";

/// What is asked.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Request {
    pub(crate) model: String,
    pub(crate) messages: Vec<Message>,
}

/// A turn of the conversation.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Message {
    pub(crate) role: Role,
    pub(crate) content: String,
}

/// Who speaks.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    User,
    Assistant,
}

/// What is answered.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Completion {
    pub(crate) model: String,
    pub(crate) choices: Vec<Choice>,
}

/// One of several answers. Nobody here asks for more than one.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Choice {
    pub(crate) index: u32,
    pub(crate) message: Message,
    pub(crate) finish_reason: String,
}

/// The body of an answer whose status is not `200 OK`.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Refusal {
    pub(crate) error: Reason,
}

/// Why nothing was answered.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Reason {
    pub(crate) message: String,
}
