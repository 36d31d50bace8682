//! One session in memory: its machine, what was sent to it and what it said.
//!
//! Never: lets time pass; the wire does.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use machine::{Body, Effect, Effects, Input, Machine, Now, Outgoing, Peer, Reason, Service, Tls};
use program::{Call, LineEnd, PayloadId, Pc, SessionId};

use crate::play::wire::{Answers, Line, Payloads};

/// What all sessions of one transcript share.
pub(super) struct World<'a> {
    /// Answers calls.
    pub(super) answers: &'a mut dyn Answers,
    /// Time since the first connection.
    pub(super) elapsed: Duration,
    /// Wall-clock time at the first connection.
    pub(super) began: i64,
    /// Why payloads cannot be kept, if they cannot.
    pub(super) spool: Option<String>,
    /// The names of actions that were called.
    pub(super) called: Vec<String>,
    /// What the protocol logged.
    pub(super) log: Vec<String>,
    /// The conversation log.
    pub(super) conversation: Vec<String>,
}

/// One session.
pub(super) struct Session {
    id: SessionId,
    machine: Machine,
    inbox: VecDeque<Incoming>,
    desk: Desk,
    gone: bool,
}

/// What the client did and the machine has not seen.
enum Incoming {
    Octets(Vec<u8>),
    Eof,
}

/// What the machine wants done.
#[derive(Default)]
struct Desk {
    unfinished: Vec<u8>,
    lines: VecDeque<Line>,
    line_end: LineEnd,
    calls: VecDeque<Call>,
    ended: VecDeque<PayloadId>,
    payloads: Payloads,
    securing: bool,
    closed: bool,
    log: Vec<String>,
    conversation: Vec<String>,
}

impl Session {
    /// A session begins, or is refused because there is no room.
    pub(super) fn open(service: Arc<Service>, peer: Peer, id: SessionId, full: bool, world: &mut World<'_>) -> Session {
        let line_end = service.program().wire.line_end;
        let mut machine = Machine::new(service, peer, id.clone());
        machine.count_executed();
        machine.watch_promises();
        let desk = Desk { line_end, ..Desk::default() };
        let mut session = Session { id, machine, inbox: VecDeque::new(), desk, gone: false };
        let first = if full { Input::End(Reason::Full) } else { Input::Open };
        session.feed(first, world);
        session.pump(world);
        session
    }

    /// Octets come from the client.
    pub(super) fn send(&mut self, octets: &[u8], world: &mut World<'_>) {
        if self.desk.securing {
            // Cleartext where a handshake should be: it fails, and that ends the session.
            self.desk.closed = true;
            return;
        }
        self.inbox.push_back(Incoming::Octets(octets.to_vec()));
        self.pump(world);
    }

    /// The client sends no more.
    pub(super) fn half_close(&mut self, world: &mut World<'_>) {
        self.inbox.push_back(Incoming::Eof);
        self.pump(world);
    }

    /// The client breaks off.
    pub(super) fn reset(&mut self, world: &mut World<'_>) {
        self.feed(Input::Gone, world);
        self.pump(world);
        world.answers.ended(&self.id);
        self.gone = true;
        self.desk.lines.clear();
    }

    /// The session is told to end.
    pub(super) fn end(&mut self, reason: Reason, world: &mut World<'_>) {
        self.feed(Input::End(reason), world);
        self.pump(world);
    }

    /// The handshake; false when the server does not wait for one.
    pub(super) fn secure(&mut self, world: &mut World<'_>) -> bool {
        if !self.desk.securing || self.over() {
            return false;
        }
        self.desk.securing = false;
        self.feed(Input::Secured(agreed()), world);
        self.pump(world);
        true
    }

    /// Its deadline has come.
    pub(super) fn wake(&mut self, world: &mut World<'_>) {
        self.feed(Input::Timeout, world);
        self.pump(world);
    }

    /// When it wants to be woken.
    pub(super) fn deadline(&self) -> Option<Duration> {
        if self.over() { None } else { self.machine.deadline() }
    }

    /// Whether time alone makes it go on.
    pub(super) fn waits_for_time(&self) -> bool {
        !self.over() && self.machine.waits_for_time()
    }

    /// Whether the server waits for a handshake.
    pub(super) fn securing(&self) -> bool {
        self.desk.securing
    }

    /// Whether the connection has ended, on either side.
    pub(super) fn over(&self) -> bool {
        self.gone || self.desk.closed
    }

    /// The next line that was said.
    pub(super) fn line(&mut self) -> Option<Line> {
        self.desk.lines.pop_front().or_else(|| {
            let rest = self.over() && !self.gone && !self.desk.unfinished.is_empty();
            rest.then(|| Line { octets: std::mem::take(&mut self.desk.unfinished), from: None })
        })
    }

    /// The name of its state.
    pub(super) fn state(&self) -> String {
        self.machine.state().name.to_string()
    }

    /// How often each instruction was executed.
    pub(super) fn executed(&self) -> &[u64] {
        self.machine.executed()
    }

    /// The promises that it broke.
    pub(super) fn broken_promises(&self) -> &[usize] {
        self.machine.broken_promises()
    }

    /// Does what the machine wants, and gives it what it waits for, until neither is left.
    fn pump(&mut self, world: &mut World<'_>) {
        while !self.over() {
            if let Some(call) = self.desk.calls.pop_front() {
                if !matches!(call.target, program::Target::Statement(_)) {
                    world.called.push(call.target.name().to_string());
                }
                if let Some(outcome) = world.answers.answer(&call, &mut self.desk.payloads) {
                    self.feed(Input::Outcome(call.id, outcome), world);
                }
            } else if let Some(payload) = self.desk.ended.pop_front() {
                let why = world.spool.clone();
                let input = match &why {
                    Some(why) => Input::StoreFailed(payload, why),
                    None => Input::Stored(payload),
                };
                self.feed(input, world);
            } else if self.desk.securing {
                // What the client sent too early never reaches the session.
                self.inbox.clear();
                return;
            } else if !self.machine.wants_input() {
                return;
            } else {
                match self.inbox.pop_front() {
                    Some(Incoming::Octets(octets)) => self.feed(Input::Bytes(&octets), world),
                    Some(Incoming::Eof) => self.feed(Input::Eof, world),
                    None => return,
                }
            }
        }
    }

    fn feed(&mut self, input: Input<'_>, world: &mut World<'_>) {
        if self.over() {
            return;
        }
        let now = Now { elapsed: world.elapsed, unix: world.began + world.elapsed.as_secs() as i64 };
        self.machine.feed(now, input, &mut self.desk);
        if self.desk.closed {
            world.answers.ended(&self.id);
        }
        world.log.append(&mut self.desk.log);
        world.conversation.append(&mut self.desk.conversation);
    }
}

/// What TLS agrees on in memory.
pub(super) fn agreed() -> Tls {
    Tls { version: "TLSv1.3", cipher: "TLS13_AES_256_GCM_SHA384".into() }
}

impl Desk {
    fn say(&mut self, octets: &[u8], from: Pc) {
        self.unfinished.extend_from_slice(octets);
        let end = self.line_end.octets();
        let mut begin = 0;
        while let Some(at) = self.unfinished[begin..].windows(end.len()).position(|window| window == end) {
            let octets = self.unfinished[begin..begin + at].to_vec();
            self.lines.push_back(Line { octets, from: Some(from) });
            begin += at + end.len();
        }
        self.unfinished.drain(..begin);
    }

    fn body(&mut self, body: Body<'_>) {
        match body {
            Body::Begin(id) => drop(self.payloads.insert(id, Vec::new())),
            Body::Chunk(id, octets) => self.payloads.entry(id).or_default().extend_from_slice(octets),
            Body::End(id) => self.ended.push_back(id),
            Body::Copy(copy, of) => {
                let octets = self.payloads.get(&of).cloned().unwrap_or_default();
                self.payloads.insert(copy, octets);
            }
            Body::Join(first, second) => {
                let more = self.payloads.remove(&second).unwrap_or_default();
                self.payloads.entry(first).or_default().extend(more);
            }
            Body::Discard(id) => drop(self.payloads.remove(&id)),
        }
    }
}

impl Effects for Desk {
    fn effect(&mut self, effect: Effect<'_>) {
        match effect {
            Effect::Send { octets, from } => self.say(octets, from),
            Effect::Payload { id, form, from } => {
                let mut octets = Vec::new();
                let mut outgoing = Outgoing::new(form, self.line_end);
                if let Some(payload) = id.and_then(|id| self.payloads.get(&id)) {
                    outgoing.push(payload, &mut octets);
                }
                outgoing.finish(&mut octets);
                self.say(&octets, from);
            }
            Effect::Call(call) => self.calls.push_back(call),
            Effect::Cancel(id) => self.calls.retain(|call| call.id != id),
            Effect::Body(body) => self.body(body),
            Effect::Secure(_) => self.securing = true,
            // The machine is asked for it.
            Effect::Deadline(_) => {}
            Effect::Log(_, line) => self.log.push(line.to_owned()),
            Effect::Heard(line) => self.conversation.push(format!("C: {line}")),
            Effect::Said(line) => self.conversation.push(format!("S: {line}")),
            Effect::Close => self.closed = true,
        }
    }
}
