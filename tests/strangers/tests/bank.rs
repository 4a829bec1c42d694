//! Transfers between accounts: side effects in order, methods as nodes, cancellation and deadlines.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ember::ManualClock;
use ember::prelude::*;
use ember_strangers::same_everywhere;

#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum BankError {
    NoSuchAccount(usize),
    Overdrawn { account: usize, missing: u64 },
}

impl std::fmt::Display for BankError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for BankError {}

struct Bank {
    accounts: Vec<AtomicU64>,
    journal: Mutex<Vec<String>>,
}

struct Receipt {
    id: u64,
}

impl Bank {
    fn new(balances: &[u64]) -> Self {
        Self { accounts: balances.iter().copied().map(AtomicU64::new).collect(), journal: Mutex::default() }
    }

    fn account(&self, account: usize) -> Result<&AtomicU64, BankError> {
        self.accounts.get(account).ok_or(BankError::NoSuchAccount(account))
    }

    #[operator]
    fn balance(&self, account: usize) -> Result<u64, BankError> {
        Ok(self.account(account)?.load(Ordering::SeqCst))
    }

    #[operator]
    fn withdraw(&self, account: usize, amount: u64) -> Result<Receipt, BankError> {
        let balance = self.account(account)?;
        let take = |have: u64| have.checked_sub(amount);
        balance
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, take)
            .map(|id| Receipt { id })
            .map_err(|have| BankError::Overdrawn { account, missing: amount - have })
    }

    #[operator]
    fn deposit(&self, account: usize, amount: u64) -> Result<Receipt, BankError> {
        Ok(Receipt { id: self.account(account)?.fetch_add(amount, Ordering::SeqCst) })
    }

    #[operator]
    fn note(&self, text: &str) {
        self.journal.lock().expect("no panic").push(text.to_string());
    }

    #[operator]
    fn total(&self) -> u64 {
        self.accounts.iter().map(|account| account.load(Ordering::SeqCst)).sum()
    }
}

graph! {
    /// Moves `amount`, and writes what it did into the journal.
    fn transfer(bank: &Bank, from: usize, to: usize, amount: u64) -> Result<u64, ember::Error> {
        let _start = bank.note("begin");
        #[after(_start)]
        let before = bank.total();
        #[after(before)]
        let taken = bank.withdraw(from, amount)?;
        #[after(taken)]
        let given = bank.deposit(to, amount)?;
        #[after(given)]
        bank.note("moved");
        #[after(given)]
        let after = bank.total();
        let ok = audit(before, after);
        let _ = taken.id + given.id;
        #[after(after)]
        let left = bank.balance(from)?;
        if ok { report(bank, "balanced") } else { report(bank, "torn") }
        Ok(left)
    }
}

#[operator]
fn audit(before: u64, after: u64) -> bool {
    before == after
}

#[operator]
fn report(bank: &Bank, verdict: &'static str) {
    bank.note(verdict);
}

fn transfer_plain(bank: &Bank, from: usize, to: usize, amount: u64) -> Result<u64, BankError> {
    bank.note("begin");
    let before = bank.total();
    let taken = bank.withdraw(from, amount)?;
    let given = bank.deposit(to, amount)?;
    bank.note("moved");
    let after = bank.total();
    let ok = audit(before, after);
    let _ = taken.id + given.id;
    let left = bank.balance(from)?;
    if ok {
        report(bank, "balanced");
    } else {
        report(bank, "torn");
    }
    Ok(left)
}

#[operator]
fn wait_for(cx: &Context, bank: &Bank, clock: &ManualClock, rounds: usize) -> Result<usize, ember::Stopped> {
    for round in 0..rounds {
        cx.check()?;
        if round == 2 {
            bank.note("waiting");
        }
        // A round takes a millisecond of the clock that the test holds.
        clock.advance(Duration::from_millis(1));
        std::thread::yield_now();
    }
    Ok(rounds)
}

graph! {
    /// Waits, then pays out.
    fn patient(bank: &Bank, clock: &ManualClock, rounds: usize) -> Result<Vec<u64>, ember::Error> {
        let _waited = wait_for(bank, clock, rounds)?;
        #[after(_waited)]
        let paid = for account in 0..2 { bank.balance(account)? };
        Ok(paid)
    }
}

fn outcome(run: impl Fn(&Bank) -> Result<u64, BankError>) -> (Result<u64, BankError>, Vec<String>, u64) {
    let bank = Bank::new(&[100, 20]);
    let result = run(&bank);
    let mut journal = bank.journal.lock().expect("no panic").clone();
    // "moved" and "balanced" are not ordered.
    journal.sort();
    (result, journal, bank.total())
}

#[test]
fn a_transfer_keeps_the_sum() {
    for (from, to, amount) in [(0, 1, 30), (1, 0, 21), (0, 7, 1)] {
        let expected = outcome(|bank| transfer_plain(bank, from, to, amount));
        same_everywhere(&expected, || {
            outcome(|bank| {
                transfer(bank, from, to, amount)
                    .map_err(|error| *error.find::<BankError>().expect("a bank error"))
            })
        });
    }
}

#[test]
fn the_error_names_the_node() {
    let error = transfer(&Bank::new(&[1, 1]), 0, 1, 5).expect_err("overdrawn");
    assert_eq!(error.node(), "taken");
    assert_eq!(error.graph(), "transfer");
    assert!(!error.is_cancelled() && !error.is_panic() && !error.is_timeout());
}

#[test]
fn a_deadline_stops_a_patient_run() {
    for strategy in [Strategy::Sequential, Strategy::Parallel] {
        let bank = Bank::new(&[1, 2]);
        let clock = ManualClock::new();
        assert_eq!(patient(&bank, &clock, 3).expect("short"), [1, 2]);
        let limit = Duration::from_millis(20);
        let cx = Context::builder().strategy(strategy).clock(clock.clone()).timeout(limit).build();
        let error = cx.scope(|| patient(&bank, &clock, 5_000)).expect_err("a deadline");
        assert!(error.is_timeout(), "{error:?}");
        assert_eq!(error.node(), "_waited");
    }
}

#[test]
fn another_thread_cancels() {
    let bank = Bank::new(&[1, 2]);
    let cx = Context::builder().build();
    let error = std::thread::scope(|threads| {
        threads.spawn(|| {
            while bank.journal.lock().expect("no panic").is_empty() {
                std::thread::yield_now();
            }
            cx.cancel();
        });
        cx.scope(|| patient(&bank, &ManualClock::new(), usize::MAX)).expect_err("cancelled")
    });
    assert!(error.is_cancelled(), "{error:?}");
}
