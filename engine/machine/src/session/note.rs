//! Notes for the log: which answers refuse something, and who logs in.
//!
//! Never: shows a secret, or what may have been meant as one; makes a note that nobody takes.

use std::borrow::Cow;

use program::{ReplyId, Type};

use super::{Session, Turn};
use crate::{
    answer::Answer,
    effect::{Note, Noted},
    expression::{Fault, Kind, print_value},
};

/// The most octets of what an answer says.
const REASON_MOST: usize = 512;
/// The most octets of one value.
const VALUE_MOST: usize = 256;
/// The most values.
const VALUES_MOST: usize = 16;
/// The names that a line of the log has for itself.
const OWN: [&str; 9] = ["time", "level", "session", "message", "peer", "login", "command", "code", "reason"];

/// Names and values, no name twice.
struct Known<'a>(Vec<(Cow<'a, str>, String)>);

impl Session {
    /// A final answer is given: a note is taken of one that refuses something, or that tells what came of a password.
    #[inline]
    pub(super) fn replied(&mut self, reply: ReplyId, turn: &mut Turn<'_>) -> Result<(), Fault> {
        let refuses = turn.program().replies.get(reply.0 as usize).is_some_and(|reply| reply.refusal);
        if refuses {
            // What has come by now was sent by a peer that could not know of it.
            self.incoming.unheeding = Some(self.incoming.heard);
        }
        if (refuses || self.body.checked.is_some()) && turn.effects.takes_notes() {
            self.note(reply, turn)
        } else {
            Ok(())
        }
    }

    #[cold]
    fn note(&mut self, id: ReplyId, turn: &mut Turn<'_>) -> Result<(), Fault> {
        let service = turn.service;
        let (program, secrets) = (service.program(), service.secrets());
        let reply = program.replies.get(id.0 as usize).ok_or(Fault(&"an answer does not exist"))?;
        let outcome = match (self.body.checked.take(), reply.refusal) {
            (Some(true), false) => Noted::LoggedIn,
            (Some(false), _) => Noted::LoginRefused,
            _ => Noted::Refused,
        };
        let (mut reason, mut known) = (String::new(), Known(Vec::new()));
        if !self.is_quiet(turn) {
            let mut said = String::new();
            match service.answer(id).ok_or(Fault(&"an answer does not exist"))? {
                Answer::Constant(text) => said.push_str(text),
                answer => answer.render(&self.scope(turn), &mut said)?,
            }
            reason = without_code(&said, reply.status.as_deref());
            if self.line.is_open(program, secrets) {
                self.put_captures(turn, &mut known);
            }
            self.put_facts(turn, &mut known);
        }
        let (command, code) = (self.line.shown_verb(program, secrets), reply.status.as_deref());
        turn.effects.note(Note { outcome, command, code, reason, known: known.0 });
        Ok(())
    }

    /// What the holes of the line hold.
    fn put_captures<'t>(&self, turn: &Turn<'t>, known: &mut Known<'t>) {
        let program = turn.program();
        let handler = self.line.handler.and_then(|id| program.handlers.get(id.0 as usize));
        for (hole, capture) in handler.iter().flat_map(|handler| handler.captures.iter().enumerate()) {
            if !capture.name.is_empty() && !program.holds_secret(&capture.ty) {
                let hole = u8::try_from(hole).unwrap_or(u8::MAX);
                known.put(&capture.name, self.line.capture(hole).kind());
            }
        }
    }

    /// What the state knows; of its records, who and where.
    fn put_facts<'t>(&self, turn: &Turn<'t>, known: &mut Known<'t>) {
        let program = turn.program();
        let state = program.states.get(usize::from(self.here.state.0));
        for (id, _) in state.iter().flat_map(|state| &state.facts) {
            let (slot, fact) = (usize::from(id.0), program.facts.get(usize::from(id.0)));
            let (Some(fact), Some(value)) = (fact, self.held.slots.get(slot)) else { continue };
            match Kind::from(value) {
                Kind::Record(record) => {
                    for ((name, ty), value) in record_fields(turn, id.0).zip(&record.fields) {
                        if names_somebody(ty) {
                            known.put(name, value.into());
                        }
                    }
                }
                kind if !program.holds_secret(&fact.ty) => known.put(&fact.name, kind),
                _ => {}
            }
        }
    }
}

impl<'a> Known<'a> {
    /// Adds a value that is one line, and is there.
    fn put(&mut self, name: &'a str, kind: Kind<'_>) {
        let shown = match kind {
            Kind::Text(text) => !text.is_empty(),
            Kind::Address(_) | Kind::Ip(_) | Kind::Number(_) => true,
            _ => false,
        };
        let taken = |name: &str| OWN.contains(&name) || self.0.iter().any(|(known, _)| known == name);
        let name = if taken(name) { Cow::from(format!("{name}.2")) } else { Cow::from(name) };
        if !shown || self.0.len() >= VALUES_MOST || taken(&name) {
            return;
        }
        let mut text = String::new();
        print_value(kind, &mut text);
        cut(&mut text, VALUE_MOST);
        self.0.push((name, text));
    }
}

/// Names and types of the fields of a fact that is a record.
fn record_fields<'t>(turn: &Turn<'t>, fact: u16) -> impl Iterator<Item = &'t (std::sync::Arc<str>, Type)> {
    let fact = turn.service.program().facts.get(usize::from(fact));
    let shape = fact.and_then(|fact| match &fact.ty {
        Type::Record(shape) => Some(shape),
        _ => None,
    });
    shape.into_iter().flat_map(|shape| &shape.fields)
}

fn names_somebody(ty: &Type) -> bool {
    match ty {
        Type::Optional(inner) => names_somebody(inner),
        Type::ReversePath
        | Type::ForwardPath
        | Type::LenientReversePath
        | Type::LenientForwardPath
        | Type::Domain
        | Type::HeloName
        | Type::Ip => true,
        _ => false,
    }
}

/// An answer in one line, without what stands before the words on each of its lines.
fn without_code(said: &str, code: Option<&str>) -> String {
    let mut reason = String::new();
    for line in said.split_terminator('\n').map(|line| line.trim_end_matches('\r')) {
        // A word of the peer's may stand before the code.
        let parted = code.and_then(|code| line.split_once(code)).filter(|(before, _)| !before.trim_end().contains(' '));
        let words = parted.map_or(line, |(_, words)| words.trim_start_matches(['-', ' ']));
        if !reason.is_empty() && !words.is_empty() {
            reason.push_str(" | ");
        }
        reason.push_str(words);
        if reason.len() > REASON_MOST {
            break;
        }
    }
    cut(&mut reason, REASON_MOST);
    reason
}

/// Cuts a text that is longer than that; three dots show that it was.
fn cut(text: &mut String, most: usize) {
    const DOTS: &str = "...";
    if text.len() > most {
        text.truncate(text.floor_char_boundary(most - DOTS.len()));
        text.push_str(DOTS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_an_answer_are_what_stands_behind_its_code() {
        let check = |said: &str, code: Option<&str>, words: &str| assert_eq!(without_code(said, code), words, "{said}");
        check("550 5.1.1 no 550 here\r\n", Some("550"), "5.1.1 no 550 here");
        check("550-no\r\n550 never\r\n", Some("550"), "no | never");
        check("a1 NO not now\r\n", Some("NO"), "not now");
        check("action=reject me\n\n", None, "action=reject me");
        check("x y NO\r\n", Some("NO"), "x y NO");
    }

    #[test]
    fn what_is_long_is_cut_between_characters() {
        let mut text = "ä".repeat(200);
        cut(&mut text, 256);
        assert_eq!((text.len(), &text[text.len() - 5..]), (255, "ä..."));
        assert_eq!(without_code(&"x\n".repeat(1000), None).len(), REASON_MOST);
    }
}
