//! What is said where the grammar could not go on: the special cases first, then what was expected.
//!
//! Never: speaks of rules of the grammar; it names words, signs and kinds of things.

use std::sync::{Mutex, PoisonError};

use diagnostic::{Diagnostic, Rule as Check, Severity, Span};
use pest::{Parser, error::ErrorVariant};

use super::{
    mend::Mended,
    nearest,
    node::Reader,
    number::NUMBER,
    recover::place,
    scan::{Kind, Token},
    syntax::{Rule, Syntax},
};

/// Text that does not follow the grammar.
pub(super) static FORM: Check = Check {
    code: "S01",
    severity: Severity::Error,
    title: "a word or sign that does not belong there",
    page: "Every item, statement and line begins with a word of its own; what may follow is said in the message. Line \
           breaks never carry meaning, and a word ends where no letter, digit or `_` follows.",
    accepted: "anytime { on \"NOOP\" { reply 250 \"OK\"  stay } }",
    refused: "anytime { on \"NOOP\" { reply 250 \"OK\"  goot ready } }",
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
    accepted: "anytime { on \"NOOP[ {rest}]\" -> 250 \"{{OK}}\" }",
    refused: "anytime { on \"NOOP\" -> 250 \"all {is well\" }",
};

/// Codes of answers.
pub(super) static STATUS: Check = Check {
    code: "S11",
    severity: Severity::Error,
    title: "an answer with a code that is none",
    page: "An answer begins with a code of three digits, the first of them 1 to 5, or with a word in capitals: `+OK`, \
           `-ERR`, `NO`. Classes such as `4xx` stand only in `refusal` and in promises.",
    accepted: "anytime { on \"NOOP\" -> 250 \"OK\" }",
    refused: "anytime { on \"NOOP\" -> 999 \"OK\" }",
};

/// Words that cannot name a value.
pub(super) static RESERVED: Check = Check {
    code: "S12",
    severity: Severity::Error,
    title: "a word of the language where a name is needed",
    page: "Values, states, records and routines cannot carry a name that begins a statement or joins an expression: \
           `and or not in is yes no if else then within without with for reply say silent prompt goto stay close ask \
           let require receive run prepend`. Fields may: what stands behind a dot or before a colon is free.",
    accepted: "anytime { on \"NOOP {rest}\" -> 250 \"{rest}\" }",
    refused: "anytime { on \"NOOP {close}\" -> 250 \"OK\" }",
};

/// The units, as they are best written.
const UNITS: [&str; 9] = ["octets", "KB", "MB", "GB", "milliseconds", "seconds", "minutes", "hours", "days"];

/// A fault as it is told; the grammar and the builders do not agree, which is no fault of the author.
pub(super) fn disagreement(span: Span) -> Diagnostic {
    Diagnostic::new(&FORM, span, "this could not be read, though it follows the grammar")
        .help("this is a fault of the checker: please report it with these lines")
}

/// What is wrong in a text that the grammar could not read.
pub(super) fn fault(mended: &Mended, reader: &Reader, source: &str) -> Diagnostic {
    // The details are switched for the whole process; the lock keeps two of these readings apart.
    static DETAILS: Mutex<()> = Mutex::new(());
    let guard = DETAILS.lock().unwrap_or_else(PoisonError::into_inner);
    pest::set_error_detail(true);
    let outcome = Syntax::parse(Rule::piece, source);
    pest::set_error_detail(false);
    drop(guard);

    let Err(error) = outcome else {
        return disagreement(Span { file: reader.file, start: reader.base, end: reader.limit });
    };
    let at = reader.base + place(&error.location);
    let (mut furthest, mut words) = (at, Vec::new());
    if let Some(attempts) = error.parse_attempts() {
        furthest = reader.base + attempts.max_position as u32;
        words = attempts.expected_tokens().iter().map(ToString::to_string).collect();
    }
    words.retain(|word| !word.trim().is_empty() && word != "\u{1}" && word != "#");
    let rules = match &error.variant {
        ErrorVariant::ParsingError { positives, .. } => positives.clone(),
        ErrorVariant::CustomError { .. } => Vec::new(),
    };
    let mut fault = Fault { mended, reader, at, rules, words, stopped: None };
    // Where a word was read in part, its beginning is the place, and the rules tried there are what was expected.
    fault.settle(furthest);
    fault.told(at)
}

struct Fault<'a> {
    mended: &'a Mended,
    reader: &'a Reader<'a>,
    /// How far the grammar came.
    at: u32,
    /// What it tried at the last place where a rule could begin.
    rules: Vec<Rule>,
    /// The words, signs and kinds of characters that could have stood there.
    words: Vec<String>,
    /// Where a word ended that could not stand there.
    stopped: Option<u32>,
}

impl Fault<'_> {
    /// Decides what the place is. Where a word was read in part, or could only have gone on, its beginning is the
    /// place, and the words of the rules that were tried there are what was expected.
    fn settle(&mut self, furthest: u32) {
        let word = |at: Option<u32>| {
            let byte = at.and_then(|at| self.mended.text.as_bytes().get(at as usize));
            byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        };
        if word(furthest.checked_sub(1)) {
            self.words.retain(|word| !word.contains("..") && word != "_");
        }
        let in_part = word(furthest.checked_sub(1)) && word(Some(furthest));
        if in_part || self.words.is_empty() || furthest < self.at {
            self.words = self.rules.iter().flat_map(|rule| begins_with(*rule)).collect();
            self.stopped = Some(furthest);
        } else {
            self.at = furthest;
        }
    }

    /// The finding. `begun` is the last place where a rule could begin, at or before the fault.
    fn told(&self, begun: u32) -> Diagnostic {
        self.in_text()
            .or_else(|| self.number(begun))
            .or_else(|| self.status())
            .or_else(|| self.reserved())
            .or_else(|| self.misspelt())
            .unwrap_or_else(|| self.unexpected())
    }

    fn token(&self, at: u32) -> Option<&Token> {
        let index = self.mended.tokens.partition_point(|token| token.end <= at);
        self.mended.tokens.get(index).filter(|token| token.start < self.reader.limit)
    }

    fn before(&self, token: Option<&Token>) -> Option<&Token> {
        let start = token.map_or(self.reader.limit, |token| token.start);
        let index = self.mended.tokens.partition_point(|token| token.start < start);
        self.mended.tokens[..index].last().filter(|token| token.start >= self.reader.base)
    }

    fn text(&self, token: &Token) -> &str {
        &self.mended.text[token.start as usize..token.end as usize]
    }

    fn span(&self, start: u32, end: u32) -> Span {
        Span { file: self.reader.file, start: start.min(self.reader.limit), end: end.min(self.reader.limit) }
    }

    fn of(&self, token: &Token) -> Span {
        self.span(token.start, token.end)
    }

    /// A fault between two quotes.
    fn in_text(&self) -> Option<Diagnostic> {
        let token = self.token(self.at).filter(|token| token.kind == Kind::Text && token.start < self.at)?;
        let whole = self.text(token);
        let offset = (self.at - token.start) as usize;
        let template = self.before(Some(token)).is_some_and(|before| self.text(before) == "on");
        if let Some(finding) = self.reserved() {
            return Some(if template { finding } else { finding.help("a brace itself is written `{{` or `}}`") });
        }
        let here = whole[offset..].chars().next()?;
        let place = self.span(self.at, self.at + here.len_utf8() as u32);
        let expects = |sign: &str| self.words.iter().any(|word| word == sign);

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
        if offset + 1 == whole.len() {
            let (sign, closing) = if expects("}") { ('{', '}') } else { ('[', ']') };
            let opener = whole.rfind(sign)? as u32 + token.start;
            let finding = Diagnostic::new(
                &TEXT,
                self.span(opener, opener + 1),
                format!("this `{sign}` has no `{closing}` in its text"),
            );
            let help = if sign == '{' && !template { "a value stands between braces" } else { "add it" };
            return Some(finding.help(format!("{help}; the sign itself is written `{sign}{sign}`")));
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
        let finding = Diagnostic::new(&TEXT, place, format!("`{found}` does not belong here"));
        Some(finding.label(format!("expected {}", self.expected(found))).help(if template {
            "a brace itself is written `{{` or `}}`, a bracket `[[` or `]]`"
        } else {
            "a brace itself is written `{{` or `}}`"
        }))
    }

    /// Digits that run into letters, fractions, units that are none.
    fn number(&self, begun: u32) -> Option<Diagnostic> {
        let token = self.token(begun)?;
        let found = self.text(token);
        if token.kind == Kind::Number {
            let rest = &self.mended.text.as_bytes()[token.end as usize..];
            if rest.first() == Some(&b'.') && rest.get(1).is_some_and(u8::is_ascii_digit) && found.len() != 3 {
                let digits = rest[1..].iter().take_while(|byte| byte.is_ascii_digit()).count() as u32;
                let place = self.span(token.start, token.end + 1 + digits);
                let written = &self.mended.text[place.start as usize..place.end as usize];
                let finding = Diagnostic::new(&NUMBER, place, format!("`{written}` is not a whole number"));
                return Some(finding.help("write it in a smaller unit: `1536 KB` for one and a half MB"));
            }
            let digits = found.bytes().take_while(u8::is_ascii_digit).count();
            let answer = [Rule::answer, Rule::status_class, Rule::code];
            if digits < found.len() && !answer.iter().any(|rule| self.rules.contains(rule)) {
                let (number, unit) = found.split_at(digits);
                let finding = Diagnostic::new(&NUMBER, self.of(token), format!("`{found}` is not a number"));
                return Some(match nearest::meant(unit, UNITS.into_iter()) {
                    Some(unit) => finding.help(format!("between number and unit stands a blank: `{number} {unit}`")),
                    None => finding.help("numbers are written in digits alone"),
                });
            }
        }
        let before = self.before(Some(token))?;
        if token.kind != Kind::Word || before.kind != Kind::Number || !self.rules.contains(&Rule::unit) {
            return None;
        }
        if self.words.iter().any(|word| nearest::distance(word, found) <= 1) || keyword_of_the_language(found) {
            return None;
        }
        let finding = Diagnostic::new(&NUMBER, self.of(token), format!("`{found}` is no unit"));
        Some(match nearest::meant(found, UNITS.into_iter()) {
            Some(unit) => finding.help(format!("did you mean `{unit}`?")),
            None => finding.help("the units are octets, KB, MB, GB, milliseconds, seconds, minutes, hours and days"),
        })
    }

    /// A number where an answer is expected, and not a code.
    fn status(&self) -> Option<Diagnostic> {
        let token = self.token(self.at).filter(|token| token.kind == Kind::Number)?;
        let answer = self.words.iter().any(|word| word == "1..5")
            || [Rule::answer, Rule::status_class].iter().any(|rule| self.rules.contains(rule));
        answer.then(|| {
            Diagnostic::new(&STATUS, self.of(token), format!("`{}` is no code of an answer", self.text(token)))
                .help("a code has three digits, the first of them 1 to 5")
        })
    }

    /// A word that is nearly one of those expected.
    fn misspelt(&self) -> Option<Diagnostic> {
        let token = self.token(self.at).filter(|token| token.kind == Kind::Word)?;
        let found = self.text(token);
        let words = || self.words.iter().map(String::as_str).filter(|word| is_word(word));
        if keyword_of_the_language(found) || words().next().is_none() {
            return None;
        }
        let finding = Diagnostic::new(&FORM, self.of(token), format!("unknown word `{found}`"));
        if let Some(near) = nearest::meant(found, words()) {
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
    fn reserved(&self) -> Option<Diagnostic> {
        let end = self.stopped?;
        let before = &self.mended.text[self.reader.base as usize..end as usize];
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

    /// Anything else: what was found, and what was expected.
    fn unexpected(&self) -> Diagnostic {
        let token = self.token(self.at);
        let before = self.before(token);
        let found = token.map_or("", |token| self.text(token));
        let expected = self.expected(found);
        // What is missing is told behind what stands before it, not at the head of some later line.
        let (place, message) = match (token, before) {
            (Some(token), Some(before)) if token.indent.is_some() && before.kind != Kind::Open => {
                (self.of(before), format!("something is missing behind `{}`", shown(self.text(before))))
            }
            (Some(token), _) => (self.of(token), format!("{} does not belong here", described(token, found))),
            (None, Some(before)) => {
                (self.of(before), format!("something is missing behind `{}`", shown(self.text(before))))
            }
            (None, None) => (self.span(self.at, self.at), "something is missing here".to_owned()),
        };
        let mut finding = Diagnostic::new(&FORM, place, message);
        if found == "=" && self.words.iter().any(|word| word == "==") {
            finding = finding.help("did you mean `==`?");
        }
        if before.is_some_and(|before| self.text(before) == "secret") {
            finding = finding.help("say what is secret: `secret text`, `secret base64`");
        }
        if expected.is_empty() { finding } else { finding.label(format!("expected {expected}")) }
    }

    /// At most three of the things that could have stood there, the likeliest first.
    fn expected(&self, found: &str) -> String {
        let has = |word: &str| self.words.iter().any(|other| other == word);
        let mut kinds: Vec<String> = Vec::new();
        let mut hidden: Vec<&str> = Vec::new();
        // After a value a great deal may follow; nobody misses an operator.
        if has("==") && has("or") {
            hidden.extend(["!=", "==", "<", "<=", ">", ">=", "+", "-", "and", "or", "in", "is", "(", ".", "{"]);
            if !has("->") && self.rules.contains(&Rule::block) {
                kinds.push("`{`".to_owned());
            }
        }
        if has("+") && has("-") && !has("A..Z") {
            hidden.extend(["+", "-", "(", "."]);
        }
        if has("GB") && has("KB") {
            hidden.extend(UNITS);
            hidden.extend(["ms", "s", "second", "minute", "hour", "day"]);
        }
        if has("X") && has("D") {
            return "`x`, `d` or `b`, then digits".to_owned();
        }
        if has("1..5") {
            kinds.push("an answer".to_owned());
            hidden.extend(["\"", "+", "-", "{", "xx"]);
        } else if has("*") && has("[") {
            kinds.push("an element of ABNF".to_owned());
            hidden.extend(["\"", "%", "(", "*", "[", "-"]);
        } else if has("yes") && has("\"") {
            kinds.push("a value".to_owned());
            hidden.extend(["\"", "(", "[", "yes", "no", "not", "_"]);
        } else if has("a..z") {
            kinds.push("a name".to_owned());
        } else if has("0..9") {
            kinds.push("a number".to_owned());
        } else if has("A..Z") {
            kinds.push("a word in capitals".to_owned());
            hidden.extend(["+", "-"]);
        }
        if has("\"") && !hidden.contains(&"\"") {
            kinds.push("a text in quotes".to_owned());
        }
        let mut others: Vec<&str> = self.words.iter().map(String::as_str).collect();
        others.retain(|word| !hidden.contains(word) && !word.contains("..") && !["\"", "_", "xx", "#"].contains(word));
        others.sort_by_key(|word| if is_word(word) { 1 + nearest::distance(found, word) } else { 0 });
        kinds.extend(others.into_iter().map(|word| format!("`{word}`")));
        kinds.truncate(3);
        match kinds.split_last() {
            None => String::new(),
            Some((last, [])) => last.clone(),
            Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        }
    }
}

fn is_word(word: &str) -> bool {
    word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// The word of the language that a rule reads, if it reads nothing else.
fn keyword(rule: Rule) -> Option<String> {
    format!("{rule:?}").strip_prefix("kw_").map(str::to_owned)
}

/// What stands at the beginning of what a rule reads: words, signs and, as `a..z`, kinds of characters.
fn begins_with(rule: Rule) -> Vec<String> {
    let words: &[&str] = match rule {
        Rule::handler => &["on", "override"],
        Rule::answer | Rule::refusal => &["1..5"],
        Rule::expr | Rule::conj | Rule::negation | Rule::comparison | Rule::sum => &["yes", "\""],
        Rule::string | Rule::plain | Rule::template => &["\""],
        Rule::block | Rule::answer_lines | Rule::fields => &["{"],
        Rule::short => &["->"],
        Rule::ident | Rule::name | Rule::type_name | Rule::type_ref | Rule::field | Rule::fact | Rule::path => {
            &["a..z"]
        }
        Rule::outcome | Rule::limit | Rule::situation => &["a..z"],
        Rule::number => &["0..9"],
        Rule::bound => &["at"],
        _ => return keyword(rule).into_iter().collect(),
    };
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn keyword_of_the_language(word: &str) -> bool {
    Rule::all_rules().iter().any(|rule| keyword(*rule).is_some_and(|keyword| keyword == word))
}

/// A token in a message.
fn described(token: &Token, found: &str) -> String {
    match token.kind {
        Kind::Text => "this text".to_owned(),
        _ => format!("`{}`", shown(found)),
    }
}

/// A long text in a message is cut.
fn shown(found: &str) -> String {
    match found.char_indices().nth(24) {
        Some((at, _)) => format!("{}…", &found[..at]),
        None => found.to_owned(),
    }
}
