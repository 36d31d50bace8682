//! Answers of another server: read line by line by the wire's own form, bounded, and held against the arms.
//!
//! Never: takes a line without the wire's own line end, or lines of different statuses for one answer.

use std::sync::Arc;

use program::{AnswerPart, Arm, Await, Exchange, Op, Pc, TextForm, Value};

use super::{Client, Effect, Effects, Phase};
use crate::{Now, decode::decode, expression::Fault, framing::Took, matcher::put_octets};

/// The least bound of a line, whatever the wire says: servers answer at greater length than they are asked.
const LINE_LEAST: usize = 4096;
/// The least length of a secret that is looked for in answers: a shorter one stands in them by chance.
const REPEATED_LEAST: usize = 4;
/// What is shown in place of a secret.
const MASK: &str = "***";
/// The most lines of one answer.
const LINES_MOST: usize = 1000;

/// What has come of the present answer.
#[derive(Debug, Default)]
pub(super) struct Heard {
    status: Option<String>,
    /// The texts of its lines, control characters as `?`.
    texts: Vec<String>,
}

/// One line of an answer.
#[derive(Debug, PartialEq, Eq)]
struct AnswerLine<'a> {
    status: Option<&'a str>,
    text: &'a str,
    /// Whether another line follows.
    continued: bool,
}

impl Client {
    /// Reads as far as there are lines, if an answer is awaited.
    pub(super) fn read_answer(&mut self, now: Now, effects: &mut dyn Effects) {
        while let Phase::Awaiting { at, .. } = self.phase {
            let wire = &self.service.program().wire;
            let mut rest = self.unread.as_slice();
            let took = match self.lines.take(&mut rest, wire.line_end, wire.line_most.max(LINE_LEAST)) {
                Took::Line(line) => Ok(line.to_vec()),
                Took::TooLong(_) => Err("the other server sends a line without an end"),
                Took::Nothing if self.eof => Err("the other server hung up"),
                Took::Nothing => return,
            };
            let left = rest.len();
            self.unread.drain(..self.unread.len() - left);
            match took {
                Ok(line) => self.line(&line, at, now, effects),
                Err(why) => self.fail(why, effects),
            }
        }
    }

    fn line(&mut self, line: &[u8], at: Pc, now: Now, effects: &mut dyn Effects) {
        let mut shown = String::new();
        put_octets(line, &mut shown);
        let shown = self.without_secrets(shown);
        let open = if self.awaits_secret(at) { hidden(&shown) } else { shown.clone() };
        effects.effect(Effect::Heard(&open));
        let form = &self.role.form;
        let read = form.continued.as_ref().and_then(|form| read(form, &shown, true));
        let Some(answer) = read.or_else(|| self::read(&form.last, &shown, false)) else {
            return self.fail(&format!("the other server says `{open}`, which is no answer"), effects);
        };
        let strange = match &self.heard.status {
            Some(status) => answer.status != Some(status),
            None => !self.heard.texts.is_empty() && answer.status.is_some(),
        };
        if strange {
            return self.fail("the lines of an answer have different codes", effects);
        }
        if self.heard.texts.len() >= LINES_MOST {
            return self.fail("an answer does not end", effects);
        }
        self.heard.status = answer.status.map(str::to_owned);
        self.heard.texts.push(answer.text.to_owned());
        if answer.continued {
            return;
        }
        let heard = std::mem::take(&mut self.heard);
        let role = self.role.clone();
        let Some(Op::Exchange(Exchange::Await(awaited))) = role.code.get(at.0 as usize) else {
            return self.fault(Fault(&"nobody waits for this answer"), Some(at), effects);
        };
        match self.take(awaited, &heard, &open, now) {
            Ok(next) => self.run(next, now, effects),
            Err(fault) => self.fault(fault, Some(at), effects),
        }
    }

    /// Where it goes on when the time for an answer is over and not an octet of it has come.
    pub(super) fn silence(&self, at: Pc) -> Option<Pc> {
        let Some(Op::Exchange(Exchange::Await(awaited))) = self.role.code.get(at.0 as usize) else { return None };
        awaited.silent.filter(|_| self.unread.is_empty() && self.heard.texts.is_empty())
    }

    /// Remembers a secret, so that an answer which repeats it does not show it.
    pub(super) fn keep_secret(&mut self, value: &Value) {
        if let Value::Secret(secret) = value
            && secret.expose().len() >= REPEATED_LEAST
            && !self.secrets.iter().any(|known| known == secret)
        {
            self.secrets.push(secret.clone());
        }
    }

    /// A line of an answer with `***` where it repeats a secret of this client.
    fn without_secrets(&self, line: String) -> String {
        let secrets = self.secrets.iter().filter_map(|secret| std::str::from_utf8(secret.expose()).ok());
        secrets.fold(line, |line, secret| if line.contains(secret) { line.replace(secret, MASK) } else { line })
    }

    /// Whether what is awaited may bring a secret.
    fn awaits_secret(&self, at: Pc) -> bool {
        let Some(Op::Exchange(Exchange::Await(awaited))) = self.role.code.get(at.0 as usize) else { return false };
        let program = self.service.program();
        let holes = awaited.arms.iter().filter_map(|arm| arm.text.as_ref()).flat_map(|form| &form.holes);
        holes.into_iter().any(|(capture, _)| program.holds_secret(&capture.ty))
    }

    /// Where the answer goes on, what is caught of it being set.
    fn take(&mut self, awaited: &Await, heard: &Heard, shown: &str, now: Now) -> Result<Pc, Fault> {
        for arm in &awaited.arms {
            if self.fits(arm, heard, now)? {
                let status = heard.status.as_deref().unwrap_or_default();
                if let Some(slot) = arm.code {
                    let number = status.parse().map(Value::Number);
                    self.set(slot, number.unwrap_or_else(|_| Value::Text(status.into())))?;
                }
                if let Some(slot) = arm.lines {
                    let texts = heard.texts.iter().map(|text| Value::Text(text.as_str().into()));
                    self.set(slot, Value::List(texts.collect()))?;
                }
                return Ok(arm.at);
            }
        }
        if let Some(slot) = awaited.answer {
            self.set(slot, Value::Text(shown.into()))?;
        }
        Ok(awaited.otherwise)
    }

    /// Whether an arm takes the answer. Its holes are set when it does.
    fn fits(&mut self, arm: &Arm, heard: &Heard, now: Now) -> Result<bool, Fault> {
        let status = heard.status.as_deref();
        if arm.status.as_ref().is_some_and(|wanted| !status.is_some_and(|status| wanted.takes(status))) {
            return Ok(false);
        }
        let Some(form) = &arm.text else { return Ok(true) };
        let text = heard.texts.last().map_or("", |text| text.trim_end_matches(' '));
        let Some(values) = self.holes(form, text, now)? else { return Ok(false) };
        for ((_, slot), value) in form.holes.iter().zip(values) {
            self.set(*slot, value)?;
        }
        Ok(true)
    }

    /// The values of the holes, if the text fits.
    fn holes(&mut self, form: &TextForm, text: &str, now: Now) -> Result<Option<Vec<Value>>, Fault> {
        if !self.scratch.fits(&form.template, text.as_bytes()) {
            return Ok(None);
        }
        let mut values = Vec::new();
        for (place, (capture, _)) in form.holes.iter().enumerate() {
            let most = capture.most.as_ref().map(|most| self.scope(now).number(most)).transpose()?;
            let value = match self.scratch.span(place) {
                None => Some(Value::Absent),
                Some((start, end)) if most.is_some_and(|most| (end - start) as u64 > most) => None,
                Some((start, end)) => text.get(start..end).and_then(|t| decode(self.service.program(), &capture.ty, t)),
            };
            match value {
                Some(value) => values.push(value),
                None => return Ok(None),
            }
        }
        Ok(Some(values))
    }

    /// A fault of ours ends the run.
    pub(super) fn fault(&mut self, fault: Fault, at: Option<Pc>, effects: &mut dyn Effects) {
        let mut why = format!("a fault of ours: {}", fault.0);
        if let Some(origin) = at.and_then(|at| self.role.origins.get(at.0 as usize)) {
            let sources = &self.service.program().sources;
            let file: Arc<str> = sources.get(usize::from(origin.file)).map_or("".into(), |source| source.name.clone());
            why.push_str(&format!(", at {file}:{}:{}", origin.line, origin.column));
        }
        effects.effect(Effect::Log(program::Level::Error, &why));
        self.fail(&why, effects);
    }
}

/// A line of an answer that may bring a secret: its status alone is shown.
fn hidden(line: &str) -> String {
    match status_length(line) {
        Some(length) => format!("{} {MASK}", &line[..length]),
        None => MASK.to_owned(),
    }
}

/// Reads a line by a form. An answer may end behind its status: the literal before an empty text may be missing.
fn read<'a>(form: &[AnswerPart], line: &'a str, continued: bool) -> Option<AnswerLine<'a>> {
    let mut rest = line;
    let mut status = None;
    for (place, part) in form.iter().enumerate() {
        match part {
            AnswerPart::Literal(text) => match rest.strip_prefix(&**text) {
                Some(behind) => rest = behind,
                None if rest.is_empty() && !continued && form.get(place + 1) == Some(&AnswerPart::Text) => {}
                None => return None,
            },
            AnswerPart::Status => {
                let length = status_length(rest)?;
                status = Some(&rest[..length]);
                rest = &rest[length..];
            }
            AnswerPart::Text => {
                for part in form[place + 1..].iter().rev() {
                    let AnswerPart::Literal(text) = part else { return None };
                    rest = rest.strip_suffix(&**text)?;
                }
                return Some(AnswerLine { status, text: rest, continued });
            }
        }
    }
    rest.is_empty().then_some(AnswerLine { status, text: "", continued })
}

/// The length of the status that a text begins with: three digits, or a word in capitals with or without a sign.
fn status_length(text: &str) -> Option<usize> {
    let octets = text.as_bytes();
    let sign = usize::from(matches!(octets.first(), Some(b'+' | b'-')));
    let wordlike = |octet: &u8| octet.is_ascii_alphanumeric() || *octet == b'_';
    let length = octets[sign..].iter().take_while(|octet| wordlike(octet)).count();
    let word = &octets[sign..sign + length];
    let is_code = sign == 0 && length == 3 && word.iter().all(u8::is_ascii_digit);
    let is_word = word.first().is_some_and(u8::is_ascii_uppercase) && !word.iter().any(u8::is_ascii_lowercase);
    (is_code || is_word).then_some(sign + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(form: &str, line: &str, wanted: Option<(&str, &str)>) {
        let mut parts = Vec::new();
        for piece in form.split_inclusive('}') {
            let (literal, hole) = piece.split_once('{').unwrap_or((piece, ""));
            if !literal.is_empty() {
                parts.push(AnswerPart::Literal(literal.into()));
            }
            match hole {
                "code}" => parts.push(AnswerPart::Status),
                "text}" => parts.push(AnswerPart::Text),
                _ => {}
            }
        }
        let got = read(&parts, line, false);
        let got = got.as_ref().map(|answer| (answer.status.unwrap_or_default(), answer.text));
        assert_eq!(got, wanted, "{line:?} by {form:?}");
    }

    #[test]
    fn forms_are_read_backwards() {
        check("{code} {text}", "250 OK", Some(("250", "OK")));
        check("{code} {text}", "250", Some(("250", "")));
        check("{code} {text}", "250 ", Some(("250", "")));
        check("{code} {text}", "2500 OK", None);
        check("{code} {text}", "250-OK", None);
        check("{code} {text}", "25 OK", None);
        check("{code}-{text}", "250-OK", Some(("250", "OK")));
        check("{code} {text}", "+OK ready", Some(("+OK", "ready")));
        check("{code} {text}", "-ERR", Some(("-ERR", "")));
        check("{code} {text}", "", None);
        check("{code} {text}", "hello you", None);
        check("[{code}] {text}.", "[NO] not now.", Some(("NO", "not now")));
        check("[{code}] {text}.", "[NO] not now", None);
        check("{text}", "anything", Some(("", "anything")));
        check("{code}", "INSERTED", Some(("INSERTED", "")));
        check("{code}", "INSERTED 7", None);
    }
}
