//! Payloads: passed on as they come, counted, never held.
//!
//! Never: leaves an octet of a payload on the wire, whatever was decided about it.

use std::{sync::Arc, time::Duration};

use program::{Expr, HandlerId, Octets, Op, PayloadForm, PayloadId, Pc, Receive, Value};
use smallvec::SmallVec;

use super::{Phase, Session, Stored, Turn, command::Verdict};
use crate::{Body, Effect, Effects, expression::Fault, framing::Dotted};

/// A few payloads.
pub(super) type Payloads = SmallVec<[PayloadId; 4]>;

/// A payload on its way.
#[derive(Debug)]
pub(super) struct Intake {
    /// Its name, as long as it is kept.
    payload: Option<PayloadId>,
    /// When it began, of [`Now::elapsed`](crate::Now::elapsed).
    pub(super) since: Duration,
    /// So many octets have come.
    pub(super) length: u64,
    /// The most that are accepted.
    most: u64,
    fate: Fate,
}

#[derive(Debug)]
enum Fate {
    Kept,
    TooBig,
    Failed(Arc<str>),
}

/// Whose counted payload it is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Counted {
    /// That of the handler that took the line.
    Own(HandlerId),
    /// It came with a line that nobody takes with a payload; it is thrown away.
    Foreign(Verdict),
    /// That of the handler that takes the line, whose end is still to come.
    Literal(HandlerId),
    /// It came within a line that is refused already; it is thrown away.
    Swallowed,
}

impl Intake {
    /// It is not kept. Gives its name, to be discarded.
    pub(super) fn drop_it(&mut self) -> Option<PayloadId> {
        self.payload.take()
    }

    /// Passes a run of octets on, unless the payload is not kept.
    fn pass(&mut self, octets: &[u8], effects: &mut dyn Effects) {
        self.length = self.length.saturating_add(octets.len() as u64);
        if self.length > self.most && matches!(self.fate, Fate::Kept) {
            self.fate = Fate::TooBig;
        }
        if let (Fate::Kept, Some(id)) = (&self.fate, self.payload) {
            effects.effect(Effect::Body(Body::Chunk(id, octets)));
        }
    }
}

impl Session {
    /// Begins to read a dotted block.
    pub(super) fn receive(&mut self, at: Pc, receive: &Receive, turn: &mut Turn<'_>) -> Result<(), Fault> {
        let most = self.scope(turn).number(&receive.most)?;
        let nothing = Value::Octets(Octets::default());
        self.change(receive.into, |place, pool| {
            pool.put(place, nothing);
            Ok(())
        })?;
        self.sweep(turn);
        let payload = Some(self.begin_payload(turn));
        let intake = Intake { payload, since: turn.now.elapsed, length: 0, most, fate: Fate::Kept };
        self.incoming.lines.suspend();
        let block = Dotted::new(turn.program().wire.line_end);
        self.listen(Phase::Receiving { at, block, intake }, turn);
        Ok(())
    }

    /// Reads on in a dotted block; false when nothing is unread.
    pub(super) fn read_block(&mut self, turn: &mut Turn<'_>) -> bool {
        if turn.unread.is_empty() {
            return false;
        }
        let Phase::Receiving { at, mut block, mut intake } = std::mem::replace(&mut self.phase, Phase::Running) else {
            return false;
        };
        let effects = &mut *turn.effects;
        let ended = block.read(&mut turn.unread, &mut |run| intake.pass(run, effects));
        self.drop_refused(&mut intake, turn);
        if !ended {
            self.phase = Phase::Receiving { at, block, intake };
            return true;
        }
        match (intake.fate, intake.payload) {
            (Fate::Kept, Some(id)) => self.store(id, intake.length, Stored::Block(at), turn),
            (Fate::Failed(why), _) => self.block_failed(at, &why, turn),
            (Fate::Kept | Fate::TooBig, _) => match self.op(at, turn) {
                Some(Op::Receive(receive)) => self.run(receive.too_big, turn),
                _ => self.broken(LOST, Some(at), turn),
            },
        }
        true
    }

    /// Begins to read a counted payload.
    pub(super) fn begin_counted(&mut self, count: u64, most: u64, counted: Counted, turn: &mut Turn<'_>) {
        let (payload, fate) = match counted {
            Counted::Own(_) | Counted::Literal(_) if count > most => (None, Fate::TooBig),
            Counted::Own(_) | Counted::Literal(_) if count > 0 => (Some(self.begin_payload(turn)), Fate::Kept),
            Counted::Own(_) | Counted::Literal(_) | Counted::Foreign(_) | Counted::Swallowed => (None, Fate::Kept),
        };
        let intake = Intake { payload, since: turn.now.elapsed, length: 0, most: u64::MAX, fate };
        self.incoming.lines.suspend();
        self.listen(Phase::Counting { rest: count, counted, intake }, turn);
    }

    /// Reads on in a counted payload; false when nothing is unread and something is missing.
    pub(super) fn read_counted(&mut self, turn: &mut Turn<'_>) -> bool {
        let Phase::Counting { rest, counted, intake } = &mut self.phase else { return false };
        let counted = *counted;
        if *rest > 0 {
            if turn.unread.is_empty() {
                return false;
            }
            let length = usize::try_from(*rest).unwrap_or(usize::MAX).min(turn.unread.len());
            let (run, behind) = turn.unread.split_at(length);
            intake.pass(run, turn.effects);
            turn.unread = behind;
            *rest -= length as u64;
            return true;
        }
        let Phase::Counting { intake, .. } = std::mem::replace(&mut self.phase, Phase::Running) else { return false };
        match counted {
            Counted::Own(id) => self.counted_end(id, intake, turn),
            Counted::Foreign(verdict) => self.carry_out(verdict, turn),
            Counted::Literal(id) => {
                self.incoming.assembly.payload = Some((id, intake));
                self.listen(Phase::Command, turn);
            }
            Counted::Swallowed => self.listen(Phase::Command, turn),
        }
        true
    }

    /// All of a command's payload has come.
    pub(super) fn counted_end(&mut self, id: HandlerId, intake: Intake, turn: &mut Turn<'_>) {
        match (intake.fate, intake.payload) {
            (Fate::Kept, Some(payload)) => self.store(payload, intake.length, Stored::Counted(id), turn),
            (Fate::Kept, None) => self.counted_kept(id, Octets::default(), turn),
            (Fate::TooBig, _) => match &turn.program().handlers[id.0 as usize].payload {
                Some(payload) => self.run(payload.too_big, turn),
                None => self.broken(LOST, None, turn),
            },
            (Fate::Failed(why), _) => self.counted_failed(id, &why, turn),
        }
    }

    /// The spool has kept the payload.
    pub(super) fn stored(&mut self, id: PayloadId, turn: &mut Turn<'_>) {
        let Phase::Storing { payload, length, from, .. } = self.phase else { return };
        if payload != id {
            return;
        }
        self.phase = Phase::Running;
        let octets = Octets { id: Some(id), length };
        match from {
            Stored::Counted(handler) => self.counted_kept(handler, octets, turn),
            Stored::Block(at) => {
                let Some(Op::Receive(receive)) = self.op(at, turn) else {
                    return self.broken(LOST, Some(at), turn);
                };
                let kept = self.change(receive.into, |place, pool| {
                    pool.put(place, Value::Octets(octets));
                    Ok(())
                });
                if let Err(fault) = kept {
                    return self.broken(fault, Some(at), turn);
                }
                self.run(receive.complete, turn);
            }
        }
    }

    /// The spool could not keep the payload; what is still to come is read and thrown away.
    pub(super) fn store_failed(&mut self, id: PayloadId, why: &str, turn: &mut Turn<'_>) {
        match &mut self.phase {
            Phase::Receiving { intake, .. } | Phase::Counting { intake, .. } if intake.payload == Some(id) => {
                intake.fate = Fate::Failed(why.into());
                intake.payload = None;
                self.discard_payload(id, turn);
            }
            Phase::Storing { payload, from, .. } if *payload == id => {
                let from = *from;
                self.phase = Phase::Running;
                self.discard_payload(id, turn);
                match from {
                    Stored::Block(at) => self.block_failed(at, why, turn),
                    Stored::Counted(handler) => self.counted_failed(handler, why, turn),
                }
            }
            _ => {
                if let Some((_, intake)) = &mut self.incoming.assembly.payload
                    && intake.payload == Some(id)
                {
                    intake.fate = Fate::Failed(why.into());
                    intake.payload = None;
                    self.discard_payload(id, turn);
                }
            }
        }
    }

    /// A payload begins.
    fn begin_payload(&mut self, turn: &mut Turn<'_>) -> PayloadId {
        let id = PayloadId(self.next_payload);
        self.next_payload = self.next_payload.wrapping_add(1);
        self.held.live.push(id);
        turn.effects.effect(Effect::Body(Body::Begin(id)));
        id
    }

    /// Another payload with the same octets.
    pub(super) fn copy_payload(&mut self, of: PayloadId, turn: &mut Turn<'_>) -> PayloadId {
        let id = PayloadId(self.next_payload);
        self.next_payload = self.next_payload.wrapping_add(1);
        self.held.live.push(id);
        turn.effects.effect(Effect::Body(Body::Copy(id, of)));
        id
    }

    /// Nobody will ask for a payload again.
    pub(super) fn discard_payload(&mut self, id: PayloadId, turn: &mut Turn<'_>) {
        if let Some(at) = self.held.live.iter().position(|live| *live == id) {
            self.held.live.swap_remove(at);
            turn.effects.effect(Effect::Body(Body::Discard(id)));
        }
    }

    fn store(&mut self, payload: PayloadId, length: u64, from: Stored, turn: &mut Turn<'_>) {
        // A disk that hangs must not hold a session for ever; it has as long as the peer would have.
        let within = match self.idle_limit(turn) {
            Ok(within) => within,
            Err(fault) => return self.broken(fault, None, turn),
        };
        self.phase = Phase::Storing { payload, length, from, until: turn.now.elapsed.saturating_add(within) };
        turn.effects.effect(Effect::Body(Body::End(payload)));
    }

    /// What is refused is forgotten at once, not when the rest of it has come.
    fn drop_refused(&mut self, intake: &mut Intake, turn: &mut Turn<'_>) {
        if !matches!(intake.fate, Fate::Kept)
            && let Some(id) = intake.payload.take()
        {
            self.discard_payload(id, turn);
        }
    }

    fn block_failed(&mut self, at: Pc, why: &str, turn: &mut Turn<'_>) {
        let Some(Op::Receive(receive)) = self.op(at, turn) else {
            return self.broken(LOST, Some(at), turn);
        };
        if let Some(slot) = receive.failed.values.first().copied().flatten()
            && let Err(fault) = self.set(slot, self.pool.text_value(why))
        {
            return self.broken(fault, Some(at), turn);
        }
        self.run(receive.failed.at, turn);
    }

    /// Gives a payload to the peer.
    pub(super) fn send_payload(
        &mut self,
        value: &Expr,
        form: PayloadForm,
        pc: Pc,
        turn: &mut Turn<'_>,
    ) -> Result<(), Fault> {
        let Octets { id, length } = match self.scope(turn).value(value)? {
            Value::Octets(octets) => octets,
            Value::Absent => Octets::default(),
            _ => return Err(Fault(&"something is sent that is no payload")),
        };
        self.seen.answered_at = Some(pc);
        turn.effects.effect(Effect::Payload { id, form, from: pc });
        if self.converses(turn) {
            self.said(&format!("({length} octets)"), turn);
        }
        Ok(())
    }

    fn counted_kept(&mut self, id: HandlerId, octets: Octets, turn: &mut Turn<'_>) {
        let Some(payload) = &turn.program().handlers[id.0 as usize].payload else {
            return self.broken(LOST, None, turn);
        };
        match self.set(payload.slot, Value::Octets(octets)) {
            Ok(()) => self.carry_out(Verdict::Taken(id), turn),
            Err(fault) => self.broken(fault, None, turn),
        }
    }

    fn counted_failed(&mut self, id: HandlerId, why: &str, turn: &mut Turn<'_>) {
        let Some(payload) = &turn.program().handlers[id.0 as usize].payload else {
            return self.broken(LOST, None, turn);
        };
        if let Some(slot) = payload.why
            && let Err(fault) = self.set(slot, self.pool.text_value(why))
        {
            return self.broken(fault, None, turn);
        }
        self.run(payload.failed, turn);
    }
}

const LOST: Fault = Fault(&"nobody waits for this payload");
