//! Lines that are taken as they stand: a look at the octets tells, and no automaton has to run.
//!
//! Never: takes a line that the automaton of the template would not.

use program::{Handler, HandlerId, TemplatePart, Type};

use super::Service;

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
