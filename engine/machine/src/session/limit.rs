//! Limits in time, and the end that comes from outside.
//!
//! Never: cuts a command short for lasting long, save where the peer is silent when it is its turn.

use std::time::Duration;

use super::{Phase, Session, Turn};
use crate::{Effect, Reason, Service, expression::Fault};

impl Session {
    /// The connection is there: the peer may have to keep silent first.
    pub(super) fn open(&mut self, turn: &mut Turn<'_>) {
        if !matches!(self.phase, Phase::New) {
            return;
        }
        self.opened = turn.now.elapsed;
        self.take_limits(turn.service);
        let hush = match &turn.program().limits.early {
            Some(early) => self.scope(turn).duration(&early.after),
            None => Ok(Duration::ZERO),
        };
        match hush {
            Ok(hush) if hush.is_zero() => self.enter(self.here.state, turn),
            Ok(hush) => self.phase = Phase::Hush { until: turn.now.elapsed.saturating_add(hush) },
            Err(fault) => self.broken(fault, None, turn),
        }
    }

    /// The peer may not talk yet; false when it does not.
    pub(super) fn hush(&mut self, turn: &mut Turn<'_>) -> bool {
        match &turn.program().limits.early {
            Some(early) if !turn.unread.is_empty() => {
                // The first state was not entered, so there is nothing to go on in.
                self.ends.closing = true;
                self.run(early.code, turn);
                true
            }
            _ => false,
        }
    }

    /// Ends the session, or the wait of one command, when its time has come; true when something ran.
    #[inline]
    pub(super) fn between_commands(&mut self, turn: &mut Turn<'_>) -> bool {
        let has_time = self.ends.expired || self.lasts_until.is_some_and(|end| turn.now.elapsed < end);
        if has_time && self.ends.reason.is_none() { false } else { self.end_between_commands(turn) }
    }

    fn end_between_commands(&mut self, turn: &mut Turn<'_>) -> bool {
        let limits = &turn.program().limits;
        if let Some(reason) = self.ends.reason.take() {
            self.ends.closing = true;
            self.run(ending_code(limits, reason), turn);
            return true;
        }
        if self.ends.expired {
            return false;
        }
        match self.session_end(turn) {
            Ok(end) if turn.now.elapsed < end => false,
            Ok(_) => {
                self.ends.expired = true;
                self.run(limits.session.code, turn);
                true
            }
            Err(fault) => {
                self.broken(fault, None, turn);
                true
            }
        }
    }

    /// The session is to end, with the protocol's own answer.
    pub(super) fn end(&mut self, reason: Reason, turn: &mut Turn<'_>) {
        match self.phase {
            // No greeting has been given: the reason takes its place.
            Phase::New | Phase::Hush { .. } => {
                self.ends.closing = true;
                self.run(ending_code(&turn.program().limits, reason), turn);
            }
            Phase::Asking { call, .. } if reason == Reason::Broken => {
                turn.effects.effect(Effect::Cancel(call));
                self.broken(Fault(&"the server gave up on the session"), None, turn);
            }
            Phase::Command => self.ends.reason = Some(reason),
            _ if reason == Reason::Broken => self.broken(Fault(&"the server gave up on the session"), None, turn),
            // Nobody is made to wait for the end of the server.
            Phase::Pausing { next, .. } => {
                self.ends.reason = Some(reason);
                self.run(next, turn);
            }
            _ => self.ends.reason = Some(reason),
        }
    }

    /// The deadline has passed.
    pub(super) fn timeout(&mut self, turn: &mut Turn<'_>) {
        // It is spent; a wanted one is announced anew.
        self.deadline = None;
        let now = turn.now.elapsed;
        match self.phase {
            Phase::Hush { until } if now >= until => self.enter(self.here.state, turn),
            Phase::Asking { until, .. } if now >= until => self.call_is_late(turn),
            Phase::Pausing { until, next } if now >= until => self.run(next, turn),
            Phase::Storing { payload, until, .. } if now >= until => {
                self.store_failed(payload, "it was not kept in time", turn);
            }
            Phase::Command
            | Phase::Prompting { .. }
            | Phase::Receiving { .. }
            | Phase::Counting { .. }
            | Phase::Literal { .. } => {
                let between = matches!(self.phase, Phase::Command) && self.incoming.assembly.is_empty();
                if between && self.between_commands(turn) {
                    return;
                }
                match self.idle_end(turn) {
                    Ok(end) if now >= end => {
                        // In the midst of a payload nobody knows where the next command would begin.
                        self.ends.closing |= matches!(self.phase, Phase::Receiving { .. } | Phase::Counting { .. })
                            || !self.incoming.assembly.is_empty();
                        self.run(turn.program().limits.idle.code, turn);
                    }
                    Ok(_) => {}
                    Err(fault) => self.broken(fault, None, turn),
                }
            }
            _ => {}
        }
    }

    /// Announces when the session wants to be woken, if that has changed.
    pub(super) fn settle(&mut self, turn: &mut Turn<'_>) {
        let wanted = self.wanted(turn).or_else(|fault| {
            self.broken(fault, None, turn);
            self.wanted(turn)
        });
        let wanted = wanted.unwrap_or(None);
        if !self.closed() {
            self.announce(wanted, turn);
        }
    }

    #[inline]
    pub(super) fn announce(&mut self, wanted: Option<Duration>, turn: &mut Turn<'_>) {
        if self.deadline != wanted {
            self.deadline = wanted;
            turn.effects.effect(Effect::Deadline(wanted));
        }
    }

    #[inline]
    fn wanted(&self, turn: &Turn<'_>) -> Result<Option<Duration>, Fault> {
        Ok(match self.phase {
            Phase::Hush { until } | Phase::Asking { until, .. } | Phase::Pausing { until, .. } => Some(until),
            Phase::Command if !self.ends.expired && self.incoming.assembly.is_empty() => {
                Some(self.idle_end(turn)?.min(self.session_end(turn)?))
            }
            Phase::Command
            | Phase::Prompting { .. }
            | Phase::Receiving { .. }
            | Phase::Counting { .. }
            | Phase::Literal { .. } => Some(self.idle_end(turn)?),
            Phase::Storing { until, .. } => Some(until),
            Phase::New | Phase::Running | Phase::Securing { .. } | Phase::Closed => None,
        })
    }

    /// When the peer has been silent, or slow, for too long.
    #[inline]
    fn idle_end(&self, turn: &Turn<'_>) -> Result<Duration, Fault> {
        let after = self.idle_limit(turn)?;
        let silent = self.incoming.quiet_since.saturating_add(after);
        Ok(match self.phase.payload_since() {
            None => silent,
            Some((since, octets)) => silent.min(since.saturating_add(after + turn.service.slowest().time_for(octets))),
        })
    }

    /// When the session has lasted long enough.
    pub(super) fn session_end(&self, turn: &Turn<'_>) -> Result<Duration, Fault> {
        match self.lasts_until {
            Some(end) => Ok(end),
            None => Ok(self.opened.saturating_add(self.scope(turn).duration(&turn.program().limits.session.after)?)),
        }
    }

    /// The session runs under the limits of that listener.
    pub(super) fn take_limits(&mut self, service: &Service) {
        self.lasts_until = service.session().map(|after| self.opened.saturating_add(after));
    }

    #[inline]
    pub(super) fn idle_limit(&self, turn: &Turn<'_>) -> Result<Duration, Fault> {
        let limit = &turn.program().limits.idle;
        turn.service.idle().map_or_else(|| self.scope(turn).duration(&limit.after), Ok)
    }
}

fn ending_code(limits: &program::Limits, reason: Reason) -> program::Pc {
    match reason {
        Reason::Shutdown => limits.shutdown,
        Reason::Full => limits.full,
        Reason::Broken => limits.broken,
    }
}
