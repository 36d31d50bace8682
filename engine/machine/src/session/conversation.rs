//! The conversation as people may see it.
//!
//! Never: shows a secret, or anything of an exchange that is to stay quiet.

use super::{Session, Turn, command::Verdict};
use crate::{Effect, Observation, Refusal, matcher::put_octets};

impl Session {
    /// Shows the line that was read. The spans of its match, if it fits, are still known.
    pub(super) fn heard(&mut self, verdict: Verdict, turn: &mut Turn<'_>) {
        self.observed(verdict, turn);
        if !self.converses(turn) {
            return;
        }
        let program = turn.program();
        let mut shown = std::mem::take(&mut self.out);
        shown.clear();
        self.line.show_tag(&mut shown);
        match verdict {
            Verdict::TooLong => shown.push_str("(a line that is too long)"),
            Verdict::Taken(id) => {
                let captures = &program.handlers[id.0 as usize].captures;
                self.line.mask(program, Some(captures), &self.scratch, &mut shown);
            }
            Verdict::Misfit(_) | Verdict::Malformed | Verdict::OutOfOrder | Verdict::Unknown => {
                self.line.mask(program, None, &self.scratch, &mut shown);
            }
        }
        turn.effects.effect(Effect::Heard(&shown));
        shown.shrink_to(1024);
        self.out = shown;
    }

    /// Tells what becomes of what was read.
    pub(super) fn observed(&self, verdict: Verdict, turn: &mut Turn<'_>) {
        turn.effects.observe(match verdict {
            Verdict::Taken(id) => Observation::Taken(id),
            Verdict::Misfit(_) | Verdict::Malformed => Observation::Refused(Refusal::BadArguments),
            Verdict::OutOfOrder => Observation::Refused(Refusal::OutOfOrder),
            Verdict::Unknown => Observation::Refused(Refusal::UnknownCommand),
            Verdict::TooLong => Observation::Refused(Refusal::TooLong),
        });
    }

    /// Shows the answer to a prompt, or that there was one.
    pub(super) fn heard_answer(&mut self, answer: Option<&[u8]>, turn: &mut Turn<'_>) {
        if !self.converses(turn) {
            return;
        }
        let mut shown = String::new();
        match answer {
            Some(answer) => put_octets(answer, &mut shown),
            None => shown.push_str("***"),
        }
        turn.effects.effect(Effect::Heard(&shown));
    }

    /// Shows an answer, line by line.
    pub(super) fn said(&self, answer: &str, turn: &mut Turn<'_>) {
        if !self.converses(turn) {
            return;
        }
        for line in answer.split_terminator('\n') {
            turn.effects.effect(Effect::Said(line.strip_suffix('\r').unwrap_or(line)));
        }
    }

    /// Whether the exchange is shown at all.
    pub(super) fn converses(&self, turn: &Turn<'_>) -> bool {
        turn.service.converses() && !self.is_quiet(turn)
    }

    fn is_quiet(&self, turn: &Turn<'_>) -> bool {
        let handler = self.line.handler.and_then(|id| turn.program().handlers.get(id.0 as usize));
        handler.is_some_and(|handler| handler.quiet)
    }
}
