//! The longest that each command may keep its peer waiting: the sum of all `within` and `pause` on its longest path. All
//! that may run on the way is counted: the answer of a counter, of what finds no room, of a prompt that is cancelled or misread and of a fault,
//! the `leave` of the state that is left and the `enter` of the one that is entered, behind an upgrade too.
//!
//! Times that are settings count with their defaults, or with the values of a listener. A loop counts with its own
//! `within`, and so does a client that is asked. What the peer takes to go on is its own time. So is, for as long as
//! the limit `idle`, the time in which a payload is kept.
//!
//! Never: counts the time that calculation takes; recurses, however the ways lead into each other.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use program::{Entry, Expr, HandlerId, Origin, Pc, Program, SettingId, StateId, To, Value, Waiting, Why};

/// How many waits of one path are shown; the rest is shown as one.
const MOST_WAITS: usize = 64;

/// What one command may take at the most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// The names of the states that it is the same in; none for what runs in every state.
    pub states: Vec<Arc<str>>,
    /// Its template in plain words, or what happens: `entering`, `out of order`, `limit idle`.
    pub command: Arc<str>,
    /// The first handler that it is of; none for what is no command.
    pub handler: Option<HandlerId>,
    /// The first state that is entered, where it is of `entering`.
    pub entered: Option<StateId>,
    /// What it waits for on the longest path, in order; past 64 waits the rest is one.
    pub waits: Vec<Wait>,
    /// The sum.
    pub worst: Duration,
    /// How long the peer waits, as the wire declares it, and the verb that it is declared for. What answers any verb is
    /// held against the shortest.
    pub patience: Option<(Arc<str>, Duration)>,
    /// How long a session may last.
    pub session: Option<Duration>,
}

/// Something that is waited for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
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
        let patience = self.patience.as_ref().map(|(_, patience)| *patience);
        [patience, self.session].into_iter().flatten().any(|most| self.worst > most)
    }
}

/// The budgets of all that happens in a protocol, those that wait for nothing included; the longest first. Settings have
/// their defaults.
pub fn budget(program: &Program) -> Vec<Budget> {
    budgets(program, None)
}

/// The same with the settings of a listener, in the order of the program.
pub fn budget_with(program: &Program, settings: &[Value]) -> Vec<Budget> {
    budgets(program, Some(settings))
}

fn budgets(program: &Program, settings: Option<&[Value]>) -> Vec<Budget> {
    let times = match settings {
        Some(values) => {
            values.iter().map(|value| if let Value::Duration(time) = value { Some(*time) } else { None }).collect()
        }
        None => program.settings.iter().fold(Vec::new(), |mut times: Vec<Option<Duration>>, setting| {
            // A default uses settings that come before it.
            let before = |SettingId(place): SettingId| times.get(usize::from(place)).copied().flatten();
            times.push(setting.default.as_ref().and_then(|default| default.time(&before)));
            times
        }),
    };
    let mut reader = Reader { program, times, known: HashMap::new(), begun: HashSet::new(), longest_leave: None };
    let session = reader.time(&program.limits.session.after);
    let mut budgets: Vec<Budget> = Vec::new();
    let mut places = HashMap::new();
    let mut listed = HashSet::new();
    let broken = reader.happening((program.limits.broken, None));
    reader.longest_leave = reader.longest_leave();
    for Happening { here, command, handler, patience, entry } in happenings(program) {
        // A fault of ours may come at the end of every way.
        let (mut worst, mut waits) = reader.happening((entry, here));
        if entry != program.limits.broken {
            worst = worst.saturating_add(broken.0);
            waits.extend(broken.1.iter().cloned());
        }
        let patience = patience.map(|(verb, seconds)| (verb.clone(), Duration::from_secs(*seconds)));
        let state = here.and_then(|here| program.states.get(usize::from(here.0))).map(|state| state.name.clone());
        let place = *places.entry((command.clone(), waits.clone(), patience.clone())).or_insert_with(|| {
            let entered = here.filter(|_| handler.is_none());
            let states = Vec::new();
            budgets.push(Budget { states, command, handler, entered, waits, worst, patience, session });
            budgets.len() - 1
        });
        if let Some(state) = state.filter(|state| listed.insert((place, state.clone()))) {
            budgets[place].states.push(state);
        }
    }
    budgets.sort_by_key(|budget| std::cmp::Reverse(budget.worst));
    budgets
}

/// Something that begins a body.
struct Happening<'p> {
    here: Option<StateId>,
    command: Arc<str>,
    handler: Option<HandlerId>,
    patience: Option<&'p (Arc<str>, u64)>,
    entry: Pc,
}

/// All that begins a body: in which state, what, and where the body begins.
fn happenings(program: &Program) -> Vec<Happening<'_>> {
    let granted = &program.wire.patience;
    let exact = program.wire.exact_case;
    let is_it = |name: &str, verb: &str| if exact { name == verb } else { name.eq_ignore_ascii_case(verb) };
    let shortest = granted.iter().min_by_key(|(_, seconds)| *seconds);
    let happening = |(what, entry): (Entry, Pc)| {
        let (here, handler, patience) = match what {
            Entry::Enter(state) => (Some(state), None, None),
            Entry::Handler(id) | Entry::TooBig(id) | Entry::NotKept(id) => {
                let handler = program.handlers.get(id.0 as usize)?;
                let verb = program.verbs.get(usize::from(handler.verb)).map(|verb| &*verb.text);
                let patience = granted.iter().find(|(name, _)| verb.is_some_and(|verb| is_it(name, verb)));
                (Some(handler.state), Some(id), patience)
            }
            Entry::OutOfOrder | Entry::BadArguments | Entry::JumpedQueue => (None, None, shortest),
            // It is a part of what leads to it.
            Entry::Leave(_) => return None,
            _ => (None, None, None),
        };
        Some(Happening { here, command: program.words(what).into(), handler, patience, entry })
    };
    program.entries().filter_map(happening).collect()
}

/// An instruction, and the state that it runs in; none for what runs in every state.
type Key = (Pc, Option<StateId>);

/// The longest way from an instruction to an end, and how it goes on.
#[derive(Debug, Clone, Copy, Default)]
struct Way {
    time: Duration,
    /// The ways that it goes on with, one behind the other, and whether that is the way out of the state.
    then: [Option<(Key, bool)>; 2],
}

/// The longest ways from an instruction: one that ends in the state that it runs in, and one that leads out of it, where
/// that state is not known. There is one of them at least.
#[derive(Debug, Clone, Copy, Default)]
struct Ways {
    stays: Option<Way>,
    leaves: Option<Way>,
}

struct Reader<'p> {
    program: &'p Program,
    /// The times that settings are, in their order.
    times: Vec<Option<Duration>>,
    /// The longest ways from instructions that were looked at.
    known: HashMap<Key, Ways>,
    /// What is being looked at, or was: who comes to it again before it is known goes in a circle, and waits no more.
    begun: HashSet<Key>,
    /// The state that may take longest to leave.
    longest_leave: Option<StateId>,
}

impl Reader<'_> {
    /// The longest wait of a body, and what is waited for on the way. What runs in every state may leave any of them.
    fn happening(&mut self, key: Key) -> (Duration, Vec<Wait>) {
        self.look(key);
        let best = self.total(key, key.1.or(self.longest_leave));
        (best.time, self.waits(&best))
    }

    /// The state whose `leave` may take longest.
    fn longest_leave(&mut self) -> Option<StateId> {
        let mut longest = None;
        for place in 0..self.program.states.len() {
            let state = StateId(place as u16);
            let Some(leave) = self.leave(state) else { continue };
            self.look(leave);
            let time = self.total(leave, None).time;
            if longest.is_none_or(|(most, _)| time > most) {
                longest = Some((time, state));
            }
        }
        longest.map(|(_, state)| state)
    }

    /// Looks at an instruction and at all that it leads to, what it leads to first.
    fn look(&mut self, key: Key) {
        let mut open = vec![key];
        while let Some(key) = open.last().copied() {
            if self.known.contains_key(&key) {
                open.pop();
                continue;
            }
            let first = self.begun.insert(key);
            let ahead = self.ahead(key);
            let before = open.len();
            if first {
                open.extend(ahead.keys().filter(|next| !self.known.contains_key(next) && !self.begun.contains(next)));
            }
            if open.len() == before {
                open.pop();
                self.known.insert(key, self.ways(key, &ahead));
            }
        }
    }

    /// What an instruction leads to.
    fn ahead(&self, (at, here): Key) -> Ahead {
        let mut ahead = Ahead::default();
        let Some(op) = self.program.code.get(at.0 as usize) else {
            ahead.ends = true;
            return ahead;
        };
        // Where the wire has no word for "never mind", nothing is cancelled, and a bad answer takes as long.
        for exit in op.exits(at) {
            match (exit.to, exit.why) {
                // What the peer takes to go on is its own time.
                (_, Why::Silent | Why::Gone) => {}
                // Back to the head of a loop: one round stands for all.
                (To::Here(way), Why::Jump | Why::Condition(_)) if way.0 <= at.0 => {}
                (To::Here(way), _) => ahead.here.push(way),
                (To::Body(entry), _) => ahead.outside.extend(self.program.entry(entry)),
                (To::State(state), _) => {
                    ahead.goes = true;
                    ahead.leave = here.filter(|here| *here != state).and_then(|here| self.leave(here));
                    ahead.enter = self.entering(state);
                }
                (To::Secure(state), _) => {
                    ahead.goes = true;
                    ahead.leave = here.and_then(|here| self.leave(here));
                    ahead.enter = self.entering(state);
                }
                (To::Close, _) => {
                    (ahead.goes, ahead.closes) = (here.is_some(), here.is_none());
                    ahead.leave = here.and_then(|here| self.leave(here));
                }
                (To::Stay | To::Left | To::Given(_), _) => ahead.ends = true,
            }
        }
        if ahead.here.is_empty() && !ahead.goes && !ahead.closes {
            ahead.ends = true;
        }
        ahead.state = here;
        // What runs in every state may leave this one.
        ahead.own_leave = here.filter(|_| !ahead.outside.is_empty()).and_then(|here| self.leave(here));
        ahead
    }

    /// The longest ways from an instruction, from those of all that it leads to.
    fn ways(&self, key: Key, ahead: &Ahead) -> Ways {
        let longer = |a: Option<Way>, b: Option<Way>| match (a, b) {
            (Some(a), Some(b)) => Some(if b.time > a.time { b } else { a }),
            (one, other) => one.or(other),
        };
        let mut ways = Ways { stays: ahead.ends.then(Way::default), leaves: ahead.closes.then(Way::default) };
        if ahead.goes {
            let leave = ahead.leave.map(|leave| self.total(leave, None)).unwrap_or_default();
            let enter = ahead.enter.map(|enter| self.total(enter, enter.1)).unwrap_or_default();
            let then = [ahead.leave.map(|leave| (leave, false)), ahead.enter.map(|enter| (enter, false))];
            ways.stays = longer(ways.stays, Some(Way { time: leave.time.saturating_add(enter.time), then }));
        }
        let through = |next: Key, leaves: bool| {
            let found = self.known.get(&next)?;
            let way = if leaves { found.leaves } else { found.stays }?;
            Some(Way { time: way.time, then: [Some((next, leaves)), None] })
        };
        for next in &ahead.here {
            ways.stays = longer(ways.stays, through((*next, ahead.state), false));
            ways.leaves = longer(ways.leaves, through((*next, ahead.state), true));
        }
        for next in &ahead.outside {
            match ahead.state {
                Some(_) => ways.stays = longer(ways.stays, Some(self.total((*next, None), ahead.state))),
                None => {
                    ways.stays = longer(ways.stays, through((*next, None), false));
                    ways.leaves = longer(ways.leaves, through((*next, None), true));
                }
            }
        }
        if ways.stays.is_none() && ways.leaves.is_none() {
            ways.stays = Some(Way::default());
        }
        if let Some(own) = self.own(key.0) {
            for way in [&mut ways.stays, &mut ways.leaves].into_iter().flatten() {
                way.time = way.time.saturating_add(own.time);
            }
        }
        ways
    }

    /// The longest way from an instruction to an end, where it runs in that state.
    fn total(&self, key: Key, state: Option<StateId>) -> Way {
        let Some(ways) = self.known.get(&key) else { return Way::default() };
        let stays = ways.stays.map(|way| Way { time: way.time, then: [Some((key, false)), None] });
        let leaves = ways.leaves.map(|way| {
            let leave = state.and_then(|state| self.leave(state));
            let left = leave.map(|leave| self.total(leave, None)).unwrap_or_default();
            let then = [Some((key, true)), leave.map(|leave| (leave, false))];
            Way { time: way.time.saturating_add(left.time), then }
        });
        match (stays, leaves) {
            (Some(a), Some(b)) => {
                if b.time > a.time {
                    b
                } else {
                    a
                }
            }
            (one, other) => one.or(other).unwrap_or_default(),
        }
    }

    /// What is waited for on a way, in order.
    fn waits(&self, whole: &Way) -> Vec<Wait> {
        let mut waits: Vec<Wait> = Vec::new();
        let mut open: Vec<(Key, bool)> = whole.then.iter().rev().flatten().copied().collect();
        while let Some((key, leaves)) = open.pop() {
            waits.extend(self.own(key.0));
            let ways = self.known.get(&key).copied().unwrap_or_default();
            let Some(way) = (if leaves { ways.leaves } else { ways.stays }) else { continue };
            open.extend(way.then.iter().rev().flatten());
            if waits.len() > MOST_WAITS {
                waits.truncate(MOST_WAITS);
                let rest = waits.iter().fold(whole.time, |rest, wait| rest.saturating_sub(wait.time));
                waits.push(Wait { what: "and more".into(), time: rest, origin: None });
                return waits;
            }
        }
        waits
    }

    /// What an instruction waits for by itself.
    fn own(&self, at: Pc) -> Option<Wait> {
        // Within a loop that has a time of its own, that time counts.
        let waits = self.program.code.get(at.0 as usize)?.waits().filter(|waits| waits.until.is_none())?;
        let what = match waits.what {
            Waiting::Call(ask) => ask.target.name().clone(),
            Waiting::Loop => "for each".into(),
            Waiting::Pause => "pause".into(),
        };
        let time = self.time(waits.time).filter(|time| !time.is_zero())?;
        Some(Wait { what, time, origin: self.program.origins.get(at.0 as usize).copied() })
    }

    /// What runs before a state is left.
    fn leave(&self, state: StateId) -> Option<Key> {
        Some((self.program.entry(Entry::Leave(state))?, None))
    }

    /// What runs when a state is entered.
    fn entering(&self, state: StateId) -> Option<Key> {
        Some((self.program.entry(Entry::Enter(state))?, Some(state)))
    }

    /// A time that is written down, a setting, or a sum of these.
    fn time(&self, time: &Expr) -> Option<Duration> {
        time.time(&|SettingId(place)| self.times.get(usize::from(place)).copied().flatten())
    }
}

/// What an instruction leads to.
#[derive(Default)]
struct Ahead {
    /// The state that it runs in.
    state: Option<StateId>,
    /// Instructions of the same body.
    here: Vec<Pc>,
    /// Bodies that run in every state.
    outside: Vec<Pc>,
    /// Whether it ends the body in the state.
    ends: bool,
    /// Whether it ends the body for another state or for the end of the session, by `leave` and then by `enter`.
    goes: bool,
    /// Whether it ends the session from a state that is not known.
    closes: bool,
    leave: Option<Key>,
    enter: Option<Key>,
    own_leave: Option<Key>,
}

impl Ahead {
    fn keys(&self) -> impl Iterator<Item = Key> + '_ {
        let here = self.here.iter().map(|next| (*next, self.state));
        let outside = self.outside.iter().map(|next| (*next, None));
        here.chain(outside).chain(self.leave).chain(self.enter).chain(self.own_leave)
    }
}
