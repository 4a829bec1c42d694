//! Writes pictures of the live page: `docs/images/live-page.png`, and with a folder as argument scenes into it, to be looked at.
//!
//! `cargo run --manifest-path tests/page/Cargo.toml --target-dir target/page --bin screenshots`

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use ember::Context;
use ember::health::Health;
use ember::observe::Statistics;
use ember::serve::{Serve, Server};
use ember_page_tests::browser::{Browser, Failure, PATIENCE};
use ember_page_tests::program::{checkout, index, prices_fail, take_time};
use ember_page_tests::{many, setup};
use serde_json::json;

const LISTING: &str = "a cup, a saucer and a pot of the same set";

#[tokio::main]
async fn main() -> Result<(), Failure> {
    setup::programs()?;
    let images = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/images");
    let folder = std::env::args_os().nth(1).map(PathBuf::from);
    let browser = Browser::start().await?;
    if let Some(folder) = &folder {
        std::fs::create_dir_all(folder)?;
        grown(&browser, folder).await?;
    }
    shop(&browser, &images.join("live-page.png"), folder.as_deref()).await?;
    browser.close().await;
    Ok(())
}

/// A shop whose service for prices goes down.
async fn shop(browser: &Browser, picture: &Path, folder: Option<&Path>) -> Result<(), Failure> {
    let health = Health::builder().degrading_check("mirror", || Err("three minutes behind")).build()?;
    let (server, cx) = served("shop", health)?;
    take_time(true);
    prices_fail(None);
    let load = Load::start(
        &cx,
        vec![
            Box::new(|| drop(checkout("tea cup saucer"))),
            Box::new(move || drop(index::batch(vec![LISTING; 6000]).in_flight(4).run())),
        ],
    );
    browser.size(1280, 1240, 1.0).await?;
    browser.open(&server.url()).await?;
    browser.until(PATIENCE, "return document.querySelectorAll('.picture svg .mark').length > 4").await?;
    // The figures of the last seconds are as the reader of the picture would find them.
    tokio::time::sleep(Duration::from_secs(8)).await;
    prices_fail(Some("503 Service Unavailable"));
    browser.until(PATIENCE, "return document.querySelector('#states-list [data-state=failing]') && document.querySelector('.why .failure pre')").await?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    browser.prefers("prefers-color-scheme", "light").await?;
    shown(browser, picture).await?;
    if let Some(folder) = folder {
        each(browser, folder, "shop").await?;
    }
    load.stop()
}

/// A program with many graphs, and with one that is large.
async fn grown(browser: &Browser, folder: &Path) -> Result<(), Failure> {
    let (server, cx) = served("warehouse", Health::default())?;
    let mut numbers = 0..;
    let load = Load::start(
        &cx,
        vec![Box::new(move || {
            let number = numbers.next().unwrap_or_default();
            many::all(number);
            let _ = many::catalogue(number);
            thread::sleep(Duration::from_millis(2));
        })],
    );
    browser.open(&server.url()).await?;
    browser.until(PATIENCE, "return document.querySelectorAll('.graph').length > 30").await?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    each(browser, folder, "many").await?;
    let open = "for (const button of document.querySelectorAll('.graph h3 button')) {
                  const isWanted = button.textContent.includes('catalogue');
                  if ((button.getAttribute('aria-expanded') === 'true') !== isWanted) button.click();
                }
                const search = document.getElementById('search');
                search.value = 'catalogue';
                search.dispatchEvent(new Event('input'))";
    browser.eval(open).await?;
    browser.until(PATIENCE, "return document.querySelectorAll('.picture svg .mark').length > 190").await?;
    each(browser, folder, "large").await?;
    load.stop()
}

/// Light, dark, and on a phone.
async fn each(browser: &Browser, folder: &Path, name: &str) -> Result<(), Failure> {
    for scheme in ["light", "dark"] {
        browser.prefers("prefers-color-scheme", scheme).await?;
        browser.size(1280, 900, 1.0).await?;
        whole(browser, &folder.join(format!("{name}-{scheme}.png"))).await?;
    }
    browser.size(390, 844, 1.0).await?;
    whole(browser, &folder.join(format!("{name}-phone.png"))).await
}

fn served(title: &str, health: Health) -> Result<(Server, Context), Failure> {
    let statistics = Statistics::new();
    let cx = Context::builder().observer(statistics.clone()).correlation_id("order-4711").build();
    Ok((Serve::builder().title(title).statistics(statistics).health(health).build()?.start()?, cx))
}

/// What the program does again and again, each on a thread of its own.
struct Load {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Load {
    fn start(cx: &Context, work: Vec<Box<dyn FnMut() + Send>>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let start = |mut work: Box<dyn FnMut() + Send>| {
            let (cx, stop) = (cx.clone(), stop.clone());
            thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    cx.scope(&mut work);
                }
            })
        };
        let threads = work.into_iter().map(start).collect();
        Self { stop, threads }
    }

    fn stop(self) -> Result<(), Failure> {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads {
            thread.join().map_err(|_| "a thread of the program panicked")?;
        }
        Ok(())
    }
}

/// What is seen of the page.
async fn shown(browser: &Browser, file: &Path) -> Result<(), Failure> {
    std::fs::write(file, browser.client().screenshot().await?)?;
    println!("{}", file.display());
    Ok(())
}

/// All of the page, however long it is, up to what a picture can hold.
async fn whole(browser: &Browser, file: &Path) -> Result<(), Failure> {
    let [width, height] = ["innerWidth", "Math.min(4000, document.documentElement.scrollHeight)"];
    let size = browser.eval(&format!("return [{width}, {height}]")).await?;
    let metrics = json!({ "width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size[0].as_u64() < Some(600) });
    browser.cdp("Emulation.setDeviceMetricsOverride", metrics).await?;
    shown(browser, file).await
}
