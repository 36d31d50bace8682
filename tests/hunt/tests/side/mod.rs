//! The machine and the naive evaluator side by side: each input goes to both, and what they do is compared.
//!
//! Never: decides which of them is right.
#![allow(dead_code, reason = "each test uses its part of it")]

mod alike;
mod desk;

use std::{collections::VecDeque, sync::Arc};

use hunt::{
    drive::joined,
    meaning::{self, Event, Protocol, Seen, Start},
};
use machine::{Given, Input, Machine, Now, Peer, Service, Tls};
use program::SessionId;
use transcript::play::Line;

use alike::shown;
use desk::Desk;

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

/// What TLS agrees on.
pub(crate) fn agreed() -> Tls {
    Tls { version: "TLSv1.3", cipher: "TLS13_AES_256_GCM_SHA384".into() }
}
