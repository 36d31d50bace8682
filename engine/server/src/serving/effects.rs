//! What one machine wants done, gathered in the order that it was said.
//!
//! Never: waits. What takes time is done by the connection afterwards.

use std::{borrow::Cow, cell::Cell, collections::VecDeque, sync::Arc, time::Duration};

use actions::{Actions, Payload, Payloads, world::Room};
use machine::{Body, Drained, Effect, Effects, Note, Noted, Observation, Outgoing};
use program::{Call, CallId, Level, LineEnd, Outcome, PayloadForm, PayloadId, Pc, Value};

use crate::{endpoint::Endpoint, log, metrics::Tally, serving::rehearsal::Watcher, spool::Spool};

/// What is to be done for one session.
pub(crate) struct Desk {
    /// Octets to send, in one write.
    pub(crate) unsent: Vec<u8>,
    /// Payloads to send, each behind so many octets of `unsent`.
    pub(crate) outgoing: VecDeque<(usize, Option<Payload>, Outgoing)>,
    /// A call to begin.
    pub(crate) call: Option<Box<Call>>,
    /// The outcome of a call that needed no waiting.
    pub(crate) answered: Option<(CallId, Outcome)>,
    /// A call to give up.
    pub(crate) cancelled: Option<CallId>,
    /// The payload that has ended, and how: the machine waits to hear of it.
    pub(crate) kept: Option<(PayloadId, Result<(), Arc<str>>)>,
    /// The deadline, when it was set anew.
    pub(crate) deadline: Option<Option<Duration>>,
    /// TLS is to begin.
    pub(crate) secure: Option<Drained>,
    /// The connection is to end.
    pub(crate) closing: bool,
    /// Whether the last input went into a payload.
    pub(crate) streaming: bool,
    /// The payloads.
    pub(crate) spool: Arc<Spool>,
    /// Who is at the other end, for the log.
    pub(crate) peer: Endpoint,
    /// Whose password is checked for the present command, as the peer says.
    login: Option<Box<str>>,
    actions: Arc<Actions>,
    watcher: Option<Arc<dyn Watcher>>,
    tally: Arc<Tally>,
    observed: Repeated<Observation>,
    said: Repeated<Pc>,
    line_end: LineEnd,
    /// What is counted of what the machine keeps.
    facts_room: Room,
    /// What is counted of what is to be sent.
    said_room: Room,
    /// There was no memory for what was to be said: what is sent would not be whole.
    pub(crate) choked: bool,
}

/// What happened last, and how often one after the other: a batch of commands is counted at once.
struct Repeated<T>(Option<(T, u64)>);

/// The most octets that the memory of a thread for answers holds between two sessions.
const KEPT: usize = 64 * 1024;

thread_local! {
    /// Memory for what is said: a session has it until all is sent, and leaves it to the next one.
    static SHEET: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

impl Desk {
    pub(crate) fn new(
        peer: Endpoint,
        (actions, spool): (Arc<Actions>, Arc<Spool>),
        watcher: Option<Arc<dyn Watcher>>,
        tally: Arc<Tally>,
        line_end: LineEnd,
    ) -> Desk {
        let (facts_room, said_room) = (spool.ceiling().room(), spool.ceiling().room());
        Desk {
            unsent: Vec::new(),
            outgoing: VecDeque::new(),
            call: None,
            answered: None,
            cancelled: None,
            kept: None,
            deadline: None,
            secure: None,
            closing: false,
            streaming: false,
            spool,
            peer,
            login: None,
            actions,
            watcher,
            tally,
            observed: Repeated(None),
            said: Repeated(None),
            line_end,
            facts_room,
            said_room,
            choked: false,
        }
    }

    /// Counts what has happened so far.
    pub(crate) fn count(&mut self) {
        self.observed.0.take().into_iter().for_each(|(what, times)| self.tally.observed(what, times));
        self.said.0.take().into_iter().for_each(|(from, times)| self.tally.said(from, times));
    }

    /// Asks these from now on, and counts there what happens.
    pub(crate) fn goes_on(&mut self, actions: Arc<Actions>, tally: Arc<Tally>) {
        self.count();
        (self.actions, self.tally) = (actions, tally);
    }

    /// A call is answered on the spot when it needs no waiting.
    fn call(&mut self, call: Call) {
        if self.takes_notes() {
            self.login = actions::claimed_login(&call).or(self.login.take());
        }
        match self.actions.at_once(&call, &*self.spool) {
            Some(outcome) => {
                if let Some(target) = self.tally.target(&call.target) {
                    self.tally.answered(target, outcome.index, Duration::ZERO);
                }
                for value in &outcome.values {
                    if let Value::Text(text) = value {
                        self.spool.told(text);
                    }
                }
                self.answered = Some((call.id, outcome));
            }
            None => self.call = Some(Box::new(call)),
        }
    }

    /// Says that, if there is memory for it.
    fn say(&mut self, octets: &[u8]) {
        if self.unsent.capacity() == 0 {
            self.unsent = SHEET.take();
        }
        let wanted = self.unsent.len() + octets.len();
        if wanted > KEPT && wanted > self.unsent.capacity() && !self.makes_room(wanted) {
            self.choked = true;
        }
        if !self.choked {
            self.unsent.extend_from_slice(octets);
        }
    }

    /// Makes room for so many octets to be sent.
    #[cold]
    fn makes_room(&mut self, wanted: usize) -> bool {
        let capacity = wanted.max(2 * self.unsent.capacity());
        let counted = capacity as u64 <= self.spool.ceiling().share() && self.said_room.resize(capacity as u64);
        if counted {
            self.unsent.reserve_exact(capacity - self.unsent.len());
        }
        counted
    }

    /// Forgets what was sent; an idle session holds no memory for it.
    pub(crate) fn sent(&mut self) {
        let mut sheet = std::mem::take(&mut self.unsent);
        sheet.clear();
        if sheet.capacity() <= KEPT {
            SHEET.set(sheet);
        } else {
            drop(sheet);
            // Making it smaller cannot fail.
            self.said_room.resize(0);
        }
    }

    /// The payload is taken hold of here: the machine may forget it before it has been sent.
    fn payload(&mut self, id: Option<PayloadId>, form: PayloadForm, from: Pc) {
        let gone = || Payload::Broken("the payload is gone".into());
        let payload = id.map(|id| self.spool.payload(id).unwrap_or_else(gone));
        if let Some(watcher) = &self.watcher {
            let mut octets = Vec::new();
            let mut shown = Outgoing::new(form, self.line_end);
            if let Some(payload) = &payload {
                // What cannot be read ends the connection when its turn comes.
                let _ = payload.read(u64::MAX, |piece| {
                    shown.push(piece, &mut octets);
                    Ok(())
                });
            }
            shown.finish(&mut octets);
            watcher.effect(&Effect::Send { octets: &octets, from });
        }
        self.outgoing.push_back((self.unsent.len(), payload, Outgoing::new(form, self.line_end)));
    }

    fn body(&mut self, body: Body<'_>) {
        match body {
            Body::Begin(id) => self.spool.begin(id),
            Body::Chunk(id, octets) => {
                self.streaming = true;
                self.spool.chunk(id, octets);
            }
            Body::End(id) => {
                let kept = self.spool.end(id);
                if let Err(why) = &kept {
                    tracing::error!("a payload was not kept: {why}");
                }
                self.kept = Some((id, kept));
            }
            Body::Copy(copy, of) => self.spool.copy(copy, of),
            Body::Join(first, second) => self.spool.join(first, second),
            Body::Discard(id) => self.spool.discard(id),
        }
    }
}

impl<T: PartialEq> Repeated<T> {
    /// It happened once more; gives what is to be counted because something else has happened.
    fn add(&mut self, what: T) -> Option<(T, u64)> {
        match &mut self.0 {
            Some((last, times)) if *last == what => {
                *times += 1;
                None
            }
            last => last.replace((what, 1)),
        }
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.count();
    }
}

impl Effects for Desk {
    fn takes_log(&self, level: Level) -> bool {
        self.watcher.is_some()
            || match level {
                Level::Debug => tracing::enabled!(tracing::Level::DEBUG),
                Level::Info => tracing::enabled!(tracing::Level::INFO),
                Level::Warning => tracing::enabled!(tracing::Level::WARN),
                Level::Error => tracing::enabled!(tracing::Level::ERROR),
            }
    }

    fn room(&mut self, octets: u64) -> bool {
        octets <= self.spool.ceiling().share() && self.facts_room.resize(octets)
    }

    fn takes_notes(&self) -> bool {
        tracing::enabled!(tracing::Level::INFO)
    }

    fn note(&mut self, note: Note<'_>) {
        let mut fields: Vec<(Cow<'static, str>, String)> = vec![("peer".into(), self.peer.to_string())];
        let own = [("login", self.login.as_deref()), ("command", note.command), ("code", note.code)];
        fields.extend(own.into_iter().filter_map(|(name, value)| Some((name.into(), value?.to_string()))));
        if !note.reason.is_empty() {
            fields.push(("reason".into(), note.reason));
        }
        fields.extend(note.known.into_iter().map(|(name, value)| (Cow::from(name.into_owned()), value)));
        let message = match note.outcome {
            Noted::Refused => "refused",
            Noted::LoginRefused => "login refused",
            Noted::LoggedIn => "logged in",
        };
        log::tell(message, fields);
    }

    fn observe(&mut self, observation: Observation) {
        // What comes now belongs to another command.
        self.login = None;
        if let Some((former, times)) = self.observed.add(observation) {
            self.tally.observed(former, times);
        }
    }

    fn effect(&mut self, effect: Effect<'_>) {
        if let Some(watcher) = &self.watcher {
            watcher.effect(&effect);
        }
        match effect {
            Effect::Send { octets, from } => {
                if let Some((former, times)) = self.said.add(from) {
                    self.tally.said(former, times);
                }
                self.say(octets);
            }
            Effect::Payload { id, form, from } => self.payload(id, form, from),
            Effect::Call(call) => self.call(call),
            Effect::Cancel(id) => {
                self.call = self.call.take().filter(|call| call.id != id);
                self.answered = self.answered.take().filter(|(call, _)| *call != id);
                self.cancelled = Some(id);
            }
            Effect::Body(body) => self.body(body),
            Effect::Secure(drained) => self.secure = Some(drained),
            Effect::Deadline(at) => self.deadline = Some(at),
            Effect::Log(Level::Debug, line) => tracing::debug!("{line}"),
            Effect::Log(Level::Info, line) => tracing::info!("{line}"),
            Effect::Log(Level::Warning, line) => tracing::warn!("{line}"),
            Effect::Log(Level::Error, line) => tracing::error!("{line}"),
            Effect::Heard(line) => tracing::info!(target: "conversation", "C: {line}"),
            Effect::Said(line) => tracing::info!(target: "conversation", "S: {line}"),
            Effect::Close => self.closing = true,
        }
    }
}
