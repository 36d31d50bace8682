//! Payloads: read to their end, whatever was decided about them.
//!
//! Never: leaves an octet of a payload to be taken for a command.

use std::time::Duration;

use grammar::tree::{Expr, Name, OutcomeDef};

use super::{
    Seen,
    command::Verdict,
    protocol::Command,
    session::{Frame, Kept, Phase, Session},
    value::{Fault, Value},
};

/// A payload on its way.
#[derive(Debug)]
pub(super) struct Intake {
    /// When it began.
    pub(super) since: Duration,
    /// What came of it; of a block, without the dots that were put before its lines.
    pub(super) octets: Vec<u8>,
    most: u64,
    /// Why it could not be kept.
    failed: Option<String>,
    /// Whether it is thrown away unseen.
    dropped: bool,
}

/// Whose counted payload it is.
#[derive(Debug)]
pub(super) enum Counted {
    /// That of the command that took the line.
    Own(Box<Command>),
    /// It came with a line that no command takes with a payload.
    Foreign(Verdict),
    /// That of the command that takes the line, whose end is still to come.
    Literal(Box<Command>),
    /// It came within a line that is refused already.
    Swallowed,
}

impl Intake {
    fn new(since: Duration, most: u64) -> Intake {
        Intake { since, octets: Vec::new(), most, failed: None, dropped: false }
    }

    /// How many octets have come.
    pub(super) fn length(&self) -> u64 {
        self.octets.len() as u64
    }

    fn too_big(&self) -> bool {
        self.length() > self.most
    }
}

impl Session {
    /// Begins to read a dotted block.
    pub(super) fn receive(&mut self, into: &[Name], most: &Expr, outcomes: &[OutcomeDef]) -> Result<(), Fault> {
        let most = self.sight().number(most)?;
        self.watch_add(into);
        self.put(into, Value::Octets(Vec::new()))?;
        let intake = Intake::new(self.now.elapsed, most);
        let (into, outcomes) = (into.to_vec(), outcomes.to_vec());
        self.listen(Phase::Receiving { into, outcomes, raw: Vec::new(), intake });
        Ok(())
    }

    /// Reads on in a dotted block; false when nothing is unread.
    pub(super) fn read_block(&mut self) -> bool {
        let end = self.protocol.lines().0;
        let dot = format!(".{end}").into_bytes();
        let end = end.as_bytes();
        let Phase::Receiving { raw, intake, .. } = &mut self.phase else { return false };
        if self.unread.is_empty() {
            return false;
        }
        // Octet by octet: the block ends with a dot alone on a line, be it the first.
        let mut ended = false;
        while !ended && !self.unread.is_empty() {
            raw.push(self.unread.remove(0));
            let before = raw.len().checked_sub(dot.len());
            ended = raw.ends_with(&dot) && before.is_some_and(|at| at == 0 || raw[..at].ends_with(end));
        }
        let length = if ended { raw.len() - dot.len() } else { raw.len() };
        intake.octets = undotted(&raw[..length], end);
        if !ended {
            return true;
        }
        let Phase::Receiving { into, outcomes, intake, .. } = std::mem::replace(&mut self.phase, Phase::Running) else {
            return false;
        };
        match intake.failed {
            Some(why) => self.outcome(&outcomes, "failed", vec![Value::Text(why)]),
            None if intake.too_big() => self.outcome(&outcomes, "too_big", Vec::new()),
            None => self.keep(intake.octets, Kept::Block { into, outcomes }),
        }
        true
    }

    /// Begins to read a counted payload.
    pub(super) fn begin_counted(&mut self, count: u64, most: u64, counted: Counted) {
        let mut intake = Intake::new(self.now.elapsed, most);
        intake.dropped = matches!(counted, Counted::Foreign(_) | Counted::Swallowed) || count > most;
        // It is too big as soon as it is announced.
        if count > most {
            intake.failed = None;
            intake.most = 0;
        }
        self.listen(Phase::Counting { rest: count, counted, intake });
    }

    /// Reads on in a counted payload; false when nothing is unread and something is missing.
    pub(super) fn read_counted(&mut self) -> bool {
        let Phase::Counting { rest, intake, .. } = &mut self.phase else { return false };
        if *rest > 0 {
            if self.unread.is_empty() {
                return false;
            }
            let length = usize::try_from(*rest).unwrap_or(usize::MAX).min(self.unread.len());
            intake.octets.extend(self.unread.drain(..length));
            *rest -= length as u64;
            return true;
        }
        let Phase::Counting { counted, intake, .. } = std::mem::replace(&mut self.phase, Phase::Running) else {
            return false;
        };
        match counted {
            Counted::Own(command) => self.counted_end(command, intake),
            Counted::Foreign(verdict) => self.carry_out(verdict),
            Counted::Literal(command) => {
                if let Some(assembly) = &mut self.assembly {
                    assembly.payload = Some((command, intake));
                }
                self.listen(Phase::Command);
            }
            Counted::Swallowed => self.listen(Phase::Command),
        }
        true
    }

    /// All of a command's payload has come.
    pub(super) fn counted_end(&mut self, command: Box<Command>, intake: Intake) {
        self.phase = Phase::Running;
        match intake.failed {
            Some(why) => self.counted_failed(&command, &why),
            None if intake.too_big() => {
                let refused = command.def.payload.as_ref().map(|payload| payload.refused.clone());
                if let Some(block) = refused {
                    self.run(&block);
                }
            }
            None if intake.octets.is_empty() => self.counted_kept(&command, Vec::new()),
            None => self.keep(intake.octets, Kept::Counted(command)),
        }
    }

    fn keep(&mut self, octets: Vec<u8>, from: Kept) {
        match self.idle_limit() {
            Ok(within) => {
                self.out.push(Seen::Keep(octets.clone()));
                self.phase = Phase::Keeping { until: self.now.elapsed.saturating_add(within), from, octets };
            }
            Err(fault) => self.broken(&fault),
        }
    }

    /// The payload that ended is kept.
    pub(super) fn kept(&mut self) {
        if !matches!(self.phase, Phase::Keeping { .. }) {
            return;
        }
        let Phase::Keeping { from, octets, .. } = std::mem::replace(&mut self.phase, Phase::Running) else { return };
        match from {
            Kept::Counted(command) => self.counted_kept(&command, octets),
            Kept::Block { into, outcomes } => match self.put(&into, Value::Octets(octets)) {
                Ok(()) => self.outcome(&outcomes, "complete", Vec::new()),
                Err(fault) => self.broken(&fault),
            },
        }
    }

    /// A payload could not be kept; what is still to come of it is thrown away.
    pub(super) fn not_kept(&mut self, why: &str) {
        match &mut self.phase {
            Phase::Receiving { intake, .. } | Phase::Counting { intake, .. } => {
                if !intake.dropped && !intake.too_big() {
                    intake.failed.get_or_insert_with(|| why.to_owned());
                }
            }
            Phase::Keeping { .. } => {
                let Phase::Keeping { from, .. } = std::mem::replace(&mut self.phase, Phase::Running) else { return };
                match from {
                    Kept::Counted(command) => self.counted_failed(&command, why),
                    Kept::Block { outcomes, .. } => {
                        self.outcome(&outcomes, "failed", vec![Value::Text(why.to_owned())])
                    }
                }
            }
            _ => {
                if let Some((_, intake)) = self.assembly.as_mut().and_then(|assembly| assembly.payload.as_mut()) {
                    intake.failed.get_or_insert_with(|| why.to_owned());
                }
            }
        }
    }

    fn counted_kept(&mut self, command: &Command, octets: Vec<u8>) {
        if let Some(payload) = &command.def.payload {
            self.names.locals.push((payload.name.text.to_string(), Value::Octets(octets)));
        }
        self.carry_out(Verdict::Taken(Box::new(command.clone()), Vec::new()));
    }

    fn counted_failed(&mut self, command: &Command, why: &str) {
        let failed = command.def.payload.as_ref().and_then(|payload| payload.failed.clone());
        match failed {
            Some(outcome) => {
                if let Some(name) = outcome.values.first() {
                    self.names.locals.push((name.text.to_string(), Value::Text(why.to_owned())));
                }
                self.run(&outcome.body);
            }
            None => self.broken(&Fault::new("nothing says what is answered where a payload is not kept")),
        }
    }

    /// Goes on with an outcome, its values bound.
    pub(super) fn outcome(&mut self, outcomes: &[OutcomeDef], name: &str, values: Vec<Value>) {
        self.phase = Phase::Running;
        let Some(outcome) = outcomes.iter().find(|outcome| *outcome.name.text == *name) else {
            return self.broken(&Fault(format!("nothing handles the outcome `{name}`")));
        };
        let locals = self.names.locals.len();
        for (name, value) in outcome.values.iter().zip(values) {
            self.watch.keep_secrets(&value);
            self.names.locals.push((name.text.to_string(), value));
        }
        self.work.push(Frame::Block { rest: outcome.body.statements.iter().cloned().collect(), locals });
        self.go_on();
    }
}

/// A block without the dots that were put before its lines.
fn undotted(block: &[u8], end: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    let mut at_start = true;
    for (place, octet) in block.iter().enumerate() {
        if !(at_start && *octet == b'.') {
            plain.push(*octet);
        }
        at_start = block[..=place].ends_with(end);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::undotted;

    #[test]
    fn one_dot_is_taken_off_each_line() {
        for (block, wanted) in
            [("..a\r\n...\r\n", ".a\r\n..\r\n"), (".\r.\r\n", "\r.\r\n"), ("a\n..b\r\n", "a\n..b\r\n")]
        {
            assert_eq!(undotted(block.as_bytes(), b"\r\n"), wanted.as_bytes());
        }
    }
}
