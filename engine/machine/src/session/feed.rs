//! One input: taken, carried out as far as it goes, and the rest kept.
//!
//! Never: copies octets that can be carried out where they are.

use std::sync::Arc;

use program::Program;

use super::{Phase, Session, Turn};
use crate::{Effects, Input, Now, Service};

impl Session {
    /// Takes one input: octets are read where they are, and only what cannot be carried out yet is kept.
    pub(crate) fn feed(&mut self, service: &Service, now: Now, input: Input<'_>, effects: &mut dyn Effects) {
        if self.closed() {
            return;
        }
        let fresh = if let Input::Bytes(octets) = input { octets } else { &[] };
        self.incoming.heard = self.incoming.heard.saturating_add(fresh.len() as u64);
        let nothing_held = self.incoming.unread.is_empty();
        if !fresh.is_empty() {
            self.hears(nothing_held, now);
        }
        if nothing_held {
            let left = self.turn(Turn { service, now, unread: fresh, effects }, input);
            if !left.is_empty() {
                self.incoming.unread.append(left);
            }
        } else {
            let mut held = std::mem::take(&mut self.incoming.unread);
            held.append(fresh);
            let left = self.turn(Turn { service, now, unread: held.rest(), effects }, input).len();
            held.keep(left);
            self.incoming.unread = held;
        }
    }

    /// Takes one input and gives what is left unread.
    fn turn<'a>(&mut self, mut turn: Turn<'a>, input: Input<'_>) -> &'a [u8] {
        self.take(input, &mut turn);
        self.advance(&mut turn);
        self.weigh_input(&mut turn);
        self.settle(&mut turn);
        turn.unread
    }

    /// It is the peer's turn: from now on its silence counts.
    pub(super) fn listen(&mut self, phase: Phase, turn: &Turn<'_>) {
        self.incoming.quiet_since = turn.now.elapsed;
        self.phase = phase;
    }

    /// Whether octets may be given.
    pub(crate) fn wants_input(&self) -> bool {
        !self.ends.eof && self.phase.listens()
    }

    /// Whether the session is over.
    pub(crate) fn closed(&self) -> bool {
        matches!(self.phase, Phase::Closed)
    }

    /// Whether its state is being left.
    pub(crate) fn leaving(&self) -> bool {
        self.here.leaving.is_some()
    }

    /// Whether time alone makes it go on.
    pub(crate) fn waits_for_time(&self) -> bool {
        self.phase.waits_for_time()
    }

    /// Whether it stands between two commands, with no octet unread.
    pub(crate) fn idle(&self) -> bool {
        matches!(self.phase, Phase::Command)
            && self.incoming.unread.is_empty()
            && !self.incoming.block.within_one()
            && self.incoming.assembly.is_empty()
    }

    /// How many octets wait to be read.
    pub(crate) fn held(&self) -> usize {
        self.incoming.unread.rest().len() + self.incoming.block.held() + self.incoming.assembly.held()
    }

    /// Whether the rest of a line or of a request is still to come.
    fn within_one(&self) -> bool {
        self.incoming.lines.within_one() || self.incoming.block.within_one()
    }

    /// The peer is not silent. In the midst of a line that does not count: a line, or a request, must be whole within the
    /// idle limit of its first octet, or an octet now and then would hold the session for ever.
    fn hears(&mut self, nothing_held: bool, now: Now) {
        if self.phase.payload_since().is_some()
            || (nothing_held && !self.within_one() && self.incoming.assembly.is_empty())
        {
            self.incoming.quiet_since = now.elapsed;
        }
    }

    fn take(&mut self, input: Input<'_>, turn: &mut Turn<'_>) {
        match input {
            Input::Open => self.open(turn),
            Input::Bytes(_) => {}
            Input::Outcome(id, outcome) => self.answered(id, outcome, turn),
            Input::Stored(id) => self.stored(id, turn),
            Input::StoreFailed(id, why) => self.store_failed(id, why, turn),
            Input::Secured(tls) => self.secured(tls, turn),
            Input::Timeout => self.timeout(turn),
            Input::Eof => self.ends.eof = true,
            Input::Gone => self.gone(turn),
            Input::End(reason) => self.end(reason, turn),
        }
    }

    /// Reads on as long as there is something to read and someone to read it.
    fn advance(&mut self, turn: &mut Turn<'_>) {
        loop {
            let went_on = match self.phase {
                Phase::Hush { .. } => self.hush(turn),
                Phase::Command if self.incoming.assembly.is_empty() => {
                    self.between_commands(turn) || self.read_command(turn)
                }
                Phase::Command => self.read_command(turn),
                Phase::Literal { .. } => self.read_literal(turn),
                Phase::Prompting { .. } => self.read_answer(turn),
                Phase::Receiving { .. } => self.read_block(turn),
                Phase::Counting { .. } => self.read_counted(turn),
                Phase::Securing { .. } => false,
                Phase::New
                | Phase::Running
                | Phase::Asking { .. }
                | Phase::Storing { .. }
                | Phase::Pausing { .. }
                | Phase::Closed => return,
            };
            if !went_on {
                if self.ends.eof {
                    self.close(turn);
                }
                return;
            }
        }
    }
}

impl<'a> Turn<'a> {
    pub(super) fn program(&self) -> &'a Arc<Program> {
        self.service.program()
    }
}
