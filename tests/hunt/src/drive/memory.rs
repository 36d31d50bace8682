//! A machine in memory, on a virtual clock, with a world that answers by chance.
//!
//! Never: waits.

use std::{collections::BTreeMap, net::Ipv4Addr, sync::Arc, time::Duration};

use machine::{
    Binding, Body, Effect, Effects, Input, Machine, Move, Moved, Now, Observation, Outgoing, Pace, Peer, Reason,
    Service, Tls,
};
use program::{Call, HandlerId, Op, Outcome, PayloadId, Program, SessionId, TemplatePart};

use super::{
    Done, Reckoned, Turn, Watched,
    naive::{Naive, content},
};
use crate::{
    converse::{Event, Script, World},
    meaning::{Protocol, Start},
};

/// The second in which every conversation begins.
pub const BEGAN: i64 = 1_795_000_000;
/// How often a session may go on by itself within one event.
const STEPS: usize = 20_000;

/// The payloads of a session.
pub(super) type Kept = BTreeMap<PayloadId, Vec<u8>>;

/// How a conversation is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Watched.
    Watched,
    /// With whole bodies, whatever lines leave out.
    Whole,
    /// The same, each segment cut into pieces.
    Pieces,
}

/// One session.
pub struct Drive {
    machine: Machine,
    desk: Desk,
    elapsed: Duration,
    world: World,
    way: Way,
    /// The version that may be let in, and where sessions go on with it.
    next: Option<(Arc<Service>, Move)>,
    /// The promises that could not be decided, of the version that runs, and of the next one.
    unproved: [Vec<String>; 2],
    /// It did not come to rest.
    restless: bool,
    /// What was asked, and what was answered.
    asked: Vec<(Call, Option<Outcome>)>,
    /// A payload could not be kept.
    refused: bool,
}

/// What the machine wants done.
struct Desk {
    program: Arc<Program>,
    turn: Turn,
    call: Option<Call>,
    ended: Option<PayloadId>,
    securing: bool,
    payloads: Kept,
    naive: Option<Naive>,
    watched: Watched,
    /// The prompt that waits, and whether it asks for a secret.
    prompting: Option<bool>,
    /// The answer to a prompt for a secret may still come.
    late: bool,
    receiving: bool,
}

/// The programs of a conversation: the version it begins with, and the next one.
#[derive(Clone)]
pub struct Programs {
    /// The first.
    pub first: Arc<Program>,
    /// The first as its file is written: what clients take it for.
    pub written: Arc<Program>,
    /// The one that a reload lets in.
    pub next: Option<Arc<Program>>,
    /// The promises of each version that could not be decided: who breaks one of those breaks no word of the checker.
    pub unproved: [Vec<String>; 2],
    /// The least and the most final answers that a command may have.
    pub answers: (u32, u32),
    /// What is known of the first before it runs.
    pub reckoned: Arc<Reckoned>,
    /// What the first means, where that is to be held against it.
    pub meaning: Option<Arc<Protocol>>,
    /// Whether it shows less than a client said, since a secret may be in it.
    pub masked: bool,
}

/// Binds a program as a conversation wants it; none where its settings do not fit.
pub fn bind(program: &Arc<Program>, script: &Script) -> Option<Arc<Service>> {
    bound(program, script).map(Arc::new)
}

fn bind_whole(program: &Arc<Program>, script: &Script) -> Option<Arc<Service>> {
    bound(program, script).map(|service| Arc::new(service.whole()))
}

fn bound(program: &Arc<Program>, script: &Script) -> Option<Service> {
    let binding = Binding {
        name: "mail.example.com".into(),
        settings: script.settings.clone(),
        converse: true,
        ..Binding::default()
    };
    Service::bind(program.clone(), &binding).ok()
}

/// What TLS agrees on.
pub fn agreed() -> Tls {
    Tls { version: "TLSv1.3", cipher: "TLS13_AES_256_GCM_SHA384".into() }
}

impl Drive {
    /// A session that has not begun; none where the settings do not fit.
    pub fn new(programs: &Programs, script: &Script, way: Way) -> Option<Drive> {
        let bound = |program| if way == Way::Whole { bind_whole(program, script) } else { bind(program, script) };
        let service = bound(&programs.first)?;
        let next = match &programs.next {
            Some(next) => {
                let service = bound(next)?;
                Some((service, Move::between(&programs.first, next).0))
            }
            None => None,
        };
        let local = Ipv4Addr::new(198, 51, 100, 25).into();
        let peer = Peer {
            ip: Ipv4Addr::new(192, 0, 2, 1).into(),
            port: 49152,
            local_ip: local,
            local_port: 25,
            tls: script.tls.then(agreed),
        };
        let mut machine = Machine::new(service, peer, SessionId("client-1".into()));
        if way == Way::Watched {
            machine.count_executed();
            machine.watch_promises();
        }
        let naive = match &programs.meaning {
            Some(protocol) if way == Way::Watched => {
                let start = Start {
                    name: "mail.example.com".into(),
                    settings: script.settings.clone(),
                    peer: (Ipv4Addr::new(192, 0, 2, 1).into(), 49152),
                    local: (local, 25),
                    tls: script.tls.then(agreed),
                    id: "client-1".into(),
                    slowest: Pace::default().0,
                };
                Naive::new(protocol, start, programs.first.wire.line_end, programs.masked)
            }
            _ => None,
        };
        let budgeted = script.settings.is_empty() && way == Way::Watched;
        let desk = Desk {
            program: programs.first.clone(),
            turn: Turn::default(),
            call: None,
            ended: None,
            securing: false,
            payloads: Kept::new(),
            naive,
            watched: Watched::new(programs.reckoned.clone(), programs.answers, budgeted),
            prompting: None,
            late: false,
            receiving: false,
        };
        Some(Drive {
            machine,
            desk,
            elapsed: Duration::ZERO,
            world: World(script.world),
            way,
            next,
            unproved: programs.unproved.clone(),
            restless: false,
            asked: Vec::new(),
            refused: false,
        })
    }

    /// The connection is there.
    pub fn open(&mut self) -> Turn {
        self.feed(Input::Open);
        self.settle();
        self.turn()
    }

    /// Something happens.
    pub fn happen(&mut self, event: &Event) -> Turn {
        match event {
            Event::Octets(octets) if self.way == Way::Pieces => {
                let pieces = cut(octets);
                pieces.into_iter().for_each(|piece| self.say(piece));
            }
            Event::Octets(octets) => self.say(octets),
            Event::Wait(span) => self.wait(*span),
            Event::Eof => {
                self.desk.watched.cut();
                self.feed(Input::Eof);
            }
            Event::Gone => {
                self.desk.watched.cut();
                self.feed(Input::Gone);
            }
            Event::Shutdown => {
                self.desk.watched.cut();
                self.feed(Input::End(Reason::Shutdown));
            }
            Event::Reload => self.reload(),
        }
        self.settle();
        self.turn()
    }

    /// The machine.
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// The program that it runs now.
    pub fn program(&self) -> &Arc<Program> {
        &self.desk.program
    }

    /// Whether it waits for the answer to a prompt.
    pub fn prompting(&self) -> bool {
        self.desk.prompting.is_some() && !self.machine.closed() && !self.machine.idle() && self.machine.wants_input()
    }

    /// Whether the next line may be a secret by the word of the session itself.
    pub fn wants_secret(&self) -> bool {
        (self.desk.prompting == Some(true) && self.prompting()) || self.desk.late
    }

    /// Whether it waits for more of a payload.
    pub fn receiving(&self) -> bool {
        self.desk.receiving && !self.machine.closed() && self.machine.wants_input()
    }

    /// What the world was asked, and what it answered.
    pub fn asked(&self) -> &[(Call, Option<Outcome>)] {
        &self.asked
    }

    /// Whether a payload could not be kept.
    pub fn refused(&self) -> bool {
        self.refused
    }

    /// What was wrong, as far as that can be seen without a second opinion.
    pub fn wrong(&self) -> Vec<(&'static str, String)> {
        let promises = &self.desk.program.promises;
        let broken = self.machine.broken_promises().iter().filter_map(|place| promises.get(*place));
        let mut wrong: Vec<_> = broken.map(|promise| ("promise", promise.text.to_string())).collect();
        if let Some(naive) = &self.desk.naive {
            wrong.extend(naive.violations());
            wrong.extend(naive.difference.clone().map(|what| ("naive", what)));
        }
        let proved = |promise: &str| !self.unproved[0].iter().any(|finding| finding.contains(promise));
        wrong.retain(|(kind, what)| *kind != "promise" || proved(what));
        wrong.extend(self.desk.watched.wrong.clone());
        if self.restless {
            wrong.push(("rest", "the session does not come to rest".into()));
        }
        wrong
    }

    fn turn(&mut self) -> Turn {
        if self.machine.idle() || self.machine.closed() {
            self.desk.watched.end();
        }
        self.desk.turn.state = self.machine.state().name.to_string();
        std::mem::take(&mut self.desk.turn)
    }

    fn say(&mut self, octets: &[u8]) {
        self.settle();
        if self.machine.closed() || !self.machine.wants_input() || self.desk.securing {
            return;
        }
        let guarded = self.is_guarded(octets);
        self.desk.watched.said(octets, guarded);
        self.desk.prompting = None;
        self.desk.late = false;
        self.feed(Input::Bytes(octets));
    }

    /// Whether the file says that this segment holds a secret: its prompt asks for one, a command with its verb has one,
    /// or a command of the state begins with one.
    fn is_guarded(&self, octets: &[u8]) -> bool {
        let wire = &self.desk.program.wire;
        let end = wire.line_end.octets();
        if octets.windows(end.len()).filter(|window| *window == end).count() > 1 {
            return false;
        }
        if self.prompting() || self.desk.late {
            return self.wants_secret();
        }
        if !self.machine.idle() {
            return false;
        }
        let mut words = octets.split(|octet| matches!(octet, b' ' | b'\r' | b'\n'));
        let tag = wire.tag.is_some().then(|| words.next());
        let verb = if tag == Some(None) { None } else { words.next() };
        let program = &self.desk.program;
        program.handlers.iter().enumerate().any(|(place, handler)| {
            let secrets = self.desk.watched.secrets(HandlerId(place as u32));
            let known = program.verbs.get(usize::from(handler.verb)).map(|verb| verb.text.as_bytes());
            let named = known.is_some_and(|known| {
                verb.is_some_and(|verb| if wire.exact_case { verb == known } else { verb.eq_ignore_ascii_case(known) })
            });
            let first = matches!(handler.parts.first(), Some(TemplatePart::Hole(0)))
                && secrets.contains(&0)
                && handler.state == self.machine.state_id();
            (named && !secrets.is_empty()) || first
        }) || program.wire.request.is_some()
    }

    fn feed(&mut self, input: Input<'_>) {
        let now = Now { elapsed: self.elapsed, unix: BEGAN + self.elapsed.as_secs() as i64 };
        let event = self.desk.naive.as_ref().map(|naive| naive.event(&input, &self.desk.payloads));
        let over = self.machine.closed();
        self.machine.feed(now, input, &mut self.desk);
        if let (Some(naive), Some(event), false) = (&mut self.desk.naive, event, over) {
            naive.happen(now, event, &self.machine);
        }
    }

    /// Does what the machine wants, and lets time pass while it waits for that alone.
    fn settle(&mut self) {
        for _ in 0..STEPS {
            if self.machine.closed() {
                return;
            }
            if let Some(id) = self.desk.ended.take() {
                match self.world.keeps(id.0) {
                    true => self.feed(Input::Stored(id)),
                    false => {
                        self.refused = true;
                        self.feed(Input::StoreFailed(id, "the disk is full"));
                    }
                }
            } else if let Some(call) = self.desk.call.take() {
                let answer = self.world.answer(&call);
                self.asked.push((call.clone(), answer.clone()));
                match answer {
                    Some(outcome) => self.feed(Input::Outcome(call.id, outcome)),
                    None => self.pass(),
                }
            } else if std::mem::take(&mut self.desk.securing) {
                self.feed(Input::Secured(agreed()));
            } else if self.machine.waits_for_time() {
                self.pass();
            } else {
                return;
            }
        }
        self.restless = true;
    }

    /// Time passes up to the deadline.
    fn pass(&mut self) {
        let until = self.machine.deadline().unwrap_or(self.elapsed).max(self.elapsed);
        // A `leave` may run because the session ends: then nobody waits for it any more.
        if !self.machine.leaving() {
            self.desk.watched.waits(until - self.elapsed);
        }
        self.elapsed = until;
        self.feed(Input::Timeout);
    }

    fn wait(&mut self, span: Duration) {
        let until = self.elapsed + span;
        for _ in 0..STEPS {
            self.settle();
            let due = self.machine.deadline().filter(|due| *due <= until && !self.machine.closed());
            let Some(due) = due else {
                self.elapsed = self.elapsed.max(until);
                return;
            };
            self.elapsed = self.elapsed.max(due);
            if !self.machine.idle() && self.desk.prompting.is_none() {
                self.desk.watched.cut();
            }
            if self.machine.idle() {
                self.desk.watched.end();
            }
            self.desk.late |= self.desk.prompting.take() == Some(true);
            self.feed(Input::Timeout);
        }
        self.restless = true;
    }

    /// The next version is let in; the session moves where it may.
    fn reload(&mut self) {
        let Some((service, moving)) = &self.next else { return };
        let now = Now { elapsed: self.elapsed, unix: BEGAN + self.elapsed.as_secs() as i64 };
        let most = self.desk.watched.answers.1;
        // What the old version's promises came to is asked before they are forgotten.
        let wrong = self.wrong();
        if self.machine.go_on(service, moving, now, &mut self.desk) == Moved::Yes {
            self.desk.program = service.program().clone();
            self.desk.naive = None;
            self.unproved.swap(0, 1);
            self.desk.watched = Watched::new(Arc::new(Reckoned::new(&self.desk.program)), (0, most), false);
            self.desk.watched.wrong = wrong;
            if self.way == Way::Watched {
                self.machine.watch_promises();
            }
            self.next = None;
        }
    }
}

/// A segment in pieces: a first octet, the middle, a last one.
fn cut(octets: &[u8]) -> Vec<&[u8]> {
    let (first, rest) = octets.split_at(octets.len().min(1));
    let (middle, last) = rest.split_at(rest.len().saturating_sub(1));
    let (half, other) = middle.split_at(middle.len() / 2);
    [first, half, other, last].into_iter().filter(|piece| !piece.is_empty()).collect()
}

impl Effects for Desk {
    fn effect(&mut self, effect: Effect<'_>) {
        if let Some(naive) = &mut self.naive {
            naive.did(&effect, &self.payloads);
        }
        match effect {
            Effect::Send { octets, from } => {
                match self.program.code.get(from.0 as usize) {
                    // The octets of a literal are asked for while a line is still read.
                    Some(Op::Reply(_)) if !self.invites(octets) => {
                        // Whoever is answered was not asked any more.
                        self.prompting = None;
                        self.watched.reply(from);
                    }
                    Some(Op::Prompt(prompt)) => self.prompting = Some(prompt.secret),
                    _ => {}
                }
                self.watched.shown("an answer", &String::from_utf8_lossy(octets));
                self.turn.push(Done::Sent(octets.to_vec()));
            }
            Effect::Payload { id, form, .. } => {
                let mut out = Vec::new();
                let mut outgoing = Outgoing::new(form, self.program.wire.line_end);
                outgoing.push(&content(&self.payloads, id), &mut out);
                outgoing.finish(&mut out);
                self.turn.push(Done::Sent(out));
            }
            Effect::Call(call) => {
                let asked = Done::Asked(call.target.name().to_string(), format!("{:?}", call.arguments), call.within);
                self.turn.push(asked);
                self.call = Some(call);
            }
            Effect::Cancel(id) => {
                self.turn.push(Done::Cancelled);
                self.call.take_if(|call| call.id == id);
            }
            Effect::Body(body) => self.body(body),
            Effect::Secure(drained) => {
                self.turn.push(Done::Secure(drained.dropped()));
                self.securing = true;
                self.watched.secured();
            }
            Effect::Deadline(_) => {}
            Effect::Log(level, text) => {
                self.watched.logged(text);
                self.turn.push(Done::Logged(level, text.into()));
            }
            Effect::Heard(text) => {
                self.watched.shown("the conversation", text);
                self.turn.push(Done::Shown(format!("C: {text}")));
            }
            Effect::Said(text) => {
                self.watched.shown("the conversation", text);
                self.turn.push(Done::Shown(format!("S: {text}")));
            }
            Effect::Close => self.turn.push(Done::Closed),
        }
    }

    fn observe(&mut self, observation: Observation) {
        let program = self.program.clone();
        self.watched.observe(observation, &program);
    }
}

impl Desk {
    fn invites(&self, octets: &[u8]) -> bool {
        let ask = self.program.wire.literals.as_ref().and_then(|literals| literals.ask.as_ref());
        ask.is_some_and(|ask| ask.as_bytes() == octets)
    }

    fn body(&mut self, body: Body<'_>) {
        match body {
            Body::Begin(id) => {
                self.receiving = true;
                self.payloads.insert(id, Vec::new());
            }
            Body::Chunk(id, octets) => self.payloads.entry(id).or_default().extend_from_slice(octets),
            Body::End(id) => {
                self.receiving = false;
                self.turn.push(Done::Kept(self.payloads.get(&id).cloned().unwrap_or_default()));
                self.ended = Some(id);
            }
            Body::Copy(new, old) => {
                let same = self.payloads.get(&old).cloned().unwrap_or_default();
                self.payloads.insert(new, same);
            }
            Body::Join(first, second) => {
                let more = self.payloads.remove(&second).unwrap_or_default();
                self.payloads.entry(first).or_default().extend(more);
            }
            Body::Discard(id) => {
                self.receiving = false;
                self.payloads.remove(&id);
            }
        }
    }
}
