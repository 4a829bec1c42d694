//! The page tells what happens, soon, and says when it cannot.

use std::sync::Arc;
use std::time::Duration;

use ember::Context;
use ember::observe::Statistics;
use ember::policy::Breaker;
use ember::serve::{Serve, Server};
use ember::watch::{self, Watch as _};
use ember_page_tests::browser::{Browser, Failure, PATIENCE};
use ember_page_tests::program::{checkout, index, prices_fail};

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
async fn r42_a_breaker_that_opens_is_shown_in_trouble_and_the_process_as_degraded() -> Result<(), Failure> {
    let _shop = SHOP.lock().await;
    let (server, _cx) = served()?;
    let breaker = Arc::new(Breaker::builder().build()?);
    let seen = breaker.clone();
    let registration = watch::register("<b>suppliers</b>", move || Some(seen.watch()));
    let browser = Browser::start().await?;
    browser.open(&server.url()).await?;
    let card = |of: &str| {
        format!(
            "const card = [...document.querySelectorAll('#states-list li')].find(e => e.innerText.includes('<b>suppliers</b>'));
             return card && {of}"
        )
    };
    browser.until(PATIENCE, &card("card.dataset.state === 'ok' && card.innerText.includes('✓')")).await?;
    breaker.force_open();
    let text = browser.until(PATIENCE, &card("card.dataset.state === 'failing' && card.innerText")).await?;
    let text = text.as_str().unwrap_or_default();
    assert!(
        text.contains('✕') && text.contains("the breaker was opened by hand"),
        "not by colour alone: {text}"
    );
    let is_first = "document.querySelector('#states-list li') === card";
    assert_eq!(browser.eval(&card(is_first)).await?, true, "trouble comes first");
    let health = "const health = document.getElementById('health').innerText; return health.includes('degraded') && health";
    let health = browser.until(PATIENCE, health).await?;
    assert!(health.as_str().is_some_and(|text| text.contains("<b>suppliers</b> (breaker)")), "{health}");
    drop(registration);
    browser
        .until(PATIENCE, "return !document.getElementById('states').innerText.includes('suppliers')")
        .await?;
    browser.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn r42_a_batch_is_shown_with_how_far_it_has_come() -> Result<(), Failure> {
    let _shop = SHOP.lock().await;
    let (server, cx) = served()?;
    // The batch stands still behind its third item until the page was looked at.
    let (go, gate) = std::sync::mpsc::channel::<()>();
    let texts = (0..4).map(move |number| {
        if number == 3 {
            let _ = gate.recv();
        }
        "a cup and a saucer"
    });
    let batch = std::thread::spawn(move || index::batch(texts).in_flight(1).context(&cx).run());
    let browser = Browser::start().await?;
    browser.open(&server.url()).await?;
    let told = "const batch = document.querySelector('#batches-list li'), bar = batch?.querySelector('progress');
                return bar?.value === 3 && [batch.innerText, bar.max, bar.ariaLabel ?? bar.getAttribute('aria-label')]";
    let told = browser.until(PATIENCE, told).await?;
    assert!(
        told[0].as_str().is_some_and(|text| text.contains("index") && text.contains("3 of 4 (75 %)")),
        "{told}"
    );
    assert_eq!((&told[1], &told[2]), (&4.into(), &"Items of index that are done".into()));
    drop(go);
    browser.until(PATIENCE, "return document.getElementById('batches').hidden").await?;
    assert_eq!(batch.join().map_err(|_| "the batch panicked")?.values().count(), 4);
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
