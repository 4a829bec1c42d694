use std::task::{Poll, Waker};

use super::{Flights, Joined, Kind, Lead, Ticket, Turn};

type Ones = Flights<u8, u32>;

fn join(flights: &Ones, kind: Kind) -> Joined<'_, u8, u32> {
    flights.join(7, &&1, kind, || None)
}

fn lead(flights: &Ones, kind: Kind) -> Lead<'_, u8, u32> {
    let Joined::Lead(lead) = join(flights, kind) else { panic!("nobody leads") };
    lead
}

fn wait(flights: &Ones, kind: Kind) -> Ticket<'_, u8, u32> {
    let Joined::Wait(ticket) = join(flights, kind) else { panic!("somebody leads") };
    ticket
}

fn poll<'f>(ticket: &mut Ticket<'f, u8, u32>) -> Poll<Turn<'f, u8, u32>> {
    ticket.poll(Waker::noop())
}

#[test]
fn a_value_goes_to_all_who_wait_and_the_flight_is_gone_when_the_last_has_it() {
    let flights = Ones::new();
    let first = lead(&flights, Kind::Thread);
    let mut waiting = [wait(&flights, Kind::Thread), wait(&flights, Kind::Future)];
    assert!(waiting.iter_mut().all(|ticket| poll(ticket).is_pending()));
    assert!(first.land(5, |key| assert_eq!(key, 1)));
    for ticket in &mut waiting {
        assert_eq!(flights.len(), 1);
        assert!(matches!(poll(ticket), Poll::Ready(Turn::Value(5))));
    }
    assert_eq!(flights.len(), 0);
}

#[test]
fn the_lead_goes_in_the_order_of_arrival() {
    let flights = Ones::new();
    let first = lead(&flights, Kind::Thread);
    let (mut second, mut third) = (wait(&flights, Kind::Thread), wait(&flights, Kind::Thread));
    drop(first);
    assert!(poll(&mut third).is_pending());
    let Poll::Ready(Turn::Lead(lead)) = poll(&mut second) else { panic!("it is the heir") };
    assert!(poll(&mut third).is_pending());
    drop(lead);
    assert!(matches!(poll(&mut third), Poll::Ready(Turn::Lead(_))));
}

#[test]
fn an_heir_that_goes_away_hands_on() {
    let flights = Ones::new();
    let first = lead(&flights, Kind::Thread);
    let (second, mut third) = (wait(&flights, Kind::Thread), wait(&flights, Kind::Thread));
    drop(first);
    drop(second);
    assert!(matches!(poll(&mut third), Poll::Ready(Turn::Lead(_))));
    drop(third);
    assert_eq!(flights.len(), 0);
}

#[test]
fn who_takes_nothing_leaves_nothing_behind() {
    let flights = Ones::new();
    let first = lead(&flights, Kind::Thread);
    let (second, third) = (wait(&flights, Kind::Thread), wait(&flights, Kind::Thread));
    drop(second);
    first.land(5, drop);
    drop(third);
    assert_eq!(flights.len(), 0);
    drop(lead(&flights, Kind::Future));
    assert_eq!(flights.len(), 0);
}

#[test]
fn a_detached_flight_serves_only_those_who_wait_already() {
    let flights = Ones::new();
    let old = lead(&flights, Kind::Thread);
    let mut before = wait(&flights, Kind::Thread);
    assert!(flights.invalidate(7, &&1, || ()));
    let new = lead(&flights, Kind::Thread);
    let mut after = wait(&flights, Kind::Thread);
    assert!(!old.land(1, |_| unreachable!("it is not kept")));
    assert!(matches!(poll(&mut before), Poll::Ready(Turn::Value(1))));
    assert!(poll(&mut after).is_pending());
    assert!(new.land(2, drop));
    assert!(matches!(poll(&mut after), Poll::Ready(Turn::Value(2))));
}

#[test]
fn those_who_wait_for_a_detached_flight_that_fails_begin_anew() {
    let flights = Ones::new();
    let old = lead(&flights, Kind::Thread);
    let mut waiting = [wait(&flights, Kind::Thread), wait(&flights, Kind::Thread)];
    flights.invalidate_all();
    drop(old);
    assert!(waiting.iter_mut().all(|ticket| matches!(poll(ticket), Poll::Ready(Turn::Again))));
    assert_eq!(flights.len(), 0);
}

#[test]
fn a_flight_that_waits_for_its_heir_is_over_when_its_key_is_invalidated() {
    let flights = Ones::new();
    let first = lead(&flights, Kind::Thread);
    let (mut heir, mut other) = (wait(&flights, Kind::Thread), wait(&flights, Kind::Thread));
    drop(first);
    flights.invalidate(7, &&1, || ());
    assert!(matches!(poll(&mut other), Poll::Ready(Turn::Again)));
    assert!(matches!(poll(&mut heir), Poll::Ready(Turn::Again)));
    assert_eq!(flights.len(), 0);
}

#[test]
fn a_thread_waits_for_no_future() {
    let flights = Ones::new();
    let future = lead(&flights, Kind::Future);
    assert!(matches!(join(&flights, Kind::Thread), Joined::Beside));
    drop(future);
    // A future came first, but a thread waits too.
    let first = lead(&flights, Kind::Thread);
    let (mut future, mut thread) = (wait(&flights, Kind::Future), wait(&flights, Kind::Thread));
    drop(first);
    assert!(poll(&mut future).is_pending());
    assert!(matches!(poll(&mut thread), Poll::Ready(Turn::Lead(_))));
    assert!(matches!(poll(&mut future), Poll::Ready(Turn::Lead(_))));
}

#[test]
fn keys_of_one_hash_are_told_apart() {
    let flights = Ones::new();
    let one = lead(&flights, Kind::Thread);
    let Joined::Lead(two) = flights.join(7, &&2, Kind::Thread, || None) else { panic!("another key") };
    two.land(2, |key| assert_eq!(key, 2));
    one.land(1, |key| assert_eq!(key, 1));
    assert_eq!(flights.len(), 0);
}

#[test]
fn a_panic_in_eq_of_a_key_leaves_the_flight_to_others() {
    let flights = Ones::new();
    let first = lead(&flights, Kind::Thread);
    let mut waiting = wait(&flights, Kind::Thread);
    let landing = std::panic::AssertUnwindSafe(|| first.land(1, |_| panic!("in `Eq`")));
    std::panic::catch_unwind(landing).unwrap_err();
    assert!(matches!(poll(&mut waiting), Poll::Ready(Turn::Again)));
    assert_eq!(flights.len(), 0);
}
