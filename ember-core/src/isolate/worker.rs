//! The other side: a process that serves calls.

use std::env;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::net::UnixStream;
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use rustix::process::{Signal, getpid, getppid, kill_process};

use super::frame::{self, Answer, Caller, Came, Inbox, Request};
use super::limits::{self, Limits};
use super::process::PARENT;
use super::registry;
use crate::{Context, TraceContext, observe};

/// Of the thread that takes frames in.
const STACK: usize = 128 << 10;

/// Whether this process was started as a worker, whether or not it has come to serving.
pub(super) fn is_one() -> bool {
    static IS_ONE: OnceLock<bool> = OnceLock::new();
    *IS_ONE.get_or_init(|| {
        // What a worker starts has the variable as well, and another parent.
        let parent = getppid().map(|parent| parent.as_raw_nonzero().to_string());
        parent.is_some_and(|parent| env::var(PARENT).is_ok_and(|said| said == parent))
    })
}

/// Serves for ever, if this process is a worker.
pub(super) fn serve_if_one() {
    if !is_one() {
        return;
    }
    // Who cannot serve leaves, and is told apart by that.
    if let Ok(channel) = channel() {
        serve(channel);
    }
    die();
}

/// Ends this process, whatever its threads do and whatever is registered for its exit.
fn die() -> ! {
    let _ = kill_process(getpid(), Signal::KILL);
    std::process::abort();
}

/// The socket to the parent, which was stdin so far.
fn channel() -> io::Result<UnixStream> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    let stdin = rustix::stdio::stdin();
    let socket = rustix::io::fcntl_dupfd_cloexec(stdin, 3)?;
    rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
    Ok(socket.into())
}

/// Frames come by a thread of their own, so that the end of the parent is seen during a call too.
fn serve(channel: UnixStream) {
    let Ok(mut answers) = channel.try_clone() else { return };
    let Some((limits, inbox)) = greet(&channel, &mut answers) else { return };
    let (give, calls) = sync_channel(1);
    let reader = thread::Builder::new().name("ember-isolate".to_owned()).stack_size(STACK);
    if reader.spawn(move || take_in(channel, inbox, &give)).is_ok() {
        answer_calls(&calls, &mut answers, limits);
    }
}

/// Takes frames in until the parent is gone, with which this process ends.
fn take_in(mut channel: UnixStream, mut inbox: Inbox, calls: &SyncSender<Vec<u8>>) {
    while let Some(frame) = next(&mut channel, &mut inbox) {
        if calls.send(frame).is_err() {
            break;
        }
    }
    die();
}

pub(super) fn next(channel: &mut UnixStream, inbox: &mut Inbox) -> Option<Vec<u8>> {
    loop {
        match inbox.take_in(channel) {
            Ok(Came::Part) => {}
            Ok(Came::Frame(frame)) => return Some(frame),
            Err(interrupted) if interrupted.kind() == io::ErrorKind::Interrupted => {}
            Ok(Came::End | Came::Nonsense) | Err(_) => return None,
        }
    }
}

/// Takes the limits, and submits to them.
pub(super) fn greet(mut channel: &UnixStream, answers: &mut UnixStream) -> Option<(Limits, Inbox)> {
    let mut inbox = Inbox::new(frame::most(0));
    let hello = next(&mut channel.try_clone().ok()?, &mut inbox)?;
    let Request::Hello { build, limits } = frame::request(&hello)? else { return None };
    let answer = if registry::build() != Some(build) {
        Answer::Stranger
    } else if limits::apply(&limits).is_err() {
        Answer::Unlimited
    } else {
        Answer::Ready
    };
    answers.write_all(&frame::answer(&answer)).ok()?;
    channel.flush().ok()?;
    Some((limits, Inbox::new(frame::most(limits.message))))
}

/// What the operator finds as that of its run.
fn context(caller: Caller<'_>) -> Context {
    let mut context = Context::builder().correlation_id(caller.correlation_id);
    if let Some(left) = caller.left {
        context = context.timeout(left);
    }
    if let Ok(trace) = caller.traceparent.parse::<TraceContext>() {
        context = context.trace(trace.clone().with_tracestate(caller.tracestate).unwrap_or(trace));
    }
    context.build()
}

fn answer_calls(calls: &Receiver<Vec<u8>>, answers: &mut UnixStream, limits: Limits) {
    for call in calls {
        let Some(Request::Call { operator, signature, caller, arguments }) = frame::request(&call) else {
            return;
        };
        if limits.cpu.is_some_and(|cpu| limits::allow_cpu(cpu).is_err()) {
            return;
        }
        let begin = |answers: &mut UnixStream| answers.write_all(&frame::answer(&Answer::Begun));
        let answer = match registry::find(operator, signature) {
            None => frame::answer(&Answer::Stranger),
            Some(_) if begin(answers).is_err() => return,
            Some(serve) => {
                context(caller).scope(|| observe::in_worker(operator, || serve(arguments, limits.message)))
            }
        };
        drop(call);
        // What was printed belongs to the call.
        let _ = io::stdout().flush();
        if answers.write_all(&answer).is_err() {
            return;
        }
    }
}
