//! What goes through the socket: frames of four bytes of length, one of kind, and a body.
//!
//! Numbers are little-endian. A length is looked at before anything is taken in, and memory is taken as bytes come in, so a
//! length that lies costs nothing.

use std::io::{self, Read};
use std::time::Duration;

use super::limits::Limits;
use crate::policy::Part;

#[cfg(test)]
mod tests;

/// What a body has besides arguments or a result, at most: the name of an operator, ids of its run, some numbers.
const BESIDE: usize = 8 << 10;
/// How much is taken in at once.
const CHUNK: usize = 64 << 10;

/// The largest frame for messages of so many bytes.
pub(super) const fn most(message: usize) -> usize {
    message.saturating_add(BESIDE)
}

/// To the worker.
#[derive(Debug, PartialEq)]
pub(super) enum Request<'f> {
    Hello { build: u64, limits: Limits },
    Call { operator: &'f str, signature: u64, caller: Caller<'f>, arguments: &'f [u8] },
}

/// What the worker is to know of the run that calls.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Caller<'f> {
    pub(super) correlation_id: &'f str,
    /// The headers of its trace, empty without one.
    pub(super) traceparent: &'f str,
    pub(super) tracestate: &'f str,
    /// The time until the deadline of the run.
    pub(super) left: Option<Duration>,
}

/// From the worker.
#[derive(Debug, PartialEq)]
pub(super) enum Answer<'f> {
    Ready,
    /// The operator is about to be called: not before that a call counts as made.
    Begun,
    /// The worker is of another build, or does not know the operator.
    Stranger,
    Done(&'f [u8]),
    Panicked(&'f str),
    Unreadable(Part),
    TooLarge,
    /// The kernel refused a limit.
    Unlimited,
}

const HELLO: u8 = 1;
const CALL: u8 = 2;
const READY: u8 = 3;
const STRANGER: u8 = 4;
const DONE: u8 = 5;
const PANICKED: u8 = 6;
const BAD_ARGUMENTS: u8 = 7;
const BAD_RESULT: u8 = 8;
const TOO_LARGE: u8 = 9;
const UNLIMITED: u8 = 10;
const BEGUN: u8 = 11;

/// Begins a frame.
pub(super) fn begin(kind: u8) -> Vec<u8> {
    vec![0, 0, 0, 0, kind]
}

/// Ends a frame: its length is known. None above what four bytes can say.
fn end(mut frame: Vec<u8>) -> Option<Vec<u8>> {
    let length = u32::try_from(frame.len() - 4).ok()?;
    frame[..4].copy_from_slice(&length.to_le_bytes());
    Some(frame)
}

fn put_nanos(frame: &mut Vec<u8>, time: Option<Duration>) {
    let nanos = time.map_or(u64::MAX, crate::sync::nanos);
    frame.extend(nanos.to_le_bytes());
}

fn put_text(frame: &mut Vec<u8>, text: &str) -> Option<()> {
    frame.extend(u16::try_from(text.len()).ok()?.to_le_bytes());
    frame.extend(text.as_bytes());
    Some(())
}

/// The frame that asks for a call, up to where the arguments begin.
pub(super) fn begin_call(operator: &str, signature: u64, caller: Caller<'_>) -> Option<Vec<u8>> {
    let mut frame = begin(CALL);
    put_text(&mut frame, operator)?;
    frame.extend(signature.to_le_bytes());
    put_text(&mut frame, caller.correlation_id)?;
    put_text(&mut frame, caller.traceparent)?;
    put_text(&mut frame, caller.tracestate)?;
    put_nanos(&mut frame, caller.left);
    Some(frame)
}

/// The frame that asks for a call, with its arguments behind it.
pub(super) fn end_call(frame: Vec<u8>) -> Option<Vec<u8>> {
    end(frame)
}

/// The frame that a worker gets first.
pub(super) fn hello(build: u64, limits: Limits) -> Vec<u8> {
    let mut frame = begin(HELLO);
    frame.extend(build.to_le_bytes());
    frame.extend(limits.memory.unwrap_or(u64::MAX).to_le_bytes());
    put_nanos(&mut frame, limits.cpu);
    frame.extend(u64::try_from(limits.message).unwrap_or(u64::MAX).to_le_bytes());
    end(frame).expect("a greeting is short")
}

/// The frame that carries a result, up to where that begins.
pub(super) fn begin_done() -> Vec<u8> {
    begin(DONE)
}

/// How much of a panic's text is carried.
const MOST_TEXT: usize = 4 << 10;

/// The frame of an answer.
pub(super) fn answer(answer: &Answer<'_>) -> Vec<u8> {
    let (kind, body): (u8, &[u8]) = match answer {
        Answer::Ready => (READY, &[]),
        Answer::Begun => (BEGUN, &[]),
        Answer::Stranger => (STRANGER, &[]),
        Answer::Done(result) => (DONE, result),
        Answer::Panicked(text) => (PANICKED, &text.as_bytes()[..text.floor_char_boundary(MOST_TEXT)]),
        Answer::Unreadable(Part::Arguments) => (BAD_ARGUMENTS, &[]),
        Answer::Unreadable(Part::Output) => (BAD_RESULT, &[]),
        Answer::TooLarge => (TOO_LARGE, &[]),
        Answer::Unlimited => (UNLIMITED, &[]),
    };
    let mut frame = begin(kind);
    frame.extend(body);
    end(frame).unwrap_or_else(|| self::answer(&Answer::TooLarge))
}

/// The frame of a result that stands behind what [`begin_done`] began.
pub(super) fn end_done(frame: Vec<u8>) -> Vec<u8> {
    end(frame).unwrap_or_else(|| answer(&Answer::TooLarge))
}

/// What a frame without its length says; nothing if it makes no sense.
pub(super) fn request(frame: &[u8]) -> Option<Request<'_>> {
    let (kind, mut rest) = frame.split_first()?;
    let request = match *kind {
        HELLO => {
            let build = number(&mut rest)?;
            let memory = Some(number(&mut rest)?).filter(|bytes| *bytes != u64::MAX);
            let cpu = nanos(&mut rest)?;
            let message = usize::try_from(number(&mut rest)?).ok()?;
            Request::Hello { build, limits: Limits { memory, cpu, message } }
        }
        CALL => {
            let operator = text(&mut rest)?;
            let signature = number(&mut rest)?;
            let (correlation_id, traceparent) = (text(&mut rest)?, text(&mut rest)?);
            let (tracestate, left) = (text(&mut rest)?, nanos(&mut rest)?);
            let caller = Caller { correlation_id, traceparent, tracestate, left };
            let arguments = std::mem::take(&mut rest);
            Request::Call { operator, signature, caller, arguments }
        }
        _ => return None,
    };
    rest.is_empty().then_some(request)
}

/// What a frame without its length answers; nothing if it makes no sense.
pub(super) fn answered(frame: &[u8]) -> Option<Answer<'_>> {
    let (kind, rest) = frame.split_first()?;
    let answer = match *kind {
        DONE => return Some(Answer::Done(rest)),
        PANICKED => return std::str::from_utf8(rest).ok().map(Answer::Panicked),
        READY => Answer::Ready,
        BEGUN => Answer::Begun,
        STRANGER => Answer::Stranger,
        BAD_ARGUMENTS => Answer::Unreadable(Part::Arguments),
        BAD_RESULT => Answer::Unreadable(Part::Output),
        TOO_LARGE => Answer::TooLarge,
        UNLIMITED => Answer::Unlimited,
        _ => return None,
    };
    rest.is_empty().then_some(answer)
}

fn number(rest: &mut &[u8]) -> Option<u64> {
    let (number, behind) = rest.split_first_chunk::<8>()?;
    *rest = behind;
    Some(u64::from_le_bytes(*number))
}

/// A time, or none, in which case nothing was left out.
#[expect(clippy::option_option, reason = "what is missing is not what says that there is none")]
fn nanos(rest: &mut &[u8]) -> Option<Option<Duration>> {
    let nanos = number(rest)?;
    Some((nanos != u64::MAX).then(|| Duration::from_nanos(nanos)))
}

fn text<'f>(rest: &mut &'f [u8]) -> Option<&'f str> {
    let (length, behind) = rest.split_first_chunk::<2>()?;
    let (text, behind) = behind.split_at_checked(u16::from_le_bytes(*length).into())?;
    *rest = behind;
    std::str::from_utf8(text).ok()
}

/// Takes frames in, piece by piece.
pub(super) struct Inbox {
    most: usize,
    length: Vec<u8>,
    frame: Vec<u8>,
    chunk: Box<[u8]>,
}

/// What came in.
#[derive(Debug, PartialEq)]
pub(super) enum Came {
    /// Not yet a whole frame.
    Part,
    /// A whole frame, without its length.
    Frame(Vec<u8>),
    /// Nothing, and nothing will come any more.
    End,
    /// A length that no frame has.
    Nonsense,
}

impl Inbox {
    /// For frames of at most so many bytes.
    pub(super) fn new(most: usize) -> Self {
        Self { most, length: Vec::with_capacity(4), frame: Vec::new(), chunk: vec![0; CHUNK].into() }
    }

    /// Takes in what one call of `read` gives.
    ///
    /// # Errors
    ///
    /// As `read`.
    pub(super) fn take_in(&mut self, from: &mut impl Read) -> io::Result<Came> {
        let wanted = match *self.length {
            [a, b, c, d] => u32::from_le_bytes([a, b, c, d]) as usize - self.frame.len(),
            _ => 4 - self.length.len(),
        };
        let room = wanted.min(CHUNK);
        let got = from.read(&mut self.chunk[..room])?;
        if got == 0 {
            return Ok(Came::End);
        }
        let bytes = &self.chunk[..got];
        if self.length.len() < 4 {
            self.length.extend(bytes);
            let Ok(length) = <[u8; 4]>::try_from(&*self.length) else { return Ok(Came::Part) };
            let length = u32::from_le_bytes(length) as usize;
            return Ok(if (1..=self.most).contains(&length) { Came::Part } else { Came::Nonsense });
        }
        self.frame.extend(bytes);
        if got < wanted {
            return Ok(Came::Part);
        }
        self.length.clear();
        Ok(Came::Frame(std::mem::take(&mut self.frame)))
    }
}
