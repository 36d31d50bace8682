//! Makes mutants of a protocol file: at every ending, outcome, answer, guard, `require`, `has` and `needs` it deletes
//! what stands there, or puts another in its place.
//!
//! Never: judges a mutant.

use std::{collections::BTreeMap, ops::Range};

use diagnostic::{FileId, Span};
use grammar::tree::{
    Answer, AnswerRule, Block, Expr, HandlerDef, Item, LetValue, Name, OutcomeDef, Statement, StatementKind,
};

/// One changed copy of a protocol.
#[derive(Debug, Clone)]
pub(crate) struct Mutant {
    /// Where it was changed, and how; no two share it.
    pub(crate) name: String,
    /// The changed text.
    pub(crate) text: String,
}

/// All mutants of a text.
pub(crate) fn mutants(text: &str) -> Vec<Mutant> {
    let (tree, findings) = grammar::parse(FileId(0), text);
    assert!(findings.is_empty(), "the protocol can be read: {findings:?}");
    let states = tree.items.iter().filter_map(|item| match item {
        Item::State(state) => Some(state.name.text.to_string()),
        _ => None,
    });
    let mut maker = Maker { text, states: states.collect(), place: String::new(), made: Vec::new() };
    tree.items.iter().for_each(|item| maker.item(item));
    numbered(maker.made)
}

/// Puts a number behind names that occur twice, in the order of the file.
fn numbered(mut mutants: Vec<Mutant>) -> Vec<Mutant> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for mutant in &mut mutants {
        let count = seen.entry(mutant.name.clone()).or_default();
        *count += 1;
        if *count > 1 {
            mutant.name = format!("{} ({count})", mutant.name);
        }
    }
    mutants
}

struct Maker<'a> {
    text: &'a str,
    states: Vec<String>,
    place: String,
    made: Vec<Mutant>,
}

impl Maker<'_> {
    fn item(&mut self, item: &Item) {
        match item {
            Item::State(state) => {
                self.place = format!("state {}", state.name.text);
                self.facts(&state.facts, "has");
                for (block, _) in &state.enters {
                    self.place = format!("state {}, enter", state.name.text);
                    self.block(block);
                }
                for (block, _) in &state.leaves {
                    self.place = format!("state {}, leave", state.name.text);
                    self.block(block);
                }
                let stands = format!("state {}", state.name.text);
                state.handlers.iter().for_each(|handler| self.handler(&stands, handler));
            }
            Item::During(states, handlers, _) => {
                let names: Vec<&str> = states.iter().map(|name| &*name.text).collect();
                let stands = format!("during {}", names.join(", "));
                handlers.iter().for_each(|handler| self.handler(&stands, handler));
            }
            Item::Anytime(handlers, _) => handlers.iter().for_each(|handler| self.handler("anytime", handler)),
            Item::Routine(routine) => {
                self.place = format!("routine {}", routine.name.text);
                self.facts(&routine.needs, "needs");
                self.block(&routine.body);
            }
            Item::Unexpected(rules, _) => rules.iter().for_each(|rule| self.rule("unexpected", rule)),
            Item::Limits(rules, _) => rules.iter().for_each(|rule| self.rule("limits", rule)),
            Item::Settings(..)
            | Item::Wire(..)
            | Item::Type(_)
            | Item::Record(_)
            | Item::Sql(_)
            | Item::Offers(_)
            | Item::Promise(_)
            | Item::Import(_)
            | Item::Rename(..)
            | Item::Remove(..)
            | Item::Before(..)
            | Item::Override(..)
            | Item::Reload(_)
            // Conversations open no sockets: what a client says is tried against a server.
            | Item::Client(_) => {}
        }
    }

    fn rule(&mut self, section: &str, rule: &AnswerRule) {
        let words: Vec<&str> = rule.words.iter().map(|word| &*word.text).collect();
        self.place = format!("{section}, {}", words.join(" "));
        self.block(&rule.body);
    }

    /// Each fact is dropped, and made optional or certain.
    fn facts(&mut self, facts: &[(Name, bool)], word: &str) {
        let list = facts.iter().map(|(name, optional)| format!("{}{}", name.text, if *optional { "?" } else { "" }));
        let list: Vec<String> = list.collect();
        let Some(start) = facts.first().map(|(name, _)| name.span) else { return };
        let whole = self.fact_list(start.to(facts[facts.len() - 1].0.span));
        for i in 0..facts.len() {
            let mut rest = list.clone();
            let dropped = rest.remove(i);
            let (range, text) = match rest.is_empty() {
                true => (self.word_before(whole.start, word)..whole.end, String::new()),
                false => (whole.clone(), rest.join(", ")),
            };
            self.make(format!("{word} without `{dropped}`"), range, &text);
            let mut turned = list.clone();
            turned[i] = if facts[i].1 { facts[i].0.text.to_string() } else { format!("{}?", facts[i].0.text) };
            self.make(format!("{word} `{}` for `{}`", turned[i], list[i]), whole.clone(), &turned.join(", "));
        }
    }

    /// The octets of a list of facts, the question mark of the last one included.
    fn fact_list(&self, span: Span) -> Range<usize> {
        let end = span.end as usize;
        span.start as usize..end + usize::from(self.text[end..].starts_with('?'))
    }

    fn handler(&mut self, stands: &str, handler: &HandlerDef) {
        self.place = format!("{stands}, on {}", self.shown(range(handler.pattern.span)));
        if let Some(guard) = &handler.guard {
            let when = self.word_before(guard.span.start as usize, "when");
            self.make("no guard".into(), when..guard.span.end as usize, "");
            self.negated(guard, "guard");
        }
        if let Some(payload) = &handler.payload {
            self.block(&payload.refused);
            self.outcomes(payload.failed.as_slice());
        }
        self.block(&handler.body);
    }

    fn negated(&mut self, condition: &Expr, what: &str) {
        let inside = &self.text[range(condition.span)];
        let negated = format!("not ({inside})");
        self.make(format!("{what} negated: `{}`", self.shown(range(condition.span))), range(condition.span), &negated);
    }

    fn block(&mut self, block: &Block) {
        block.statements.iter().for_each(|statement| self.statement(statement));
    }

    fn statement(&mut self, statement: &Statement) {
        match &statement.kind {
            StatementKind::Reply(answer) => self.answer(statement, answer),
            StatementKind::Say(answer) => {
                self.delete(statement);
                self.codes(answer);
            }
            StatementKind::Silent => self.delete(statement),
            StatementKind::Goto { state, .. } => {
                self.ending(statement);
                self.other_states(state);
            }
            StatementKind::StartTls(state) => {
                self.ending(statement);
                self.other_states(state);
            }
            StatementKind::Stay(_) | StatementKind::Close | StatementKind::Run(_) => self.ending(statement),
            StatementKind::Find(find) => {
                self.negated(&find.only, "where");
                find.otherwise.iter().for_each(|block| self.block(block));
            }
            StatementKind::Remove(..) => self.delete(statement),
            StatementKind::Require(condition, block) => {
                self.delete(statement);
                self.negated(condition, "require");
                self.block(block);
            }
            StatementKind::If(_, block, otherwise) => {
                self.block(block);
                otherwise.iter().for_each(|block| self.block(block));
            }
            StatementKind::Ask(ask) => self.outcomes(&ask.outcomes),
            StatementKind::Receive { outcomes, .. } => self.outcomes(outcomes),
            StatementKind::ForEach(each) => self.block(&each.body),
            StatementKind::Let(_, value) => self.prompt(value),
            StatementKind::Add(..)
            | StatementKind::Count { .. }
            | StatementKind::Log(..)
            | StatementKind::Pause(_)
            | StatementKind::Prepend { .. }
            | StatementKind::Connect { .. }
            | StatementKind::Await(_)
            | StatementKind::Send(_)
            | StatementKind::SendLines(_)
            | StatementKind::Secure { .. }
            | StatementKind::Give(..)
            | StatementKind::Broken => {}
        }
    }

    fn prompt(&mut self, value: &LetValue) {
        match value {
            LetValue::Value(_, Some(otherwise)) => self.prompt(otherwise),
            LetValue::Value(_, None) => {}
            LetValue::Prompt { answer, .. } => self.codes(answer),
        }
    }

    /// Each outcome is dropped, misnamed, and given what another one does.
    fn outcomes(&mut self, outcomes: &[OutcomeDef]) {
        for (i, outcome) in outcomes.iter().enumerate() {
            let name = &outcome.name.text;
            let whole = outcome.name.span.start as usize..outcome.body.span.end as usize;
            self.make(format!("no outcome `{name}`"), whole, "");
            self.make(format!("outcome `x{name}` for `{name}`"), range(outcome.name.span), &format!("x{name}"));
            let other = &outcomes[(i + 1) % outcomes.len()];
            if outcomes.len() > 1 && self.text[range(outcome.body.span)] != self.text[range(other.body.span)] {
                let body = self.text[range(other.body.span)].to_string();
                self.make(
                    format!("outcome `{name}` does what `{}` does", other.name.text),
                    range(outcome.body.span),
                    &body,
                );
            }
            self.block(&outcome.body);
        }
    }

    fn answer(&mut self, statement: &Statement, answer: &Answer) {
        // The answer of a one-liner stands behind an arrow, and cannot be taken away without it.
        if self.text[range(statement.span)].starts_with("reply") {
            self.delete(statement);
        }
        self.codes(answer);
    }

    /// A refusal for an assent and the other way round, with and without the enhanced code that fits.
    fn codes(&mut self, answer: &Answer) {
        let Some(status) = &answer.status else { return };
        let (code, enhanced) = if status.text.starts_with('2') { ("550", "5.0.0") } else { ("250", "2.0.0") };
        let shown = self.shown(range(answer.span));
        self.make(format!("{code} for `{shown}`"), range(status.span), code);
        if let Some(given) = &answer.enhanced {
            let both = range(status.span.to(given.span));
            self.make(format!("{code} {enhanced} for `{shown}`"), both, &format!("{code} {enhanced}"));
        }
    }

    fn ending(&mut self, statement: &Statement) {
        let whole = range(statement.span);
        let written = self.text[whole.clone()].to_string();
        // The ending of a one-liner may be left out; then it can only be added.
        let is_written = ["goto", "stay", "close", "run", "start"].iter().any(|word| written.starts_with(word));
        let range = if is_written { whole } else { statement.span.end as usize..statement.span.end as usize };
        let shown = if is_written { format!("`{}`", self.shown(range.clone())) } else { "what is not written".into() };
        if is_written {
            self.make(format!("no {shown}"), range.clone(), "");
        }
        for other in ["stay", "close"] {
            let same = written == other || (!is_written && other == "stay");
            if !same {
                self.make(format!("`{other}` for {shown}"), range.clone(), &format!(" {other} "));
            }
        }
    }

    fn other_states(&mut self, state: &Name) {
        for other in self.states.clone().iter().filter(|other| ***other != *state.text) {
            self.make(format!("goto `{other}` for `{}`", state.text), range(state.span), other);
        }
    }

    fn delete(&mut self, statement: &Statement) {
        let whole = range(statement.span);
        self.make(format!("no `{}`", self.shown(whole.clone())), whole, "");
    }

    fn make(&mut self, what: String, range: Range<usize>, instead: &str) {
        let text = [&self.text[..range.start], instead, &self.text[range.end..]].concat();
        self.made.push(Mutant { name: format!("{}: {what}", self.place), text });
    }

    /// The start of a word that stands before an octet, blanks between them.
    fn word_before(&self, at: usize, word: &str) -> usize {
        let before = self.text[..at].trim_end();
        assert!(before.ends_with(word), "`{word}` stands before octet {at}");
        before.len() - word.len()
    }

    /// A piece of the text in one line, cut where it becomes long.
    fn shown(&self, range: Range<usize>) -> String {
        let words: Vec<&str> = self.text[range].split_whitespace().collect();
        let line = words.join(" ");
        match line.char_indices().nth(70) {
            Some((end, _)) => format!("{}…", &line[..end]),
            None => line,
        }
    }
}

fn range(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}
