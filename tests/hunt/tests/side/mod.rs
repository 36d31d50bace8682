//! The machine and the naive evaluator side by side: each input goes to both, and what they do is compared.
//!
//! Never: decides which of them is right.
#![allow(dead_code, reason = "each test uses its part of it")]

use std::{collections::VecDeque, sync::Arc};

use hunt::meaning::{self, Event, Protocol, Seen, Start, Value};
use machine::{Body, Effect, Effects, Given, Input, Machine, Now, Outgoing, Peer, Service, Tls};
use program::{Call, LineEnd, PayloadId, SessionId};
use transcript::play::{Line, Payloads};

/// What the machine does, in the words of the naive evaluator.
#[derive(Default)]
pub(crate) struct Desk {
    pub(crate) seen: Vec<Seen>,
    pub(crate) line_end: LineEnd,
    pub(crate) calls: VecDeque<Call>,
    pub(crate) ended: VecDeque<PayloadId>,
    pub(crate) payloads: Payloads,
    pub(crate) securing: bool,
}

impl Effects for Desk {
    fn effect(&mut self, effect: Effect<'_>) {
        match effect {
            Effect::Send { octets, .. } => self.seen.push(Seen::Sent(octets.to_vec())),
            Effect::Payload { id, form, .. } => {
                let mut octets = Vec::new();
                let mut outgoing = Outgoing::new(form, self.line_end);
                outgoing.push(&self.content(id), &mut octets);
                outgoing.finish(&mut octets);
                self.seen.push(Seen::Sent(octets));
            }
            Effect::Call(call) => {
                let arguments = call.arguments.iter();
                let content = |id| self.content(Some(id));
                let arguments = arguments.map(|value| Value::of(value, None, &content).plain()).collect();
                let using = call.using.as_ref().map(|statement| statement.name.to_string());
                let name = call.target.name().to_string();
                self.seen.push(Seen::Asked { name, arguments, using, within: call.within });
                self.calls.push_back(call);
            }
            Effect::Cancel(id) => {
                self.calls.retain(|call| call.id != id);
                self.seen.push(Seen::Cancelled);
            }
            Effect::Body(Body::Begin(id)) => drop(self.payloads.insert(id, Vec::new())),
            Effect::Body(Body::Chunk(id, octets)) => self.payloads.entry(id).or_default().extend_from_slice(octets),
            Effect::Body(Body::End(id)) => {
                self.ended.push_back(id);
                self.seen.push(Seen::Keep(self.content(Some(id))));
            }
            Effect::Body(Body::Join(first, second)) => {
                let more = self.payloads.remove(&second).unwrap_or_default();
                self.payloads.entry(first).or_default().extend(more);
            }
            Effect::Body(Body::Discard(id)) => drop(self.payloads.remove(&id)),
            Effect::Secure(drained) => {
                self.securing = true;
                self.seen.push(Seen::Secure(drained.dropped()));
            }
            Effect::Log(level, line) => self.seen.push(Seen::Logged(level, line.to_owned())),
            Effect::Deadline(_) | Effect::Heard(_) | Effect::Said(_) => {}
            Effect::Close => self.seen.push(Seen::Closed),
        }
    }
}

impl Desk {
    /// The octets of a payload.
    pub(crate) fn content(&self, id: Option<PayloadId>) -> Vec<u8> {
        id.and_then(|id| self.payloads.get(&id)).cloned().unwrap_or_default()
    }
}

/// One session, twice.
pub(crate) struct Pair {
    pub(crate) id: SessionId,
    pub(crate) machine: Machine,
    pub(crate) meaning: meaning::Session,
    pub(crate) desk: Desk,
    pub(crate) inbox: VecDeque<Option<Vec<u8>>>,
    pub(crate) unfinished: Vec<u8>,
    pub(crate) lines: VecDeque<Line>,
    pub(crate) gone: bool,
    pub(crate) faults: Vec<String>,
}

impl Pair {
    /// Both before their first input; nothing where the naive one does not take the settings.
    pub(crate) fn new(
        (service, protocol): (&Arc<Service>, &Arc<Protocol>),
        peer: Peer,
        id: SessionId,
        (name, settings): (&str, Vec<(String, Given)>),
    ) -> Option<Pair> {
        let start = Start {
            name: name.to_owned(),
            settings,
            peer: (peer.ip, peer.port),
            local: (peer.local_ip, peer.local_port),
            tls: peer.tls.clone(),
            id: id.to_string(),
            slowest: machine::Binding::default().slowest.0,
        };
        let meaning = meaning::Session::new(protocol.clone(), start)?;
        let mut machine = Machine::new(service.clone(), peer, id.clone());
        machine.watch_promises();
        let desk = Desk { line_end: service.program().wire.line_end, ..Desk::default() };
        Some(Pair {
            id,
            machine,
            meaning,
            desk,
            inbox: VecDeque::new(),
            unfinished: Vec::new(),
            lines: VecDeque::new(),
            gone: false,
            faults: Vec::new(),
        })
    }

    /// Whether the session is over.
    pub(crate) fn over(&self) -> bool {
        self.gone || self.machine.closed()
    }

    /// Gives both the same input.
    pub(crate) fn feed(&mut self, input: Input<'_>, event: Event, now: Now) {
        if self.over() || !self.faults.is_empty() {
            return;
        }
        let told = format!("{event:?}");
        self.machine.feed(now, input, &mut self.desk);
        let machine = joined(std::mem::take(&mut self.desk.seen));
        let meaning = joined(self.meaning.happen(now, event));
        for seen in &machine {
            if let Seen::Sent(octets) = seen {
                self.unfinished.extend(octets);
            }
        }
        if machine != meaning {
            self.faults.push(format!(
                "at {told}\n      machine {}\n      meaning {}",
                shown(&machine),
                shown(&meaning)
            ));
        } else if *self.machine.state().name != *self.meaning.state() && !self.machine.closed() {
            let (machine, meaning) = (&self.machine.state().name, self.meaning.state());
            self.faults.push(format!("at {told}: state {machine} and {meaning}"));
        } else if self.machine.deadline() != self.meaning.deadline() {
            let (machine, meaning) = (self.machine.deadline(), self.meaning.deadline());
            self.faults.push(format!("at {told}: deadline {machine:?} and {meaning:?}"));
        } else if self.machine.wants_input() != self.meaning.wants_octets() {
            self.faults.push(format!("at {told}: who listens"));
        }
        for violation in self.meaning.violations() {
            let violation = format!("violation: {violation:?}");
            if !self.faults.contains(&violation) {
                self.faults.push(violation);
            }
        }
        let end = self.desk.line_end.octets();
        while let Some(at) = self.unfinished.windows(end.len()).position(|window| window == end) {
            let line: Vec<u8> = self.unfinished.drain(..at + end.len()).collect();
            self.lines.push_back(Line { octets: line[..at].to_vec(), from: None });
        }
    }

    /// The next line that the machine has said.
    pub(crate) fn line(&mut self) -> Option<Line> {
        self.lines.pop_front().or_else(|| {
            let rest = self.over() && !self.gone && !self.unfinished.is_empty();
            rest.then(|| Line { octets: std::mem::take(&mut self.unfinished), from: None })
        })
    }
}

/// What is sent in one go, as one; and faults of ours alike, whatever their words.
fn joined(seen: Vec<Seen>) -> Vec<Seen> {
    let mut all: Vec<Seen> = Vec::new();
    for seen in seen {
        let seen = match seen {
            Seen::Asked { name, arguments, using, within } => {
                Seen::Asked { name, arguments: arguments.into_iter().map(Value::plain).collect(), using, within }
            }
            Seen::Logged(level, line) if line.starts_with("a fault of ours") => Seen::Logged(level, "a fault".into()),
            other => other,
        };
        match (all.last_mut(), seen) {
            (Some(Seen::Sent(before)), Seen::Sent(octets)) => before.extend(octets),
            (_, Seen::Sent(octets)) if octets.is_empty() => {}
            (_, seen) => all.push(seen),
        }
    }
    all
}

fn shown(seen: &[Seen]) -> String {
    let one = |seen: &Seen| match seen {
        Seen::Sent(octets) => format!("sent {:?}", String::from_utf8_lossy(octets)),
        Seen::Keep(octets) => format!("keep {:?}", String::from_utf8_lossy(octets)),
        other => format!("{other:?}"),
    };
    seen.iter().map(one).collect::<Vec<_>>().join("\n              ")
}

/// What TLS agrees on.
pub(crate) fn agreed() -> Tls {
    Tls { version: "TLSv1.3", cipher: "TLS13_AES_256_GCM_SHA384".into() }
}
