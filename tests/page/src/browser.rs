//! A browser that a test looks through.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::Instant;
use url::Url;

use crate::setup::programs;

/// What went wrong.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// How long a test waits for what must come at last, on a machine that is busy.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// A browser of its own, with its driver; both end with it.
pub struct Browser {
    client: Client,
    _driver: Child,
}

impl Browser {
    /// Starts one, with a window of 1280 by 900 pixels.
    ///
    /// # Errors
    ///
    /// If there is no browser, or it or its driver does not start.
    pub async fn start() -> Result<Self, Failure> {
        let programs = programs()?;
        // It takes a free port of IPv4 and then wants the same one of IPv6, which another may have: then it ends.
        let mut left = 10;
        let (driver, port) = loop {
            match driver(&programs.driver).await {
                Err(_) if left > 0 => left -= 1,
                started => break started?,
            }
        };
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--hide-scrollbars",
            "--window-size=1280,900",
        ];
        let mut wanted = serde_json::Map::new();
        wanted.insert(
            "goog:chromeOptions".to_owned(),
            json!({ "binary": programs.browser, "args": arguments }),
        );
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let client = builder.capabilities(wanted).connect(&format!("http://127.0.0.1:{port}")).await?;
        Ok(Self { client, _driver: driver })
    }

    /// Ends the browser.
    pub async fn close(self) {
        // The browser ends by itself, as the driver would be gone before it had ended it; so it answers neither.
        let _ = self.cdp("Browser.close", json!({})).await;
        let _ = self.client.close().await;
    }

    /// The client, for what has no method here.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Goes to a page.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub async fn open(&self, url: &str) -> Result<(), Failure> {
        Ok(self.client.goto(url).await?)
    }

    /// What a function of JavaScript returns, whose body is given.
    ///
    /// # Errors
    ///
    /// If it throws.
    pub async fn eval(&self, body: &str) -> Result<Value, Failure> {
        Ok(self.client.execute(body, Vec::new()).await?)
    }

    /// Waits until a function returns something true, and returns that.
    ///
    /// # Errors
    ///
    /// If it returns nothing true before the deadline. That it throws may be since the page is just loading anew.
    pub async fn until(&self, deadline: Duration, body: &str) -> Result<Value, Failure> {
        let start = Instant::now();
        loop {
            let value = self.eval(body).await;
            match &value {
                Ok(Value::Null | Value::Bool(false)) | Err(_) => {}
                Ok(text) if text == "" => {}
                Ok(_) => return value,
            }
            if start.elapsed() > deadline {
                let page = self.eval("return document.body.innerText").await?;
                let value = value.map_or_else(|error| format!("{error}, "), |_| String::new());
                return Err(format!("{value}not within {deadline:?}: {body}\nthe page says:\n{page}").into());
            }
        }
    }

    /// A command of the browser's own protocol.
    ///
    /// # Errors
    ///
    /// If the browser refuses it.
    pub async fn cdp(&self, command: &'static str, parameters: Value) -> Result<Value, Failure> {
        Ok(self.client.issue_cmd(Cdp { command, parameters }).await?)
    }

    /// The size of what is seen, in CSS pixels, and how many dots a pixel has in screenshots.
    ///
    /// # Errors
    ///
    /// If the browser refuses it.
    pub async fn size(&self, width: u32, height: u32, scale: f64) -> Result<(), Failure> {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": scale, "mobile": width < 600 });
        self.cdp("Emulation.setDeviceMetricsOverride", size).await.map(drop)
    }

    /// What the reader prefers, such as `prefers-color-scheme` and `dark`.
    ///
    /// # Errors
    ///
    /// If the browser refuses it.
    pub async fn prefers(&self, name: &str, value: &str) -> Result<(), Failure> {
        let features = json!({ "features": [{ "name": name, "value": value }] });
        self.cdp("Emulation.setEmulatedMedia", features).await.map(drop)
    }
}

/// A driver that listens, and its port.
async fn driver(program: &Path) -> Result<(Child, String), Failure> {
    let mut driver = Command::new(program)
        .arg("--port=0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("{}: {error}", program.display()))?;
    let mut lines = BufReader::new(driver.stdout.take().ok_or("no output")?).lines();
    let mut said = String::new();
    while let Some(line) = lines.next_line().await? {
        if let Some((_, port)) = line.split_once("successfully on port ") {
            let port = port.trim_end_matches('.').to_owned();
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Ok((driver, port));
        }
        said += &line;
        said.push('\n');
    }
    Err(format!("{} ended before it listened: {said}", program.display()).into())
}

/// A command of the browser's own protocol, by way of the driver.
#[derive(Debug)]
struct Cdp {
    command: &'static str,
    parameters: Value,
}

impl WebDriverCompatibleCommand for Cdp {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(json!({ "cmd": self.command, "params": self.parameters }).to_string()))
    }
}
