//! Which states can be reached, and which can be left.
//!
//! Never: looks at guards; a way that no session can take still counts as a way.

use diagnostic::Diagnostic;
use program::{Op, Pc, StateId, To, Why};

use crate::{
    check::{findings::Findings, model::Model},
    rules,
};

/// Tells of states that nothing leads to, and of states that nothing leads out of.
pub(crate) fn check(
    code: &[Op],
    model: &Model<'_>,
    start: StateId,
    bounds: &[(StateId, Pc, Pc)],
    findings: &mut Findings,
) {
    let count = model.states.len();
    let mut ways: Vec<Vec<StateId>> = vec![Vec::new(); count];
    let mut closes = vec![false; count];
    for (state, from, to) in bounds {
        let place = usize::from(state.0);
        let ops = code[from.0 as usize..to.0 as usize].iter();
        for exit in ops.flat_map(|op| op.exits(*from)).filter(|exit| exit.why == Why::End) {
            ways[place].extend(exit.to.state());
            closes[place] |= exit.to == To::Close;
        }
    }
    let mut reached = vec![false; count];
    let mut open = vec![start];
    while let Some(state) = open.pop() {
        let place = usize::from(state.0);
        if !std::mem::replace(&mut reached[place], true) {
            open.extend(&ways[place]);
        }
    }
    for (place, state) in model.states.iter().enumerate() {
        let name = &state.def.name;
        if !reached[place] {
            findings.mend(
                &rules::states::UNREACHABLE,
                name.span,
                format!("nothing leads to the state `{}`", name.text),
                format!("write  goto {}  somewhere, or take the state away", name.text),
            );
        } else if model.request.is_none()
            && !closes[place]
            && ways[place].iter().all(|target| usize::from(target.0) == place)
        {
            findings.add(
                Diagnostic::new(
                    &rules::states::DEAD_END,
                    name.span,
                    format!("nothing leads out of the state `{}`", name.text),
                )
                .help("add a command that goes on or closes; one in  anytime { }  serves all states"),
            );
        }
    }
}
