use std::time::Duration;

use ember_graph::{Description, Kind, Node, Policy};

use serde::Deserialize;
use serde::de::value::MapDeserializer;

#[cfg(feature = "cache")]
use super::{Configure, Scalar};
use super::{Settings, time};
#[cfg(feature = "cache")]
use crate::policy::{CacheBuilder, KeepErrors};

fn mistakes(text: &str) -> Vec<String> {
    let error = toml::from_str::<Settings>(text).unwrap_err();
    error.message().lines().map(str::to_owned).collect()
}

#[test]
fn what_is_read_is_kept_by_operator_and_policy() {
    let settings: Settings = toml::from_str(
        r#"
        [ask]
        timeout = "2s"
        deadline = { after = "1m" }
        retry = { attempts = 5, base = "50ms", factor = 3, cap = "1s" }
        breaker = { failure_rate = 0.25, window = "1m", open = "10s" }
        [embed]
        concurrency = { permits = 16, queue = 0 }
        rate = { calls = 100, per = "1s", burst = 10 }
        "#,
    )
    .unwrap();
    assert_eq!(settings.operators().collect::<Vec<_>>(), ["ask", "embed"]);
    assert_eq!(settings.of("ask", "retry").unwrap().len(), 4);
    assert!(settings.of("ask", "rate").is_none());
    assert!(settings.of("embed", "rate").is_some());
}

#[test]
fn times_are_read_as_attributes_write_them_or_as_sums() {
    let read = |text| time::time(text);
    let millis = |n| Some(Duration::from_millis(n));
    assert_eq!(read("200ms"), millis(200));
    assert_eq!(read("1.5s"), millis(1500));
    assert_eq!(read(" 2 min "), millis(120_000));
    assert_eq!(read("10_000us"), millis(10));
    assert_eq!(read("1h 1min 30s"), millis(3_690_000));
    assert_eq!(read("1m30s"), millis(90_000));
    for text in
        ["", "ms", "1", "1 fortnight", "-1s", "1e9d", "1.2.3s", "1s 2", "1s,2s", "999999999999999999d"]
    {
        assert_eq!(read(text), None, "{text}");
    }
}

#[cfg(feature = "cache")]
#[test]
fn caches_have_settings_too() {
    let settings: Settings = toml::from_str(
        r#"
        a.cache = 100
        b.cache = { capacity = 10, ttl = "5min", tti = "90s", errors = "1s" }
        "#,
    )
    .unwrap();
    assert_eq!(settings.of("a", "cache").unwrap().len(), 1);
    assert_eq!(settings.of("b", "cache").unwrap().len(), 4);
    let told = mistakes("a.cache = 0\nb.cache = { ttl = '0s' }\nc.cache = { tl = '1s' }");
    assert_eq!(told[0], "`a.cache`: cache: `capacity` is 0, and must be between 1 and 1099511627776");
    assert!(told[1].starts_with("`b.cache`: cache: `time_to_live` is 0ns"), "{told:?}");
    assert_eq!(told[2], "`c.cache.tl` is no setting; did you mean `ttl`?");
}

#[cfg(feature = "cache")]
#[test]
fn a_cache_that_keeps_no_failures_is_not_made_to() {
    let said = Scalar::Text("1s".to_owned());
    assert!(CacheBuilder::<(), ()>::default().set("errors", &said).is_err());
    assert!(CacheBuilder::<(), (), KeepErrors<()>>::default().set("errors", &said).is_ok());
}

#[test]
fn all_mistakes_are_told_at_once_with_their_paths() {
    let told = mistakes(
        r#"
        answer = 3
        [ask]
        retri = 3
        timeout = "2 parsecs"
        deadline = "0s"
        retry = { attempts = -1, bse = "1s" }
        breaker.failure_rate = "half"
        breaker.min_calls = 5000000000
        rate = 3
        breaker.window = false
        concurrency = { per = { seconds = 1 } }
        "#,
    );
    let expected = [
        "`answer` is 3, and must be a table of policies",
        "`ask.breaker.failure_rate` is \"half\", and must be a number",
        "`ask.breaker.min_calls` is 5000000000, and must be a smaller number",
        "`ask.breaker.window` is false, and must be a whole number",
        "`ask.concurrency.per` is no setting (there are permits, queue, max_wait)",
        "`ask.deadline` is \"0s\", and must be more than zero and at most 365 days",
        "`ask.rate` is 3, and must be a table of settings, such as `{ calls = .. }`",
        "`ask.retri` is no policy; did you mean `retry`?",
        "`ask.retry` is -1, and must be a whole number",
        "`ask.retry.bse` is no setting; did you mean `base`?",
        "`ask.timeout` is \"2 parsecs\", and must be a time such as \"200ms\" or \"2s\"",
    ];
    assert_eq!(told, expected);
}

#[test]
fn batches_and_processes_have_settings_too() {
    let settings: Settings = toml::from_str(
        r#"
        embed.batch = { max = 128, wait = "5ms", in_flight = 2, queue = 1000 }
        alone.batch = { wait = "0" }
        few.batch = 8
        "#,
    )
    .unwrap();
    assert_eq!(settings.of("embed", "batch").unwrap().len(), 4);
    assert_eq!(settings.of("few", "batch").unwrap().len(), 1);
    let told = mistakes(
        r#"
        a.batch = 0
        b.batch = { max = 100, queue = 10 }
        c.batch = { wait = "2h" }
        d.batch = { size = 8 }
        "#,
    );
    let expected = [
        "`a.batch`: batch: `max` is 0, and must be between 1 and 2147483647",
        "`b.batch`: batch: `queue` is 10, and must be at least `max`",
        "`c.batch`: batch: `wait` is 7200s, and must be at most an hour",
        "`d.batch.size` is no setting (there are max, wait, in_flight, queue)",
    ];
    assert_eq!(told, expected);
}

#[cfg(feature = "isolate")]
#[test]
fn processes_have_settings_with_sizes() {
    let all = r#"
        parse.isolate = { memory = "512MiB", cpu = "10s", timeout = "30s", workers = 4, queue = 64, calls = 100, age = "5min", max_message = "1GiB", start = "1s" }
    "#;
    let settings: Settings = toml::from_str(all).unwrap();
    assert_eq!(settings.of("parse", "isolate").unwrap().len(), 9);
    let told = mistakes(
        r#"
        a.isolate = { memory = "512MB" }
        b.isolate = { memory = 512 }
        c.isolate = { memory = "1MiB" }
        d.isolate = { max_message = "2GiB" }
        e.isolate = "512MiB"
        f.isolate = { memory = "99999999999999999GiB" }
        "#,
    );
    let expected = [
        "`a.isolate.memory` is \"512MB\", and must be a size such as \"512MiB\"",
        "`b.isolate.memory` is 512, and must be a size such as \"512MiB\"",
        "`c.isolate`: isolate: `memory` is 1048576, and must be at least 16777216 bytes",
        "`d.isolate`: isolate: `max_message` is 2147483648, and must be between 1024 and 1073741824 bytes",
        "`e.isolate` is \"512MiB\", and must be a table of settings, such as `{ memory = .. }`",
        "`f.isolate.memory` is \"99999999999999999GiB\", and must be a size such as \"512MiB\"",
    ];
    assert_eq!(told, expected);
}

#[test]
fn what_no_file_can_say_is_told_with_its_place() {
    let told = mistakes(
        r#"
        a.fallback = 1
        b.memory = "64MiB"
        c.limit = 8
        d.validate = true
        "#,
    );
    let expected = [
        "`a.fallback` stands in no file: what it does is code, which stays in the attribute",
        "`b.memory` stands in no file: what a call weighs stays in the attribute; how much there is says the budget of the runtime",
        "`c.limit` stands in no file: it is `concurrency` and `rate` here, each by itself",
        "`d.validate` stands in no file: what it does is code, which stays in the attribute",
    ];
    assert_eq!(told, expected);
}

#[test]
fn bounds_are_those_of_the_builders() {
    let told = mistakes("ask.retry.attempts = 0\nask.breaker.failure_rate = 1.5");
    assert!(told[0].starts_with("`ask.breaker`: breaker: `failure_rate` is 1.5"), "{told:?}");
    assert!(told[1].starts_with("`ask.retry`: retry: `attempts` is 0"), "{told:?}");
}

#[test]
fn whatever_a_builder_is_told_by_a_value_a_file_can_tell_it() {
    let told = mistakes(
        r#"
        a.retry = { jitter = "some", budget = 3, budget_ratio = 0.1 }
        b.breaker = { slow_call = "1s" }
        c.breaker = { slow_rate = 0.5 }
        d.breaker = { open_growth = 0.5 }
        e.retry.budget_burst = 0
        "#,
    );
    let expected = [
        "`a.retry.budget` is 3, and must be \"none\"; what it allows for is said by `budget_ratio` and the like",
        "`a.retry.jitter` is \"some\", and must be \"full\" or \"none\"",
        "`b.breaker`: breaker: `slow_rate` is 0, and must be more than 0 and at most 1",
        "`c.breaker`: breaker: `slow_call` is 0ns, and must be more than zero and at most 24 hours",
        "`d.breaker`: breaker: `open_time_growth` is 0.5, and must be from 1 to 100",
        "`e.retry`: retry: `budget.burst` is 0, and must be between 1 and 1000000",
    ];
    assert_eq!(told, expected);
    let all = r#"
        a.retry = { jitter = "none", budget_ratio = 0.1, budget_per_second = 1, budget_burst = 5 }
        b.retry = { budget = "none" }
        c.breaker = { slow_call = "1s", slow_rate = 0.5, open_growth = 2, open_at_most = "5min" }
    "#;
    assert!(toml::from_str::<Settings>(all).is_ok());
}

#[test]
fn a_name_that_stands_twice_is_refused() {
    // Formats that refuse this themselves are not alone.
    let twice = MapDeserializer::<_, serde::de::value::Error>::new([("ask", 1), ("ask", 2)].into_iter());
    let error = Settings::deserialize(twice).unwrap_err();
    assert_eq!(error.to_string(), "`ask` stands twice");
}

#[test]
fn policies_that_an_operator_does_not_have_are_told_also_in_graphs_that_are_run() {
    fn none() -> Option<&'static Description<'static>> {
        None
    }
    #[allow(clippy::unnecessary_wraps, reason = "nodes that are no graphs have none")]
    fn inner() -> Option<&'static Description<'static>> {
        static NODES: [Node<'static>; 2] = [
            Node::__new("page", "fetch", Kind::Operator, None, "", true, 5, 13, Some(none)).__policies(
                &[Policy::__new("timeout", "2s")],
                &[],
                &["timeout"],
            ),
            Node::__new("text", "method", Kind::Operator, None, "", true, 6, 13, None),
        ];
        static INNER: Description<'static> =
            Description::__new("inner", "src/inner.rs", 3, &[], &NODES, &[], Some(0));
        Some(&INNER)
    }
    static NODES: [Node<'static>; 1] =
        [Node::__new("inner", "inner", Kind::Operator, None, "", true, 5, 13, Some(inner))];
    static OUTER: Description<'static> =
        Description::__new("outer", "src/outer.rs", 3, &[], &NODES, &[], Some(0));
    let check = |text: &str| toml::from_str::<Settings>(text).unwrap().check([&OUTER]);
    check("fetch.timeout = '1s'\nmethod.retry.attempts = 3").unwrap();
    let wrong = check("fetch.retry.attempts = 3\ninner.timeout = '1s'").unwrap_err();
    assert_eq!(
        wrong.to_string(),
        "`fetch.retry`: the operator `fetch` has no `retry`, and settings give it none; write `#[operator(retry ..)]`\n\
         `inner.timeout`: the operator `inner` has no `timeout`, and settings give it none; write \
         `#[operator(timeout ..)]`"
    );
}

#[test]
fn unknown_operators_are_told_with_the_nearest_name() {
    static NODES: [Node<'static>; 1] =
        [Node::__new("drafts", "ops::ask", Kind::Operator, None, "", true, 5, 13, None)];
    static ANSWER: Description<'static> =
        Description::__new("answer", "src/answer.rs", 3, &[], &NODES, &[], Some(0));
    let settings: Settings = toml::from_str("ask.timeout = '1s'\naks.timeout = '1s'").unwrap();
    let unknown = settings.check([&ANSWER]).unwrap_err();
    assert_eq!(unknown.to_string(), "`aks` is no operator of these graphs; did you mean `ask`?");
}
