//! Lines that are taken as they stand: a look at the octets tells, and no automaton has to run.
//!
//! Never: takes a line that the automaton of the template would not.

use program::{Handler, HandlerId, Program, State, StateId, TemplatePart, Type};

use super::Service;
use crate::matcher::Claimants;

/// The line that a handler takes as it stands, all its holes left out.
#[derive(Debug)]
pub(crate) struct Bare {
    text: Box<str>,
    exact_case: bool,
    /// Whether each of its holes is absent then; a set of parameters is not, it is empty.
    pub(crate) all_absent: bool,
}

impl Service {
    /// The line that a handler takes as it stands.
    pub(crate) fn bare(&self, id: HandlerId) -> Option<&Bare> {
        self.bare.get(id.0 as usize)?.as_ref()
    }

    /// Who takes this line as it stands, in that state, without looking at anything else.
    pub(crate) fn takes_bare(&self, state: StateId, line: &[u8]) -> Option<(HandlerId, &Bare)> {
        let first = self.first_bare.get(usize::from(state.0))?;
        first.iter().find_map(|id| self.bare(*id).filter(|bare| bare.is(line)).map(|bare| (*id, bare)))
    }

    /// The handlers of a state that take their bare lines before all others, and under any condition.
    pub(super) fn first_bare(program: &Program, bare: &[Option<Bare>], state: &State) -> Box<[HandlerId]> {
        let is_first = |id: &HandlerId| {
            let (Some(Some(bare)), Some(handler)) = (bare.get(id.0 as usize), program.handlers.get(id.0 as usize))
            else {
                return false;
            };
            let first = Claimants::new(&state.claims, bare.text.as_bytes()).next();
            handler.guard.is_none() && first == Some(*id)
        };
        state.handlers.iter().copied().filter(is_first).collect()
    }
}

impl Bare {
    /// That of a handler, if there is one and it has no blank: of a blank in a template a line may have several.
    pub(super) fn of(handler: &Handler, exact_case: bool) -> Option<Bare> {
        let [TemplatePart::Literal(text), rest @ ..] = &handler.parts[..] else { return None };
        let is_optional = |part: &TemplatePart| matches!(part, TemplatePart::Optional(_));
        let all_absent = !handler.captures.iter().any(|capture| holds_params(&capture.ty));
        (rest.iter().all(is_optional) && !text.contains(' ')).then(|| Bare {
            text: (**text).into(),
            exact_case,
            all_absent,
        })
    }

    /// Whether a line is it.
    pub(crate) fn is(&self, line: &[u8]) -> bool {
        let text = self.text.as_bytes();
        if self.exact_case { text == line } else { text.eq_ignore_ascii_case(line) }
    }
}

fn holds_params(ty: &Type) -> bool {
    match ty {
        Type::Params(_) => true,
        Type::Optional(inner) => holds_params(inner),
        _ => false,
    }
}
