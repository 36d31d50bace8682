//! What the player does at a mark.
//!
//! Never: leaves out a mark without counting it.

use std::time::Duration;

use machine::Reason;

use crate::{
    play::{
        failure::{Spoken, What},
        player::{Player, Stop, Talk},
        wire::Heard,
    },
    script::{Client, Mark},
};

impl Player<'_> {
    /// Does what the mark says.
    pub(super) fn mark(&mut self, index: usize, client: Client, mark: &Mark) -> Result<(), Stop> {
        self.played.conversation.push(Spoken::Mark(mark.written(client)));
        if matches!(mark, Mark::Wait(_)) {
            self.talks.values_mut().for_each(Talk::begin_answer);
        } else {
            self.talk(client).begin_answer();
        }
        match mark {
            Mark::Tls => {
                self.before_speaking(index, client)?;
                let done = self.wire.tls(client);
                self.done(index, client, done)?;
            }
            Mark::Wait(span) => {
                let done = self.wire.wait(Duration::from_millis(*span));
                self.done_or_stop(index, client, done)?;
            }
            Mark::State(expected) => {
                let state = self.wire.state(client);
                if let Some(state) = self.done(index, client, state)?
                    && state != *expected
                {
                    return Err(self.fail(index, client, None, What::State { expected: expected.clone() }));
                }
            }
            Mark::Closed => {
                let heard = self.next_line(client);
                if let Heard::Line(line) = heard {
                    self.talk(client).pending.push_front(line);
                    return self.no_surplus(index, client);
                }
                if heard == Heard::Nothing {
                    return Err(self.fail(index, client, None, What::StillOpen));
                }
            }
            Mark::Eof => {
                let done = self.wire.half_close(client);
                self.done(index, client, done)?;
            }
            Mark::Reset => {
                let done = self.wire.reset(client);
                self.done(index, client, done)?;
                let talk = self.talk(client);
                talk.reset = true;
                talk.pending.clear();
            }
            Mark::Shutdown => self.end(index, client, Reason::Shutdown)?,
            Mark::Broken => self.end(index, client, Reason::Broken)?,
            // It was part of connecting.
            Mark::Full => {}
            Mark::Sync => {
                let done = self.wire.sync(client);
                self.done(index, client, done)?;
            }
        }
        Ok(())
    }

    fn end(&mut self, index: usize, client: Client, reason: Reason) -> Result<(), Stop> {
        let done = self.wire.end(client, reason);
        self.done_or_stop(index, client, done)
    }
}
