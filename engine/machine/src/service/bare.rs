//! Lines that are taken as they stand: a look at the octets tells who takes them and where their hole is, and no
//! automaton has to run.
//!
//! Never: takes a line that the automata of its state and of the template would not.

use program::{Handler, HandlerId, Program, State, StateId, TemplatePart, Type};
use smallvec::SmallVec;

use super::{Service, Test, bind::present};
use crate::matcher::{Claimants, is_first_behind, needs_decoding, word_of};

/// The line that a handler takes with all left out that may be left out.
#[derive(Debug)]
pub(crate) struct Bare {
    text: Box<str>,
    exact_case: bool,
    /// Behind the text, the hole that is the rest of the line; its decoder tells whether it fits.
    pub(crate) hole: Option<u8>,
    /// Whether every hole is absent then; a set of parameters is not, it is empty.
    pub(crate) all_absent: bool,
}

/// Who takes their bare lines before all others in a state, and under any condition; by the word that lines begin with.
#[derive(Debug)]
pub(super) struct First {
    /// As many as a power of two.
    buckets: Box<[SmallVec<[HandlerId; 2]>]>,
}

impl Service {
    /// The line that a handler takes as it stands.
    pub(crate) fn bare(&self, id: HandlerId) -> Option<&Bare> {
        self.bare.get(id.0 as usize)?.as_ref()
    }

    /// Who takes this line as it stands, in that state, without looking at anything else; and where the hole is.
    pub(crate) fn takes_bare(
        &self,
        state: StateId,
        line: &[u8],
        word: usize,
    ) -> Option<(HandlerId, &Bare, (usize, usize))> {
        let ids = self.first.get(usize::from(state.0))?.of(line.get(..word)?)?;
        ids.iter().find_map(|id| {
            let bare = self.bare(*id)?;
            bare.rest(line).map(|rest| (*id, bare, rest))
        })
    }
}

impl First {
    pub(super) fn of_state(guards: &[Option<Test>], bare: &[Option<Bare>], state: &State) -> First {
        let is_first = |id: HandlerId| {
            let bare = bare.get(id.0 as usize)?.as_ref()?;
            let guard = guards.get(id.0 as usize)?;
            let first = match bare.hole {
                Some(_) => is_first_behind(&state.claims, bare.text.as_bytes(), bare.exact_case, id),
                None => Claimants::new(&state.claims, bare.text.as_bytes()).next() == Some(id),
            };
            let always = matches!(guard, None | Some(Test::Decided(true)));
            (first && always).then_some((id, bare))
        };
        let found: Vec<(HandlerId, &Bare)> = state.handlers.iter().filter_map(|id| is_first(*id)).collect();
        let mut buckets = vec![SmallVec::new(); (2 * found.len()).next_power_of_two()];
        for (id, bare) in found {
            let text = bare.text.as_bytes();
            let place = place(&text[..word_of(text)], buckets.len());
            buckets[place].push(id);
        }
        First { buckets: buckets.into() }
    }

    fn of(&self, word: &[u8]) -> Option<&[HandlerId]> {
        self.buckets.get(place(word, self.buckets.len())).map(|ids| &ids[..])
    }
}

/// Where a word has its place among so many; without regard to case.
fn place(word: &[u8], places: usize) -> usize {
    // FNV-1a, which is good for few octets. Whoever writes words that share a place slows down his own protocol.
    let hash =
        word.iter().fold(0x811c_9dc5_u32, |hash, octet| (hash ^ u32::from(octet & 0xdf)).wrapping_mul(0x0100_0193));
    (hash ^ (hash >> 16)) as usize & (places - 1)
}

impl Bare {
    /// That of a handler, if it has one.
    pub(super) fn of(program: &Program, handler: &Handler) -> Option<Bare> {
        // A literal that must follow stands in no part.
        if handler.payload.is_some() {
            return None;
        }
        let [TemplatePart::Literal(text), rest @ ..] = &handler.parts[..] else { return None };
        let exact_case = program.wire.exact_case;
        let capture = |hole: u8| handler.captures.get(usize::from(hole));
        // A bare line has no blank behind the text.
        let is_blank = |part: &&TemplatePart| match part {
            TemplatePart::Optional(parts) => match &parts[..] {
                [TemplatePart::Hole(hole)] => capture(*hole).is_some_and(|capture| holds_blanks(program, &capture.ty)),
                _ => false,
            },
            _ => false,
        };
        let blanks = rest.iter().take_while(is_blank).count();
        let (hole, rest) = match &rest[blanks..] {
            [TemplatePart::Hole(hole), rest @ ..] => (Some(*hole), rest),
            _ => (None, rest),
        };
        // Of a blank in a template a line may have several; and what stands behind a hole without one is no bare line.
        let begins = match hole {
            Some(hole) => needs_decoding(&capture(hole)?.ty) && word_of(text.as_bytes()) < text.len(),
            None => !text.contains(' '),
        };
        let may_be_left_out = |part: &TemplatePart| match part {
            TemplatePart::Optional(parts) => {
                hole.is_none() || matches!(parts.first(), Some(TemplatePart::Literal(text)) if text.starts_with(' '))
            }
            _ => false,
        };
        let all_absent = hole.is_none() && !handler.captures.iter().any(|capture| holds_params(&capture.ty));
        (begins && rest.iter().all(may_be_left_out)).then(|| Bare {
            text: (**text).into(),
            exact_case,
            hole,
            all_absent,
        })
    }

    /// Where the rest of a line stands, if it is this one; nothing is left where there is no hole.
    pub(crate) fn rest(&self, line: &[u8]) -> Option<(usize, usize)> {
        let text = self.text.as_bytes();
        let (begin, rest) = line.split_at_checked(text.len())?;
        if self.hole.is_none() != rest.is_empty() {
            return None;
        }
        let same = text == begin || (!self.exact_case && text.eq_ignore_ascii_case(begin));
        let whole = same && (rest.is_empty() || memchr::memchr2(b' ', b'\t', rest).is_none());
        whole.then_some((text.len(), line.len()))
    }
}

/// Whether what stands in such a hole has a blank in it.
fn holds_blanks(program: &Program, ty: &Type) -> bool {
    matches!(present(ty), Type::Lexical(id) if program.lexemes.get(usize::from(id.0)).is_some_and(|lexeme| lexeme.blank))
}

fn holds_params(ty: &Type) -> bool {
    matches!(present(ty), Type::Params(_))
}
