//! The naive evaluator beside a machine: after each input both must have done the same.
//!
//! Never: feeds the machine.

use std::{sync::Arc, time::Duration};

use machine::{Body, Effect, Input, Machine, Now, Outgoing};
use program::{LineEnd, PayloadId, Target};

use super::memory::Kept;
use crate::meaning::{Event, Protocol, Seen, Session, Start, Value, Violation, answered};

/// One session of the evaluator.
pub(super) struct Naive {
    session: Session,
    /// What the machine did since the last comparison.
    seen: Vec<Seen>,
    line_end: LineEnd,
    /// Whether the machine shows less than a client said, since a secret may be in it.
    masked: bool,
    /// The place of the code among the words of an answer.
    code: usize,
    /// Whom the machine asked last.
    target: Option<Target>,
    /// What was promised and did not hold, and how much of that the evaluator has told.
    violations: Vec<Violation>,
    told: usize,
    /// The first difference.
    pub(super) difference: Option<String>,
}

impl Naive {
    /// A session that has not begun; none where the settings do not fit.
    pub(super) fn new(protocol: &Arc<Protocol>, start: Start, line_end: LineEnd, masked: bool) -> Option<Naive> {
        let session = Session::new(protocol.clone(), start)?;
        let code = usize::from(protocol.is_tagged());
        Some(Naive {
            session,
            seen: Vec::new(),
            line_end,
            masked,
            code,
            target: None,
            violations: Vec::new(),
            told: 0,
            difference: None,
        })
    }

    /// An input in the evaluator's words.
    pub(super) fn event(&self, input: &Input<'_>, kept: &Kept) -> Event {
        match input {
            Input::Open => Event::Open,
            Input::Bytes(octets) => Event::Octets(octets.to_vec()),
            Input::Outcome(_, outcome) => {
                let content = |id| kept.get(&id).cloned().unwrap_or_default();
                let target = self.target.as_ref().expect("what is answered was asked");
                answered(target, outcome, &content)
            }
            Input::Stored(_) => Event::Kept,
            Input::StoreFailed(_, why) => Event::NotKept((*why).to_owned()),
            Input::Secured(tls) => Event::Secured(tls.clone()),
            Input::Timeout => Event::Time,
            Input::Eof => Event::Eof,
            Input::Gone => Event::Gone,
            Input::End(reason) => Event::End(*reason),
        }
    }

    /// The machine did this.
    pub(super) fn did(&mut self, effect: &Effect<'_>, kept: &Kept) {
        let content = |id| kept.get(&id).cloned().unwrap_or_default();
        let seen = match effect {
            Effect::Send { octets, .. } => Seen::Sent(octets.to_vec()),
            Effect::Payload { id, form, .. } => {
                let mut octets = Vec::new();
                let mut outgoing = Outgoing::new(*form, self.line_end);
                outgoing.push(&id.map(content).unwrap_or_default(), &mut octets);
                outgoing.finish(&mut octets);
                Seen::Sent(octets)
            }
            Effect::Call(call) => {
                self.target = Some(call.target.clone());
                let plain = |value| Value::of(value, None, &content).plain();
                Seen::Asked {
                    name: call.target.name().to_string(),
                    arguments: call.arguments.iter().map(plain).collect(),
                    using: call.using.as_ref().map(|statement| statement.name.to_string()),
                    within: call.within,
                }
            }
            Effect::Cancel(_) => Seen::Cancelled,
            Effect::Body(Body::End(id)) => Seen::Keep(content(*id)),
            Effect::Secure(drained) => Seen::Secure(drained.dropped()),
            Effect::Log(level, line) => Seen::Logged(*level, (*line).to_owned()),
            Effect::Close => Seen::Closed,
            Effect::Body(_) | Effect::Deadline(_) | Effect::Heard(_) | Effect::Said(_) => return,
        };
        self.seen.push(seen);
    }

    /// The same happens to the evaluator: both must have done the same, and wait for the same.
    pub(super) fn happen(&mut self, now: Now, event: Event, machine: &Machine) {
        if self.difference.is_some() {
            return;
        }
        let told = format!("{event:?}");
        let mut does = joined(std::mem::take(&mut self.seen));
        let mut means = joined(self.session.happen(now, event));
        let masked = self.session.repeated() && self.masked;
        let found = self.session.violations();
        let new = found.into_iter().skip(self.told);
        self.told = self.session.violations().len();
        self.violations.extend(new.filter(|violation| !(masked && matches!(violation, Violation::Secret(_)))));
        if masked {
            // How much of a line may be shown is not part of its meaning: that no secret is shown is watched by itself.
            (does, means) = (outlined(does, self.code), outlined(means, self.code));
        }
        let deadlines: (Option<Duration>, Option<Duration>) = (machine.deadline(), self.session.deadline());
        self.difference = if does != means {
            Some(format!("at {told}\n  the machine {}\n  the meaning {}", shown(&does), shown(&means)))
        } else if *machine.state().name != *self.session.state() && !machine.closed() {
            Some(format!("at {told}: state {} means {}", machine.state().name, self.session.state()))
        } else if deadlines.0 != deadlines.1 {
            Some(format!("at {told}: the machine wakes at {:?}, and {:?} is meant", deadlines.0, deadlines.1))
        } else if machine.wants_input() != self.session.wants_octets() {
            Some(format!("at {told}: whose turn it is"))
        } else {
            None
        };
    }

    /// What was promised and did not hold.
    pub(super) fn violations(&self) -> Vec<(&'static str, String)> {
        let worded = |violation: Violation| match violation {
            Violation::Answers(line, count) => ("answers", format!("the meaning: `{line}` has {count} final answers")),
            Violation::Promise(text) => ("promise", text),
            Violation::Absent(what) => ("absent", what),
            Violation::Secret(what) => ("secret", what),
            Violation::Broken(why) => ("broken", format!("the meaning: {why}")),
        };
        self.violations.clone().into_iter().map(worded).collect()
    }
}

/// What is sent in one go, as one; and faults of ours alike, whatever their words.
pub fn joined(seen: Vec<Seen>) -> Vec<Seen> {
    let mut all: Vec<Seen> = Vec::new();
    for seen in seen {
        let seen = match seen {
            Seen::Asked { name, arguments, using, within } => {
                Seen::Asked { name, arguments: arguments.into_iter().map(Value::plain).collect(), using, within }
            }
            Seen::Logged(level, line) if line.starts_with("a fault of ours") => Seen::Logged(level, "a fault".into()),
            other => other,
        };
        match (all.last_mut(), seen) {
            (Some(Seen::Sent(before)), Seen::Sent(octets)) => before.extend(octets),
            (_, Seen::Sent(octets)) if octets.is_empty() => {}
            (_, seen) => all.push(seen),
        }
    }
    all
}

/// The same with the words of answers and of the log left out: how many answers, and of which codes; `place` is that of
/// the code among the words.
fn outlined(seen: Vec<Seen>, place: usize) -> Vec<Seen> {
    let outline = |line: &[u8]| line.split(|octet| *octet == b' ').nth(place).unwrap_or_default().to_vec();
    let one = |seen| match seen {
        Seen::Sent(octets) => {
            let lines = octets.split(|octet| *octet == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
            // The lines before the last of an answer are as many as its words need.
            let last = lines.map(outline).filter(|first| !first.contains(&b'-'));
            Seen::Sent(last.collect::<Vec<_>>().join(&b'\n'))
        }
        Seen::Logged(level, _) => Seen::Logged(level, String::new()),
        other => other,
    };
    seen.into_iter().map(one).collect()
}

fn shown(seen: &[Seen]) -> String {
    let one = |seen: &Seen| match seen {
        Seen::Sent(octets) => format!("sent \"{}\"", octets.escape_ascii()),
        Seen::Keep(octets) => format!("keeps \"{}\"", octets.escape_ascii()),
        other => format!("{other:?}"),
    };
    seen.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// The content of a payload that nobody kept.
pub(super) fn content(kept: &Kept, id: Option<PayloadId>) -> Vec<u8> {
    id.and_then(|id| kept.get(&id)).cloned().unwrap_or_default()
}
