//! Commands: from a line to the body that runs.
//!
//! Never: carries out a command before its payload is off the wire.

use program::{Framed, Handler, HandlerId, Level, Payload};

use super::{Phase, Session, Turn, payload::Counted};
use crate::{
    Effect,
    expression::Fault,
    framing::{Literals, Took},
    matcher::{Claimants, is_claimed},
    service::Bare,
};

/// What is to be done with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// A handler takes it.
    Taken(HandlerId),
    /// A handler claims it, and its holes do not fit.
    Misfit(HandlerId),
    /// It is a request, and its attributes cannot be read.
    Malformed,
    /// Its verb is known, and no handler takes it now; or it is a request that no handler takes.
    OutOfOrder,
    /// Its verb is not known.
    Unknown,
    /// It is longer than its bound.
    TooLong,
    /// It is a line of another protocol.
    Foreign,
}

/// What comes after a line that no handler takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Following {
    /// The next line.
    Nothing,
    /// That many octets, and then the next line.
    Octets(u64),
    /// Nobody can tell: it begins like a line with a payload, and fits no template.
    Unknown,
}

impl Session {
    /// Takes the next line, or the next request, off what is unread; false when there is none.
    pub(super) fn read_command(&mut self, turn: &mut Turn<'_>) -> bool {
        let program = turn.program();
        if let Some(request) = &program.wire.request {
            return self.read_request(request, turn);
        }
        let most = program.states.get(usize::from(self.here.state.0)).map_or(0, |state| state.line_most);
        let most = most.saturating_sub(self.incoming.assembly.length());
        match self.incoming.lines.take(&mut turn.unread, program.wire.line_end, most) {
            Took::Line(line) if program.wire.literals.is_some() => self.piece(line, turn),
            Took::Line(line) => self.command(line, Literals::default(), turn),
            Took::TooLong(beginning) => self.too_long(beginning, turn),
            Took::Nothing => return false,
        }
        true
    }

    pub(super) fn command(&mut self, line: &[u8], literals: Literals, turn: &mut Turn<'_>) {
        self.phase = Phase::Running;
        let length = line.len() + turn.program().wire.line_end.octets().len();
        let line = without_trailing_blanks(line);
        let judged = if self.set_line(line, literals, turn) { self.judge(length, turn) } else { Ok(Verdict::Unknown) };
        let verdict = match judged {
            Ok(verdict) => verdict,
            Err(fault) => return self.broken(fault, None, turn),
        };
        let verdict = match verdict {
            Verdict::Taken(_) => verdict,
            other => or_foreign(other, line, turn),
        };
        if let Verdict::Taken(id) | Verdict::Misfit(id) = verdict {
            self.line.handler = Some(id);
            self.seen.claimed = Some(id);
        }
        self.heard(verdict, turn);
        if let Err(fault) = self.frame(verdict, turn) {
            self.broken(fault, None, turn);
        }
    }

    /// A line that is too long is answered once; the rest of it goes unseen.
    fn too_long(&mut self, beginning: &[u8], turn: &mut Turn<'_>) {
        const SHOWN: usize = 64;
        self.phase = Phase::Running;
        let begun = self.discard_assembly(turn);
        let beginning = if begun.is_empty() { beginning } else { &begun };
        // Behind a count that nobody read, nobody knows where the next command begins.
        self.set_line(beginning, Literals::default(), turn);
        self.ends.closing |= self.unread(0, turn) == Following::Unknown || turn.program().wire.literals.is_some();
        let verdict = or_foreign(Verdict::TooLong, beginning, turn);
        self.set_line(&beginning[..beginning.len().min(SHOWN)], Literals::default(), turn);
        self.line.keep_verb();
        self.heard(verdict, turn);
        self.carry_out(verdict, turn);
    }

    /// Finds who takes the line, and fills its holes. `length` counts the line end and trailing blanks.
    pub(super) fn judge(&mut self, length: usize, turn: &Turn<'_>) -> Result<Verdict, Fault> {
        let program = turn.program();
        let state = program.states.get(usize::from(self.here.state.0)).ok_or(Fault(&"a state does not exist"))?;
        if let Some(word) = self.line.word_length()
            && let Some((id, bare, rest)) = turn.service.takes_bare(self.here.state, self.line.text(), word)
        {
            let handler = program.handlers.get(id.0 as usize).ok_or(Fault(&"a handler does not exist"))?;
            if length <= handler.line_most && self.fill_bare(bare, rest, handler, turn)? {
                debug_assert!(
                    !self.seen.observed || Claimants::new(&state.claims, self.line.text()).next() == Some(id),
                    "others claim {:?} before {}",
                    String::from_utf8_lossy(self.line.text()),
                    handler.usage
                );
                return Ok(Verdict::Taken(id));
            }
        }
        let mut claimed: Option<(HandlerId, u16)> = None;
        let mut short = false;
        for id in Claimants::new(&state.claims, self.line.text()) {
            let handler = program.handlers.get(id.0 as usize).ok_or(Fault(&"a handler does not exist"))?;
            if claimed.is_some_and(|(_, claim)| claim != handler.claim) {
                break;
            }
            if !self.guard_holds(id, turn)? {
                continue;
            }
            claimed = claimed.or(Some((id, handler.claim)));
            if length > handler.line_most {
                short = true;
            } else if self.fits(id, handler, turn)? {
                return Ok(Verdict::Taken(id));
            }
        }
        if short || (claimed.is_none() && length > program.wire.line_most) {
            return Ok(Verdict::TooLong);
        }
        if let Some((id, _)) = claimed {
            return Ok(Verdict::Misfit(id));
        }
        let verb = self.line.verb(program);
        for id in &state.handlers {
            let handler = program.handlers.get(id.0 as usize).ok_or(Fault(&"a handler does not exist"))?;
            if Some(handler.verb) == verb && self.guard_holds(*id, turn)? {
                return Ok(Verdict::Misfit(*id));
            }
        }
        Ok(if verb.is_some() { Verdict::OutOfOrder } else { Verdict::Unknown })
    }

    pub(super) fn guard_holds(&self, id: HandlerId, turn: &Turn<'_>) -> Result<bool, Fault> {
        turn.service.guard(id).map_or(Ok(true), |guard| self.holds(guard, turn))
    }

    /// Whether the line fits the template and its holes their types and bounds; then they are filled.
    fn fits(&mut self, id: HandlerId, handler: &Handler, turn: &Turn<'_>) -> Result<bool, Fault> {
        let text = self.line.text();
        if let Some(bare) = turn.service.bare(id)
            && let Some(rest) = bare.rest(text)
        {
            return self.fill_bare(bare, rest, handler, turn);
        }
        if !self.scratch.fits(&handler.template, text) {
            return Ok(false);
        }
        self.fill(&handler.captures, turn)
    }

    /// All holes of the line are left out but the one that is its rest, if there is one.
    fn fill_bare(
        &mut self,
        bare: &Bare,
        rest: (usize, usize),
        handler: &Handler,
        turn: &Turn<'_>,
    ) -> Result<bool, Fault> {
        self.scratch.fits_bare(bare.hole, rest);
        let fits = if bare.all_absent {
            self.line.empty(&self.pool);
            true
        } else {
            self.fill(&handler.captures, turn)?
        };
        debug_assert!(
            !fits || !self.seen.observed || self.scratch.is_as_matched(&handler.template, self.line.text()),
            "{:?} by {}",
            String::from_utf8_lossy(self.line.text()),
            handler.usage
        );
        Ok(fits)
    }

    pub(super) fn fill(&mut self, captures: &[program::Capture], turn: &Turn<'_>) -> Result<bool, Fault> {
        self.line.empty(&self.pool);
        for (hole, capture) in captures.iter().enumerate() {
            let most = match &capture.most {
                Some(most) if self.scratch.span(hole).is_some() => Some(self.scope(turn).number(most)?),
                _ => None,
            };
            if !self.line.fill(turn.service, capture, most, &self.scratch, &self.pool) {
                self.line.empty(&self.pool);
                self.weigh_holes(0);
                return Ok(false);
            }
        }
        self.weigh_holes(self.line.weight());
        Ok(true)
    }

    /// Reads the payload that comes with the line, if one does, and then carries the line out.
    fn frame(&mut self, verdict: Verdict, turn: &mut Turn<'_>) -> Result<(), Fault> {
        let program = turn.program();
        if let Verdict::Taken(id) = verdict {
            let handler = &program.handlers[id.0 as usize];
            if let Some(Payload { count: Some(count), most, .. }) = &handler.payload {
                let (count, most) = (self.scope(turn).number(count)?, self.scope(turn).number(most)?);
                self.begin_counted(count, most, Counted::Own(id), turn);
                return Ok(());
            }
        }
        if verdict == Verdict::Foreign {
            self.carry_out(verdict, turn);
            return Ok(());
        }
        match self.following(verdict, turn)? {
            Following::Nothing => self.carry_out(verdict, turn),
            Following::Octets(count) => self.begin_counted(count, 0, Counted::Foreign(verdict), turn),
            Following::Unknown => {
                self.ends.closing = true;
                self.carry_out(verdict, turn);
            }
        }
        Ok(())
    }

    /// What comes after a line whose payload no handler takes. The holes of the line stay those of its handler.
    fn following(&mut self, verdict: Verdict, turn: &Turn<'_>) -> Result<Following, Fault> {
        let program = turn.program();
        // Of a line that is taken, only templates with a longer beginning can say more.
        let least = match verdict {
            Verdict::Taken(id) => match &program.handlers[id.0 as usize] {
                Handler { outranked: true, claim, .. } => usize::from(*claim) + 1,
                _ => return Ok(Following::Nothing),
            },
            _ if program.framed.is_empty() => return Ok(Following::Nothing),
            _ => 0,
        };
        let mut following = self.unread(least, turn);
        if self.line.word_length().is_none() {
            return Ok(following);
        }
        let mut carries = 0;
        let claimed =
            |line: &[u8], framed: &Framed| is_claimed(line, &framed.claim, framed.unbounded, program.wire.exact_case);
        for framed in &program.framed {
            // A looser template does not vouch for a line that begins like one with octets.
            if framed.claim.len() < carries.max(least) {
                break;
            }
            if !claimed(self.line.text(), framed) {
                continue;
            }
            if self.scratch.fits(&framed.template, self.line.text()) && self.fill(&framed.captures, turn)? {
                following = match &framed.count {
                    Some(count) => Following::Octets(self.scope(turn).number(count)?),
                    None => Following::Nothing,
                };
                break;
            }
            if framed.count.is_some() && carries == 0 {
                carries = framed.claim.len();
            }
        }
        match self.line.handler {
            Some(id) => {
                self.fits(id, &program.handlers[id.0 as usize], turn)?;
            }
            None => self.line.empty(&self.pool),
        }
        Ok(following)
    }

    /// What comes after a line that fits no template: nobody can tell where it begins like one with octets. A template
    /// that begins with a hole has no such beginning: it counts where no other one claims the line. `least` is the least
    /// length of a beginning that counts.
    fn unread(&self, least: usize, turn: &Turn<'_>) -> Following {
        let program = turn.program();
        let mut text = self.line.text();
        if program.wire.tag.is_some() && self.line.word_length().is_none() {
            // The word before the command has not its form; what stands behind it may be a command all the same.
            let blank = text.iter().position(|octet| *octet == b' ').unwrap_or(text.len());
            text = &text[blank..];
            text = &text[text.iter().take_while(|octet| **octet == b' ').count()..];
        }
        let begins = |framed: &&Framed| {
            !framed.claim.is_empty() && is_claimed(text, &framed.claim, framed.unbounded, program.wire.exact_case)
        };
        let carries = |framed: &Framed| framed.count.is_some() && framed.claim.len() >= least;
        let mut known = program.framed.iter().filter(begins).peekable();
        let may_follow = match known.peek() {
            Some(_) => known.any(carries),
            None => program.framed.iter().any(|framed| framed.claim.is_empty() && carries(framed)),
        };
        if may_follow { Following::Unknown } else { Following::Nothing }
    }

    /// Runs the body that a line calls for. Its payload, if it has one, has been read.
    pub(super) fn carry_out(&mut self, verdict: Verdict, turn: &mut Turn<'_>) {
        let program = turn.program();
        let unexpected = &program.unexpected;
        let at = match verdict {
            Verdict::Taken(id) => {
                let handler = &program.handlers[id.0 as usize];
                if handler.alone && !turn.unread.is_empty() {
                    self.throw_away(turn);
                    unexpected.jumped_queue.unwrap_or(unexpected.out_of_order)
                } else {
                    if let Err(fault) = self.afford(turn) {
                        return self.broken(fault, None, turn);
                    }
                    self.body.lean = turn.service.is_lean(id, &self.line);
                    handler.entry
                }
            }
            Verdict::Misfit(_) | Verdict::Malformed => unexpected.bad_arguments,
            Verdict::OutOfOrder => unexpected.out_of_order,
            Verdict::Unknown => unexpected.unknown_command,
            Verdict::TooLong => program.limits.line,
            Verdict::Foreign => {
                // Nobody knows what else comes.
                self.ends.closing = true;
                unexpected.foreign.as_ref().map_or(unexpected.unknown_command, |foreign| foreign.code)
            }
        };
        self.run(at, turn);
    }

    /// Throws away what came behind a command that stands alone.
    fn throw_away(&mut self, turn: &mut Turn<'_>) {
        let octets = std::mem::take(&mut turn.unread).len();
        self.incoming.lines.restart();
        self.incoming.jumped = self.incoming.jumped.saturating_add(octets as u64);
        let line = format!("{octets} octets came before the answer that they had to wait for, and were thrown away");
        turn.effects.effect(Effect::Log(Level::Warning, &line));
    }
}

/// What becomes of a line: one that no verb of the protocol claims may be that of another protocol. The line is as it
/// came, a word before the command included.
pub(super) fn or_foreign(verdict: Verdict, line: &[u8], turn: &Turn<'_>) -> Verdict {
    let program = turn.program();
    let Some(foreign) = &program.unexpected.foreign else { return verdict };
    let nameless = match verdict {
        Verdict::Unknown | Verdict::TooLong => true,
        Verdict::Misfit(id) => program.handlers.get(id.0 as usize).is_some_and(|handler| handler.claim == 0),
        _ => false,
    };
    let length = line.iter().position(|octet| matches!(octet, b' ' | b'\t')).unwrap_or(line.len());
    let same = |verb: &[u8]| match program.wire.exact_case {
        true => *verb == line[..length],
        false => verb.eq_ignore_ascii_case(&line[..length]),
    };
    if nameless && foreign.verbs.iter().any(|verb| same(verb.as_bytes())) { Verdict::Foreign } else { verdict }
}

/// The line without its trailing blanks, which carry no meaning.
fn without_trailing_blanks(line: &[u8]) -> &[u8] {
    let length = line.iter().rposition(|octet| !matches!(octet, b' ' | b'\t')).map_or(0, |last| last + 1);
    &line[..length]
}
