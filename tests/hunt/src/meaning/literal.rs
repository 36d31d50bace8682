//! Lines that go on behind counted octets.
//!
//! Never: takes octets that were announced for a command, whatever was decided about the line.

use grammar::tree::TypeRef;

use super::{
    command::{Cut, Verdict},
    expression::Names,
    payload::{Counted, Intake},
    protocol::Command,
    session::{Phase, Session},
    types::{Sign, signs},
    value::Value,
};

/// A line of which the rest is still to come.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    /// What came of it, with its literals.
    pub(super) text: Vec<Sign>,
    /// What becomes of it, whatever else it says.
    refused: Option<Verdict>,
    /// Whose payload has come: nothing but the line's end may follow.
    pub(super) payload: Option<(Box<Command>, Intake)>,
}

/// `{5}` or `{5+}` at the end of a piece of a line.
struct Announced {
    before: usize,
    /// Absent when there are more digits than 18.
    count: Option<u64>,
    waits: bool,
}

impl Assembly {
    fn counted(&self) -> usize {
        self.text.iter().map(|sign| if let Sign::Literal(octets) = sign { octets.len() } else { 0 }).sum()
    }
}

impl Session {
    /// Takes a piece of a command line.
    pub(super) fn piece(&mut self, piece: &[u8]) {
        let announced = self.announced(piece);
        let payload = self.assembly.as_mut().and_then(|assembly| assembly.payload.take());
        if let Some((command, intake)) = payload {
            return self.behind_payload(command, intake, piece, announced);
        }
        match announced {
            Some(announced) => self.literal(&piece[..announced.before], &announced),
            None => match self.assembly.take() {
                None => self.command(&signs(piece)),
                Some(mut assembly) => {
                    assembly.text.extend(signs(piece));
                    match assembly.refused {
                        None => self.command(&assembly.text),
                        Some(verdict) => self.refuse(&assembly.text, verdict),
                    }
                }
            },
        }
    }

    fn announced(&self, piece: &[u8]) -> Option<Announced> {
        let (_, ask) = self.protocol.literals()?;
        let inside = piece.strip_suffix(b"}")?;
        let (inside, waits) = inside.strip_suffix(b"+").map_or((inside, true), |inside| (inside, false));
        let before = inside.iter().rposition(|octet| !octet.is_ascii_digit())?;
        let digits = std::str::from_utf8(&inside[before + 1..]).ok()?;
        if inside[before] != b'{' || digits.is_empty() || (waits && ask.is_none()) {
            return None;
        }
        let count = if digits.len() <= 18 { digits.parse().ok() } else { None };
        Some(Announced { before, count, waits })
    }

    /// Octets are announced behind this piece.
    fn literal(&mut self, before: &[u8], announced: &Announced) {
        let assembly = self.assembly.get_or_insert_default();
        assembly.text.extend(signs(before));
        assembly.text.push(Sign::Literal(Vec::new()));
        let Some(count) = announced.count else {
            // Behind a count that nobody can read, nobody knows where the next command begins.
            self.closing = true;
            return self.refuse_now(Verdict::TooLong);
        };
        if let Some(verdict) = assembly.refused.clone() {
            return self.swallow(count, announced.waits, verdict);
        }
        let text = assembly.text.clone();
        let length = text.len() + self.protocol.lines().0.len();
        let verdict = match self.begin_line(&text) {
            Some(command) => self.judge(&command, length),
            None => Ok(Verdict::Unknown),
        };
        match verdict {
            Err(fault) => self.broken(&fault),
            Ok(Verdict::Taken(command, holes)) if counts_itself(&command) => {
                self.literal_payload(command, holes, count, announced.waits);
            }
            Ok(verdict) => self.literal_text(verdict, count, announced.waits),
        }
    }

    /// The octets are the payload of this command.
    fn literal_payload(&mut self, command: Box<Command>, holes: Vec<(String, Value)>, count: u64, waits: bool) {
        self.watch.begin(&self.said.raw.clone());
        self.claim(&Verdict::Taken(command.clone(), holes.clone()));
        self.names = Names { holes, ..Names::default() };
        let Some(payload) = command.def.payload.clone() else { return };
        let most = match self.sight().number(&payload.most) {
            Ok(most) => most,
            Err(fault) => return self.broken(&fault),
        };
        if waits && count > most {
            self.assembly = None;
            self.phase = Phase::Running;
            return self.run(&payload.refused);
        }
        if waits {
            self.ask_for_octets();
        }
        self.begin_counted(count, most, Counted::Literal(command));
    }

    /// The octets are a text of the line, if there is room for them.
    fn literal_text(&mut self, verdict: Verdict, count: u64, waits: bool) {
        let most = self.protocol.literals().map_or(0, |(most, _)| most);
        let held = self.assembly.as_ref().map_or(0, Assembly::counted);
        if count <= most.saturating_sub(held) as u64 {
            if waits {
                self.ask_for_octets();
            }
            self.phase = Phase::Literal { rest: count as usize, prompt: None };
            return;
        }
        let verdict =
            if matches!(verdict, Verdict::OutOfOrder | Verdict::Unknown) { verdict } else { Verdict::TooLong };
        self.swallow(count, waits, verdict);
    }

    /// A line is refused before its octets have come: who waits hears it at once, the octets of another are thrown away
    /// first.
    fn swallow(&mut self, count: u64, waits: bool, verdict: Verdict) {
        if waits {
            return self.refuse_now(verdict);
        }
        if let Some(assembly) = &mut self.assembly {
            assembly.refused = Some(verdict);
        }
        self.begin_counted(count, 0, Counted::Swallowed);
    }

    fn refuse_now(&mut self, verdict: Verdict) {
        let assembly = self.assembly.take().unwrap_or_default();
        self.refuse(&assembly.text, verdict);
    }

    /// Answers a line that was refused before it had ended.
    fn refuse(&mut self, text: &[Sign], verdict: Verdict) {
        self.phase = Phase::Running;
        let verdict = self.or_foreign(verdict, text);
        self.begin_line(text);
        self.watch.begin(&self.said.raw.clone());
        self.claim(&verdict);
        self.carry_out(verdict);
    }

    /// A payload has come, and then a piece of the line: it must be its end.
    fn behind_payload(&mut self, command: Box<Command>, intake: Intake, piece: &[u8], announced: Option<Announced>) {
        if piece.trim_ascii().is_empty() {
            self.assembly = None;
            return self.counted_end(command, intake);
        }
        match announced {
            Some(Announced { count: Some(count), waits, .. }) => self.swallow(count, waits, Verdict::Misfit(command)),
            Some(Announced { count: None, .. }) => {
                self.closing = true;
                self.refuse_now(Verdict::Misfit(command));
            }
            None => self.refuse_now(Verdict::Misfit(command)),
        }
    }

    fn ask_for_octets(&mut self) {
        let end = self.protocol.lines().0;
        let ask = self.protocol.literals().and_then(|(_, ask)| ask).map(|ask| format!("{ask}{end}"));
        if let Some(ask) = ask {
            self.send(ask.into_bytes());
        }
    }

    /// Reads on in a literal; false when nothing is unread and something is missing.
    pub(super) fn read_literal(&mut self) -> bool {
        let Phase::Literal { rest, .. } = &mut self.phase else { return false };
        if *rest > 0 && self.unread.is_empty() {
            return false;
        }
        let octets: Vec<u8> = self.unread.drain(..(*rest).min(self.unread.len())).collect();
        *rest -= octets.len();
        let whole = *rest == 0;
        if let Some(Sign::Literal(literal)) = self.assembly.get_or_insert_default().text.last_mut() {
            literal.extend(octets);
        }
        if whole
            && let Phase::Literal { prompt, .. } = std::mem::replace(&mut self.phase, Phase::Command)
            && let Some((name, ty)) = prompt
        {
            self.phase = Phase::Prompting { name, ty };
        }
        true
    }

    /// Takes the line that answers a prompt; false when it has not come.
    pub(super) fn read_answer(&mut self) -> bool {
        let Phase::Prompting { name, ty } = &self.phase else { return false };
        let (name, ty) = (name.clone(), ty.clone());
        let protocol = self.protocol.clone();
        let (end, wire_most) = protocol.lines();
        let most = match &ty.most {
            None => wire_most,
            Some(most) => match self.sight().number(most) {
                Ok(most) => usize::try_from(most).unwrap_or(usize::MAX).saturating_add(end.len()),
                Err(fault) => {
                    self.broken(&fault);
                    return true;
                }
            },
        };
        let begun = self.assembly.as_ref().map_or(0, |assembly| assembly.text.len());
        match self.cut(most.saturating_sub(begun)) {
            Cut::Nothing => return false,
            Cut::Line(line) if protocol.literals().is_some() => {
                if let Some(line) = self.answer_piece(&line, &name, &ty) {
                    self.answer(&line, &name, &ty);
                }
            }
            Cut::Line(line) => self.answer(&signs(&line), &name, &ty),
            Cut::TooLong(_) => {
                self.assembly = None;
                // What was announced at its end would become a command.
                self.closing |= protocol.literals().is_some();
                self.phase = Phase::Running;
                self.run_limit("line");
            }
        }
        true
    }

    /// Takes a piece of the answer to a prompt: the whole answer when it is there.
    fn answer_piece(&mut self, piece: &[u8], name: &str, ty: &TypeRef) -> Option<Vec<Sign>> {
        let announced = self.announced(piece);
        let before = announced.as_ref().map_or(piece, |announced| &piece[..announced.before]);
        let assembly = self.assembly.get_or_insert_default();
        assembly.text.extend(signs(before));
        let Some(announced) = announced else { return self.assembly.take().map(|assembly| assembly.text) };
        let held = assembly.counted();
        assembly.text.push(Sign::Literal(Vec::new()));
        let room = self.protocol.literals().map_or(0, |(most, _)| most).saturating_sub(held) as u64;
        match announced.count.filter(|count| *count <= room) {
            Some(count) => {
                if announced.waits {
                    self.ask_for_octets();
                }
                self.phase = Phase::Literal { rest: count as usize, prompt: Some((name.to_owned(), ty.clone())) };
            }
            None => {
                self.closing |= !announced.waits || announced.count.is_none();
                self.assembly = None;
                self.phase = Phase::Running;
                self.run_limit("line");
            }
        }
        None
    }

    /// The client has answered a prompt.
    fn answer(&mut self, line: &[Sign], name: &str, ty: &TypeRef) {
        self.phase = Phase::Running;
        if self.protocol.cancel().is_some_and(|cancel| signs(cancel.as_bytes()) == line) {
            return self.run_unexpected("cancelled");
        }
        // As it is; if it is not of its type, then without the blanks at its end.
        let blank = |sign: &Sign| matches!(sign, Sign::Octet(octet) if octet.is_ascii_whitespace());
        let kept = line.iter().rposition(|sign| !blank(sign)).map_or(0, |last| last + 1);
        let ty = self.protocol.ty(ty);
        let value = self.protocol.read(&ty, line).or_else(|| self.protocol.read(&ty, &line[..kept]));
        match value {
            Some(value) => {
                self.watch.keep_secrets(&value);
                self.names.locals.push((name.to_owned(), value));
                self.go_on();
            }
            None => self.run_unexpected("bad answer"),
        }
    }
}

/// Whether the octets at the end of the line are the command's payload.
fn counts_itself(command: &Command) -> bool {
    command.def.payload.as_ref().is_some_and(|payload| payload.count.is_none())
}
