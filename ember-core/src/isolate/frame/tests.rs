use std::io::{self, Cursor, Read};
use std::time::Duration;

use proptest::prelude::*;

use super::{
    Answer, Caller, Came, Inbox, Limits, Request, answer, answered, begin_call, begin_done, end_call,
    end_done, hello, most, request,
};
use crate::policy::Part;

/// Gives as many bytes at a time as it is told.
struct Pieces<'b> {
    bytes: Cursor<&'b [u8]>,
    sizes: Vec<usize>,
    at: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let size = self.sizes[self.at % self.sizes.len()].min(into.len());
        self.at += 1;
        self.bytes.read(&mut into[..size])
    }
}

/// What an inbox makes of bytes, up to its end or to what makes no sense.
fn taken_in(bytes: &[u8], sizes: Vec<usize>, most: usize) -> (Vec<Vec<u8>>, Came) {
    let mut from = Pieces { bytes: Cursor::new(bytes), sizes, at: 0 };
    let (mut inbox, mut frames) = (Inbox::new(most), Vec::new());
    loop {
        match inbox.take_in(&mut from).unwrap() {
            Came::Part => assert!(inbox.frame.len() <= most),
            Came::Frame(frame) => frames.push(frame),
            end => return (frames, end),
        }
    }
}

/// The same, all at once.
fn obvious(mut bytes: &[u8], most: usize) -> (Vec<Vec<u8>>, Came) {
    let mut frames = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk::<4>() {
        let length = u32::from_le_bytes(*length) as usize;
        if length == 0 || length > most {
            return (frames, Came::Nonsense);
        }
        let Some((frame, rest)) = rest.split_at_checked(length) else { break };
        frames.push(frame.to_vec());
        bytes = rest;
    }
    (frames, Came::End)
}

/// Bytes that are frames now and then.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let frame = prop::collection::vec(any::<u8>(), 1..40).prop_map(|body| {
        let length = u32::try_from(body.len()).unwrap();
        [&length.to_le_bytes(), &*body].concat()
    });
    let noise = prop::collection::vec(any::<u8>(), 0..12);
    prop::collection::vec(prop_oneof![4 => frame, 1 => noise], 0..8).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn r39_frames_come_in_whole_however_they_are_cut(
        bytes in stream(),
        sizes in prop::collection::vec(1_usize..50, 1..8),
        most in 1_usize..60,
    ) {
        prop_assert_eq!(taken_in(&bytes, sizes, most), obvious(&bytes, most));
    }

    #[test]
    fn r39_what_makes_no_sense_is_no_request_and_no_answer(frame in prop::collection::vec(any::<u8>(), 0..80)) {
        // Whatever is understood says the same when it is written again.
        match answered(&frame) {
            Some(Answer::Panicked(text)) => prop_assert_eq!(text.as_bytes(), &frame[1..]),
            Some(understood) => prop_assert_eq!(&answer(&understood)[4..], &*frame),
            None => {}
        }
        match request(&frame) {
            Some(Request::Hello { build, limits }) => prop_assert_eq!(&hello(build, limits)[4..], &*frame),
            Some(Request::Call { operator, signature, caller, arguments }) => {
                let mut again = begin_call(operator, signature, caller).unwrap();
                again.extend(arguments);
                prop_assert_eq!(&end_call(again).unwrap()[4..], &*frame);
            }
            None => {}
        }
    }

    #[test]
    fn r39_a_call_arrives_as_it_was_sent(
        operator in "\\PC{0,40}",
        signature: u64,
        correlation_id in "\\PC{0,40}",
        traceparent in "\\PC{0,40}",
        tracestate in "\\PC{0,40}",
        left in prop::option::of(0..u64::MAX),
        arguments: Vec<u8>,
    ) {
        let left = left.map(Duration::from_nanos);
        let caller = Caller {
            correlation_id: &correlation_id,
            traceparent: &traceparent,
            tracestate: &tracestate,
            left,
        };
        let mut frame = begin_call(&operator, signature, caller).unwrap();
        frame.extend(&arguments);
        let frame = end_call(frame).unwrap();
        let sent =
            Request::Call { operator: &operator, signature, caller, arguments: &arguments };
        prop_assert_eq!(request(&frame[4..]), Some(sent));
        for cut in 4..frame.len() - arguments.len() {
            prop_assert_eq!(request(&frame[4..cut]), None);
        }
    }
}

#[test]
fn a_length_that_lies_costs_no_memory() {
    let mut lies = u32::MAX.to_le_bytes().to_vec();
    lies.extend([0; 10]);
    assert_eq!(taken_in(&lies, vec![9], most(1 << 20)), (Vec::new(), Came::Nonsense));
    let mut inbox = Inbox::new(usize::MAX);
    let mut from = Cursor::new(lies);
    assert_eq!(inbox.take_in(&mut from).unwrap(), Came::Part);
    assert_eq!(inbox.take_in(&mut from).unwrap(), Came::Part);
    assert!(inbox.frame.capacity() < 1024);
}

#[test]
fn each_answer_is_understood() {
    for sent in [
        Answer::Ready,
        Answer::Begun,
        Answer::Stranger,
        Answer::Done(&[1, 2, 3]),
        Answer::Done(&[]),
        Answer::Panicked("on purpose"),
        Answer::Unreadable(Part::Arguments),
        Answer::Unreadable(Part::Output),
        Answer::TooLarge,
        Answer::Unlimited,
    ] {
        assert_eq!(answered(&answer(&sent)[4..]), Some(sent));
    }
    let mut done = begin_done();
    done.extend([7, 8]);
    assert_eq!(answered(&end_done(done)[4..]), Some(Answer::Done(&[7, 8])));
}

#[test]
fn a_greeting_is_understood() {
    let limits = Limits { memory: Some(1 << 30), cpu: None, message: 4096 };
    assert_eq!(request(&hello(42, limits)[4..]), Some(Request::Hello { build: 42, limits }));
}

#[test]
fn a_long_text_of_a_panic_is_cut_between_letters() {
    let text = "é".repeat(4000);
    let frame = answer(&Answer::Panicked(&text));
    let Some(Answer::Panicked(told)) = answered(&frame[4..]) else { panic!("not understood") };
    assert!(text.starts_with(told) && told.len() == 4096);
}
