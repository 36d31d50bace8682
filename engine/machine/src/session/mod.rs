//! One session: what it holds, and what each input does to it.
//!
//! Never: reads a command while an earlier one is not done; holds an octet of a payload.

mod call;
mod command;
mod conversation;
mod ending;
mod limit;
mod payload;
mod prompt;
mod step;

use std::{sync::Arc, time::Duration};

use program::{CallId, HandlerId, PayloadId, Pc, Program, SessionId, StateId, Value};

use crate::{
    Body, Effect, Effects, Input, Now, Peer, Reason, Service, Tls,
    expression::{Scope, Sight},
    framing::{Dotted, Lines, Unread},
    matcher::{Line, Scratch},
};
use payload::{Counted, Intake};

/// Everything that a session knows.
pub(crate) struct Session {
    id: SessionId,
    peer: Peer,
    tls: Option<Tls>,
    pub(crate) state: StateId,
    phase: Phase,
    /// The facts, then the locals of the present body.
    slots: Box<[Value]>,
    counters: Box<[u64]>,
    line: Line,
    scratch: Scratch,
    unread: Unread,
    lines: Lines,
    /// Where answers and texts are rendered.
    out: String,
    /// Values of a transition, between being evaluated and being set.
    staged: Vec<Value>,
    /// Payloads that were begun and not discarded.
    live: Vec<PayloadId>,
    next_payload: u32,
    next_call: u64,
    opened: Duration,
    /// Since when the peer has been silent while it was its turn.
    quiet_since: Duration,
    pub(crate) deadline: Option<Duration>,
    /// Why the session is to end when the present command is done.
    ending: Option<Reason>,
    /// The session ends when the present body ends, whatever its ending is.
    closing: bool,
    /// `limits.broken` has begun; a second fault just ends the session.
    breaking: bool,
    /// `limits.session` has run.
    expired: bool,
    /// The peer will send no more.
    eof: bool,
    pub(crate) executed: Vec<u64>,
    pub(crate) answered_at: Option<Pc>,
    pub(crate) claimed: Option<HandlerId>,
}

/// What the session waits for.
#[derive(Debug)]
enum Phase {
    /// For the connection.
    New,
    /// For the peer to keep silent before it is greeted.
    Hush { until: Duration },
    /// For a command.
    Command,
    /// For nothing: a body runs.
    Running,
    /// For the world.
    Asking { at: Pc, call: CallId, within: Duration, until: Duration },
    /// For the answer to a prompt.
    Prompting { at: Pc },
    /// For the rest of a dotted block.
    Receiving { at: Pc, block: Dotted, intake: Intake },
    /// For the rest of a counted payload.
    Counting { rest: u64, counted: Counted, intake: Intake },
    /// For a payload to be kept.
    Storing { payload: PayloadId, length: u64, from: Stored },
    /// For time to pass.
    Pausing { until: Duration, next: Pc },
    /// For TLS.
    Securing { state: StateId },
    /// For nothing, ever.
    Closed,
}

/// What asked for the payload that is being kept.
#[derive(Debug, Clone, Copy)]
enum Stored {
    /// A `receive` at this instruction.
    Block(Pc),
    /// The command of this handler.
    Counted(HandlerId),
}

/// One `feed`: what came in with it and where effects go.
pub(crate) struct Turn<'a> {
    service: &'a Service,
    now: Now,
    /// What the peer sent and nobody has read.
    unread: &'a [u8],
    effects: &'a mut dyn Effects,
}

impl Session {
    /// A session that has not begun.
    pub(crate) fn new(program: &Program, peer: Peer, id: SessionId) -> Session {
        Session {
            id,
            tls: peer.tls.clone(),
            peer,
            state: program.start,
            phase: Phase::New,
            slots: vec![Value::Absent; program.slots.max(program.facts.len())].into(),
            counters: vec![0; program.counters.len()].into(),
            line: Line::default(),
            scratch: Scratch::default(),
            unread: Unread::default(),
            lines: Lines::default(),
            out: String::new(),
            staged: Vec::new(),
            live: Vec::new(),
            next_payload: 0,
            next_call: 0,
            opened: Duration::ZERO,
            quiet_since: Duration::ZERO,
            deadline: None,
            ending: None,
            closing: false,
            breaking: false,
            expired: false,
            eof: false,
            executed: Vec::new(),
            answered_at: None,
            claimed: None,
        }
    }

    /// Takes one input: octets are read where they are, and only what cannot be carried out yet is kept.
    pub(crate) fn feed(&mut self, service: &Service, now: Now, input: Input<'_>, effects: &mut dyn Effects) {
        if self.closed() {
            return;
        }
        let fresh = if let Input::Bytes(octets) = input { octets } else { &[] };
        let mut held = std::mem::take(&mut self.unread);
        if held.is_empty() {
            held.append(self.turn(Turn { service, now, unread: fresh, effects }, input));
        } else {
            held.append(fresh);
            let left = self.turn(Turn { service, now, unread: held.rest(), effects }, input).len();
            held.keep(left);
        }
        self.unread = held;
    }

    /// Takes one input and gives what is left unread.
    fn turn<'a>(&mut self, mut turn: Turn<'a>, input: Input<'_>) -> &'a [u8] {
        self.take(input, &mut turn);
        self.advance(&mut turn);
        self.settle(&mut turn);
        turn.unread
    }

    /// Whether octets may be given.
    pub(crate) fn wants_input(&self) -> bool {
        !self.eof && self.listens()
    }

    /// Whether the session is over.
    pub(crate) fn closed(&self) -> bool {
        matches!(self.phase, Phase::Closed)
    }

    /// Whether time alone makes it go on.
    pub(crate) fn waits_for_time(&self) -> bool {
        matches!(self.phase, Phase::Hush { .. } | Phase::Asking { .. } | Phase::Pausing { .. })
    }

    /// Whether it stands between two commands, with no octet unread.
    pub(crate) fn idle(&self) -> bool {
        matches!(self.phase, Phase::Command) && self.unread.is_empty()
    }

    /// How many octets wait to be read.
    pub(crate) fn held(&self) -> usize {
        self.unread.rest().len()
    }

    fn take(&mut self, input: Input<'_>, turn: &mut Turn<'_>) {
        match input {
            Input::Open => self.open(turn),
            Input::Bytes(_) => self.quiet_since = turn.now.elapsed,
            Input::Outcome(id, outcome) => self.answered(id, outcome, turn),
            Input::Stored(id) => self.stored(id, turn),
            Input::StoreFailed(id, why) => self.store_failed(id, why, turn),
            Input::Secured(tls) => self.secured(tls, turn),
            Input::Timeout => self.timeout(turn),
            Input::Eof => self.eof = true,
            Input::End(reason) => self.end(reason, turn),
        }
    }

    /// Reads on as long as there is something to read and someone to read it.
    fn advance(&mut self, turn: &mut Turn<'_>) {
        loop {
            let went_on = match self.phase {
                Phase::Hush { .. } => self.hush(turn),
                Phase::Command => self.between_commands(turn) || self.read_command(turn),
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
                if self.eof {
                    self.close(turn);
                }
                return;
            }
        }
    }

    /// Whether it is the peer's turn.
    fn listens(&self) -> bool {
        matches!(
            self.phase,
            Phase::Hush { .. }
                | Phase::Command
                | Phase::Prompting { .. }
                | Phase::Receiving { .. }
                | Phase::Counting { .. }
        )
    }

    /// It is the peer's turn: from now on its silence counts.
    fn listen(&mut self, phase: Phase, turn: &Turn<'_>) {
        self.quiet_since = turn.now.elapsed;
        self.phase = phase;
    }

    /// What expressions can see.
    fn scope<'s, 't: 's>(&'s self, turn: &Turn<'t>) -> Scope<'s> {
        let sight = Sight {
            program: turn.service.program(),
            slots: &self.slots,
            line: &self.line,
            peer: &self.peer,
            tls: self.tls.as_ref(),
            id: &self.id,
            state: self.state,
            unix: turn.now.unix,
        };
        Scope { settings: turn.service.settings(), name: turn.service.name(), session: Some(sight) }
    }

    /// A payload begins.
    fn begin_payload(&mut self, turn: &mut Turn<'_>) -> PayloadId {
        let id = PayloadId(self.next_payload);
        self.next_payload = self.next_payload.wrapping_add(1);
        self.live.push(id);
        turn.effects.effect(Effect::Body(Body::Begin(id)));
        id
    }

    /// Nobody will ask for a payload again.
    fn discard_payload(&mut self, id: PayloadId, turn: &mut Turn<'_>) {
        if let Some(at) = self.live.iter().position(|live| *live == id) {
            self.live.swap_remove(at);
            turn.effects.effect(Effect::Body(Body::Discard(id)));
        }
    }
}

impl<'a> Turn<'a> {
    fn program(&self) -> &'a Arc<Program> {
        self.service.program()
    }
}
