//! What the product promises of every run, watched while one goes on.
//!
//! Never: changes what a session does.

use std::time::Duration;

use grammar::tree::{Answer, Condition, Event, Expr, ExprKind, Name, PatternPart};

use super::{
    Violation,
    expression::Sight,
    session::{Frame, Phase, Session},
    types::Sign,
    value::Value,
};

/// Secrets shorter than this are part of too many other texts.
const TELLING: usize = 6;

/// What is watched of the present command.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// What is to be answered once, and how many answers it has.
    pub(super) command: Option<(String, usize)>,
    /// How long the client has waited for the session since its line.
    waited: Duration,
    /// Each command that was answered, and how long it took.
    pub(super) waits: Vec<(String, Duration)>,
    /// What was asked since the client last had its turn, and the outcomes that came.
    pub(super) answered: Vec<(String, String)>,
    secrets: Vec<Vec<u8>>,
    /// What values held that are no secrets.
    plain: String,
    /// The line, without the word before it.
    pub(super) line: Vec<Sign>,
}

impl Watch {
    /// Something is to be answered once.
    pub(super) fn begin(&mut self, what: &str) {
        self.command = Some((what.to_owned(), 0));
        self.waited = Duration::ZERO;
    }

    /// Time has passed while the session was in that phase.
    pub(super) fn passes(&mut self, span: Duration, phase: &Phase) {
        if matches!(phase, Phase::Asking { .. } | Phase::Pausing { .. } | Phase::Keeping { .. }) {
            self.waited += span;
        }
    }

    /// The secrets in a value must be shown nowhere from now on.
    pub(super) fn keep_secrets(&mut self, value: &Value) {
        value.secrets(&mut self.secrets);
        // What the client says where no secret belongs is none, whatever else it says it for, before or later.
        self.plain.push_str(&value.shown());
        self.plain.push('\n');
        let plain = self.plain.as_bytes();
        let said = |secret: &Vec<u8>| plain.windows(secret.len()).any(|window| window == secret.as_slice());
        self.secrets.retain(|secret| secret.len() >= TELLING && !said(secret));
    }
}

impl Session {
    pub(super) fn violate(&self, violation: Violation) {
        self.violations.borrow_mut().push(violation);
    }

    /// A final answer is given, by the command or by a round of its `answer each`.
    pub(super) fn count_answer(&mut self) {
        let waited = self.watch.waited;
        let mut rounds = self.work.iter_mut().filter_map(|frame| match frame {
            Frame::Each { owed: Some(owed), .. } => Some(owed),
            _ => None,
        });
        if let Some((what, count)) = &mut self.watch.command {
            match rounds.next() {
                Some(owed) if *owed > 0 => *owed -= 1,
                _ => *count += 1,
            }
            let what = what.clone();
            self.watch.waits.push((what, waited));
        }
    }

    /// An `answer each` is over: what its rounds gave is all of the answer, if none of them owes one.
    pub(super) fn close_rounds(&mut self, owed: usize) {
        if let Some((_, count)) = &mut self.watch.command {
            *count += 1 + owed;
        }
    }

    /// The command is done: it must have been answered once.
    pub(super) fn count_answers(&mut self) {
        if let Some((what, count)) = self.watch.command.take()
            && count != 1
            && !self.breaking
        {
            self.violate(Violation::Answers(what, count));
        }
        self.watch.waited = Duration::ZERO;
    }

    /// No secret may be in what is shown.
    pub(super) fn look_for_secrets(&self, shown: &[u8]) {
        let inside = |secret: &&Vec<u8>| shown.windows(secret.len()).any(|window| window == &secret[..]);
        // What a client took for its secret the file says itself, wherever it shows how a command is written.
        let commands = self.protocol.commands();
        let written = |secret: &Vec<u8>| {
            let says = |usage: &str| usage.as_bytes().windows(secret.len()).any(|window| window == &secret[..]);
            commands.iter().any(|command| says(&command.template.usage))
        };
        if self.watch.secrets.iter().any(|secret| inside(&secret) && !written(secret)) {
            self.violate(Violation::Secret(String::from_utf8_lossy(shown).into_owned()));
        }
    }

    /// Something is asked.
    pub(super) fn watch_ask(&self, asked: &str) {
        self.hold_against(&|event| matches!(event, Event::Ask(name) if *name.text == *asked));
    }

    /// An answer is given, a line before it, or a question.
    pub(super) fn watch_reply(&self, answer: &Answer) {
        let Some(status) = &answer.status else { return };
        self.hold_against(&|event| match event {
            Event::Reply(name) => match name.text.strip_suffix("xx") {
                Some(class) => status.text.starts_with(class),
                None => name.text == status.text,
            },
            _ => false,
        });
    }

    /// Something is added.
    pub(super) fn watch_add(&self, to: &[Name]) {
        let text = |name: &Name| name.text.clone();
        // A local that is such a record as the fact is may be a copy of it.
        let record = |value: Option<&Value>| match value {
            Some(Value::Record(record)) => Some(record.name.clone()),
            _ => None,
        };
        let local = |name: &Name| self.names.locals.iter().rev().find(|(local, _)| *local == *name.text);
        let alike = |fact: &Name, root: &Name| {
            let is = record(local(root).map(|(_, value)| value));
            is.is_some() && is == record(self.facts.get(&*fact.text))
        };
        let same = |names: &[Name]| match (names, to) {
            ([fact, inner @ ..], [root, within @ ..]) => {
                inner.iter().map(text).eq(within.iter().map(text)) && (fact.text == root.text || alike(fact, root))
            }
            _ => false,
        };
        self.hold_against(&|event| matches!(event, Event::Add(names) if same(names)));
    }

    /// The session has come to a state.
    pub(super) fn watch_state(&self) {
        self.hold_against(&|event| matches!(event, Event::In(name) if *name.text == *self.state));
    }

    /// A command is carried out.
    pub(super) fn watch_command(&self) {
        self.hold_against(&|event| match event {
            Event::On(pattern) => match pattern.parts.first() {
                Some(PatternPart::Literal(meant, _)) => self.begins_so(meant),
                Some(PatternPart::Request(_)) => true,
                _ => false,
            },
            _ => false,
        });
    }

    /// Whether the line begins so: runs of blanks count as one.
    fn begins_so(&self, text: &str) -> bool {
        let letter = |sign: &Sign| if let Sign::Octet(octet) = sign { char::from(*octet) } else { '\0' };
        let said = one_blank(self.watch.line.iter().map(letter));
        let wanted = one_blank(text.bytes().map(char::from));
        said.get(..wanted.len()).is_some_and(|head| self.protocol.same_verb(head, &wanted))
    }

    /// Holds what happens against every promise that speaks of it.
    fn hold_against(&self, happens: &dyn Fn(&Event) -> bool) {
        for promise in self.protocol.promises().filter(|promise| happens(&promise.event)) {
            if !self.kept_by(&promise.unless) {
                self.violate(Violation::Promise(promise.text.text.to_string()));
            }
        }
    }

    fn kept_by(&self, condition: &Condition) -> bool {
        match condition {
            Condition::Any(list) => list.iter().any(|condition| self.kept_by(condition)),
            Condition::Answered(name, outcome) => {
                self.watch.answered.iter().any(|(asked, came)| **asked == *name.text && **came == *outcome.text)
            }
            Condition::Holds(expr) => self.alternatives(expr),
        }
    }

    /// One of the conditions that `or` parts must hold; one that cannot be asked here does not.
    fn alternatives(&self, expr: &Expr) -> bool {
        if let ExprKind::Or(list) = &expr.kind {
            return list.iter().any(|expr| self.alternatives(expr));
        }
        let sight = Sight { told: None, promised: true, ..self.sight() };
        sight.holds(expr).unwrap_or(false)
    }
}

/// A text in which one blank stands for each run of them.
fn one_blank(letters: impl Iterator<Item = char>) -> String {
    letters.fold(String::new(), |mut text, letter| {
        if letter != ' ' || !text.ends_with(' ') {
            text.push(letter);
        }
        text
    })
}
