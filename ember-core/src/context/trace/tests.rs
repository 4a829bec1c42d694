use proptest::prelude::*;

use super::state::MAX;
use super::{InvalidTraceParent, InvalidTraceState, TraceContext};

const GIVEN: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn parse(text: &str) -> Result<TraceContext, InvalidTraceParent> {
    text.parse()
}

/// The state of a trace, if the text is one.
fn state(text: &str) -> Result<String, InvalidTraceState> {
    let trace = parse(GIVEN).unwrap().with_tracestate(text)?;
    Ok(trace.tracestate().to_owned())
}

/// The cases of the tests that the working group has for `traceparent`.
#[test]
fn r26_a_traceparent_is_read_as_the_recommendation_has_it() {
    use InvalidTraceParent::{Digits, Form, Version, Zero};
    let trace = parse(GIVEN).unwrap();
    assert_eq!(
        (trace.trace_id(), trace.parent_id()),
        (0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736, 0xf0_67aa_0ba9_02b7)
    );
    let bad = [
        ("", Form),
        ("00", Form),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7", Form),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1", Form),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-", Form),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", Form),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-011", Form),
        (" 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", Form),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01 ", Form),
        ("00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01", Form),
        ("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.more", Form),
        ("0-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-1", Form),
        (".0-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", Digits("version")),
        ("0A-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", Digits("version")),
        ("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", Version),
        ("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", Digits("trace id")),
        ("00-4bf92f3577b34da6a3ce929d0e0e473.-00f067aa0ba902b7-01", Digits("trace id")),
        ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", Zero("trace id")),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00F067AA0BA902B7-01", Digits("parent id")),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-+0f067aa0ba902b7-01", Digits("parent id")),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", Zero("parent id")),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-.0", Digits("flags")),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0A", Digits("flags")),
        ("00-4bf92f3577b34da6a3ce929d0e0e473é-00f067aa0ba902b7-01", Form),
    ];
    for (text, why) in bad {
        assert_eq!(parse(text), Err(why), "{text}");
    }
}

#[test]
fn r26_of_a_later_version_is_read_what_the_first_one_knows() {
    for text in [
        "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-the-future-will-be",
        "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
    ] {
        assert_eq!(parse(text).unwrap().to_string(), GIVEN, "{text}");
    }
}

#[test]
fn r26_flags_that_are_not_known_are_not_handed_on() {
    let flags = |flags: &str| {
        let trace = parse(&format!("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-{flags}")).unwrap();
        (trace.is_sampled(), trace.to_string()[53..].to_owned())
    };
    assert_eq!(flags("00"), (false, "00".to_owned()));
    assert_eq!(flags("ff"), (true, "03".to_owned()));
    assert_eq!(flags("fc"), (false, "00".to_owned()));
}

/// The cases of the tests that the working group has for `tracestate`.
#[test]
fn r26_a_tracestate_is_read_as_the_recommendation_has_it() {
    use InvalidTraceState::{Entry, Key, TooLong, TooMany, Value};
    let long = |n: usize| "z".repeat(n);
    let good = [
        ("", ""),
        ("foo=1,bar=2", "foo=1,bar=2"),
        ("foo=1 , \tbar=2 ,", "foo=1,bar=2"),
        (",,foo=1,,", "foo=1"),
        ("foo=1,foo=2,bar=3", "foo=1,bar=3"),
        ("foo@bar=1,t-0_*/@s=2", "foo@bar=1,t-0_*/@s=2"),
        ("0tenant@system=1", "0tenant@system=1"),
        ("foo= a b", "foo= a b"),
        ("foo=!\"#$~", "foo=!\"#$~"),
    ];
    for (text, handed_on) in good {
        assert_eq!(state(text).as_deref(), Ok(handed_on), "{text}");
    }
    let bad = [
        ("foo", Entry(0)),
        ("foo=1,bar", Entry(1)),
        ("=1", Key(0)),
        ("foo =1", Key(0)),
        ("FOO=1", Key(0)),
        ("0foo=1", Key(0)),
        ("foo.bar=1", Key(0)),
        ("foo@=1", Key(0)),
        ("@foo=1", Key(0)),
        ("foo@@bar=1", Key(0)),
        ("foo@bar@baz=1", Key(0)),
        ("foo@0bar=1", Key(0)),
        ("foo=", Value(0)),
        ("foo=bar=baz", Value(0)),
        ("foo=\u{7f}", Value(0)),
        ("foo=é", Value(0)),
        ("foo=1\r\nevil=2", Value(0)),
    ];
    for (text, why) in bad {
        assert_eq!(state(text), Err(why), "{text}");
    }
    assert!(state(&format!("{}=1", long(256))).is_ok());
    assert_eq!(state(&format!("{}=1", long(257))), Err(Key(0)));
    assert!(state(&format!("{}@{}=1", long(241), long(14))).is_ok());
    assert_eq!(state(&format!("{}@v=1", long(242))), Err(Key(0)));
    assert_eq!(state(&format!("t@{}=1", long(15))), Err(Key(0)));
    assert!(state(&format!("a={}", long(256))).is_ok());
    assert_eq!(state(&format!("a={}", long(257))), Err(Value(0)));
    let entries = |n: usize| (0..n).map(|i| format!("k{i}=1")).collect::<Vec<_>>().join(",");
    assert_eq!(state(&entries(32)).as_deref(), Ok(&*entries(32)));
    assert_eq!(state(&entries(33)), Err(TooMany));
    assert_eq!(state(&long(MAX + 1)), Err(TooLong(MAX + 1)));
}

proptest! {
    #[test]
    fn r26_what_is_written_is_read_again(trace_id in 1_u128.., parent_id in 1_u64.., sampled: bool) {
        let trace = TraceContext::new(trace_id, parent_id, sampled).unwrap();
        prop_assert_eq!(parse(&trace.to_string()), Ok(trace));
    }

    #[test]
    fn r26_no_text_breaks_the_reader(text in any::<String>(), state_text in any::<String>()) {
        if let Ok(trace) = parse(&text) {
            prop_assert_eq!(&text[2..52], &trace.to_string()[2..52]);
        }
        let _ = state(&state_text);
    }

    /// Texts that are nearly right, beside a reader that is written as the grammar is.
    #[test]
    fn r26_a_text_is_read_if_the_grammar_has_it(
        text in "(00|01|ff|0A)-([0-9a-f]{32}|0{32}|[0-9A-F]{32})-([0-9a-f]{16}|0{16}|.{16})-[0-9a-g]{2}(|-|-x|x)",
    ) {
        prop_assert_eq!(parse(&text).is_ok(), is_in_grammar(&text), "{}", text);
    }

    #[test]
    fn r26_what_is_handed_on_of_a_state_is_handed_on_unchanged(text in "([a-z][a-z0-9@=]{0,3}=?[ !-~]{0,3}[, \t]?){0,4}") {
        if let Ok(once) = state(&text) {
            prop_assert_eq!(state(&once), Ok(once));
        }
    }
}

fn is_in_grammar(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(5, '-').collect();
    let [version, trace_id, parent_id, flags, ref behind @ ..] = parts[..] else { return false };
    let hex =
        |part: &str, length| part.len() == length && part.chars().all(|c| "0123456789abcdef".contains(c));
    let is_zero = |part: &str| part.chars().all(|c| c == '0');
    hex(version, 2)
        && hex(trace_id, 32)
        && hex(parent_id, 16)
        && hex(flags, 2)
        && version != "ff"
        && !is_zero(trace_id)
        && !is_zero(parent_id)
        && (behind.is_empty() || version != "00")
}
