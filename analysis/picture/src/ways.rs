//! Where the body of a handler can come out, and what was answered by then.
//!
//! Never: decides a condition; each may turn out either way.

use std::collections::BTreeSet;

use program::{Pc, Program, Saying, StateId, To, Why};

/// One way out of a body.
#[derive(Debug, Clone)]
pub(crate) struct Way {
    /// The answer that was given on it.
    pub(crate) reply: Option<Pc>,
    /// Its last instruction.
    pub(crate) end: Pc,
    pub(crate) ending: Ending,
}

/// How a body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Stay,
    Goto(StateId),
    Secure(StateId),
    Close,
}

/// All ways out, and the answers and prompts on them that are not the last word.
pub(crate) fn ways(program: &Program, entry: Pc) -> (Vec<Way>, Vec<Pc>) {
    let (mut ways, mut midway) = (Vec::new(), BTreeSet::new());
    let mut seen = BTreeSet::new();
    let mut open = vec![(entry, None)];
    while let Some((at, reply)) = open.pop() {
        let Some(op) = program.code.get(at.0 as usize).filter(|_| seen.insert((at, reply))) else { continue };
        let reply = match op.said().map(|said| said.how) {
            Some(Saying::Answer) => Some(at),
            Some(Saying::Before | Saying::Question) => {
                midway.insert(at);
                reply
            }
            Some(Saying::Listing) | None => reply,
        };
        for exit in op.exits(at).into_iter().filter(|exit| exit.why != Why::Gone) {
            let ending = match exit.to {
                To::Here(at) => {
                    open.push((at, reply));
                    continue;
                }
                // The way of a count, of what finds no room, and of what is no answer to a prompt is that of the limit or of
                // what is unexpected, which is shown there. Behind `leave` it is where what led to it was to go.
                To::Body(_) | To::Left | To::Given(_) => continue,
                To::State(state) => Ending::Goto(state),
                To::Secure(state) => Ending::Secure(state),
                To::Stay => Ending::Stay,
                To::Close => Ending::Close,
            };
            ways.push(Way { reply, end: at, ending });
        }
    }
    ways.sort_by_key(|way| (way.reply, way.end));
    (ways, midway.into_iter().collect())
}
