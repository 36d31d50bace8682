//! One run of a client: what it holds, what it takes, and how it ends.
//!
//! Never: waits, or outlives its outcome: what it heard is dropped when it gives.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::Duration,
};

use program::{Outcome, Pc, Secret, SessionId, Slot, Target, Value};

use super::{Effect, Effects, Input, answer::Heard};
use crate::{
    Now, Peer, Service, Tls,
    expression::{Fault, Scope, Sight},
    framing::Lines,
    matcher::{Line, Scratch},
    pool::Pool,
};

/// One run of a client.
pub struct Client {
    pub(super) service: Arc<Service>,
    pub(super) role: Arc<program::Client>,
    pub(super) id: SessionId,
    pub(super) peer: Peer,
    pub(super) line: Line,
    pub(super) slots: Vec<Value>,
    /// The rounds of loops since it waited last.
    pub(super) rounds: u64,
    pub(super) phase: Phase,
    pub(super) tls: Option<Tls>,
    /// The host that was connected to, as it was written.
    pub(super) host: Arc<str>,
    pub(super) deadline: Option<Duration>,
    pub(super) unread: Vec<u8>,
    pub(super) lines: Lines,
    pub(super) heard: Heard,
    pub(super) scratch: Scratch,
    pub(super) pool: Pool,
    pub(super) eof: bool,
    /// Its secrets, as it was given them and as it sent them: an answer may repeat one.
    pub(super) secrets: Vec<Secret>,
}

/// What a run waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// To begin.
    New,
    /// For the connection.
    Connecting { next: Pc, within: Duration },
    /// For an answer.
    Awaiting { at: Pc, within: Duration },
    /// For a payload to be sent.
    Sending { next: Pc },
    /// For TLS.
    Securing { next: Pc },
    /// For nothing, ever.
    Done,
}

/// Why a client cannot be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArgumentError {
    /// This parameter has no value and no default.
    Missing(Arc<str>),
    /// There are more values than parameters.
    TooMany,
}

impl Client {
    /// A run that has not begun; it begins with [`Input::Begin`]. An argument that is none is the parameter's default.
    ///
    /// # Errors
    /// A parameter without a value and without a default.
    pub fn new(
        service: Arc<Service>,
        role: Arc<program::Client>,
        arguments: Vec<Option<Value>>,
        id: SessionId,
    ) -> Result<Client, ArgumentError> {
        if arguments.len() > role.parameters.len() {
            return Err(ArgumentError::TooMany);
        }
        let nowhere = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        let mut client = Client {
            peer: Peer { ip: nowhere, port: 0, local_ip: nowhere, local_port: 0, tls: None },
            line: Line::default(),
            slots: vec![Value::Absent; role.slots.max(role.parameters.len())],
            rounds: 0,
            phase: Phase::New,
            tls: None,
            host: "".into(),
            deadline: None,
            unread: Vec::new(),
            lines: Lines::default(),
            heard: Heard::default(),
            scratch: Scratch::default(),
            pool: Pool::default(),
            eof: false,
            secrets: Vec::new(),
            service,
            role: role.clone(),
            id,
        };
        let mut arguments = arguments.into_iter();
        for (place, parameter) in role.parameters.iter().enumerate() {
            let value = match (arguments.next().flatten(), &parameter.default) {
                (Some(value), _) => value,
                (None, Some(default)) => {
                    let scope = Scope { session: None, ..client.scope(Now { elapsed: Duration::ZERO, unix: 0 }) };
                    let value = scope.value(default);
                    value.map_err(|_| ArgumentError::Missing(parameter.name.clone()))?
                }
                (None, None) => return Err(ArgumentError::Missing(parameter.name.clone())),
            };
            client.keep_secret(&value);
            client.slots[place] = value;
        }
        Ok(client)
    }

    /// Takes one input and gives the effects it has. Nothing is taken after [`Effect::Give`].
    pub fn feed(&mut self, now: Now, input: Input<'_>, effects: &mut dyn Effects) {
        match (input, self.phase) {
            (_, Phase::Done) => {}
            (Input::Begin, Phase::New) => self.run(Pc(0), now, effects),
            (Input::Connected, Phase::Connecting { next, .. }) | (Input::Sent, Phase::Sending { next }) => {
                self.run(next, now, effects);
            }
            (Input::Secured(tls), Phase::Securing { next }) => {
                self.tls = Some(tls);
                self.run(next, now, effects);
            }
            (Input::Bytes(octets), _) => self.unread.extend_from_slice(octets),
            (Input::Eof, _) => self.eof = true,
            (Input::Broken(why), _) => self.fail(why, effects),
            (Input::Timeout, Phase::Connecting { within, .. }) => self.late("no connection", within, effects),
            (Input::Timeout, Phase::Awaiting { at, within }) => match self.silence(at) {
                Some(next) => self.run(next, now, effects),
                None => self.late("no whole answer", within, effects),
            },
            (Input::Begin | Input::Connected | Input::Sent | Input::Secured(_) | Input::Timeout, _) => {}
        }
        self.read_answer(now, effects);
    }

    /// Whether octets may be given now: it waits for an answer.
    pub fn wants_input(&self) -> bool {
        matches!(self.phase, Phase::Awaiting { .. }) && !self.eof
    }

    /// When it wants [`Input::Timeout`], of [`Now::elapsed`].
    pub fn deadline(&self) -> Option<Duration> {
        self.deadline
    }

    /// What ends a line on this wire.
    pub fn line_end(&self) -> program::LineEnd {
        self.service.program().wire.line_end
    }

    /// Whether it has given its outcome.
    pub fn done(&self) -> bool {
        self.phase == Phase::Done
    }

    /// What expressions can see.
    pub(super) fn scope(&self, now: Now) -> Scope<'_> {
        let sight = Sight {
            program: self.service.program(),
            slots: &self.slots,
            secrets: self.service.secrets(),
            line: &self.line,
            peer: &self.peer,
            tls: self.tls.as_ref(),
            id: &self.id,
            state: self.service.program().start,
            unix: now.unix,
        };
        Scope { settings: self.service.settings(), name: self.service.name(), pool: &self.pool, session: Some(sight) }
    }

    pub(super) fn set(&mut self, slot: Slot, value: Value) -> Result<(), Fault> {
        *self.slots.get_mut(usize::from(slot.0)).ok_or(Fault(&"a slot does not exist"))? = value;
        Ok(())
    }

    pub(super) fn wait(&mut self, phase: Phase, until: Option<Duration>, effects: &mut dyn Effects) {
        self.phase = phase;
        if self.deadline != until {
            self.deadline = until;
            effects.effect(Effect::Deadline(until));
        }
    }

    pub(super) fn late(&mut self, what: &str, within: Duration, effects: &mut dyn Effects) {
        let mut why = format!("{what} within ");
        crate::expression::print_duration(within, &mut why);
        self.fail(&why, effects);
    }

    /// The end that every client can come to.
    pub(super) fn fail(&mut self, why: &str, effects: &mut dyn Effects) {
        let mut clean = String::new();
        crate::expression::put_clean(why, &mut clean);
        self.give(Outcome::failed(&Target::Client(self.role.clone()), &clean), effects);
    }

    pub(super) fn give(&mut self, outcome: Outcome, effects: &mut dyn Effects) {
        self.wait(Phase::Done, None, effects);
        self.slots.clear();
        self.unread = Vec::new();
        self.secrets = Vec::new();
        self.heard = Heard::default();
        effects.effect(Effect::Give(outcome));
    }
}
