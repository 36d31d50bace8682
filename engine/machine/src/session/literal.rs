//! Lines that go on behind counted octets.
//!
//! A line is put together from its pieces, with a placeholder for each literal; the automata see the placeholder, so
//! matching stays linear in the line. A literal that is a payload goes to the spool as it comes.
//!
//! Never: takes octets that were announced for a command, whatever was decided about the line. Never holds more of them
//! than the wire allows.

use program::{HandlerId, PLACEHOLDER, Payload, Pc, Tag};

use super::{
    Phase, Session, Turn,
    command::{Verdict, or_foreign},
    payload::{Counted, Intake},
};
use crate::{
    Effect,
    expression::Fault,
    framing::{Announced, Literals},
};

/// A line of which the rest is still to come.
#[derive(Debug, Default)]
pub(super) struct Assembly {
    /// The pieces, a placeholder behind each.
    text: Vec<u8>,
    literals: Literals,
    /// What becomes of the line, whatever else it says.
    refused: Option<Verdict>,
    /// Whose payload has come; nothing but the line's end may follow.
    pub(super) payload: Option<(HandlerId, Intake)>,
}

impl Assembly {
    /// Whether no line has begun.
    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// How many octets are held.
    pub(super) fn held(&self) -> usize {
        self.text.len() + self.literals.length()
    }

    /// How many octets of the line's own are held.
    pub(super) fn length(&self) -> usize {
        self.text.len()
    }
}

impl Session {
    /// Takes a piece of a command line.
    pub(super) fn piece(&mut self, piece: &[u8], turn: &mut Turn<'_>) {
        let announced = self.announced(piece, turn);
        if let Some((id, intake)) = self.incoming.assembly.payload.take() {
            return self.behind_payload(id, intake, piece, announced, turn);
        }
        match announced {
            Some(announced) => {
                self.literal(&piece[..announced.before], &announced, turn);
            }
            None if self.incoming.assembly.is_empty() => self.command(piece, Literals::default(), turn),
            None => {
                let mut assembly = std::mem::take(&mut self.incoming.assembly);
                assembly.text.extend_from_slice(piece);
                match assembly.refused {
                    None => self.command(&assembly.text, assembly.literals, turn),
                    Some(verdict) => self.refuse(&assembly.text, verdict, turn),
                }
            }
        }
    }

    /// Whether a piece of a line says that octets follow.
    fn announced(&self, piece: &[u8], turn: &Turn<'_>) -> Option<Announced> {
        let literals = turn.program().wire.literals.as_ref()?;
        Announced::of(piece).filter(|announced| !announced.waits || literals.ask.is_some())
    }

    /// Octets are announced behind this piece.
    fn literal(&mut self, before: &[u8], announced: &Announced, turn: &mut Turn<'_>) {
        self.incoming.assembly.text.extend_from_slice(before);
        self.incoming.assembly.text.push(PLACEHOLDER);
        let Some(count) = announced.count else {
            // Behind a count that nobody can read, nobody knows where the next command begins.
            self.ends.closing = true;
            return self.refuse_now(Verdict::TooLong, turn);
        };
        if let Some(verdict) = self.incoming.assembly.refused {
            return self.swallow(count, announced.waits, verdict, turn);
        }
        match self.candidate(turn) {
            Err(fault) => self.broken(fault, None, turn),
            Ok(Verdict::Taken(id)) => match &turn.program().handlers[id.0 as usize].payload {
                Some(payload @ Payload { count: None, .. }) => {
                    self.literal_payload(id, payload, count, announced.waits, turn);
                }
                _ => self.literal_text(Verdict::Taken(id), count, announced.waits, turn),
            },
            Ok(verdict) => self.literal_text(verdict, count, announced.waits, turn),
        }
    }

    /// The octets are the payload of this handler, and the bound of it is known.
    fn literal_payload(&mut self, id: HandlerId, payload: &Payload, count: u64, waits: bool, turn: &mut Turn<'_>) {
        self.take_up(id, Verdict::Taken(id), turn);
        let most = match self.scope(turn).number(&payload.most) {
            Ok(most) => most,
            Err(fault) => return self.broken(fault, None, turn),
        };
        if waits && count > most {
            self.incoming.assembly = Assembly::default();
            return self.run(payload.too_big, turn);
        }
        if waits {
            self.ask_for_octets(turn);
        }
        self.begin_counted(count, most, Counted::Literal(id), turn);
    }

    /// The octets are a text of the line, if there is room for them.
    fn literal_text(&mut self, verdict: Verdict, count: u64, waits: bool, turn: &mut Turn<'_>) {
        self.line.clear(&self.pool);
        let most = turn.program().wire.literals.as_ref().map_or(0, |literals| literals.most);
        if count <= most.saturating_sub(self.incoming.assembly.literals.length()) as u64 {
            if waits {
                self.ask_for_octets(turn);
            }
            self.phase = Phase::Literal { rest: count as usize, prompt: None };
            return;
        }
        let verdict =
            if matches!(verdict, Verdict::OutOfOrder | Verdict::Unknown) { verdict } else { Verdict::TooLong };
        self.swallow(count, waits, verdict, turn);
    }

    /// Who would take the line if it ended here.
    fn candidate(&mut self, turn: &mut Turn<'_>) -> Result<Verdict, Fault> {
        let text = std::mem::take(&mut self.incoming.assembly.text);
        let mut literals = self.incoming.assembly.literals.clone();
        literals.end(text.len() - 1);
        let length = text.len() + turn.program().wire.line_end.octets().len();
        let verdict = match self.set_line(&text, literals, turn) {
            true => self.judge(length, turn),
            false => Ok(Verdict::Unknown),
        };
        self.incoming.assembly.text = text;
        verdict
    }

    /// A line is refused before its octets have come: a peer that waits hears it at once, the octets of another one are
    /// thrown away first.
    fn swallow(&mut self, count: u64, waits: bool, verdict: Verdict, turn: &mut Turn<'_>) {
        if waits {
            return self.refuse_now(verdict, turn);
        }
        self.incoming.assembly.refused = Some(verdict);
        self.begin_counted(count, 0, Counted::Swallowed, turn);
    }

    fn refuse_now(&mut self, verdict: Verdict, turn: &mut Turn<'_>) {
        let assembly = std::mem::take(&mut self.incoming.assembly);
        self.refuse(&assembly.text, verdict, turn);
    }

    /// Answers a line that was refused before it had ended.
    fn refuse(&mut self, text: &[u8], verdict: Verdict, turn: &mut Turn<'_>) {
        self.phase = Phase::Running;
        let verdict = or_foreign(verdict, text, turn);
        self.set_line(text, Literals::default(), turn);
        if let Verdict::Misfit(id) = verdict {
            self.take_up(id, verdict, turn);
        } else {
            self.heard(verdict, turn);
        }
        self.carry_out(verdict, turn);
    }

    fn take_up(&mut self, id: HandlerId, verdict: Verdict, turn: &mut Turn<'_>) {
        self.line.handler = Some(id);
        self.seen.claimed = Some(id);
        self.heard(verdict, turn);
    }

    /// A payload has come, and then a piece of the line: it must be its end.
    fn behind_payload(
        &mut self,
        id: HandlerId,
        mut intake: Intake,
        piece: &[u8],
        announced: Option<Announced>,
        turn: &mut Turn<'_>,
    ) {
        if piece.trim_ascii().is_empty() {
            self.incoming.assembly = Assembly::default();
            self.phase = Phase::Running;
            return self.counted_end(id, intake, turn);
        }
        if let Some(payload) = intake.drop_it() {
            self.discard_payload(payload, turn);
        }
        match announced {
            Some(Announced { count: Some(count), waits, .. }) => self.swallow(count, waits, Verdict::Misfit(id), turn),
            Some(Announced { count: None, .. }) => {
                self.ends.closing = true;
                self.refuse_now(Verdict::Misfit(id), turn);
            }
            None => self.refuse_now(Verdict::Misfit(id), turn),
        }
    }

    /// The line that is put together is given up; gives what there was of it.
    pub(super) fn discard_assembly(&mut self, turn: &mut Turn<'_>) -> Vec<u8> {
        let assembly = std::mem::take(&mut self.incoming.assembly);
        if let Some(payload) = assembly.payload.and_then(|(_, mut intake)| intake.drop_it()) {
            self.discard_payload(payload, turn);
        }
        assembly.text
    }

    fn ask_for_octets(&mut self, turn: &mut Turn<'_>) {
        let program = turn.program();
        if let Some(ask) = program.wire.literals.as_ref().and_then(|literals| literals.ask.as_deref()) {
            turn.effects.effect(Effect::Send { octets: ask.as_bytes(), from: program.limits.line });
            self.said(ask, turn);
        }
    }

    /// Reads on in a literal; false when nothing is unread and something is missing.
    pub(super) fn read_literal(&mut self, turn: &mut Turn<'_>) -> bool {
        let Phase::Literal { rest, prompt } = &mut self.phase else { return false };
        if *rest > 0 && turn.unread.is_empty() {
            return false;
        }
        let (octets, behind) = turn.unread.split_at((*rest).min(turn.unread.len()));
        self.incoming.assembly.literals.push(octets);
        turn.unread = behind;
        *rest -= octets.len();
        if *rest == 0 {
            self.incoming.assembly.literals.end(self.incoming.assembly.text.len() - 1);
            self.phase = prompt.map_or(Phase::Command, |at| Phase::Prompting { at });
        }
        true
    }

    /// Takes a piece of the answer to a prompt: the whole answer when it is there. None: octets follow, or it was
    /// answered already.
    pub(super) fn answer_piece(&mut self, piece: &[u8], at: Pc, turn: &mut Turn<'_>) -> Option<(Vec<u8>, Literals)> {
        let announced = self.announced(piece, turn);
        let before = announced.as_ref().map_or(piece, |announced| &piece[..announced.before]);
        self.incoming.assembly.text.extend_from_slice(before);
        let Some(announced) = announced else {
            let assembly = std::mem::take(&mut self.incoming.assembly);
            return Some((assembly.text, assembly.literals));
        };
        self.incoming.assembly.text.push(PLACEHOLDER);
        let most = turn.program().wire.literals.as_ref().map_or(0, |literals| literals.most);
        let room = most.saturating_sub(self.incoming.assembly.literals.length());
        match announced.count.and_then(|count| usize::try_from(count).ok()).filter(|count| *count <= room) {
            Some(count) => {
                if announced.waits {
                    self.ask_for_octets(turn);
                }
                self.phase = Phase::Literal { rest: count, prompt: Some(at) };
            }
            None => {
                self.ends.closing |= !announced.waits || announced.count.is_none();
                self.incoming.assembly = Assembly::default();
                self.phase = Phase::Running;
                self.heard_answer(None, turn);
                self.run(turn.program().limits.line, turn);
            }
        }
        None
    }

    /// Makes this the present line: trailing blanks off, the word before the command taken off. False when that word
    /// has not its form; then there is no command.
    #[inline]
    pub(super) fn set_line(&mut self, line: &[u8], literals: Literals, turn: &Turn<'_>) -> bool {
        match &turn.program().wire.tag {
            Some(tag) => self.set_tagged(tag, line, literals, turn),
            None => {
                self.line.set(line, &self.pool);
                self.line.bring(&[], literals);
                true
            }
        }
    }

    fn set_tagged(&mut self, tag: &Tag, line: &[u8], literals: Literals, turn: &Turn<'_>) -> bool {
        let program = turn.program();
        let length = line.iter().position(|octet| matches!(octet, b' ' | b'\t')).unwrap_or(line.len());
        let lexeme = program.lexemes.get(usize::from(tag.lexeme.0));
        if !lexeme.is_some_and(|lexeme| self.scratch.fits(&lexeme.template, &line[..length])) {
            self.line.set_foreign(line, &self.pool);
            return false;
        }
        let blanks = line[length..].iter().take_while(|octet| matches!(octet, b' ' | b'\t')).count();
        let command = &line[length + blanks..];
        self.line.set(command, &self.pool);
        self.line.bring(&line[..length], literals.behind(length + blanks));
        true
    }
}
