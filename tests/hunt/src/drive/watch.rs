//! What needs no second opinion: one answer to each command, nothing secret shown, no wait longer than was reckoned.
//!
//! Never: takes part in a session.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use machine::{Observation, Refusal};
use program::{Handler, HandlerId, Pc, Program, TemplatePart};

use crate::converse::SECRET;

/// The command that is being carried out.
#[derive(Debug, Clone, Default)]
struct Command {
    /// Its usage, or why it was refused.
    what: String,
    replies: u32,
    waited: Duration,
    most: Option<Duration>,
    /// The client did not let it come to its end.
    cut: bool,
}

/// What is known of a program before it runs.
#[derive(Debug, Default)]
pub struct Reckoned {
    /// The instructions of limits that speak between commands.
    outside: BTreeSet<u32>,
    /// The longest that each command may wait, by its state and usage.
    budgets: BTreeMap<(String, String), Duration>,
    /// For each handler the holes that are secrets.
    secrets: Vec<Vec<usize>>,
}

impl Reckoned {
    /// What is known of that program.
    pub fn new(program: &Program) -> Reckoned {
        let limits = &program.limits;
        let mut outside = BTreeSet::new();
        let early = limits.early.as_ref().map(|limit| limit.code);
        for entry in [limits.session.code, limits.shutdown, limits.broken].into_iter().chain(early) {
            reach(program, entry, &mut outside);
        }
        let mut budgets = BTreeMap::new();
        let all = proof::budget(program);
        for budget in &all {
            for state in &budget.states {
                let most: &mut Duration = budgets.entry((state.to_string(), budget.command.to_string())).or_default();
                *most = (*most).max(budget.worst);
            }
        }
        // What must stand alone and does not is answered by a body that is reckoned apart.
        let jumped = all.iter().find(|budget| &*budget.command == "jumped queue").map(|budget| budget.worst);
        for handler in program.handlers.iter().filter(|handler| handler.alone) {
            let state = program.states[usize::from(handler.state.0)].name.to_string();
            let most: &mut Duration = budgets.entry((state, handler.usage.to_string())).or_default();
            *most = (*most).max(jumped.unwrap_or_default());
        }
        let secrets = |handler: &Handler| {
            let holes = handler.captures.iter().enumerate();
            holes.filter(|(_, capture)| capture.ty.is_secret()).map(|(hole, _)| hole).collect()
        };
        Reckoned { outside, budgets, secrets: program.handlers.iter().map(secrets).collect() }
    }

    /// The holes of a handler that the file calls secrets.
    pub(super) fn secrets(&self, handler: HandlerId) -> &[usize] {
        self.secrets.get(handler.0 as usize).map_or(&[], Vec::as_slice)
    }

    /// Whether the secret of a line that fits a handler stands where the file wants one, as far as that is plain: a word
    /// for each hole.
    fn wants(&self, line: &[u8], id: HandlerId, program: &Program) -> bool {
        let (secrets, handler) = (self.secrets(id), &program.handlers[id.0 as usize]);
        let holes = handler.captures.len();
        if secrets.is_empty() || secrets.len() == holes {
            return !secrets.is_empty();
        }
        let verb = match handler.parts.first() {
            Some(TemplatePart::Literal(text)) => text.split_whitespace().count(),
            _ => 0,
        };
        let tag = usize::from(program.wire.tag.is_some());
        let words: Vec<&[u8]> = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).collect();
        let Some(words) = words.get(tag + verb..).filter(|words| words.len() == holes) else { return false };
        words.iter().enumerate().all(|(place, word)| secrets.contains(&place) || !is_marked(word))
    }
}

fn is_marked(octets: &[u8]) -> bool {
    octets.windows(SECRET.len()).any(|part| part.eq_ignore_ascii_case(SECRET.as_bytes()))
}

/// What was watched, and what was wrong.
#[derive(Debug, Default)]
pub struct Watched {
    /// What was wrong: what kind, and how it came about.
    pub wrong: Vec<(&'static str, String)>,
    reckoned: Arc<Reckoned>,
    /// All settings are as the file has them, so its budgets hold.
    budgeted: bool,
    pub(super) answers: (u32, u32),
    command: Option<Command>,
    /// A secret was shown, or was said where nobody can tell that it is one: nothing more can be said about secrets.
    spoilt: bool,
    /// What was said last, where a secret is in it.
    marked: Option<Vec<u8>>,
}

impl Watched {
    /// Begins to watch. `answers`: the least and the most that a command may have. `budgeted`: all settings are as the file has them.
    pub fn new(reckoned: Arc<Reckoned>, answers: (u32, u32), budgeted: bool) -> Watched {
        Watched { reckoned, answers, budgeted, ..Watched::default() }
    }

    /// The holes of a handler that the file calls secrets.
    pub(super) fn secrets(&self, handler: HandlerId) -> &[usize] {
        self.reckoned.secrets(handler)
    }

    /// The machine has taken a line, or refused one.
    pub(super) fn observe(&mut self, observation: Observation, program: &Program) {
        let (what, most) = match observation {
            Observation::Taken(id) => {
                let handler = &program.handlers[id.0 as usize];
                let state = program.states[usize::from(handler.state.0)].name.to_string();
                self.spoilt |= self.marked.as_ref().is_some_and(|line| !self.reckoned.wants(line, id, program));
                let usage = handler.usage.to_string();
                let most = self.reckoned.budgets.get(&(state, usage.clone())).copied();
                (usage, most.filter(|_| self.budgeted))
            }
            Observation::Refused(Refusal::BadArguments) => ("bad arguments".into(), None),
            Observation::Refused(Refusal::OutOfOrder) => ("out of order".into(), None),
            Observation::Refused(Refusal::UnknownCommand) => ("unknown command".into(), None),
            Observation::Refused(Refusal::Foreign) => ("foreign".into(), None),
            Observation::Refused(Refusal::TooLong) => ("too long".into(), None),
            Observation::Transition { .. } => return,
        };
        self.end();
        self.command = Some(Command { what, most, ..Command::default() });
    }

    /// A final answer was given.
    pub(super) fn reply(&mut self, from: Pc) {
        if let Some(command) = &mut self.command
            && !self.reckoned.outside.contains(&from.0)
        {
            command.replies += 1;
        }
    }

    /// Time passed that the session itself waits for.
    pub(super) fn waits(&mut self, time: Duration) {
        if let Some(command) = &mut self.command {
            command.waited += time;
        }
    }

    /// The client did something that no command need survive.
    pub(super) fn cut(&mut self) {
        if let Some(command) = &mut self.command {
            command.cut = true;
        }
    }

    /// The command is done.
    pub(super) fn end(&mut self) {
        let Some(command) = self.command.take() else { return };
        let Command { what, replies, waited, most, cut } = command;
        if !cut && !(self.answers.0..=self.answers.1).contains(&replies) {
            self.wrong.push(("answers", format!("`{what}` has {replies} final answers")));
        }
        // What it waits for behind a cut belongs to the end of the session.
        if let Some(most) = most.filter(|most| !cut && waited > *most) {
            self.wrong.push(("wait", format!("`{what}` waited {waited:?}, and at most {most:?} was reckoned")));
        }
    }

    /// Something is shown.
    pub(super) fn shown(&mut self, how: &str, text: &str) {
        if !self.spoilt && text.to_ascii_lowercase().contains(&SECRET.to_ascii_lowercase()) {
            self.spoilt = true;
            self.wrong.push(("secret", format!("in {how}: {}", text.trim_end())));
        }
    }

    /// Something was said: whether a secret is in it, and whether anybody can tell.
    pub(super) fn said(&mut self, octets: &[u8], guarded: bool) {
        self.marked = is_marked(octets).then(|| octets.to_vec());
        self.spoilt |= self.marked.is_some() && !guarded;
    }

    /// TLS begins: what is said behind it is the beginning of another conversation.
    pub(super) fn secured(&mut self) {
        self.end();
    }

    /// A line of the log of the machine's own.
    pub(super) fn logged(&mut self, text: &str) {
        self.shown("the log", text);
        if text.starts_with("a fault of ours") {
            self.wrong.push(("broken", text.split(", at ").next().unwrap_or(text).into()));
            self.cut();
        }
    }
}

/// All instructions that a body may run, from its first on.
fn reach(program: &Program, entry: Pc, seen: &mut BTreeSet<u32>) {
    let mut open = vec![entry.0];
    while let Some(at) = open.pop() {
        if !seen.insert(at) {
            continue;
        }
        let op = program.code.get(at as usize);
        open.extend(op.into_iter().flat_map(|op| op.onward(Pc(at))).map(|pc| pc.0));
    }
}
