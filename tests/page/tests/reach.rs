//! The page works for everybody: by keyboard, read out, on a phone, in light and in dark.

use std::sync::LazyLock;

use ember::Context;
use ember::observe::Statistics;
use ember::serve::{Serve, Server};
use ember_page_tests::browser::{Browser, Failure, PATIENCE};
use ember_page_tests::program::{checkout, index, prices_fail};
use serde_json::{Value, json};

/// A shop in which things went well, and then one did not. All tests look at the same one: what its services answer is said for
/// the whole process, so two that are set up at the same time would disturb each other.
static SHOP: LazyLock<Statistics> = LazyLock::new(|| {
    let statistics = Statistics::new();
    let cx = Context::builder().observer(statistics.clone()).correlation_id("order-4711").build();
    prices_fail(None);
    cx.scope(|| checkout("tea cup saucer")).unwrap();
    cx.scope(|| index("tea cup saucer"));
    prices_fail(Some(
        "503: a rather long text that says what went wrong, with_a_word_that_has_no_place_to_break_and_goes_on_and_on_and_on",
    ));
    cx.scope(|| checkout("tea cup")).unwrap_err();
    statistics
});

fn served() -> Result<Server, Failure> {
    Ok(Serve::builder().title("shop").statistics(SHOP.clone()).build()?.start()?)
}

async fn shown(server: &Server) -> Result<Browser, Failure> {
    let browser = Browser::start().await?;
    browser.open(&server.url()).await?;
    browser.until(PATIENCE, "return document.querySelectorAll('.picture svg .mark').length > 1").await?;
    Ok(browser)
}

#[tokio::test(flavor = "multi_thread")]
async fn r42_the_keyboard_reaches_everything_and_shows_where_it_is() -> Result<(), Failure> {
    let server = served()?;
    let browser = shown(&server).await?;
    browser.eval("document.activeElement.blur(); window.scrollTo(0, 0)").await?;
    let wanted = browser.eval(
        "return [...document.querySelectorAll('a[href], button, input, [tabindex=\"0\"]')].filter(e => e.checkVisibility()).length",
    ).await?;
    let mut reached = std::collections::BTreeSet::new();
    for _ in 0..200 {
        key(&browser, "Tab").await?;
        let at = browser.eval(
            "const all = [...document.querySelectorAll('a[href], button, input, [tabindex=\"0\"]')].filter(e => e.checkVisibility());
             const at = document.activeElement, style = getComputedStyle(at);
             return [all.indexOf(at), style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2, at.outerHTML.slice(0, 80)]",
        ).await?;
        if at[0] == -1 || !reached.insert(at[0].to_string()) {
            break;
        }
        assert_eq!(at[1], true, "nothing shows that the focus is at {}", at[2]);
    }
    assert_eq!(reached.len() as u64, wanted.as_u64().unwrap_or_default());
    browser.eval("document.querySelectorAll('.graph h3 button')[2].focus()").await?;
    let open = "return document.querySelectorAll('.graph h3 button')[2].getAttribute('aria-expanded')";
    assert_eq!(browser.eval(open).await?, "false");
    key(&browser, "Enter").await?;
    assert_eq!(browser.eval(open).await?, "true");
    browser.close().await;
    Ok(())
}

async fn key(browser: &Browser, key: &str) -> Result<(), Failure> {
    let code = if key == "Tab" { 9 } else { 13 };
    let text = if key == "Enter" { "\r" } else { "" };
    for kind in ["keyDown", "keyUp"] {
        let parameters = json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "text": if kind == "keyDown" { text } else { "" } });
        browser.cdp("Input.dispatchKeyEvent", parameters).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn r42_everything_that_can_be_used_or_looked_at_has_a_name() -> Result<(), Failure> {
    let server = served()?;
    let browser = shown(&server).await?;
    let tree = browser.cdp("Accessibility.getFullAXTree", json!({})).await?;
    let nodes = tree["nodes"].as_array().ok_or("a tree")?;
    let seen = |node: &&Value| node["ignored"] == false;
    let role = |node: &Value| node["role"]["value"].as_str().unwrap_or_default().to_owned();
    let name = |node: &Value| node["name"]["value"].as_str().unwrap_or_default().trim().to_owned();
    let mut roles = std::collections::BTreeMap::new();
    for node in nodes.iter().filter(seen) {
        let role = role(node);
        if matches!(
            role.as_str(),
            "button"
                | "link"
                | "searchbox"
                | "checkbox"
                | "table"
                | "region"
                | "img"
                | "image"
                | "heading"
                | "progressbar"
                | "columnheader"
                | "article"
        ) {
            assert!(!name(node).is_empty(), "a {role} has no name: {node}");
        }
        *roles.entry(role).or_insert(0) += 1;
    }
    for (role, least) in [
        ("table", 2),
        ("row", 8),
        ("cell", 40),
        ("columnheader", 16),
        ("button", 3),
        ("searchbox", 1),
        ("banner", 1),
        ("main", 1),
        ("contentinfo", 1),
    ] {
        assert!(roles.get(role).is_some_and(|&count| count >= least), "{role}: {roles:?}");
    }
    browser.close().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn r42_a_narrow_screen_shows_all_without_scrolling_sideways() -> Result<(), Failure> {
    let server = served()?;
    let browser = shown(&server).await?;
    for width in [320, 360, 600, 961, 1280] {
        browser.size(width, 740, 1.0).await?;
        let wide = browser.eval("return document.scrollingElement.scrollWidth").await?;
        assert_eq!(wide, width, "the page is wider than the screen");
        let out = browser.eval(
            "return [...document.querySelectorAll('body *')].filter(e => e.checkVisibility() && !e.closest('svg, .said, thead, .skip')
               && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 90))",
        ).await?;
        assert_eq!(out, json!([]), "at {width} pixels");
    }
    browser.close().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn r42_all_text_can_be_told_from_its_ground_in_light_and_dark() -> Result<(), Failure> {
    let server = served()?;
    let browser = shown(&server).await?;
    for scheme in ["light", "dark"] {
        browser.prefers("prefers-color-scheme", scheme).await?;
        let told = browser.eval(include_str!("contrast.js")).await?;
        assert!(told["looked"].as_u64().is_some_and(|looked| looked > 100), "{told}");
        assert_eq!(told["faint"], json!([]), "{scheme}");
    }
    browser.close().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn r42_nothing_moves_for_who_wants_no_motion() -> Result<(), Failure> {
    let server = served()?;
    let browser = shown(&server).await?;
    browser.prefers("prefers-reduced-motion", "reduce").await?;
    let moving = browser.eval(
        "return [...document.querySelectorAll('*')].filter(e => getComputedStyle(e).animationName !== 'none'
           || getComputedStyle(e).transitionDuration.split(',').some(t => parseFloat(t) > 0)).length",
    ).await?;
    assert_eq!(moving, 0);
    browser.close().await;
    Ok(())
}
