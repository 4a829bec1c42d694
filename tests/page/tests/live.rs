//! The page tells what happens, soon, and says when it cannot.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use ember::Context;
use ember::observe::Statistics;
use ember::policy::Breaker;
use ember::serve::{Serve, Server};
use ember::watch::{self, Watch as _};
use ember_page_tests::browser::{Browser, Failure, PATIENCE};
use ember_page_tests::many::catalogue;
use ember_page_tests::program::{checkout, index, prices_fail, refused_at};
use serde_json::json;

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
    // The page itself notes when it shows it, by the clock that the operator looks at when it fails.
    browser
        .eval(
            "const row = document.querySelector('[data-graph=\"quote\"] tr[data-node=\"prices[]\"] .badge');
             new MutationObserver(() => { window.shownAt ??= row.dataset.state === 'failing' ? Date.now() : undefined })
               .observe(row, { attributes: true })",
        )
        .await?;
    prices_fail(Some("503"));
    cx.scope(|| checkout("tea cup")).map(drop).unwrap_err();
    let shown = browser.until(PATIENCE, "return window.shownAt").await?;
    let failed = refused_at().ok_or("it has failed")?.duration_since(UNIX_EPOCH)?;
    let took = Duration::from_millis(shown.as_u64().ok_or("a time")?).saturating_sub(failed);
    assert!(took < Duration::from_secs(1), "shown after {took:?}");
    let picture =
        "const box = document.querySelector('[data-graph=\"quote\"] svg g[data-node=\"prices[]\"]');
                   return box && box.dataset.state === 'failing' && box.querySelector('.mark').textContent";
    let mark = browser.until(PATIENCE, picture).await?;
    assert!(mark.as_str().is_some_and(|mark| mark.starts_with('✕')), "not by colour alone: {mark}");
    let said = browser.until(PATIENCE, "return document.getElementById('said').textContent").await?;
    assert!(said.as_str().is_some_and(|said| said.contains("is failing")), "{said}");
    let failure = browser.eval(&format!("return {}", why("quote", "prices[]"))).await?;
    assert!(
        failure.as_str().is_some_and(|text| text.contains("order-4711") && text.contains("503")),
        "{failure}"
    );
    let failing = browser.eval("return document.getElementById('failing').innerText").await?;
    let failing = failing.as_str().unwrap_or_default();
    assert!(failing.contains("prices[] of quote") && failing.contains("503"), "above all else: {failing}");
    prices_fail(None);
    browser.close().await;
    Ok(())
}

/// What stands below a node's row of its last failure; nothing while that is closed.
fn why(graph: &str, node: &str) -> String {
    format!(
        "document.querySelector('[data-graph=\"{graph}\"] tr[data-node=\"{node}\"] + .why:not([hidden])')?.innerText"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn r42_each_node_says_why_it_failed_last() -> Result<(), Failure> {
    let _shop = SHOP.lock().await;
    let (server, cx) = served()?;
    prices_fail(Some("503"));
    cx.scope(|| checkout("tea")).map(drop).unwrap_err();
    prices_fail(None);
    cx.scope(|| checkout("")).map(drop).unwrap_err();
    let browser = Browser::start().await?;
    browser.open(&server.url()).await?;
    for (node, text) in [("items", "nothing was ordered"), ("total", "answered: 503")] {
        let said = browser.until(PATIENCE, &format!("return {}", why("checkout", node))).await?;
        assert!(said.as_str().is_some_and(|said| said.contains(text)), "{node}: {said}");
    }
    // From what fails one comes to its row.
    let lead = "for (const button of document.querySelectorAll('#failing-list button'))
                  if (button.innerText.includes('total')) button.click();
                return document.activeElement.closest('tr')?.dataset.node";
    assert_eq!(browser.eval(lead).await?, "total");
    // When it goes well again, what was said is there for who asks.
    cx.scope(|| checkout("tea"))?;
    browser.until(PATIENCE, &format!("return !{}", why("checkout", "total"))).await?;
    browser.until(PATIENCE, "return document.getElementById('failing').hidden").await?;
    let ask = "const ask = document.querySelector('[data-graph=\"checkout\"] tr[data-node=\"total\"] .ago');
               ask.click();
               return ask.innerText + ask.getAttribute('aria-expanded')";
    let asked = browser.eval(ask).await?;
    assert!(asked.as_str().is_some_and(|text| text.contains("failed") && text.ends_with("true")), "{asked}");
    let said = browser.eval(&format!("return {}", why("checkout", "total"))).await?;
    assert!(said.as_str().is_some_and(|said| said.contains("answered: 503")), "{said}");
    browser.close().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn r42_of_a_large_graph_a_few_nodes_are_shown_and_all_that_fail() -> Result<(), Failure> {
    let _shop = SHOP.lock().await;
    let statistics = Statistics::new();
    let cx = Context::builder().observer(statistics.clone()).build();
    let server = Serve::builder().statistics(statistics.clone()).build()?.start()?;
    let late = || {
        let graph = statistics.graphs().into_iter().next()?;
        let place = graph.nodes.iter().position(|node| node.failing)?;
        (place > 60).then(|| graph.description().nodes[place].path)
    };
    let failing = (0..).find_map(|number| cx.scope(|| catalogue(number)).err().and_then(|_| late()));
    let failing = failing.ok_or("a node far below")?;
    let browser = Browser::start().await?;
    browser.open(&server.url()).await?;
    browser.until(PATIENCE, "return document.querySelectorAll('.picture svg .mark').length > 190").await?;
    let rows = "return [...document.querySelectorAll('tr[data-node]')].filter(row => row.checkVisibility()).map(row => row.dataset.node)";
    let shown = browser.eval(rows).await?;
    let shown = shown.as_array().ok_or("rows")?;
    assert!(shown.len() < 60 && shown.iter().any(|node| node == failing), "{failing} in {shown:?}");
    let fits = "return document.querySelector('.picture svg').getBoundingClientRect().width <= innerWidth
                  && document.querySelector('.picture .more').innerText";
    assert_eq!(browser.eval(fits).await?, "In full size");
    browser.eval("for (const button of document.querySelectorAll('.inside .more')) button.click()").await?;
    let all = browser.eval(rows).await?;
    assert_eq!(all.as_array().map(Vec::len), Some(201));
    let focus = "return document.activeElement.closest('tr')?.dataset.node";
    assert_eq!(browser.eval(focus).await?, "c00", "the first that was not shown");
    browser.close().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn r42_rates_are_those_of_the_last_seconds() -> Result<(), Failure> {
    let browser = Browser::start().await?;
    let scripts = [
        include_str!("../../../ember-serve/src/page/format.js"),
        include_str!("../../../ember-serve/src/page/model.js"),
    ]
    .concat();
    let since = |samples: &str, now: u32| {
        let samples = format!("for (const [at, total] of {samples}) some.add(at * 1000, [total])");
        format!(
            "{scripts}; const some = new Lately(); {samples}; const known = some.since({now} * 1000); return known && [known.seconds, known.more[0]]"
        )
    };
    for (samples, now, known, why) in [
        ("[]", 5, json!(null), "of nothing, nothing is known"),
        ("[[100, 7]]", 100, json!(null), "nor of one moment"),
        ("[[100, 7]]", 104, json!([4, 0]), "a total that stays, stays"),
        ("[[100, 0], [101, 50], [102, 90]]", 102, json!([2, 90]), "what is known so far"),
        ("[[100, 1000], [200, 1005]]", 200, json!([10, 5]), "what came behind a long pause came lately"),
        ("[[100, 0], [101, 5]]", 105, json!([5, 5]), "it is over slowly"),
        ("[[100, 0], [101, 5]]", 111, json!([10, 0]), "and then it is nothing"),
        (
            "Array.from({ length: 1000 }, (_, i) => [i / 10, 3 * i])",
            100,
            json!([10, 297]),
            "of many, the last",
        ),
    ] {
        assert_eq!(browser.eval(&since(samples, now)).await?, known, "{why}");
    }
    browser.close().await;
    Ok(())
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
    assert_eq!(text.matches("by hand").count(), 2, "once in a word, and once in a sentence: {text}");
    let is_first = "document.querySelector('#states-list li') === card";
    assert_eq!(browser.eval(&card(is_first)).await?, true, "trouble comes first");
    let health = "const health = document.getElementById('health').innerText; return health.includes('degraded') && health";
    let health = browser.until(PATIENCE, health).await?;
    assert!(health.as_str().is_some_and(|text| text.contains("<b>suppliers</b> (breaker)")), "{health}");
    drop(registration);
    browser
        .until(PATIENCE, "return !document.getElementById('states').innerText.includes('suppliers')")
        .await?;
    browser.close().await;
    Ok(())
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
    assert_eq!(batch.join().map_err(|_| "the batch panicked")?.values().len(), 4);
    browser.close().await;
    Ok(())
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
        .until(PATIENCE, "return document.querySelector('[data-graph=\"quote\"] .why pre')?.textContent")
        .await?;
    assert!(text.as_str().is_some_and(|text| text.contains(hostile)), "{text}");
    let above = browser.eval("return document.getElementById('failing-list').textContent").await?;
    assert!(above.as_str().is_some_and(|text| text.contains(hostile)), "{above}");
    assert_eq!(browser.eval("return window.harmed ?? 0").await?, 0);
    assert_eq!(browser.eval("return document.querySelectorAll('img, script:not([nonce])').length").await?, 0);
    prices_fail(None);
    browser.close().await;
    Ok(())
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
    // What answers now has other graphs, though the first of them has the number of the one before.
    let statistics = Statistics::new();
    let cx = Context::builder().observer(statistics.clone()).build();
    cx.scope(|| index("tea"));
    let again = Serve::builder().address(address).statistics(statistics).build()?.start()?;
    browser.until(PATIENCE, LIVE).await?;
    let graphs = "const graphs = [...document.querySelectorAll('.graph')].map(graph => graph.dataset.graph);
                  return graphs.join() === 'index'";
    browser.until(PATIENCE, graphs).await?;
    drop(again);
    browser.close().await;
    Ok(())
}
