//! What a process wrote to stderr last: Rust's runtime tells there why it aborts, and nowhere else.

use std::mem;

/// Of a line, as much is looked at. What the runtime says is shorter.
const KEPT: usize = 256;
/// Of its beginning, as much: enough to tell a frame of a stack, whose names can be long.
const HEAD: usize = 64;

/// The last words of a process, as far as they are the runtime's.
#[derive(Default)]
pub(super) struct Words {
    last: Option<Word>,
    /// The line that is being written, its last bytes if it is long.
    line: Vec<u8>,
    /// Its first bytes.
    head: Vec<u8>,
}

/// Why the runtime aborted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    OutOfMemory,
    StackOverflow,
}

impl Words {
    pub(super) fn hear(&mut self, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.head.extend(piece.iter().take(HEAD - self.head.len()));
            let piece = &piece[piece.len().saturating_sub(KEPT)..];
            let excess = (self.line.len() + piece.len()).saturating_sub(KEPT);
            self.line.drain(..excess.min(self.line.len()));
            self.line.extend_from_slice(piece);
            if self.line.ends_with(b"\n") {
                let (head, line) = (mem::take(&mut self.head), mem::take(&mut self.line));
                let (head, line) = (String::from_utf8_lossy(&head), String::from_utf8_lossy(&line));
                if !is_detail(&head) {
                    self.last = word(line.trim_end());
                }
            }
        }
    }

    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// What the runtime said, if these were its words. An operator that writes the same ones and aborts is believed.
    pub(super) fn last(&self) -> Option<Word> {
        self.last.filter(|_| self.line.is_empty())
    }
}

fn word(line: &str) -> Option<Word> {
    let bytes = || line.strip_suffix(" bytes failed")?.rsplit_once("memory allocation of ");
    if bytes().is_some_and(|(_, number)| number.bytes().all(|byte| byte.is_ascii_digit())) {
        Some(Word::OutOfMemory)
    } else if line.ends_with(" has overflowed its stack")
        || line.starts_with("fatal runtime error: stack overflow")
    {
        Some(Word::StackOverflow)
    } else {
        None
    }
}

/// Whether a line goes with what was said before: the runtime may show the stack behind it.
fn is_detail(line: &str) -> bool {
    let text = line.trim();
    text.is_empty()
        || text == "stack backtrace:"
        || text.starts_with("note: ")
        || text == "skipping backtrace printing to avoid potential recursion"
        || line.starts_with("  ")
            && (text.starts_with("at ")
                || text.split_once(": ").is_some_and(|(n, _)| n.parse::<u32>().is_ok()))
}

#[cfg(test)]
mod tests {
    use super::{HEAD, KEPT, Word, Words};

    fn heard(pieces: &[&str]) -> Option<Word> {
        let mut words = Words::default();
        for piece in pieces {
            words.hear(piece.as_bytes());
        }
        words.last()
    }

    const OVERFLOW: &str =
        "\nthread 'main' (7) has overflowed its stack\nfatal runtime error: stack overflow, aborting\n";

    #[test]
    fn the_last_words_of_the_runtime_are_known() {
        let starved = Some(Word::OutOfMemory);
        assert_eq!(heard(&["loading\nmemory allo", "cation of 17 bytes failed\n"]), starved);
        assert_eq!(heard(&["loading.. ", "memory allocation of 17 bytes failed\n"]), starved);
        let stack = "stack backtrace:\n   0: std::alloc::rust_oom\n             at /library/alloc.rs:42:5\nnote: Some\n";
        assert_eq!(heard(&["memory allocation of 17 bytes failed\n", stack]), starved);
        let long =
            format!("  10: {}<u8>\n             at /{}.rs:1:2\n", "closure::".repeat(100), "x/".repeat(400));
        assert_eq!(heard(&["memory allocation of 17 bytes failed\n", &long[..7], &long[7..]]), starved);
        let twice = "stack backtrace:\nmemory allocation of 7 bytes failed\nskipping backtrace printing to avoid potential recursion\n";
        assert_eq!(heard(&["memory allocation of 17 bytes failed\n", twice]), starved);
        assert_eq!(heard(&[OVERFLOW]), Some(Word::StackOverflow));
        assert_eq!(heard(&[&"x".repeat(9000), OVERFLOW]), Some(Word::StackOverflow));
    }

    #[test]
    fn other_words_are_not_taken_for_them() {
        assert_eq!(heard(&[]), None);
        assert_eq!(heard(&["memory allocation of 17 bytes failed\nand then something else\n"]), None);
        assert_eq!(heard(&[OVERFLOW, "a line that is not ended"]), None);
        assert_eq!(heard(&["memory allocation of secrets, some bytes failed\n"]), None);
    }

    #[test]
    fn no_more_is_kept_than_needed() {
        let mut words = Words::default();
        for _ in 0..100 {
            words.hear(&[b'x'; 100]);
        }
        assert_eq!((words.line.len(), words.head.len()), (KEPT, HEAD));
    }
}
