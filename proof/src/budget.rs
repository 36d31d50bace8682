//! The longest that each command may keep its peer waiting: the sum of all `within` and `pause` on its longest path, the
//! `leave` of the state that it leads out of and the `enter` of the one that it leads to included.
//!
//! Times that are settings count with their defaults. A loop counts with its own `within`, and so does a client that is
//! asked. What the peer takes to go on is its own time.
//!
//! Never: counts the time that calculation takes.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use program::{Expr, Op, Origin, Pc, Program, SettingId, StateId, Value};

/// What one command may take at the most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// The names of the states that it is the same in; none for what runs in every state.
    pub states: Vec<Arc<str>>,
    /// Its template in plain words, or what happens: `entering`, `out of order`, `limit idle`.
    pub command: Arc<str>,
    /// What it waits for on the longest path, in order.
    pub waits: Vec<Wait>,
    /// The sum.
    pub worst: Duration,
    /// How long the peer waits, as the wire declares it for the verb.
    pub patience: Option<Duration>,
    /// How long a session may last.
    pub session: Option<Duration>,
}

/// Something that is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// What: the name of what is asked, `pause`, `for each`.
    pub what: Arc<str>,
    /// For how long.
    pub time: Duration,
    /// Where it stands.
    pub origin: Option<Origin>,
}

impl Budget {
    /// Whether it may take longer than the peer waits, or than a session lasts.
    pub fn is_exceeded(&self) -> bool {
        [self.patience, self.session].into_iter().flatten().any(|most| self.worst > most)
    }
}

/// The budgets of all that happens in a protocol, those that wait for nothing included; the longest first.
pub fn budget(program: &Program) -> Vec<Budget> {
    let mut reader = Reader { program, known: BTreeMap::new() };
    let session = reader.time(&program.limits.session.after);
    let mut budgets: Vec<Budget> = Vec::new();
    for (here, command, verb, entry) in happenings(program) {
        let waits = reader.longest(entry, here);
        let state = here.and_then(|here| program.states.get(usize::from(here.0))).map(|state| state.name.clone());
        let worst = sum(&waits);
        let is_it = |name: &str, verb: &str| {
            if program.wire.exact_case { name == verb } else { name.eq_ignore_ascii_case(verb) }
        };
        let patience = program.wire.patience.iter().find(|(name, _)| verb.is_some_and(|verb| is_it(name, verb)));
        let patience = patience.map(|(_, seconds)| Duration::from_secs(*seconds));
        let same = |known: &&mut Budget| known.command == command && known.waits == waits && known.patience == patience;
        match budgets.iter_mut().find(same) {
            Some(known) => known.states.extend(state.filter(|state| !known.states.contains(state))),
            None => {
                let states = state.into_iter().collect();
                budgets.push(Budget { states, command, waits, worst, patience, session });
            }
        }
    }
    budgets.sort_by_key(|budget| std::cmp::Reverse(budget.worst));
    budgets
}

type Happening<'p> = (Option<StateId>, Arc<str>, Option<&'p str>, Pc);

/// All that begins a body: in which state, what, with which verb, and where the body begins.
fn happenings(program: &Program) -> Vec<Happening<'_>> {
    let mut all: Vec<Happening<'_>> = Vec::new();
    for (place, state) in program.states.iter().enumerate() {
        let here = Some(StateId(place as u16));
        all.extend(state.enter.map(|enter| (here, "entering".into(), None, enter)));
    }
    for handler in &program.handlers {
        let state = Some(handler.state);
        let verb = program.verbs.get(usize::from(handler.verb)).map(|verb| &*verb.text);
        all.push((state, handler.usage.clone(), verb, handler.entry));
        for at in handler.payload.iter().flat_map(|payload| [payload.too_big, payload.failed]) {
            all.push((state, handler.usage.clone(), verb, at));
        }
    }
    let (unexpected, limits) = (&program.unexpected, &program.limits);
    let others = [
        ("out of order", Some(unexpected.out_of_order)),
        ("bad arguments", Some(unexpected.bad_arguments)),
        ("unknown command", Some(unexpected.unknown_command)),
        ("cancelled", unexpected.cancelled),
        ("bad answer", unexpected.bad_answer),
        ("jumped queue", unexpected.jumped_queue),
        ("limit line", Some(limits.line)),
        ("limit idle", Some(limits.idle.code)),
        ("limit session", Some(limits.session.code)),
        ("limit shutdown", Some(limits.shutdown)),
        ("limit full", Some(limits.full)),
        ("limit broken", Some(limits.broken)),
        ("limit talking early", limits.early.as_ref().map(|limit| limit.code)),
    ];
    all.extend(others.into_iter().filter_map(|(what, at)| Some((None, what.into(), None, at?))));
    let counters = program.counters.iter();
    all.extend(counters.map(|counter| (None, format!("limit {}", counter.name).into(), None, counter.code)));
    all
}

fn sum(waits: &[Wait]) -> Duration {
    waits.iter().map(|wait| wait.time).sum()
}

struct Reader<'p> {
    program: &'p Program,
    /// The longest ways from instructions that were looked at, by the state that they run in.
    known: BTreeMap<(Pc, Option<StateId>), Vec<Wait>>,
}

impl Reader<'_> {
    /// What is waited for on the longest way from an instruction on. All jumps but those of loops lead on.
    fn longest(&mut self, at: Pc, here: Option<StateId>) -> Vec<Wait> {
        if let Some(known) = self.known.get(&(at, here)) {
            return known.clone();
        }
        let Some(op) = self.program.code.get(at.0 as usize) else { return Vec::new() };
        let next = Pc(at.0 + 1);
        let mut own = None;
        let ways = match op {
            Op::Ask(ask) => {
                // Within a loop that has a time of its own, that time counts.
                own = Some((ask.target.name().clone(), &ask.within)).filter(|_| ask.until.is_none());
                ask.outcomes.iter().map(|branch| branch.at).collect()
            }
            Op::Pause(time) => {
                own = Some(("pause".into(), time));
                vec![next]
            }
            Op::Each(each) => {
                own = each.within.as_ref().map(|(within, _)| ("for each".into(), within));
                vec![next]
            }
            Op::Receive(receive) => vec![receive.complete, receive.too_big, receive.failed.at],
            Op::Unless { target, .. } => vec![next, *target],
            Op::Next { end, .. } => vec![next, *end],
            Op::Jump(target) => vec![*target],
            Op::Count(counter) => {
                let counter = self.program.counters.get(usize::from(counter.0));
                counter.map(|counter| counter.code).into_iter().chain([next]).collect()
            }
            Op::Goto(transition) => self.enter(transition.state),
            Op::StartTls(state) => self.enter(*state),
            Op::Stay(_) | Op::Close | Op::Left => Vec::new(),
            _ => vec![next],
        };
        let own = own.and_then(|(what, time)| Some(Wait { what, time: self.time(time)?, origin: self.origin(at) }));
        // Back to the head of a loop: one round stands for all.
        let is_jump = matches!(op, Op::Jump(_) | Op::Unless { .. });
        let ways: Vec<Pc> = ways.into_iter().filter(|way| !is_jump || way.0 > at.0).collect();
        let there = match op {
            Op::Goto(transition) => Some(transition.state),
            Op::StartTls(state) => Some(*state),
            _ => here,
        };
        let mut longest: Vec<Wait> = Vec::new();
        for way in ways {
            let found = self.longest(way, there);
            if sum(&found) > sum(&longest) {
                longest = found;
            }
        }
        let left = self.leave(op, here).map(|leave| self.longest(leave, None)).unwrap_or_default();
        let own = own.into_iter().filter(|wait| !wait.time.is_zero());
        let waits: Vec<Wait> = own.chain(left).chain(longest).collect();
        self.known.insert((at, here), waits.clone());
        waits
    }

    /// What runs before the state is left, where the instruction leads out of it.
    fn leave(&self, op: &Op, here: Option<StateId>) -> Option<Pc> {
        let leads_out = match op {
            Op::Goto(transition) => here != Some(transition.state),
            Op::StartTls(_) | Op::Close => true,
            _ => false,
        };
        self.program.states.get(usize::from(here.filter(|_| leads_out)?.0))?.leave
    }

    fn enter(&self, state: program::StateId) -> Vec<Pc> {
        self.program.states.get(usize::from(state.0)).and_then(|state| state.enter).into_iter().collect()
    }

    fn origin(&self, at: Pc) -> Option<Origin> {
        self.program.origins.get(at.0 as usize).copied()
    }

    /// A time that is written down, or the default of a setting.
    fn time(&self, time: &Expr) -> Option<Duration> {
        match time {
            Expr::Constant(Value::Duration(time)) => Some(*time),
            Expr::Setting(SettingId(place)) => {
                self.program.settings.get(usize::from(*place))?.default.as_ref().and_then(|time| self.time(time))
            }
            _ => None,
        }
    }
}
