use std::sync::Arc;

use super::{Health, HealthBuilder, Status};
use crate::policy::Breaker;
use crate::watch::tests::alone;
use crate::watch::{self, Watch};

#[test]
fn r42_an_open_breaker_makes_the_process_degraded_and_says_so() {
    let _alone = alone();
    let breaker = Arc::new(Breaker::builder().build().unwrap());
    let looked_at = Arc::clone(&breaker);
    let _seen = watch::register("suppliers", move || Some(looked_at.watch()));
    let of_suppliers = || {
        let report = Health::default().report();
        let found = report.reasons.into_iter().find(|reason| &*reason.of == "suppliers");
        found.map(|reason| (report.status, reason.to_string()))
    };
    assert_eq!(of_suppliers(), None);
    breaker.force_open();
    let (status, reason) = of_suppliers().unwrap();
    assert_eq!(status, Status::Degraded);
    assert_eq!(reason, "suppliers (breaker): the breaker was opened by hand");
    breaker.reset();
    assert_eq!(of_suppliers(), None);
}

#[test]
fn r42_checks_of_ones_own_say_what_they_make_of_the_whole() {
    let _alone = alone();
    let health = Health::builder()
        .check("fine", || Ok::<(), String>(()))
        .degrading_check("mirror", || Err("three hours behind"))
        .check("database", || Err("connection\nrefused"))
        .build()
        .unwrap();
    let report = health.report();
    assert_eq!(report.status, Status::Down);
    let told: Vec<_> =
        report.reasons.iter().take(2).map(|reason| (reason.status, reason.to_string())).collect();
    assert_eq!(
        told,
        [
            (Status::Degraded, "mirror (check): three hours behind".to_owned()),
            (Status::Down, "database (check): connection refused".to_owned()),
        ]
    );
}

#[test]
fn r42_a_check_that_panics_has_failed_and_what_a_check_says_is_bounded() {
    let _alone = alone();
    let health = Health::builder()
        .check("broken", || -> Result<(), String> { panic!("a check that is broken") })
        .check("chatty", || Err("x".repeat(1 << 20)))
        .build()
        .unwrap();
    let report = health.report();
    assert_eq!(report.reasons[0].text, "the check panicked");
    assert_eq!(report.reasons[1].text, "x".repeat(crate::observe::SAID) + "…");
}

#[test]
fn a_check_has_a_name_of_its_own() {
    let fine = || Ok::<(), String>(());
    let said = |builder: HealthBuilder| builder.build().unwrap_err().to_string();
    for name in ["", " "] {
        let told = format!("health: `check` is {name:?}, and must be a name");
        assert_eq!(said(Health::builder().check("disk", fine).degrading_check(name, fine)), told);
    }
    let twice = Health::builder().check("disk", fine).check("net", fine).degrading_check("disk", fine);
    assert_eq!(said(twice), "health: `check` is \"disk\", and must be a name that no other check has");
    assert!(Health::builder().check("disk", fine).check("Disk", fine).build().is_ok());
}
