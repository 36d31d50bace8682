//! Where the body of a handler can come out, and what was answered by then.
//!
//! Never: decides a condition; each may turn out either way.

use std::collections::BTreeSet;

use program::{Op, Pc, Program, StateId};

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
        let mut out = |ending| ways.push(Way { reply, end: at, ending });
        let next = Pc(at.0 + 1);
        match op {
            Op::Reply(_) => open.push((next, Some(at))),
            Op::Unless { target, .. } => open.extend([(next, reply), (*target, reply)]),
            Op::Jump(target) => open.push((*target, reply)),
            Op::Ask(ask) => open.extend(ask.outcomes.iter().map(|branch| (branch.at, reply))),
            Op::Receive(receive) => {
                open.extend([receive.complete, receive.too_big, receive.failed.at].map(|at| (at, reply)));
            }
            Op::Next { end, .. } => open.extend([(next, reply), (*end, reply)]),
            Op::Say(_) | Op::Prompt(_) => {
                midway.insert(at);
                open.push((next, reply));
            }
            Op::Goto(transition) => out(Ending::Goto(transition.state)),
            Op::StartTls(state) => out(Ending::Secure(*state)),
            Op::Stay(_) => out(Ending::Stay),
            Op::Close => out(Ending::Close),
            // It leads where what led to it was to go.
            Op::Left => {}
            // The way of a count, and of what finds no room, is that of the limit, which is shown with the limits.
            Op::Count { .. }
            | Op::Let { .. }
            | Op::Add { .. }
            | Op::Remove { .. }
            | Op::Listed { .. }
            | Op::Payload { .. }
            | Op::Log { .. }
            | Op::Pause(_)
            | Op::Prepend { .. }
            | Op::Each(_)
            | Op::Exchange(_) => open.push((next, reply)),
        }
    }
    ways.sort_by_key(|way| (way.reply, way.end));
    (ways, midway.into_iter().collect())
}
