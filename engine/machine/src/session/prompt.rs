//! Prompts: the peer is asked and answers with one line.
//!
//! Never: shows an answer that is a secret.

use program::{Op, Pc, Prompt, Secret, Value};

use super::{Phase, Session, Turn};
use crate::{
    decode::decode_into,
    expression::Fault,
    framing::{Literals, Took},
    matcher::{read_written, written},
};

impl Session {
    /// Asks the peer.
    pub(super) fn prompt(&mut self, at: Pc, prompt: &Prompt, turn: &mut Turn<'_>) -> Result<(), Fault> {
        self.say(prompt.reply, at, turn)?;
        self.secret_due |= turn.service.secrets().prompts;
        self.listen(Phase::Prompting { at }, turn);
        Ok(())
    }

    /// Takes the line that answers a prompt; false when it has not come.
    pub(super) fn read_answer(&mut self, turn: &mut Turn<'_>) -> bool {
        let Phase::Prompting { at } = self.phase else { return false };
        let program = turn.program();
        let Some(Op::Prompt(prompt)) = self.op(at, turn) else {
            self.broken(Fault(&"nobody waits for this answer"), Some(at), turn);
            return true;
        };
        let wire = &program.wire;
        let most = match &prompt.most {
            None => wire.line_most,
            Some(most) => match self.scope(turn).number(most) {
                Ok(most) => usize::try_from(most).unwrap_or(usize::MAX).saturating_add(wire.line_end.octets().len()),
                Err(fault) => {
                    self.broken(fault, Some(at), turn);
                    return true;
                }
            },
        };
        let most = most.saturating_sub(self.incoming.assembly.length());
        match self.incoming.lines.take(&mut turn.unread, wire.line_end, most) {
            Took::Line(line) if wire.literals.is_some() => {
                if let Some((line, literals)) = self.answer_piece(line, at, turn) {
                    self.answer(&line, &literals, at, prompt, turn);
                }
            }
            Took::Line(line) => self.answer(line, &Literals::default(), at, prompt, turn),
            Took::TooLong(_) => {
                self.phase = Phase::Running;
                self.discard_assembly(turn);
                // What was announced at its end would become a command.
                self.ends.closing |= wire.literals.is_some();
                self.heard_answer(None, turn);
                self.run(program.limits.line, turn);
            }
            Took::Nothing => return false,
        }
        true
    }

    fn answer(&mut self, line: &[u8], literals: &Literals, at: Pc, prompt: &Prompt, turn: &mut Turn<'_>) {
        self.phase = Phase::Running;
        let program = turn.program();
        let secrets = turn.service.secrets();
        let unexpected = &program.unexpected;
        let bad_answer = unexpected.bad_answer.unwrap_or(unexpected.bad_arguments);
        if program.wire.cancel.as_ref().is_some_and(|cancel| cancel.as_bytes() == line) {
            self.heard_answer(Some(line).filter(|_| !prompt.secret), turn);
            self.secret_due = false;
            return self.run(unexpected.cancelled.unwrap_or(bad_answer), turn);
        }
        let value = self.answer_value(line, literals, prompt, turn);
        // An answer that does not fit may be meant for another prompt.
        let open = !prompt.secret && (!secrets.any || matches!(value, Ok(Some(_))));
        self.heard_answer(Some(line).filter(|_| open), turn);
        match value {
            Ok(Some(value)) => match self.set(prompt.slot, value).and_then(|()| self.afford(turn)) {
                Ok(()) => {
                    let asks = self.line.handler.is_none_or(|id| secrets.asks(id));
                    self.secret_due = secrets.prompts && !prompt.secret && asks;
                    self.run(Pc(at.0 + 1), turn);
                }
                Err(fault) => self.broken(fault, Some(at), turn),
            },
            Ok(None) => self.run(bad_answer, turn),
            Err(fault) => self.broken(fault, Some(at), turn),
        }
    }

    /// The value of a line, as it is; if it is not of its type, then without the blanks at its end.
    fn answer_value(
        &mut self,
        line: &[u8],
        literals: &Literals,
        prompt: &Prompt,
        turn: &Turn<'_>,
    ) -> Result<Option<Value>, Fault> {
        let program = turn.program();
        let lexeme =
            program.lexemes.get(usize::from(prompt.lexeme.0)).ok_or(Fault(&"a lexical type does not exist"))?;
        let bare = line.trim_ascii_end();
        for text in [line, bare] {
            if !self.scratch.fits(&lexeme.template, text) {
                continue;
            }
            let (start, end) = self.scratch.span(0).unwrap_or((0, text.len()));
            if let Some(writing) = written(&lexeme.ty) {
                let most = prompt.most.as_ref().map(|most| self.scope(turn).number(most)).transpose()?;
                let text = read_written(writing, text, literals, (start, end), &self.pool);
                let text = text.filter(|text| most.is_none_or(|most| text.len() as u64 <= most));
                return Ok(text.map(|text| match prompt.secret {
                    true => Value::Secret(Secret::new(text.as_bytes())),
                    false => Value::Text(text),
                }));
            }
            let Ok(text) = std::str::from_utf8(&text[start..end]) else { continue };
            if let Some(value) = decode_into(program, &lexeme.ty, text, &self.pool) {
                return Ok(Some(match value {
                    Value::Text(text) if prompt.secret => Value::Secret(Secret::new(text.as_bytes())),
                    Value::Secret(secret) => Value::Secret(secret),
                    _ if prompt.secret && !program.holds_secret(&lexeme.ty) => {
                        Value::Secret(Secret::new(text.as_bytes()))
                    }
                    other => other,
                }));
            }
        }
        Ok(None)
    }
}
