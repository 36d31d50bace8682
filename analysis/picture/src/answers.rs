//! What is answered to one command in one state, and where that leads.
//!
//! Never: forgets an answer; what was not reached is marked.

use std::collections::BTreeMap;

use program::{Op, Pc, Program, StateId};

use crate::{
    scene::{Answer, Kind},
    ways::{Ending, ways},
};

/// Where a command leads, with what; `None` is the state that it was said in.
pub(crate) type Led = BTreeMap<(Option<usize>, Kind), Vec<Answer>>;

/// What reads a program.
pub(crate) struct Reader<'p> {
    pub(crate) program: &'p Program,
    pub(crate) executed: Option<&'p [u64]>,
}

impl Reader<'_> {
    /// Whether an instruction was executed; yes, where nobody asks.
    pub(crate) fn reached(&self, at: Pc) -> bool {
        self.executed.is_none_or(|executed| executed.get(at.0 as usize).is_some_and(|times| *times > 0))
    }

    /// What a body that begins at `entry` answers, in a state.
    pub(crate) fn led(&self, state: Option<StateId>, entry: Pc, led: &mut Led) {
        let (ways, midway) = ways(self.program, entry);
        for at in midway {
            let (code, _) = self.status(at);
            // A line without a code is a part of what follows it.
            if !code.chars().any(|character| character.is_alphanumeric() || character == '+') {
                continue;
            }
            keep(led.entry((None, Kind::Midway)).or_default(), Kind::Midway, code, self.reached(at));
        }
        for way in ways {
            let reached = self.reached(way.end) && way.reply.is_none_or(|reply| self.reached(reply));
            let (code, refused) = way.reply.map_or((String::new(), false), |reply| self.status(reply));
            let met = if refused { Kind::Refused } else { Kind::Done };
            let (to, kind) = match way.ending {
                Ending::Goto(target) if Some(target) != state => (Some(usize::from(target.0)), met),
                Ending::Secure(target) if Some(target) != state => (Some(usize::from(target.0)), Kind::Secure),
                Ending::Secure(_) => (None, Kind::Secure),
                Ending::Close => (None, Kind::Closed),
                Ending::Goto(_) | Ending::Stay => (None, met),
            };
            keep(led.entry((to, kind)).or_default(), kind, code, reached);
        }
        // A way that says no more than others have said is theirs.
        for answers in led.values_mut().filter(|answers| answers.len() > 1) {
            answers.retain(|answer| !answer.code.is_empty());
        }
    }

    /// The code of an answer or a prompt, and whether it refuses.
    fn status(&self, at: Pc) -> (String, bool) {
        let said = self.program.code.get(at.0 as usize).and_then(Op::said);
        let reply = said.and_then(|said| self.program.replies.get(said.reply.0 as usize));
        reply.map_or((String::new(), false), |reply| {
            let code = reply.status.as_deref().map_or_else(|| first_word(reply), str::to_owned);
            (code, reply.refusal)
        })
    }
}

/// What an answer without a code begins with: its first word, where that is no value.
fn first_word(reply: &program::Reply) -> String {
    match reply.lines.first().and_then(|line| line.last.first()) {
        Some(program::Piece::Literal(text)) => {
            let word = text.split([' ', '\n', '\t']).next().unwrap_or_default();
            if word.chars().count() > 14 {
                format!("{}…", word.chars().take(13).collect::<String>())
            } else {
                word.into()
            }
        }
        _ => "…".into(),
    }
}

fn keep(answers: &mut Vec<Answer>, kind: Kind, code: String, reached: bool) {
    match answers.iter_mut().find(|answer| answer.code == code) {
        Some(answer) => answer.reached |= reached,
        None => answers.push(Answer { kind, code, reached }),
    }
    answers.sort();
}
