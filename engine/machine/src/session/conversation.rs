//! The conversation as people may see it.
//!
//! Never: shows a secret, or anything of an exchange that is to stay quiet.

use super::{Session, Turn, command::Verdict};
use crate::{Effect, Observation, Refusal, matcher::put_octets};

impl Session {
    /// Shows the line that was read. The spans of its match, if it fits, are still known.
    pub(super) fn heard(&mut self, verdict: Verdict, turn: &mut Turn<'_>) {
        self.line.taken = matches!(verdict, Verdict::Taken(_));
        self.expect_secret(verdict, turn);
        self.observed(verdict, turn);
        if self.converses(turn) {
            self.show_heard(verdict, turn);
        }
    }

    #[cold]
    fn show_heard(&mut self, verdict: Verdict, turn: &mut Turn<'_>) {
        let mut shown = std::mem::take(&mut self.out);
        shown.clear();
        if verdict == Verdict::TooLong {
            shown.push_str("(a line that is too long)");
        } else {
            self.line.put_shown(turn.program(), turn.service.secrets(), &self.scratch, &mut shown);
        }
        turn.effects.effect(Effect::Heard(&shown));
        shown.shrink_to(1024);
        self.out = shown;
    }

    /// Notes whether the peer may be about to send a secret, since the line may lead to a prompt that asks for one. It may
    /// do so unasked, and whatever the answer to the line is.
    #[inline]
    fn expect_secret(&mut self, verdict: Verdict, turn: &Turn<'_>) {
        let (program, secrets) = (turn.program(), turn.service.secrets());
        if !secrets.prompts {
            return;
        }
        self.secret_due = match verdict {
            Verdict::Taken(id) => {
                secrets.asks(id) && !self.line.brings_secret(program, &program.handlers[id.0 as usize].captures)
            }
            _ => self.line.verb(program).is_some_and(|verb| secrets.verb_asks(verb)),
        };
    }

    /// Tells what becomes of what was read.
    pub(super) fn observed(&self, verdict: Verdict, turn: &mut Turn<'_>) {
        turn.effects.observe(match verdict {
            Verdict::Taken(id) => Observation::Taken(id),
            Verdict::Misfit(_) | Verdict::Malformed => Observation::Refused(Refusal::BadArguments),
            Verdict::OutOfOrder => Observation::Refused(Refusal::OutOfOrder),
            Verdict::Unknown => Observation::Refused(Refusal::UnknownCommand),
            Verdict::TooLong => Observation::Refused(Refusal::TooLong),
            Verdict::Foreign => Observation::Refused(Refusal::Foreign),
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
    #[inline]
    pub(super) fn said(&self, answer: &str, turn: &mut Turn<'_>) {
        if turn.service.converses() {
            self.show_said(answer, turn);
        }
    }

    #[cold]
    fn show_said(&self, answer: &str, turn: &mut Turn<'_>) {
        if self.is_quiet(turn) {
            return;
        }
        for line in answer.split_terminator('\n') {
            turn.effects.effect(Effect::Said(line.strip_suffix('\r').unwrap_or(line)));
        }
    }

    /// Whether the exchange is shown at all.
    #[inline]
    pub(super) fn converses(&self, turn: &Turn<'_>) -> bool {
        turn.service.converses() && !self.is_quiet(turn)
    }

    pub(super) fn is_quiet(&self, turn: &Turn<'_>) -> bool {
        let handler = self.line.handler.and_then(|id| turn.program().handlers.get(id.0 as usize));
        handler.is_some_and(|handler| handler.quiet)
    }
}
