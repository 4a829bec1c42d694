//! Writes pictures of the live page: `docs/images/live-page.png`, and with a folder as argument three more into it.
//!
//! `cargo run --manifest-path tests/page/Cargo.toml --bin screenshots`

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use ember::Context;
use ember::health::Health;
use ember::observe::Statistics;
use ember::serve::Serve;
use ember_page_tests::browser::{Browser, Failure, PATIENCE};
use ember_page_tests::program::{checkout, index, prices_fail, take_time};
use serde_json::json;

const LISTING: &str = "a cup, a saucer and a pot of the same set";

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let images = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/images");
    let folder = std::env::args_os().nth(1).map(PathBuf::from);
    let statistics = Statistics::new();
    let cx = Context::builder().observer(statistics.clone()).correlation_id("order-4711").build();
    let health = Health::builder().degrading_check("mirror", || Err("three minutes behind")).build()?;
    let server = Serve::builder().title("shop").statistics(statistics).health(health).build()?.start()?;
    take_time(true);
    prices_fail(None);
    let stop = Arc::new(AtomicBool::new(false));
    let [orders, texts] = [cx.clone(), cx].map(|cx| (cx, stop.clone()));
    let orders = thread::spawn(move || {
        while !orders.1.load(Ordering::Relaxed) {
            let _ = orders.0.scope(|| checkout("tea cup saucer"));
        }
    });
    let texts = thread::spawn(move || {
        let (cx, stop) = texts;
        while !stop.load(Ordering::Relaxed) {
            index::batch(vec![LISTING; 4000]).in_flight(4).context(&cx).run();
        }
    });
    let browser = Browser::start().await?;
    browser.size(1280, 1240, 1.0).await?;
    browser.open(&server.url()).await?;
    browser.until(PATIENCE, "return document.querySelectorAll('.picture svg .mark').length > 4").await?;
    tokio::time::sleep(Duration::from_secs(4)).await;
    prices_fail(Some("503 Service Unavailable"));
    browser.until(PATIENCE, "return document.querySelector('#states-list [data-state=failing]') && document.querySelector('.failure pre')?.textContent").await?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    browser.prefers("prefers-color-scheme", "light").await?;
    picture(&browser, &images.join("live-page.png")).await?;
    if let Some(folder) = folder {
        whole(&browser, &folder.join("light.png")).await?;
        browser.prefers("prefers-color-scheme", "dark").await?;
        whole(&browser, &folder.join("dark.png")).await?;
        browser.size(390, 1700, 1.0).await?;
        picture(&browser, &folder.join("phone.png")).await?;
    }
    stop.store(true, Ordering::Relaxed);
    browser.close().await?;
    for thread in [orders, texts] {
        thread.join().map_err(|_| "a thread of the shop panicked")?;
    }
    Ok(())
}

/// What is seen of the page.
async fn picture(browser: &Browser, file: &Path) -> Result<(), Failure> {
    std::fs::write(file, browser.client().screenshot().await?)?;
    println!("{}", file.display());
    Ok(())
}

/// All of the page, however long it is.
async fn whole(browser: &Browser, file: &Path) -> Result<(), Failure> {
    let height = browser.eval("return document.documentElement.scrollHeight").await?;
    let size = browser.eval("return [innerWidth, devicePixelRatio]").await?;
    let metrics =
        json!({ "width": size[0], "height": height, "deviceScaleFactor": size[1], "mobile": false });
    browser.cdp("Emulation.setDeviceMetricsOverride", metrics).await?;
    picture(browser, file).await
}
