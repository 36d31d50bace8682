//! What is counted per protocol, in tables that are made once for each service and are numbers from then on.
//!
//! Never: looks a name up while it counts.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use machine::{Observation, Refusal, Service};
use program::{Op, Pc, Program, Saying, Target};

use super::{
    families::{CALL_SECONDS, CALLS, COMMANDS, Family, HANDSHAKES, LINES, REPLIES, SESSIONS, TRANSITIONS},
    gate::Gate,
    samples::Samples,
};
use crate::endpoint::Endpoint;

/// Bounds of the histogram, in milliseconds.
const BOUNDS: [u64; 12] = [1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 30_000];
/// Protocols with more states have no table of transitions.
const STATES_MOST: usize = 256;
const VERSIONS: [&str; 3] = ["TLSv1.3", "TLSv1.2", "TLS"];
const REASONS: [&str; 5] = ["bad_arguments", "out_of_order", "unknown_command", "too_long", "foreign"];

/// All tallies. A service that no session speaks any more leaves its numbers behind.
#[derive(Debug, Default)]
pub struct Tallies(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    present: Vec<(Weak<Service>, Arc<Tally>)>,
    gates: BTreeMap<Endpoint, Arc<Gate>>,
    past: Samples,
}

/// What is counted for one service behind one address.
#[derive(Debug)]
pub struct Tally {
    listener: Endpoint,
    program: Arc<Program>,
    sessions: AtomicU64,
    /// By handler.
    commands: Box<[AtomicU64]>,
    lines: [AtomicU64; 5],
    /// By state and state.
    transitions: Box<[AtomicU64]>,
    /// By reply.
    replies: Box<[AtomicU64]>,
    /// By the place of the target in memory, which is that of the program's own.
    targets: Box<[(usize, usize)]>,
    calls: Box<[Calls]>,
    handshakes: [AtomicU64; 3],
}

#[derive(Debug)]
struct Calls {
    name: Arc<str>,
    /// The outcomes, then `late` and `abandoned`.
    outcomes: Vec<(String, AtomicU64)>,
    buckets: [AtomicU64; BOUNDS.len() + 1],
    microseconds: AtomicU64,
}

impl Tallies {
    /// The one of an address.
    pub fn gate(&self, listener: &Endpoint) -> Arc<Gate> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.gates.entry(listener.clone()).or_default().clone()
    }

    /// The one of a service behind an address; made when the first of its sessions begins.
    pub fn of(&self, service: &Arc<Service>, listener: &Endpoint) -> Arc<Tally> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = kept
            .present
            .iter()
            .find(|(known, tally)| std::ptr::eq(known.as_ptr(), Arc::as_ptr(service)) && tally.listener == *listener);
        if let Some((_, tally)) = known {
            return tally.clone();
        }
        let Kept { present, past, .. } = &mut *kept;
        present.retain(|(service, tally)| {
            let lives = service.strong_count() > 0 || Arc::strong_count(tally) > 1;
            if !lives {
                tally.put(past);
            }
            lives
        });
        let tally = Arc::new(Tally::new(service.program().clone(), listener.clone()));
        present.push((Arc::downgrade(service), tally.clone()));
        tally
    }

    /// All numbers.
    pub(crate) fn samples(&self) -> Samples {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut samples = kept.past.clone();
        kept.gates.iter().for_each(|(listener, gate)| gate.put(listener, &mut samples));
        kept.present.iter().for_each(|(_, tally)| tally.put(&mut samples));
        samples
    }
}

impl Tally {
    fn new(program: Arc<Program>, listener: Endpoint) -> Tally {
        let states = if program.states.len() <= STATES_MOST { program.states.len() } else { 0 };
        let mut targets = Vec::new();
        let mut calls: Vec<Calls> = Vec::new();
        for ask in program.code.iter().filter_map(Op::asks) {
            let known = calls.iter().position(|calls| calls.name == *ask.target.name());
            let index = known.unwrap_or_else(|| {
                calls.push(Calls::new(&ask.target));
                calls.len() - 1
            });
            let target = (address(&ask.target), index);
            if !targets.contains(&target) {
                targets.push(target);
            }
        }
        Tally {
            listener,
            sessions: AtomicU64::new(0),
            commands: zeros(program.handlers.len()),
            lines: Default::default(),
            transitions: zeros(states * states),
            replies: zeros(program.replies.len()),
            targets: targets.into(),
            calls: calls.into(),
            handshakes: Default::default(),
            program,
        }
    }

    /// A session begins.
    pub fn began(&self) {
        add(&self.sessions);
    }

    /// The machine did something so many times.
    pub fn observed(&self, observation: Observation, times: u64) {
        let counter = match observation {
            Observation::Taken(id) => self.commands.get(id.0 as usize),
            Observation::Refused(refusal) => self.lines.get(match refusal {
                Refusal::BadArguments => 0,
                Refusal::OutOfOrder => 1,
                Refusal::UnknownCommand => 2,
                Refusal::TooLong => 3,
                Refusal::Foreign => 4,
            }),
            Observation::Transition { from, to } => {
                self.transitions.get(usize::from(from.0) * self.program.states.len() + usize::from(to.0))
            }
        };
        counter.map(|counter| counter.fetch_add(times, Ordering::Relaxed));
    }

    /// So many answers were made by that instruction. Lines before the final answer are none.
    pub fn said(&self, from: Pc, times: u64) {
        let said = self.program.code.get(from.0 as usize).and_then(Op::said);
        let Some(said) = said.filter(|said| matches!(said.how, Saying::Answer | Saying::Question)) else { return };
        self.replies.get(said.reply.0 as usize).map(|counter| counter.fetch_add(times, Ordering::Relaxed));
    }

    /// The number of a target, for its outcome.
    pub fn target(&self, target: &Target) -> Option<usize> {
        let place = address(target);
        self.targets.iter().find(|(known, _)| *known == place).map(|(_, index)| *index)
    }

    /// A call was answered.
    pub fn answered(&self, target: usize, outcome: usize, took: Duration) {
        let Some(calls) = self.calls.get(target) else { return };
        calls.outcomes.get(outcome).into_iter().for_each(|(_, count)| add(count));
        let within = |most: &u64| took <= Duration::from_millis(*most);
        add(&calls.buckets[BOUNDS.iter().position(within).unwrap_or(BOUNDS.len())]);
        calls.microseconds.fetch_add(took.as_micros() as u64, Ordering::Relaxed);
    }

    /// A call is no longer waited for.
    pub fn given_up(&self, target: usize, late: bool) {
        let Some(calls) = self.calls.get(target) else { return };
        let behind = if late { 2 } else { 1 };
        calls.outcomes.get(calls.outcomes.len() - behind).into_iter().for_each(|(_, count)| add(count));
    }

    /// A handshake was done.
    pub fn secured(&self, version: &str) {
        add(&self.handshakes[VERSIONS.iter().position(|known| *known == version).unwrap_or(2)]);
    }

    /// Adds its numbers to others.
    fn put(&self, samples: &mut Samples) {
        let (listener, protocol) = (self.listener.to_string(), &*self.program.name);
        let states = &self.program.states;
        let mut put = |family: Family, labels: &[(&str, &str)], count: &AtomicU64| {
            let mut all = vec![("listener", &*listener), ("protocol", protocol)];
            all.extend(labels);
            samples.add(family, &all, read(count));
        };
        put(SESSIONS, &[], &self.sessions);
        for (handler, count) in self.program.handlers.iter().zip(&self.commands) {
            // A handler that no state takes has none.
            let Some(state) = states.get(usize::from(handler.state.0)) else { continue };
            let verb = self.program.verbs.get(usize::from(handler.verb)).map_or("none", |verb| &verb.text);
            put(COMMANDS, &[("state", &state.name), ("command", verb)], count);
        }
        for (reason, count) in REASONS.iter().zip(&self.lines) {
            put(LINES, &[("reason", reason)], count);
        }
        // Most pairs cannot be.
        for (at, count) in self.transitions.iter().enumerate().filter(|(_, count)| read(count) > 0.0) {
            let (from, to) = (&states[at / states.len()], &states[at % states.len()]);
            put(TRANSITIONS, &[("from", &from.name), ("to", &to.name)], count);
        }
        for (reply, count) in self.program.replies.iter().zip(&self.replies) {
            put(REPLIES, &[("code", reply.status.as_deref().unwrap_or("none"))], count);
        }
        for (version, count) in VERSIONS.iter().zip(&self.handshakes) {
            put(HANDSHAKES, &[("version", version)], count);
        }
        self.calls.iter().for_each(|calls| calls.put(protocol, samples));
    }
}

impl Calls {
    fn new(target: &Target) -> Calls {
        let names = target.outcomes().into_iter().chain(["late", "abandoned"]);
        Calls {
            name: target.name().clone(),
            outcomes: names.map(|name| (name.to_string(), AtomicU64::new(0))).collect(),
            buckets: Default::default(),
            microseconds: AtomicU64::new(0),
        }
    }

    /// What an action does is the same behind every address.
    fn put(&self, protocol: &str, samples: &mut Samples) {
        let labels = [("protocol", protocol), ("action", &self.name)];
        for (outcome, count) in &self.outcomes {
            samples.add(CALLS, &[labels[0], labels[1], ("outcome", outcome)], read(count));
        }
        let mut total = 0.0;
        for (at, count) in self.buckets.iter().enumerate() {
            total += read(count);
            let bound = BOUNDS.get(at).map_or("+Inf".to_string(), |bound| (*bound as f64 / 1000.0).to_string());
            samples.bucket(CALL_SECONDS, &labels, (at, bound), total);
        }
        samples.part(CALL_SECONDS, "_sum", &labels, read(&self.microseconds) / 1e6);
        samples.part(CALL_SECONDS, "_count", &labels, total);
    }
}

fn address(target: &Target) -> usize {
    match target {
        Target::Action(signature) => Arc::as_ptr(signature).addr(),
        Target::Statement(statement) => Arc::as_ptr(statement).addr(),
        Target::Client(client) => Arc::as_ptr(client).addr(),
    }
}

fn zeros(length: usize) -> Box<[AtomicU64]> {
    (0..length).map(|_| AtomicU64::new(0)).collect()
}

fn add(count: &AtomicU64) {
    count.fetch_add(1, Ordering::Relaxed);
}

fn read(count: &AtomicU64) -> f64 {
    count.load(Ordering::Relaxed) as f64
}
