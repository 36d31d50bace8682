//! One session as its transcript's player sees it from outside.
//!
//! Never: touches the session.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use machine::Effect;
use program::{LineEnd, Pc, Target};

use crate::serving::rehearsal::{Rest, Watcher};

/// What is known of one session.
pub(super) struct Watched {
    line_end: LineEnd,
    seen: Mutex<Seen>,
    changed: Condvar,
}

/// What was seen so far.
#[derive(Default)]
pub(super) struct Seen {
    /// How it waits, if it does; what it does meanwhile is not seen before it waits again.
    pub(super) rest: Option<Rest>,
    /// How often it began to wait.
    pub(super) rests: u64,
    /// Whether it is over.
    pub(super) ended: bool,
    /// The instruction that made each line, in the order they were sent; players take them as they read.
    pub(super) lines: VecDeque<Pc>,
    /// What the protocol logged.
    pub(super) log: Vec<String>,
    /// The conversation log.
    pub(super) conversation: Vec<String>,
    /// The names of actions that were called.
    pub(super) called: Vec<String>,
    unfinished: Vec<u8>,
}

impl Watched {
    /// A session that has not begun.
    pub(super) fn new(line_end: LineEnd) -> Watched {
        Watched { line_end, seen: Mutex::default(), changed: Condvar::new() }
    }

    /// What was seen so far.
    pub(super) fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until something changes, at most that long.
    pub(super) fn wait(&self, within: Duration) {
        let waited = self.changed.wait_timeout(self.seen(), within);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }
}

impl Watcher for Watched {
    fn effect(&self, effect: &Effect<'_>) {
        let mut seen = self.seen();
        match effect {
            Effect::Send { octets, from } => {
                seen.unfinished.extend_from_slice(octets);
                let end = self.line_end.octets();
                let lines = memchr::memmem::find_iter(&seen.unfinished, end).count();
                let rest = memchr::memmem::rfind(&seen.unfinished, end).map_or(0, |at| at + end.len());
                seen.unfinished.drain(..rest);
                seen.lines.extend(std::iter::repeat_n(*from, lines));
            }
            Effect::Call(call) => {
                if !matches!(call.target, Target::Statement(_)) {
                    seen.called.push(call.target.name().to_string());
                }
            }
            Effect::Log(_, line) => seen.log.push((*line).to_owned()),
            Effect::Heard(line) => seen.conversation.push(format!("C: {line}")),
            Effect::Said(line) => seen.conversation.push(format!("S: {line}")),
            // What a payload is made of is shown as octets that were sent.
            Effect::Payload { .. }
            | Effect::Cancel(_)
            | Effect::Body(_)
            | Effect::Secure(_)
            | Effect::Deadline(_)
            | Effect::Close => {}
        }
    }

    fn rests(&self, rest: Rest) {
        let mut seen = self.seen();
        seen.rest = Some(rest);
        seen.rests += 1;
        self.changed.notify_all();
    }

    fn ended(&self) {
        self.seen().ended = true;
        self.changed.notify_all();
    }
}
