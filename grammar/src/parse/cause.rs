//! Faults that have a cause of their own: texts, numbers, codes, misspelt words, words that cannot be names.
//!
//! Never: says what was expected in general; `message` does, when none of these fits.

use diagnostic::{Diagnostic, Rule as Check, Severity, distance, nearest};
use pest::Parser;

use super::{
    message::{FORM, Fault, is_word, keyword_of_the_language, shown},
    number::NUMBER,
    scan::Kind,
    syntax::{Rule, Syntax},
};

/// Escapes, values and holes in a text.
pub(super) static TEXT: Check = Check {
    code: "S06",
    severity: Severity::Error,
    title: "a text with a brace, bracket or backslash that means nothing",
    page: "In a text `{value}` stands for a value; a brace itself is written `{{` or `}}`. In a template `{name: type}` \
           is a hole and `[ ]` holds an optional part; `[[` and `]]` are the brackets themselves, `\\]` inside an \
           optional part. Escapes in a text are `\\n \\r \\t \\0 \\\\ \\\"`; in a template a backslash stands before \
           `\\ \" { } [ ]`.",
    accepted: "start state a { on \"NOOP[ {rest}]\" -> 250 \"{{OK}}\" }",
    refused: "start state a { on \"NOOP\" -> 250 \"all {is well\" }",
};

/// Codes of answers.
pub(super) static STATUS: Check = Check {
    code: "S10",
    severity: Severity::Error,
    title: "an answer with a code that is none",
    page: "An answer begins with a code of three digits, the first of them 1 to 5, or with a word in capitals: `+OK`, \
           `-ERR`, `NO`. Classes such as `4xx` stand only in `refusal` and in promises.",
    accepted: "start state a { on \"NOOP\" -> 250 \"OK\" }",
    refused: "start state a { on \"NOOP\" -> 999 \"OK\" }",
};

/// Words that cannot name a value.
pub(super) static RESERVED: Check = Check {
    code: "S11",
    severity: Severity::Error,
    title: "a word of the language where a name is needed",
    page: "Values, states, records and routines cannot carry a name that begins a statement or joins an expression: \
           `and or not in is yes no if else then within without with for reply say silent prompt goto stay close ask \
           let require receive run prepend`. Fields may: what stands behind a dot or before a colon is free.",
    accepted: "start state a { on \"NOOP {rest}\" -> 250 \"{rest}\" }",
    refused: "start state a { on \"NOOP {close}\" -> 250 \"OK\" }",
};

/// The units, as they are best written.
pub(super) const UNITS: [&str; 9] = ["octets", "KB", "MB", "GB", "milliseconds", "seconds", "minutes", "hours", "days"];

impl Fault<'_> {
    /// A fault between two quotes.
    pub(super) fn in_text(&self) -> Option<Diagnostic> {
        let token = self.token(self.at).filter(|token| token.kind == Kind::Text && token.start < self.at)?;
        let whole = self.text(token);
        let offset = (self.at - token.start) as usize;
        let template = self.before(Some(token)).is_some_and(|before| self.text(before) == "on");
        let here = whole[offset..].chars().next()?;
        let place = self.span(self.at, self.at + here.len_utf8() as u32);
        if here == '\\' || whole[..offset].ends_with('\\') {
            let start = if here == '\\' && !whole[..offset].ends_with('\\') { self.at } else { self.at - 1 };
            let escape: String = self.mended.text[start as usize..].chars().take(2).collect();
            let known = if template { "`\\\\ \\\" \\{ \\} \\[ \\]`" } else { "`\\n \\r \\t \\0 \\\\ \\\"`" };
            let finding = Diagnostic::new(
                &TEXT,
                self.span(start, start + escape.len() as u32),
                format!("`{escape}` is no escape"),
            );
            return Some(finding.help(format!("the escapes are {known}; a backslash itself is `\\\\`")));
        }
        let opened = |sign: char, closing: char| {
            let at = whole[..offset].rfind(sign)?;
            let closed = whole[at..].contains(closing);
            (!closed).then_some((sign, closing, token.start + at as u32))
        };
        if let Some((sign, closing, at)) = opened('{', '}').or_else(|| opened('[', ']').filter(|_| template)) {
            let message = format!("this `{sign}` has no `{closing}` in its text");
            let finding = Diagnostic::new(&TEXT, self.span(at, at + 1), message);
            return Some(finding.help(format!("add it; the sign itself is written `{sign}{sign}`")));
        }
        if let Some(finding) = self.reserved() {
            return Some(if template { finding } else { finding.help("a brace itself is written `{{` or `}}`") });
        }
        let in_value = whole[..offset].rfind('{') > whole[..offset].rfind('}');
        if !in_value && (here == '}' || here == ']' && template) {
            let finding = Diagnostic::new(&TEXT, place, format!("this `{here}` closes nothing"));
            return Some(finding.help(format!("the sign itself is written `{here}{here}`")));
        }
        let length =
            whole[offset..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').map(char::len_utf8).sum::<usize>();
        let place = self.span(self.at, self.at + length.max(here.len_utf8()) as u32);
        let found = &self.mended.text[place.start as usize..place.end as usize];
        let finding = Diagnostic::new(&TEXT, place, format!("`{}` does not belong here", shown(found)));
        Some(finding.label(format!("expected {}", self.expected(found))).help(if template {
            "a brace itself is written `{{` or `}}`, a bracket `[[` or `]]`"
        } else {
            "a brace itself is written `{{` or `}}`"
        }))
    }

    /// Digits that run into letters, fractions, units that are none.
    pub(super) fn number(&self, begun: u32) -> Option<Diagnostic> {
        let token = self.token(begun)?;
        let found = self.text(token);
        if token.kind == Kind::Number {
            let rest = &self.mended.text.as_bytes()[token.end as usize..];
            if rest.first() == Some(&b'.') && rest.get(1).is_some_and(u8::is_ascii_digit) && found.len() != 3 {
                let digits = rest[1..].iter().take_while(|byte| byte.is_ascii_digit()).count() as u32;
                let place = self.span(token.start, token.end + 1 + digits);
                let written = &self.mended.text[place.start as usize..place.end as usize];
                let finding = Diagnostic::new(&NUMBER, place, format!("`{}` is not a whole number", shown(written)));
                return Some(finding.help("write it in a smaller unit: `1536 KB` for one and a half MB"));
            }
            let digits = found.bytes().take_while(u8::is_ascii_digit).count();
            let answer = [Rule::answer, Rule::status_class, Rule::code];
            if digits < found.len() && !answer.iter().any(|rule| self.rules.contains(rule)) {
                let (number, unit) = found.split_at(digits);
                let finding = Diagnostic::new(&NUMBER, self.of(token), format!("`{}` is not a number", shown(found)));
                return Some(match nearest(unit, UNITS) {
                    Some(unit) if number.len() < 24 => {
                        finding.help(format!("between number and unit stands a blank: `{number} {unit}`"))
                    }
                    _ => finding.help("numbers are written in digits alone"),
                });
            }
        }
        let before = self.before(Some(token))?;
        if token.kind != Kind::Word || before.kind != Kind::Number || !self.rules.contains(&Rule::unit) {
            return None;
        }
        if self.words.iter().any(|word| distance(word, found) <= 1) || keyword_of_the_language(found) {
            return None;
        }
        let finding = Diagnostic::new(&NUMBER, self.of(token), format!("`{}` is no unit", shown(found)));
        Some(match nearest(found, UNITS) {
            Some(unit) => finding.help(format!("did you mean `{unit}`?")),
            None => finding.help("the units are octets, KB, MB, GB, milliseconds, seconds, minutes, hours and days"),
        })
    }

    /// A number where an answer is expected, and not a code.
    pub(super) fn status(&self) -> Option<Diagnostic> {
        let token = self.token(self.at).filter(|token| token.kind == Kind::Number)?;
        let answer = self.words.iter().any(|word| word == "1..5")
            || [Rule::answer, Rule::status_class].iter().any(|rule| self.rules.contains(rule));
        answer.then(|| {
            Diagnostic::new(&STATUS, self.of(token), format!("`{}` is no code of an answer", shown(self.text(token))))
                .help("a code has three digits, the first of them 1 to 5")
        })
    }

    /// A word that is nearly one of those expected.
    pub(super) fn misspelt(&self) -> Option<Diagnostic> {
        let token = self.token(self.at).filter(|token| token.kind == Kind::Word)?;
        let found = self.text(token);
        let words = || self.words.iter().map(String::as_str).filter(|word| is_word(word));
        if keyword_of_the_language(found) || words().next().is_none() {
            return None;
        }
        let finding = Diagnostic::new(&FORM, self.of(token), format!("unknown word `{}`", shown(found)));
        if let Some(near) = nearest(found, words()) {
            return Some(finding.help(format!("did you mean `{near}`?")));
        }
        if let Some(near) = words().find(|word| found.starts_with(word) && word.len() > 2) {
            return Some(finding.help(format!("a blank is missing: `{near} {}`", &found[near.len()..])));
        }
        // Where a name could stand as well, the word is no slip of the hand.
        let free = self.words.iter().any(|word| word == "a..z" || word == "->" || word == "=");
        (!free).then(|| finding.label(format!("expected {}", self.expected(found))))
    }

    /// A word of the language where only a name fits.
    pub(super) fn reserved(&self) -> Option<Diagnostic> {
        let end = self.stopped?.min(self.reader.limit);
        let before = self.mended.text.get(self.reader.base as usize..end as usize)?;
        let inner = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let length = before.chars().rev().take_while(|c| inner(*c)).count();
        let found = &before[before.len() - length..];
        let begins_a_statement = self.words.iter().any(|word| word == found);
        let reserved = Syntax::parse(Rule::reserved, found).is_ok_and(|pairs| pairs.as_str() == found);
        (reserved && !begins_a_statement).then(|| {
            let place = self.span(end - length as u32, end);
            Diagnostic::new(&RESERVED, place, format!("`{found}` is a word of the language and cannot be a name"))
                .help("choose another name")
        })
    }
}
