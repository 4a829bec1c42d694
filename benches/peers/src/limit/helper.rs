//! A lingering helper: a job on rayon's pool that, when it has helped one run, stays for a while and takes the next one
//! without a wake-up.
//!
//! The caller never enters the pool, and never waits for a helper that has not come: what nobody took is taken back.
//! There is one seat for one helper, so this is for two threads; a library would keep one less than the pool has.
#![expect(unsafe_code, reason = "a job borrows from its caller's stack, and the helper outlives it")]

use std::hint;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};

use super::clock::{MICROSECOND, ticks};
use super::work::relax;

/// How long a helper waits for the next run.
pub(super) const LINGER: u64 = 50 * MICROSECOND;

/// Nobody sits here.
const EMPTY: *mut Job = ptr::without_provenance_mut(0);
/// A helper waits.
const WAITING: *mut Job = ptr::without_provenance_mut(2);
/// A helper was called and has not come yet.
const CALLED: *mut Job = ptr::without_provenance_mut(4);
/// A helper is at work.
const AT_WORK: *mut Job = ptr::without_provenance_mut(6);
/// Set in the address of a job that was laid here before its helper came.
const EARLY: usize = 1;

/// One of the states above, or a job that waits to be taken.
static SEAT: AtomicPtr<Job> = AtomicPtr::new(EMPTY);

#[repr(align(64))]
struct Job {
    run: unsafe fn(*const ()),
    data: *const (),
    has_ended: AtomicBool,
}

pub(super) fn is_waiting() -> bool {
    SEAT.load(Ordering::Relaxed) == WAITING
}

/// Runs `here` on this thread, and `there` on the helper if it comes before `here` has ended. Neither may panic.
#[inline]
pub(super) fn both<B: Fn() + Sync>(here: impl Fn(), there: B) {
    /// SAFETY: `data` is a `B` that lives until the call ends.
    unsafe fn call<B: Fn()>(data: *const ()) {
        // SAFETY: as the caller promises.
        unsafe { (*data.cast::<B>())() }
    }
    let job = Job { run: call::<B>, data: (&raw const there).cast(), has_ended: AtomicBool::new(false) };
    let late = (&raw const job).cast_mut();
    let early = late.map_addr(|address| address | EARLY);
    let was_laid = match SEAT.load(Ordering::Relaxed) {
        WAITING => exchange(WAITING, late),
        CALLED => exchange(CALLED, early),
        EMPTY => {
            let is_mine = exchange(EMPTY, early);
            if is_mine {
                rayon::spawn(help);
            }
            is_mine
        }
        _ => false,
    };
    here();
    // Until the job is taken back or has ended, its borrow of this frame must not end.
    if was_laid && !exchange(late, WAITING) && !exchange(early, CALLED) {
        let mut idle = 0;
        while !job.has_ended.load(Ordering::Acquire) {
            relax(&mut idle);
        }
    }
}

fn exchange(from: *mut Job, to: *mut Job) -> bool {
    SEAT.compare_exchange(from, to, Ordering::AcqRel, Ordering::Relaxed).is_ok()
}

/// The helper: takes jobs until none has come for a while.
fn help() {
    let mut since = ticks();
    let mut turns = 0_u32;
    loop {
        match SEAT.load(Ordering::Acquire) {
            CALLED => {
                exchange(CALLED, WAITING);
            }
            WAITING => {
                turns = turns.wrapping_add(1);
                if turns.is_multiple_of(64) && ticks() - since > LINGER && exchange(WAITING, EMPTY) {
                    return;
                }
                hint::spin_loop();
            }
            job => {
                if exchange(job, AT_WORK) {
                    let job = job.map_addr(|address| address & !EARLY);
                    // SAFETY: this exchange took the job, so its caller stays in `both` until `has_ended` is set, which
                    // is the last that is done with it. Only the one helper of this seat gets here.
                    unsafe {
                        ((*job).run)((*job).data);
                        SEAT.store(WAITING, Ordering::Release);
                        (*job).has_ended.store(true, Ordering::Release);
                    }
                    since = ticks();
                }
            }
        }
    }
}
