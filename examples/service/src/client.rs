//! A client of the shop's back end.

use std::fmt::Display;

use reqwest::StatusCode;
use serde::de::DeserializeOwned;
use thiserror::Error;

/// Calls the back end. A clone shares the connections.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    url: String,
}

/// Why the shop gave no answer.
#[derive(Debug, Error)]
pub enum ShopError {
    /// It was asked, and did not answer well.
    #[error("the shop answered {what} with {status}", status = .status.as_u16())]
    Refused {
        /// What it was asked for.
        what: &'static str,
        /// How.
        status: StatusCode,
    },
    /// It was not to be reached, or said something that nobody understands.
    #[error("the shop cannot be reached")]
    Transport(#[from] reqwest::Error),
}

impl Client {
    /// For the back end at `url`.
    pub fn new(http: reqwest::Client, url: &str) -> Self {
        Self { http, url: url.to_owned() }
    }

    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        what: &'static str,
        which: impl Display,
    ) -> Result<T, ShopError> {
        let response = self.http.get(format!("{}/{what}/{which}", self.url)).send().await?;
        let status = response.status();
        if !status.is_success() {
            return Err(ShopError::Refused { what, status });
        }
        Ok(response.json().await?)
    }
}
