//! What is said where the grammar could not go on: the special cases first, then what was expected.
//!
//! Never: speaks of rules of the grammar; it names words, signs and kinds of things.

use std::sync::{Mutex, PoisonError};

use diagnostic::{Diagnostic, Rule as Check, Severity, Span, distance};
use pest::{Parser, error::ErrorVariant};

use super::{
    cause::UNITS,
    mend::Mended,
    node::Reader,
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
    accepted: "start state a { on \"NOOP\" { reply 250 \"OK\"  goto a } }",
    refused: "start state a { on \"NOOP\" { reply 250 \"OK\"  goot a } }",
};

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

/// Where the grammar could not go on.
pub(super) struct Fault<'a> {
    pub(super) mended: &'a Mended,
    pub(super) reader: &'a Reader<'a>,
    /// How far the grammar came.
    pub(super) at: u32,
    /// What it tried at the last place where a rule could begin.
    pub(super) rules: Vec<Rule>,
    /// The words, signs and kinds of characters that could have stood there.
    pub(super) words: Vec<String>,
    /// Where a word ended that could not stand there.
    pub(super) stopped: Option<u32>,
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

    pub(super) fn token(&self, at: u32) -> Option<&Token> {
        let index = self.mended.tokens.partition_point(|token| token.end <= at);
        self.mended.tokens.get(index).filter(|token| token.start < self.reader.limit)
    }

    pub(super) fn before(&self, token: Option<&Token>) -> Option<&Token> {
        let start = token.map_or(self.reader.limit, |token| token.start);
        let index = self.mended.tokens.partition_point(|token| token.start < start);
        self.mended.tokens[..index].last().filter(|token| token.start >= self.reader.base)
    }

    pub(super) fn text(&self, token: &Token) -> &str {
        &self.mended.text[token.start as usize..token.end as usize]
    }

    pub(super) fn span(&self, start: u32, end: u32) -> Span {
        Span { file: self.reader.file, start: start.min(self.reader.limit), end: end.min(self.reader.limit) }
    }

    pub(super) fn of(&self, token: &Token) -> Span {
        self.span(token.start, token.end)
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
    pub(super) fn expected(&self, found: &str) -> String {
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
        others.sort_by_key(|word| if is_word(word) { 1 + distance(found, word) } else { 0 });
        kinds.extend(others.into_iter().map(|word| format!("`{word}`")));
        kinds.truncate(3);
        match kinds.split_last() {
            None => String::new(),
            Some((last, [])) => last.clone(),
            Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        }
    }
}

pub(super) fn is_word(word: &str) -> bool {
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

pub(super) fn keyword_of_the_language(word: &str) -> bool {
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
pub(super) fn shown(found: &str) -> String {
    match found.char_indices().nth(24) {
        Some((at, _)) => format!("{}…", &found[..at]),
        None => found.to_owned(),
    }
}
