//! Requests: from a block of attributes to the body that runs.
//!
//! Never: reads an attribute before the whole block is there; shows one that is a secret.

use std::sync::Arc;

use program::{Attributes, Value};

use super::{Phase, Session, Turn, command::Verdict};
use crate::{
    Effect,
    decode::{attributes, hidden},
    expression::Fault,
    framing::{Bounds, Gathered, block_lines},
    matcher::put_octets,
};

impl Session {
    /// Takes the next request off what is unread; false when it is not whole.
    pub(super) fn read_request(&mut self, request: &Attributes, turn: &mut Turn<'_>) -> bool {
        let wire = &turn.program().wire;
        let bounds = Bounds { lines: request.lines_most, octets: request.octets_most };
        let (lines, unread) = (&mut self.incoming.lines, &mut turn.unread);
        match self.incoming.block.gather(bounds, || lines.take(unread, wire.line_end, wire.line_most)) {
            Gathered::Nothing => return false,
            Gathered::Whole => {
                let block = self.incoming.block.release();
                self.request(request, &block, turn);
            }
            Gathered::TooLong => {
                self.phase = Phase::Running;
                self.line.set_foreign(b"", &self.pool);
                self.observed(Verdict::TooLong, turn);
                if self.converses(turn) {
                    turn.effects.effect(Effect::Heard("(a request that is too long)"));
                }
                self.carry_out(Verdict::TooLong, turn);
            }
        }
        true
    }

    fn request(&mut self, request: &Attributes, block: &[u8], turn: &mut Turn<'_>) {
        self.phase = Phase::Running;
        self.line.set_foreign(b"", &self.pool);
        let verdict = match self.judge_request(request, block, turn) {
            Ok(verdict) => verdict,
            Err(fault) => return self.broken(fault, None, turn),
        };
        if let Verdict::Taken(id) = verdict {
            self.line.handler = Some(id);
            self.seen.claimed = Some(id);
        }
        self.observed(verdict, turn);
        self.heard_request(request, block, turn);
        self.carry_out(verdict, turn);
    }

    /// Reads the attributes, and finds who takes them: the first handler whose guard holds.
    fn judge_request(&mut self, request: &Attributes, block: &[u8], turn: &Turn<'_>) -> Result<Verdict, Fault> {
        let program = turn.program();
        let Some(values) = attributes(program, request, block, &self.pool) else { return Ok(Verdict::Malformed) };
        let mut record = self.pool.record(&request.shape);
        let fields = &mut Arc::make_mut(&mut record).fields;
        for (value, known) in values.into_iter().zip(&request.known) {
            fields.push(match (value, &known.default) {
                (Some(value), _) => value,
                (None, Some(default)) => self.scope(turn).value(default)?,
                (None, None) => Value::Absent,
            });
        }
        self.line.hold(Value::Record(record), &self.pool);
        let state = program.states.get(usize::from(self.here.state.0)).ok_or(Fault(&"a state does not exist"))?;
        for id in &state.handlers {
            if self.guard_holds(*id, turn)? {
                return Ok(Verdict::Taken(*id));
            }
        }
        Ok(Verdict::OutOfOrder)
    }

    /// Shows a request, line by line.
    fn heard_request(&self, request: &Attributes, block: &[u8], turn: &mut Turn<'_>) {
        if !self.converses(turn) {
            return;
        }
        for line in block_lines(block) {
            let mut shown = String::new();
            match hidden(turn.program(), request, line) {
                Some(open) => {
                    put_octets(open, &mut shown);
                    shown.push_str("***");
                }
                None => put_octets(line, &mut shown),
            }
            turn.effects.effect(Effect::Heard(&shown));
        }
    }
}
