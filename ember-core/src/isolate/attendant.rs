//! The thread that a worker has in this process: it starts it, carries frames to and fro, passes on what it writes to
//! stderr, and buries it.
//!
//! It does nothing that could wait for long except for the socket and for its orders, and for stderr of this process. Who
//! wants the worker dead kills it by its [`Life`], and need not wait for this thread.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::process::{Child, ChildStderr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::frame::{self, Answer, Came, Inbox};
use super::limits::Limits;
use super::process::{self, Life, Program};
use super::words::Words;
use crate::policy::{IsolationError, Meeting};

/// How often the life of a worker is looked at that owes an answer: its socket may be kept open by what it started.
const LOOK: Duration = Duration::from_millis(500);
/// How long a worker whose socket is closed may take to end by itself, so that it is seen how.
const DYING: Duration = Duration::from_secs(1);
/// Of what it writes to stderr, as much is passed on at once.
const CHUNK: usize = 8 << 10;

/// A frame for the worker, and who waits for the answer.
pub(super) struct Order {
    pub(super) frame: Vec<u8>,
    pub(super) caller: Arc<Meeting<Outcome>>,
}

/// What became of an order.
pub(super) enum Outcome {
    /// The answer, a frame.
    Answered(Vec<u8>),
    /// The worker is gone. The frame comes back if the operator has not been called.
    Died(IsolationError, Option<Vec<u8>>),
}

/// Between callers and the attendant.
pub(super) struct Desk {
    state: Mutex<State>,
    pub(super) life: Life,
}

enum State {
    Free,
    Ordered(Order),
    /// The worker takes no orders any more, as it is gone.
    Closed(IsolationError),
}

impl Desk {
    pub(super) const fn new() -> Self {
        Self { state: Mutex::new(State::Free), life: Life::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands an order in. The attendant's bell is to be rung afterwards. Gives the frame back if none is taken any more.
    pub(super) fn order(&self, order: Order) -> Option<(IsolationError, Vec<u8>)> {
        let mut state = self.lock();
        if let State::Closed(why) = &*state {
            return Some((why.clone(), order.frame));
        }
        *state = State::Ordered(order);
        None
    }

    fn take(&self) -> Option<Order> {
        let mut state = self.lock();
        match std::mem::replace(&mut *state, State::Free) {
            State::Ordered(order) => Some(order),
            other => {
                *state = other;
                None
            }
        }
    }

    /// Takes no orders any more. Gives one that came just before.
    fn close(&self, why: IsolationError) -> Option<Order> {
        match std::mem::replace(&mut *self.lock(), State::Closed(why)) {
            State::Ordered(order) => Some(order),
            State::Free | State::Closed(_) => None,
        }
    }
}

/// Attends to a worker from its start to its end.
///
/// `until` is when it ends, if it has nothing to do; `bell` rings when there is an order, and is closed when there will be
/// none any more.
pub(super) fn attend(
    program: Program,
    desk: &Desk,
    bell: UnixStream,
    limits: Limits,
    until: Option<Instant>,
) {
    let mut started = match process::start(program) {
        Ok((child, channel)) => {
            desk.life.begins(&child);
            Attendant::new(desk, child, channel, bell, limits, until)
        }
        Err(failed) => {
            // Whoever had it started is about to order something, or has.
            let why = IsolationError::NotStarted(failed.kind());
            if let Some(order) = desk.close(why.clone()) {
                let _ = order.caller.give(Outcome::Died(why, Some(order.frame)));
            }
            return;
        }
    };
    let end = started.run();
    started.bury(end);
}

struct Attendant<'d> {
    desk: &'d Desk,
    child: Child,
    channel: UnixStream,
    stderr: Option<ChildStderr>,
    bell: UnixStream,
    limits: Limits,
    until: Option<Instant>,
    inbox: Inbox,
    /// What is being sent, or was, until the operator is called.
    outbox: Vec<u8>,
    sent: usize,
    begun: bool,
    caller: Option<Arc<Meeting<Outcome>>>,
    words: Words,
}

/// Why a worker is to be buried.
enum End {
    /// It ended by itself, or closed its socket.
    Gone,
    /// Nobody wants it any more.
    Dismissed,
    Corrupt(&'static str),
}

/// What can be done without waiting.
struct Ready {
    channel: PollFlags,
    stderr: bool,
    bell: bool,
}

impl<'d> Attendant<'d> {
    fn new(
        desk: &'d Desk,
        mut child: Child,
        channel: UnixStream,
        bell: UnixStream,
        limits: Limits,
        until: Option<Instant>,
    ) -> Self {
        let stderr = child.stderr.take();
        let inbox = Inbox::new(frame::most(limits.message));
        Self {
            desk,
            child,
            channel,
            stderr,
            bell,
            limits,
            until,
            inbox,
            outbox: Vec::new(),
            sent: 0,
            begun: false,
            caller: None,
            words: Words::default(),
        }
    }

    fn run(&mut self) -> End {
        loop {
            let ready = match self.wait() {
                Ok(Some(ready)) => ready,
                Ok(None) if self.caller.is_none() && self.is_old() => return End::Dismissed,
                Ok(None) if self.desk.life.is_over() => return End::Gone,
                Ok(None) => continue,
                Err(_) => return End::Corrupt("its socket cannot be watched"),
            };
            if ready.stderr {
                self.pass_on();
            }
            if let Some(end) = self.carry(ready.channel) {
                return end;
            }
            if ready.bell
                && let Some(end) = self.answer_bell()
            {
                return end;
            }
        }
    }

    /// Waits until something can be done, or it is time to look around.
    fn wait(&self) -> rustix::io::Result<Option<Ready>> {
        let mut wanted = PollFlags::IN;
        if self.sent < self.outbox.len() {
            wanted |= PollFlags::OUT;
        }
        let mut watched = vec![PollFd::new(&self.channel, wanted), PollFd::new(&self.bell, PollFlags::IN)];
        if let Some(stderr) = &self.stderr {
            watched.push(PollFd::new(stderr, PollFlags::IN));
        }
        let most = match (&self.caller, self.until) {
            (Some(_), _) => Some(LOOK),
            (None, until) => until.map(|until| until.saturating_duration_since(Instant::now())),
        };
        let most = most.and_then(|most| Timespec::try_from(most).ok());
        match poll(&mut watched, most.as_ref()) {
            Ok(0) | Err(rustix::io::Errno::INTR) => Ok(None),
            Err(failed) => Err(failed),
            Ok(_) => Ok(Some(Ready {
                channel: watched[0].revents(),
                bell: !watched[1].revents().is_empty(),
                stderr: watched.get(2).is_some_and(|stderr| !stderr.revents().is_empty()),
            })),
        }
    }

    fn is_old(&self) -> bool {
        self.until.is_some_and(|until| until <= Instant::now())
    }

    /// Reads and writes frames.
    fn carry(&mut self, ready: PollFlags) -> Option<End> {
        if ready.contains(PollFlags::OUT) && self.sent < self.outbox.len() {
            match self.channel.write(&self.outbox[self.sent..]) {
                Ok(sent) => self.sent += sent,
                Err(failed) if is_passing(&failed) => {}
                Err(_) => return Some(End::Gone),
            }
        }
        if !ready.intersects(PollFlags::IN | PollFlags::HUP | PollFlags::ERR) {
            return None;
        }
        match self.inbox.take_in(&mut self.channel) {
            Ok(Came::Part) => None,
            Ok(Came::Frame(frame)) if self.begins(&frame) => None,
            Ok(Came::Frame(frame)) => match self.caller.take() {
                Some(caller) if self.sent == self.outbox.len() => {
                    // Nobody may be there any more, and has killed the worker then.
                    let _ = caller.give(Outcome::Answered(frame));
                    None
                }
                caller => {
                    self.caller = caller;
                    Some(End::Corrupt("an answer that was not asked for"))
                }
            },
            Ok(Came::Nonsense) => Some(End::Corrupt("a length that no answer has")),
            Err(failed) if is_passing(&failed) => None,
            Ok(Came::End) | Err(_) => Some(End::Gone),
        }
    }

    /// Whether a frame says that the operator is about to be called. It says so once.
    fn begins(&mut self, frame: &[u8]) -> bool {
        let begins = !self.begun
            && self.caller.is_some()
            && self.sent == self.outbox.len()
            && frame::answered(frame) == Some(Answer::Begun);
        if begins {
            (self.outbox, self.sent, self.begun) = (Vec::new(), 0, true);
        }
        begins
    }

    /// Takes an order, or sees that there will be none.
    fn answer_bell(&mut self) -> Option<End> {
        let mut rings = [0; 8];
        match self.bell.read(&mut rings) {
            Ok(0) => return Some(End::Dismissed),
            Err(failed) if !is_passing(&failed) => return Some(End::Dismissed),
            _ => {}
        }
        if let Some(Order { frame, caller }) = self.desk.take() {
            self.words.forget();
            (self.outbox, self.sent, self.begun, self.caller) = (frame, 0, false, Some(caller));
        }
        None
    }

    /// Passes on what is there of the worker's stderr. False if there is nothing.
    fn pass_on(&mut self) -> bool {
        let Some(stderr) = &mut self.stderr else { return false };
        let mut chunk = [0; CHUNK];
        match stderr.read(&mut chunk) {
            Ok(0) => self.stderr = None,
            Ok(read) => {
                self.words.hear(&chunk[..read]);
                let _ = io::stderr().write_all(&chunk[..read]);
                return true;
            }
            Err(failed) if is_passing(&failed) => {}
            Err(_) => self.stderr = None,
        }
        false
    }

    /// Sees to the end of the process, and tells who waits.
    fn bury(mut self, end: End) {
        if matches!(end, End::Gone) {
            self.await_end();
        }
        let was_over = self.desk.life.is_over();
        let buried = self.desk.life.bury(&mut self.child);
        self.pass_on_the_rest();
        let why = match (end, buried) {
            (End::Corrupt(what), _) => IsolationError::Corrupt(what),
            (_, Ok(status)) if was_over => process::meaning(status, self.words.last(), &self.limits),
            (_, Ok(_)) => IsolationError::Corrupt("it closed its socket"),
            (_, Err(_)) => {
                IsolationError::Corrupt("its end cannot be seen, as another part of the program took it")
            }
        };
        let late = self.desk.close(why.clone());
        if let Some(caller) = self.caller.take() {
            let untouched = (!self.begun).then(|| std::mem::take(&mut self.outbox));
            let _ = caller.give(Outcome::Died(why, untouched));
        } else if let Some(order) = late {
            let _ = order.caller.give(Outcome::Died(why, Some(order.frame)));
        }
    }

    /// Gives a process whose socket is closed some time to end.
    fn await_end(&self) {
        let patience = Instant::now() + DYING;
        while !self.desk.life.is_over() && Instant::now() < patience {
            let _ = poll(&mut [], Some(&Timespec { tv_sec: 0, tv_nsec: 1_000_000 }));
        }
    }

    /// What is left in the pipe when the process has ended. What it started may have the pipe too, and write on.
    fn pass_on_the_rest(&mut self) {
        for _ in 0..64 {
            let Some(stderr) = &self.stderr else { return };
            let is_there = poll(&mut [PollFd::new(stderr, PollFlags::IN)], Some(&Timespec::default()));
            if !matches!(is_there, Ok(1..)) || !self.pass_on() {
                return;
            }
        }
    }
}

fn is_passing(failed: &io::Error) -> bool {
    matches!(failed.kind(), io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock)
}
