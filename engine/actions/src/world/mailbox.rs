//! What can be done with a mailbox, and what comes of it.
//!
//! Never: knows where a mailbox lies.

use std::sync::Arc;

use super::Room;
use crate::Payload;

/// What is to be done.
#[derive(Clone)]
pub enum Errand {
    /// Keep other sessions out until this one releases it or ends.
    Lock,
    /// Let others in again.
    Release,
    /// Tell what is in it.
    List,
    /// Tell it again, for the flags of messages that a session knows.
    Refresh,
    /// Tell it again, for what has come and gone.
    Changes,
    /// Read one message by its name: the whole of it, or its head and so many lines of its body.
    Fetch {
        /// The name from the list.
        name: Arc<str>,
        /// How many lines of the body; absent: the whole message.
        lines: Option<u64>,
    },
    /// Mark one message as seen.
    Mark(Arc<str>),
    /// Change the flags of one message.
    Flag {
        /// The name from the list.
        name: Arc<str>,
        /// What is done with them.
        how: Flagging,
        /// The letters that a Maildir has for them.
        flags: Vec<char>,
    },
    /// Put a message into it.
    Append {
        /// The message.
        content: Option<Payload>,
        /// The letters of its flags.
        flags: Vec<char>,
    },
    /// Take messages out for good.
    Expunge(Vec<Arc<str>>),
}

/// What is done with the flags of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flagging {
    /// It has these and no others.
    Set,
    /// It has these, too.
    Add,
    /// It has these no more.
    Remove,
}

impl Flagging {
    /// The flags of a message that had those.
    pub(crate) fn apply(self, had: &str, flags: &[char]) -> String {
        let mut letters: Vec<char> = match self {
            Flagging::Set => had.chars().filter(|flag| !LETTERS.contains(flag)).chain(flags.iter().copied()).collect(),
            Flagging::Add => had.chars().chain(flags.iter().copied()).collect(),
            Flagging::Remove => had.chars().filter(|flag| !flags.contains(flag)).collect(),
        };
        letters.sort_unstable();
        letters.dedup();
        letters.into_iter().collect()
    }
}

/// The letters of the flags that can be set: seen, answered, flagged, deleted, draft. Others are left as they are.
const LETTERS: [char; 5] = ['S', 'R', 'F', 'T', 'D'];

/// What came of it.
pub enum Found {
    /// It is done; to so many messages.
    Done(i64),
    /// Another session has it.
    Busy,
    /// There is no such message (any more).
    Nothing,
    /// The letters of the flags that a message has now.
    Flags(String),
    /// What is in it.
    Listing(Listing),
    /// A message.
    Message(Payload),
}

/// What is in a mailbox.
#[derive(Debug, Default)]
pub struct Listing {
    /// Changes when numbers are given anew.
    pub validity: i64,
    /// The least number that no message has had.
    pub next: i64,
    /// The messages, in the order of their numbers.
    pub messages: Vec<Entry>,
    /// The memory that is counted for them.
    pub room: Option<Room>,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number, which no other message of this mailbox ever has.
    pub uid: i64,
    /// The name that it is fetched by.
    pub name: Arc<str>,
    /// Its length.
    pub octets: i64,
    /// When it came: seconds since 1970-01-01 UTC.
    pub received: i64,
    /// Whether it was marked as seen.
    pub seen: bool,
    /// Whether no session has marked it yet.
    pub fresh: bool,
    /// The letters of its flags.
    pub flags: String,
}

/// The most messages of one mailbox that are listed.
pub const MESSAGES: usize = 100_000;

impl Errand {
    /// The word for it in the facts of a transcript.
    pub fn word(&self) -> &'static str {
        match self {
            Errand::Lock => "lock",
            Errand::Release => "release",
            Errand::List => "list",
            Errand::Refresh => "refresh",
            Errand::Changes => "changes",
            Errand::Fetch { .. } => "fetch",
            Errand::Mark(_) => "mark",
            Errand::Flag { .. } => "flag",
            Errand::Append { .. } => "append",
            Errand::Expunge(_) => "expunge",
        }
    }
}

/// How many octets the head of a message takes, with the empty line behind it and so many lines of the body.
pub(crate) struct Beginning {
    lines: u64,
    in_head: bool,
    length: u64,
    line: u64,
    blank: bool,
    done: bool,
}

impl Beginning {
    /// At the first octet.
    pub(crate) fn new(lines: u64) -> Beginning {
        Beginning { lines, in_head: true, length: 0, line: 0, blank: true, done: false }
    }

    /// Looks at more of the message; true when the end was found.
    pub(crate) fn push(&mut self, octets: &[u8]) -> bool {
        for octet in octets {
            if self.done || (!self.in_head && self.line == self.lines) {
                self.done = true;
                break;
            }
            self.length += 1;
            match octet {
                b'\n' if self.in_head => {
                    self.in_head = !self.blank;
                    self.blank = true;
                }
                b'\n' => self.line += 1,
                b'\r' => {}
                _ => self.blank = false,
            }
        }
        self.done
    }

    /// How many octets that is.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_a_message_is_its_head_and_so_many_lines() {
        let message = b"A: b\r\nC: d\r\n\r\none\r\ntwo\r\n\r\nfour\r\n";
        for (lines, wanted) in [(0, 14), (1, 19), (2, 24), (3, 26), (4, 32), (9, 32)] {
            for cut in 0..message.len() {
                let mut beginning = Beginning::new(lines);
                beginning.push(&message[..cut]);
                beginning.push(&message[cut..]);
                assert_eq!(beginning.length(), wanted, "{lines} lines, cut at {cut}");
            }
        }
    }
}
