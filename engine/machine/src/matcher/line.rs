//! The present line: its text, and what its holes hold.
//!
//! Never: outlives its command; shows a secret.

use std::{fmt::Write, sync::Arc};

use program::{Capture, HandlerId, PLACEHOLDER, ParamsId, Program, Secret, Template, Type, Value, Words, Writing};
use regex_automata::{Anchored, Input, dfa::onepass, util::primitives::NonMaxUsize};

use crate::{
    Service,
    decode::{decode_into, is_text, written_text},
    expression::{View, is_clean, put_clean},
    framing::Literals,
    matcher::claim::{verb_of, word_of},
    pool::Pool,
    service::Secrets,
};

/// The memory for a line grows by so many octets.
const STEP: usize = 64;

/// The present line.
#[derive(Debug, Default)]
pub(crate) struct Line {
    text: Vec<u8>,
    /// What was counted and sent behind pieces of it; each has a placeholder in the text.
    literals: Literals,
    /// The word before the command.
    tag: Vec<u8>,
    holes: Vec<Hole>,
    /// Whether something stands in it.
    begun: bool,
    /// Whether one of its holes may weigh more than its octets.
    heavy: bool,
    /// The length of the word that it begins with; none where it is no command.
    word: Option<usize>,
    /// The handler that claims it.
    pub(crate) handler: Option<HandlerId>,
    /// Whether the line fits that handler, and is carried out.
    pub(crate) taken: bool,
    /// A secret that was asked for may still come, and be taken for a line. Outlives the line.
    pub(crate) late: bool,
}

/// How much of a line may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    /// All of it.
    Whole,
    /// So many octets at its beginning, which are a verb of the protocol.
    Verb(usize),
    /// Nothing.
    Nothing,
}

/// What is shown in place of a secret.
const MASK: &str = "***";

#[derive(Debug)]
enum Hole {
    Absent,
    /// Text that needs no decoding, as it stands in the line.
    Span(usize, usize),
    Value(Value),
    /// The same value for all sessions of a listener.
    Shared(Arc<Value>),
}

/// What one-pass automata work in. It outlives lines so that matching allocates nothing.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    cache: Option<onepass::Cache>,
    slots: Vec<Option<NonMaxUsize>>,
    /// The one hole that is there, where no automaton ran.
    bare: Option<(u8, (usize, usize))>,
}

impl Line {
    /// Begins a command with a line whose trailing blanks are off, and whose tag is.
    pub(crate) fn set(&mut self, text: &[u8], pool: &Pool) {
        self.set_foreign(text, pool);
        self.word = Some(word_of(text));
    }

    /// Begins with a line that is no command, so that it has no verb.
    #[inline]
    pub(crate) fn set_foreign(&mut self, text: &[u8], pool: &Pool) {
        if self.begun {
            self.clear(pool);
        }
        self.begun = true;
        if self.text.capacity() < text.len() {
            // Longer ones will follow.
            self.text.reserve_exact(text.len().next_multiple_of(STEP));
        }
        self.text.extend_from_slice(text);
    }

    /// Its verb, by its index, if the protocol knows it.
    pub(crate) fn verb(&self, program: &Program) -> Option<u16> {
        let word = &self.text[..self.word?];
        let claimed = self.handler.and_then(|id| program.handlers.get(id.0 as usize)).map(|handler| handler.verb);
        let told = |verb: &u16| program.verbs.get(usize::from(*verb)).is_some_and(|verb| !verb.text.is_empty());
        claimed.filter(told).or_else(|| verb_of(program, word))
    }

    /// The length of the word that it begins with; none where it is no command.
    pub(crate) fn word_length(&self) -> Option<usize> {
        self.word
    }

    /// Keeps nothing of a line but the word that it begins with.
    pub(crate) fn keep_verb(&mut self) {
        self.text.truncate(self.word.unwrap_or(0));
    }

    /// Adds what came with the line: its tag, and its literals, whose places count from the beginning of the command.
    pub(crate) fn bring(&mut self, tag: &[u8], literals: Literals) {
        self.tag.extend_from_slice(tag);
        self.literals = literals;
    }

    /// The word before the command; empty where there is none, or where it may be a secret.
    pub(crate) fn tag(&self, program: &Program) -> View<'_> {
        if self.hides_tag(program) { View::Text("") } else { printable(&self.tag) }
    }

    /// A secret that comes late begins with a word, too.
    fn hides_tag(&self, program: &Program) -> bool {
        self.late && !(self.taken && self.named(program).is_some())
    }

    /// Ends a command.
    #[inline]
    pub(crate) fn clear(&mut self, pool: &Pool) {
        self.text.clear();
        if self.text.capacity() > 1024 {
            self.text.shrink_to(1024);
        }
        self.begun = false;
        self.literals.clear();
        self.tag.clear();
        self.empty(pool);
        self.word = None;
        self.handler = None;
        self.taken = false;
    }

    /// The line.
    pub(crate) fn text(&self) -> &[u8] {
        &self.text
    }

    /// Takes one hole from the spans in `scratch`; false when what stands there is out of its bounds.
    #[inline]
    pub(crate) fn fill(
        &mut self,
        service: &Service,
        capture: &Capture,
        most: Option<u64>,
        scratch: &Scratch,
        pool: &Pool,
    ) -> bool {
        let index = self.holes.len();
        let program = service.program();
        let hole = match scratch.span(index) {
            None => match empty_when_missing(&capture.ty) {
                Some(params) => match service.without_params(params) {
                    Some(value) => Hole::Shared(value.clone()),
                    None => return false,
                },
                None => Hole::Absent,
            },
            Some((start, end)) if let Some(writing) = written(&capture.ty) => {
                let text = read_written(writing, &self.text, &self.literals, (start, end), pool);
                match text.filter(|text| most.is_none_or(|most| text.len() as u64 <= most)) {
                    Some(text) if program.holds_secret(&capture.ty) => {
                        Hole::Value(Value::Secret(Secret::new(text.as_bytes())))
                    }
                    Some(text) => Hole::Value(Value::Text(text)),
                    None => return false,
                }
            }
            Some((start, end)) if self.literals.within(start, end) => return false,
            Some((start, end)) => {
                let Some(Ok(text)) = self.text.get(start..end).map(std::str::from_utf8) else { return false };
                if most.is_some_and(|most| text.len() as u64 > most) {
                    return false;
                }
                if stands_for_itself(&capture.ty, text) {
                    Hole::Span(start, end)
                } else {
                    match decode_into(program, &capture.ty, text, pool) {
                        Some(value) => Hole::Value(value),
                        None => return false,
                    }
                }
            }
        };
        self.heavy |= matches!(hole, Hole::Value(Value::List(_) | Value::Record(_)));
        self.holes.push(hole);
        true
    }

    /// Takes a value for its one hole.
    pub(crate) fn hold(&mut self, value: Value, pool: &Pool) {
        self.empty(pool);
        self.begun = true;
        self.holes.push(Hole::Value(value));
    }

    /// Forgets what the holes hold.
    #[inline]
    pub(crate) fn empty(&mut self, pool: &Pool) {
        if !self.holes.is_empty() {
            self.empty_holes(pool);
        }
    }

    fn empty_holes(&mut self, pool: &Pool) {
        self.heavy = false;
        while let Some(hole) = self.holes.pop() {
            if let Hole::Value(value) = hole {
                pool.forget(value);
            }
        }
    }

    /// The value that hole *n* holds, if it stands somewhere.
    pub(crate) fn value(&self, hole: u8) -> Option<&Value> {
        static ABSENT: Value = Value::Absent;
        match self.holes.get(usize::from(hole)) {
            Some(Hole::Value(value)) => Some(value),
            Some(Hole::Shared(value)) => Some(value),
            Some(Hole::Span(..)) => None,
            Some(Hole::Absent) | None => Some(&ABSENT),
        }
    }

    /// Whether the line leaves out hole *n*.
    pub(crate) fn leaves_out(&self, hole: u8) -> bool {
        matches!(self.holes.get(usize::from(hole)), Some(Hole::Absent | Hole::Shared(_)) | None)
    }

    /// What hole *n* holds.
    pub(crate) fn capture(&self, hole: u8) -> View<'_> {
        match (self.value(hole), self.holes.get(usize::from(hole))) {
            (Some(value), _) => View::There(value),
            (None, Some(Hole::Span(start, end))) if let Ok(text) = std::str::from_utf8(&self.text[*start..*end]) => {
                View::Text(text)
            }
            (None, _) => View::New(Value::Absent),
        }
    }

    /// The template of the handler that claims it, in plain words.
    pub(crate) fn usage<'a>(&self, program: &'a Program) -> &'a str {
        self.handler.and_then(|id| program.handlers.get(id.0 as usize)).map_or("", |handler| &handler.usage)
    }

    /// The verb of the handler that claims it, if its template begins with one.
    fn named(&self, program: &Program) -> Option<u16> {
        let handler = program.handlers.get(self.handler?.0 as usize)?;
        program.verbs.get(usize::from(handler.verb)).filter(|verb| !verb.text.is_empty()).map(|_| handler.verb)
    }

    /// How much of it may be shown. All who show a line ask here: answers, the log of the conversation, the log. What the
    /// peer may have meant as a secret is not shown until the file proves that it is none.
    fn open(&self, program: &Program, secrets: &Secrets) -> Open {
        if self.text.is_empty() || !secrets.any {
            return Open::Whole;
        }
        let verb = self.verb(program);
        let shown = || match verb.and_then(|verb| program.verbs.get(usize::from(verb))) {
            Some(verb) if self.begins_with(&verb.text) => Open::Verb(verb.text.len()),
            _ => Open::Nothing,
        };
        match (self.handler, self.taken) {
            (Some(_), true) if self.late && self.named(program).is_none() => Open::Nothing,
            // A command beside one that takes a secret: the peer may have mixed them up.
            (Some(id), true) if secrets.handler(id) || verb.is_some_and(|verb| secrets.verb(verb)) => shown(),
            (Some(_), true) => Open::Whole,
            // Nobody knows what the peer meant by a line that nothing takes.
            _ if self.late || secrets.unnamed => Open::Nothing,
            _ if verb.is_some_and(|verb| !secrets.verb(verb)) => Open::Whole,
            _ => shown(),
        }
    }

    /// Its verb as the protocol writes it, as far as it may be shown.
    pub(crate) fn shown_verb<'a>(&self, program: &'a Program, secrets: &Secrets) -> Option<&'a str> {
        if self.open(program, secrets) == Open::Nothing {
            return None;
        }
        program.verbs.get(usize::from(self.verb(program)?)).map(|verb| &*verb.text).filter(|verb| !verb.is_empty())
    }

    /// Whether what stands in it may be shown, and a handler takes it.
    pub(crate) fn is_open(&self, program: &Program, secrets: &Secrets) -> bool {
        self.taken && self.open(program, secrets) == Open::Whole
    }

    fn begins_with(&self, verb: &str) -> bool {
        let beginning = self.text.get(..verb.len());
        !verb.is_empty() && beginning.is_some_and(|beginning| beginning.eq_ignore_ascii_case(verb.as_bytes()))
    }

    /// The word that it begins with, for a condition: that shows no more than which way was gone.
    pub(crate) fn asked_word(&self) -> View<'_> {
        lossy(&self.text[..self.word.unwrap_or(0)])
    }

    /// Itself, for a condition.
    pub(crate) fn asked(&self) -> View<'_> {
        lossy(&self.text)
    }

    /// `{verb}`: the word that it begins with, as far as it may be shown.
    pub(crate) fn word(&self, program: &Program, secrets: &Secrets) -> View<'_> {
        match self.open(program, secrets) {
            Open::Whole => printable(&self.text[..self.word.unwrap_or(0)]),
            Open::Verb(length) => printable(&self.text[..length]),
            Open::Nothing => View::Text(MASK),
        }
    }

    /// `{line}`: itself, as far as it may be shown.
    pub(crate) fn shown(&self, program: &Program, secrets: &Secrets) -> View<'_> {
        match self.open(program, secrets) {
            Open::Whole => printable(&self.text),
            Open::Verb(length) => printable(&self.text[..length]),
            Open::Nothing => View::Text(MASK),
        }
    }

    /// What the lists in its holes weigh: an element weighs more than its octets.
    pub(crate) fn weight(&self) -> u64 {
        if !self.heavy {
            return 0;
        }
        let lists = self.holes.iter().filter_map(|hole| match hole {
            Hole::Value(list @ (Value::List(_) | Value::Record(_))) => Some(list.weight()),
            _ => None,
        });
        lists.sum()
    }

    /// Whether a secret stands in one of its holes.
    pub(crate) fn brings_secret(&self, program: &Program, captures: &[Capture]) -> bool {
        let secret = |(hole, capture): (usize, &Capture)| {
            !self.leaves_out(u8::try_from(hole).unwrap_or(u8::MAX)) && program.holds_secret(&capture.ty)
        };
        captures.iter().enumerate().any(secret)
    }

    /// Appends the line for the log of the conversation, the word before the command in front of it. Of a line that is
    /// taken only the secret holes are hidden; `scratch` holds their spans.
    pub(crate) fn put_shown(&self, program: &Program, secrets: &Secrets, scratch: &Scratch, out: &mut String) {
        let open = self.open(program, secrets);
        let hidden = self.hides_tag(program);
        if !self.tag.is_empty() && !hidden {
            put_octets(&self.tag, out);
            out.push(' ');
        }
        let taken = self.handler.filter(|id| self.taken && secrets.handler(*id));
        let handler = taken.and_then(|id| program.handlers.get(id.0 as usize));
        match (open, handler) {
            _ if hidden => out.push_str(MASK),
            (Open::Whole, _) => self.put(0, self.text.len(), out),
            (_, Some(handler)) => {
                let mut shown = 0;
                for (index, capture) in handler.captures.iter().enumerate() {
                    if program.holds_secret(&capture.ty)
                        && let Some((start, end)) = scratch.span(index)
                    {
                        self.put(shown, start, out);
                        out.push_str(MASK);
                        shown = end;
                    }
                }
                self.put(shown, self.text.len(), out);
            }
            (Open::Verb(length), None) => put_octets(&self.text[..length], out),
            (Open::Nothing, None) => out.push_str(MASK),
        }
    }
}

impl Line {
    /// Appends a part of the line as people may see it; of a literal, how long it is.
    fn put(&self, from: usize, to: usize, out: &mut String) {
        let mut shown = from;
        for (place, length) in self.literals.places().filter(|(place, _)| (from..to).contains(place)) {
            put_octets(&self.text[shown..place], out);
            let _ = write!(out, "{{{length}}}");
            shown = place + 1;
        }
        put_octets(self.text.get(shown..to).unwrap_or_default(), out);
    }
}

impl Scratch {
    /// Whether the whole text fits the template; then the spans of its holes are known.
    pub(crate) fn fits(&mut self, template: &Template, text: &[u8]) -> bool {
        self.bare = None;
        self.slots.clear();
        let slots = template.dfa.get_nfa().group_info().slot_len();
        if self.slots.capacity() < slots {
            self.slots.reserve_exact(slots.next_multiple_of(8));
        }
        self.slots.resize(slots, None);
        let cache = match &mut self.cache {
            Some(cache) => {
                cache.reset(&template.dfa);
                cache
            }
            none => none.insert(template.dfa.create_cache()),
        };
        let input = Input::new(text).anchored(Anchored::Yes);
        let found = template.dfa.try_search_slots(cache, &input, &mut self.slots);
        let whole = self.slots.get(1).copied().flatten().is_some_and(|end| end.get() == text.len());
        matches!(found, Ok(Some(_))) && whole
    }

    /// A line with no hole but that one fits, if it has one.
    pub(crate) fn fits_bare(&mut self, hole: Option<u8>, (start, end): (usize, usize)) {
        self.slots.clear();
        self.bare = hole.map(|hole| (hole, (start, end)));
    }

    /// Whether the automaton of the template finds the same spans.
    pub(crate) fn is_as_matched(&self, template: &Template, text: &[u8]) -> bool {
        let mut matched = Scratch::default();
        matched.fits(template, text) && (0..template.holes).all(|hole| matched.span(hole) == self.span(hole))
    }

    /// Where hole *n* stands, if it is there.
    #[inline]
    pub(crate) fn span(&self, hole: usize) -> Option<(usize, usize)> {
        if let Some((bare, span)) = self.bare {
            return (usize::from(bare) == hole).then_some(span);
        }
        let start = self.slots.get(hole * 2 + 2).copied().flatten()?.get();
        let end = self.slots.get(hole * 2 + 3).copied().flatten()?.get();
        Some((start, end))
    }
}

/// Whether the octets of the hole are its value, so that nothing has to be kept beside the line.
fn stands_for_itself(ty: &Type, text: &str) -> bool {
    match ty {
        Type::Text | Type::Word | Type::Lexical(_) => true,
        // Of a domain in U-labels the value is in A-labels.
        Type::Domain | Type::HeloName => text.is_ascii(),
        Type::Optional(inner) => stands_for_itself(inner, text),
        _ => false,
    }
}

/// Whether what a hole of this type holds is decoded, so that the decoder tells whether it fits.
pub(crate) fn needs_decoding(ty: &Type) -> bool {
    !stands_for_itself(ty, "") && written(ty).is_none()
}

/// Keyword parameters are never missing: without any, the set is empty.
pub(crate) fn empty_when_missing(ty: &Type) -> Option<ParamsId> {
    match ty {
        Type::Params(id) => Some(*id),
        Type::Optional(inner) => empty_when_missing(inner),
        _ => None,
    }
}

/// The text of a hole that may be written in several ways, if it is so written.
pub(crate) fn read_written(
    writing: Writing,
    text: &[u8],
    literals: &Literals,
    (start, end): (usize, usize),
    pool: &Pool,
) -> Option<Words> {
    let octets = text.get(start..end)?;
    match literals.at(start).filter(|_| octets == [PLACEHOLDER]) {
        Some(literal) => std::str::from_utf8(literal).ok().filter(|text| is_text(text)).map(|text| pool.text(text)),
        None if octets.contains(&PLACEHOLDER) => None,
        None => written_text(writing, std::str::from_utf8(octets).ok()?, pool),
    }
}

/// How the text of a hole may be written, if there are several ways.
pub(crate) fn written(ty: &Type) -> Option<Writing> {
    match ty {
        Type::Written(writing) => Some(*writing),
        Type::Optional(inner) | Type::Secret(inner) => written(inner),
        _ => None,
    }
}

/// Octets as a text that can be printed as it is, and so counted.
fn printable(octets: &[u8]) -> View<'_> {
    match lossy(octets) {
        View::Text(text) if !is_clean(text) => {
            let mut clean = String::new();
            put_clean(text, &mut clean);
            View::New(Value::Text(clean.into()))
        }
        other => other,
    }
}

fn lossy(octets: &[u8]) -> View<'_> {
    match std::str::from_utf8(octets) {
        Ok(text) => View::Text(text),
        Err(_) => {
            let mut text = String::new();
            put_octets(octets, &mut text);
            View::New(Value::Text(text.into()))
        }
    }
}

/// Appends octets as text; what is no text becomes `?`.
pub(crate) fn put_octets(octets: &[u8], out: &mut String) {
    for chunk in octets.utf8_chunks() {
        put_clean(chunk.valid(), out);
        if !chunk.invalid().is_empty() {
            out.push('?');
        }
    }
}
