use super::Hosts;

fn allowed(host: &str) -> bool {
    Hosts::Named(["ember.internal".to_owned()].into()).allow(host)
}

#[test]
fn addresses_and_names_of_this_machine_are_its_own() {
    for host in [
        "127.0.0.1",
        "127.0.0.1:80",
        "[::1]:9",
        "[::1]",
        "localhost:1",
        "LOCALHOST",
        "a.localhost:3",
        "localhost.",
    ] {
        assert!(allowed(host), "{host}");
    }
}

#[test]
fn a_name_that_was_given_is_its_own_in_any_case() {
    assert!(allowed("Ember.Internal:8080") && allowed("ember.internal"));
}

#[test]
fn other_names_are_not() {
    for host in [
        "evil.example",
        "evil.example:80",
        "localhost.evil.example",
        "xlocalhost",
        "",
        ":80",
        "127.0.0.1.evil.example",
        "[::1]evil",
        "localhost:80:80",
        "localhost:x",
    ] {
        assert!(!allowed(host), "{host}");
    }
}
