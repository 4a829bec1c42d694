//! The page tells what happens, soon, and says when it cannot.

use std::time::Duration;

use ember::Context;
use ember::observe::Statistics;
use ember::serve::{Serve, Server};
use ember_page_tests::browser::{Browser, Failure, PATIENCE};
use ember_page_tests::program::{checkout, prices_fail};

/// The tests share the shop.
static SHOP: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

fn served() -> Result<(Server, Context), Failure> {
    let statistics = Statistics::new();
    let cx = Context::builder().observer(statistics.clone()).correlation_id("order-4711").build();
    Ok((Serve::builder().title("shop").statistics(statistics).build()?.start()?, cx))
}

const LIVE: &str = "return document.getElementById('link').dataset.state === 'live'";

/// The state that the table says a node has, by its row.
fn state_of(graph: &str, node: &str) -> String {
    format!(
        "const row = document.querySelector('[data-graph=\"{graph}\"] tr[data-node=\"{node}\"]');
         return row && row.querySelector('.badge').dataset.state"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn r42_a_node_that_fails_is_shown_as_failing_within_a_second() -> Result<(), Failure> {
    let _shop = SHOP.lock().await;
    let (server, cx) = served()?;
    prices_fail(None);
    cx.scope(|| checkout("tea cup"))?;
    let browser = Browser::start().await?;
    browser.open(&server.url()).await?;
    browser.until(PATIENCE, LIVE).await?;
    browser.until(PATIENCE, &format!("{} === 'ok'", state_of("quote", "prices[]"))).await?;
    // The page itself notes when it shows it, by the clock that the failure has too.
    browser
        .eval(
            "const row = document.querySelector('[data-graph=\"quote\"] tr[data-node=\"prices[]\"] .badge');
             new MutationObserver(() => { window.shownAt ??= row.dataset.state === 'failing' ? Date.now() : undefined })
               .observe(row, { attributes: true })",
        )
        .await?;
    prices_fail(Some("503"));
    let before = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    cx.scope(|| checkout("tea cup")).map(drop).unwrap_err();
    let shown = browser.until(PATIENCE, "return window.shownAt").await?;
    let took = Duration::from_millis(shown.as_u64().ok_or("a time")?).saturating_sub(before);
    assert!(took < Duration::from_secs(1), "shown after {took:?}");
    let picture =
        "const box = document.querySelector('[data-graph=\"quote\"] svg g[data-node=\"prices[]\"]');
                   return box && box.dataset.state === 'failing' && box.querySelector('.mark').textContent";
    let mark = browser.until(PATIENCE, picture).await?;
    assert!(mark.as_str().is_some_and(|mark| mark.starts_with('✕')), "not by colour alone: {mark}");
    let said = browser.until(PATIENCE, "return document.getElementById('said').textContent").await?;
    assert!(said.as_str().is_some_and(|said| said.contains("is failing")), "{said}");
    let failure =
        browser.eval("return document.querySelector('[data-graph=\"quote\"] .failures').innerText").await?;
    assert!(
        failure.as_str().is_some_and(|text| text.contains("order-4711") && text.contains("503")),
        "{failure}"
    );
    prices_fail(None);
    browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn r42_hostile_text_is_shown_as_text() -> Result<(), Failure> {
    let _shop = SHOP.lock().await;
    let hostile = "<script>window.harmed = 1</script><img src=x onerror='window.harmed = 1'>\u{202e}</pre>";
    let (server, cx) = served()?;
    prices_fail(Some(hostile));
    cx.scope(|| checkout("tea")).map(drop).unwrap_err();
    let browser = Browser::start().await?;
    browser.open(&server.url()).await?;
    let text = browser
        .until(PATIENCE, "return document.querySelector('[data-graph=\"quote\"] .failures pre')?.textContent")
        .await?;
    assert!(text.as_str().is_some_and(|text| text.contains(hostile)), "{text}");
    assert_eq!(browser.eval("return window.harmed ?? 0").await?, 0);
    assert_eq!(browser.eval("return document.querySelectorAll('img, script:not([nonce])').length").await?, 0);
    let log = browser.client().execute("return 1", vec![]).await?;
    assert_eq!(log, 1);
    prices_fail(None);
    browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn r42_a_lost_connection_is_told_and_mends_by_itself() -> Result<(), Failure> {
    let _shop = SHOP.lock().await;
    let (server, cx) = served()?;
    prices_fail(None);
    cx.scope(|| checkout("tea"))?;
    let browser = Browser::start().await?;
    browser.open(&server.url()).await?;
    browser.until(PATIENCE, LIVE).await?;
    let address = server.address();
    server.shutdown();
    let told = browser.until(PATIENCE, "const link = document.getElementById('link'); return link.dataset.state === 'lost' && link.innerText").await?;
    let told = told.as_str().unwrap_or_default();
    assert!(told.contains("Connection lost since ") && told.contains("Try now"), "{told}");
    assert_eq!(
        browser.eval("return document.getElementById('link-said').textContent.includes('lost')").await?,
        true
    );
    let again = Serve::builder().address(address).build()?.start()?;
    browser.until(PATIENCE, LIVE).await?;
    drop(again);
    browser.close().await
}
