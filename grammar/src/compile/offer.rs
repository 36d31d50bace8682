//! Offered lines: each is there exactly when the target state would accept what it offers.
//!
//! Never: keeps a list of capabilities. What is offered is worked out from the handlers.

use diagnostic::{Diagnostic, Span};
use program::{Expr, FactId, HandlerId, Piece, ReplyId, StateId, Text, Value};

use crate::{
    check::{model::Kind, work::Part},
    compile::{
        Compiler,
        answer::{merged, nothing},
        flow::Path,
        scope::Scope,
    },
    rules,
    tree::{self, AnswerLine, ExprKind, LineCondition, OffersDef, StringPart, StringText},
};

/// A handler as it stands in one state, in the order of precedence.
pub(super) struct Stand {
    /// The state.
    pub(super) state: StateId,
    /// Index into the commands of the file.
    pub(super) command: usize,
    /// Its number in the program.
    pub(super) handler: HandlerId,
    /// Its guard.
    pub(super) guard: Option<Expr>,
    /// Whether some path of it answers without refusing.
    pub(super) accepts: bool,
}

/// A line with `if accepted`, until its target is known.
pub(super) struct Offered {
    reply: ReplyId,
    line: usize,
    verb: String,
    /// Further words, each offered by itself; empty where the whole line is offered or not.
    words: Vec<String>,
    span: Span,
    /// It is a word of a line, not the line: the mark that its condition is to take the place of.
    mark: Option<i64>,
    target: Option<(StateId, Vec<(FactId, Expr)>)>,
}

impl Offered {
    /// A line of that answer.
    pub(super) fn new(reply: ReplyId, line: usize, text: &StringText, span: Span) -> Offered {
        let first = match text.parts.first() {
            Some(StringPart::Literal(literal, _)) => &**literal,
            _ => "",
        };
        let mut words = first.split(' ').filter(|word| !word.is_empty()).map(str::to_owned);
        let verb = words.next().unwrap_or_default();
        let words = if text.parts.len() == 1 { words.collect() } else { Vec::new() };
        Offered { reply, line, verb, words, span, mark: None, target: None }
    }

    /// A word within a line.
    fn within(reply: ReplyId, line: usize, text: &StringText, span: Span, mark: i64) -> Offered {
        Offered { words: Vec::new(), mark: Some(mark), ..Offered::new(reply, line, text, span) }
    }

    /// The text of a line whose words are offered one by one.
    pub(super) fn choices(&self) -> Option<Text> {
        if self.words.is_empty() {
            return None;
        }
        let mut pieces = vec![Piece::Literal(self.verb.as_str().into())];
        pieces.extend(self.words.iter().map(|word| Piece::When(nothing(), format!(" {word}").into())));
        Some(pieces)
    }
}

impl<'t> Compiler<'t> {
    /// A path ends: its offered lines learn where it leads.
    pub(super) fn resolve_path(&mut self, path: &Path, target: Option<(StateId, &Vec<(FactId, Expr)>)>, ending: Span) {
        for place in &path.offers {
            let offered = &mut self.lowered.offered[*place];
            let found = target.map(|(state, with)| (state, with.clone()));
            let fits = found.is_some() && offered.target.as_ref().is_none_or(|known| Some(known) == found.as_ref());
            if fits {
                offered.target = found;
                continue;
            }
            let span = offered.span;
            self.findings.add(
                Diagnostic::new(
                    &rules::replies::OFFER_TARGET,
                    span,
                    "it is not certain which state would have to accept this",
                )
                .other(ending, "this ending leads elsewhere")
                .help("let every path behind this answer end in the same state with the same facts"),
            );
        }
    }

    /// Gives each offered line its condition, now that all handlers are known.
    pub(super) fn resolve_offers(&mut self) {
        for place in 0..self.lowered.offered.len() {
            if !self.spend(Part::Offers, 4 * self.lowered.stands.len()) {
                return;
            }
            let Some((state, with)) = self.lowered.offered[place].target.clone() else { continue };
            let (verb, words, span) = (
                self.lowered.offered[place].verb.clone(),
                self.lowered.offered[place].words.clone(),
                self.lowered.offered[place].span,
            );
            if !self.lowered.stands.iter().any(|stand| self.same(&self.commands[stand.command].verb, &verb)) {
                self.findings.mend(
                    &rules::replies::NEVER_ACCEPTED,
                    span,
                    format!("no state accepts `{verb}`"),
                    format!("add  on \"{verb}…\" {{ … }},  or take the line away"),
                );
                continue;
            }
            let conditions: Vec<Expr> = if words.is_empty() {
                vec![self.acceptance(state, &with, &verb)]
            } else {
                words.iter().map(|word| self.acceptance(state, &with, &format!("{verb} {word}"))).collect()
            };
            match self.lowered.offered[place].mark {
                Some(mark) => self.condition_word(place, mark, &Expr::any_of(conditions)),
                None => self.condition_line(place, &conditions, !words.is_empty()),
            }
        }
    }

    /// The set of offers that a value in a text names, if it names one and nothing else has that name.
    pub(super) fn offers_of(&self, scope: &Scope, expr: &tree::Expr) -> Option<&'t OffersDef> {
        let ExprKind::Path(names) = &expr.kind else { return None };
        let [name] = &names[..] else { return None };
        let def = self.model.offers.get(&*name.text).copied()?;
        let known = scope.local(&name.text).is_some()
            || scope.captures.iter().any(|(capture, _)| *capture == name.text)
            || self.model.fact(&name.text).is_some();
        if known {
            return None;
        }
        self.model.mark(Kind::Offers, &name.text);
        Some(def)
    }

    /// A set of offers within a line: its texts, one blank between them. The first must always be there.
    pub(super) fn joined_offers(
        &mut self,
        scope: &Scope,
        path: &mut Path,
        here: &Path,
        def: &'t OffersDef,
        (reply, place): (ReplyId, usize),
        pieces: &mut Text,
    ) {
        for (index, line) in def.lines.iter().enumerate() {
            let AnswerLine::Text { text, when } = line else { continue };
            let blank = if index == 0 { "" } else { " " };
            if index == 0 && !matches!(when, LineCondition::Always) {
                self.findings.mend(
                    &rules::replies::MAY_BE_EMPTY,
                    text.span,
                    "the first of these has a condition, and they stand in one line",
                    "begin with one that is always there",
                );
            }
            match when {
                LineCondition::Always => {
                    pieces.push(Piece::Literal(blank.into()));
                    pieces.extend(self.pieces(scope, here, text));
                }
                LineCondition::If(condition) => {
                    let (condition, lesson) = self.condition(scope, here, condition);
                    let mut within = here.clone();
                    within.known.learn(lesson.held);
                    let mut word = vec![Piece::Literal(blank.into())];
                    word.extend(self.pieces(scope, &within, text));
                    let word = Expr::Text(merged(word));
                    pieces.push(Piece::Value(Expr::When(Box::new(condition.expr), Box::new(word))));
                }
                LineCondition::Accepted(span) => {
                    let mark = self.lowered.offered.len() as i64;
                    let word: Vec<&str> = text.parts.iter().filter_map(literal).collect();
                    pieces.push(Piece::When(marked(mark), format!("{blank}{}", word.concat()).into()));
                    path.offers.push(self.lowered.offered.len());
                    self.lowered.offered.push(Offered::within(reply, place, text, *span, mark));
                }
            }
        }
    }

    /// Puts the condition of a word in the place of its mark.
    fn condition_word(&mut self, place: usize, mark: i64, condition: &Expr) {
        let (reply, line) = (self.lowered.offered[place].reply, self.lowered.offered[place].line);
        let Some(line) = self.lowered.replies[reply.0 as usize].lines.get_mut(line) else { return };
        for form in [&mut line.last, &mut line.continued] {
            let pieces = std::mem::take(form).into_iter().filter_map(|piece| match piece {
                Piece::When(known, word) if known == marked(mark) => match condition {
                    Expr::Constant(Value::Yes(true)) => Some(Piece::Literal(word)),
                    Expr::Constant(Value::Yes(false)) => None,
                    condition => Some(Piece::When(condition.clone(), word)),
                },
                other => Some(other),
            });
            *form = merged(pieces.collect());
        }
    }

    fn same(&self, a: &str, b: &str) -> bool {
        self.model.wire.is_alike(a, b)
    }

    /// Writes the conditions into the line.
    fn condition_line(&mut self, place: usize, conditions: &[Expr], by_words: bool) {
        let (reply, line) = (self.lowered.offered[place].reply, self.lowered.offered[place].line);
        let Some(line) = self.lowered.replies[reply.0 as usize].lines.get_mut(line) else { return };
        line.when = match Expr::any_of(conditions.iter().cloned()) {
            Expr::Constant(Value::Yes(true)) => None,
            condition => Some(condition),
        };
        if by_words {
            for form in [&mut line.last, &mut line.continued] {
                let mut next = conditions.iter();
                let pieces = std::mem::take(form).into_iter().filter_map(|piece| match piece {
                    Piece::When(_, word) => match next.next() {
                        Some(Expr::Constant(Value::Yes(true))) => Some(Piece::Literal(word)),
                        Some(Expr::Constant(Value::Yes(false))) | None => None,
                        Some(condition) => Some(Piece::When(condition.clone(), word)),
                    },
                    other => Some(other),
                });
                *form = merged(pieces.collect());
            }
        }
    }

    /// When a state with these facts would accept the line: the first handler that claims it and whose guard holds
    /// decides, and it must have a path to an answer that is no refusal.
    fn acceptance(&self, state: StateId, with: &[(FactId, Expr)], line: &str) -> Expr {
        let mut claims: Vec<(usize, &Stand)> = self
            .lowered
            .stands
            .iter()
            .filter(|stand| stand.state == state)
            .filter_map(|stand| {
                let claim = self.commands[stand.command].form.claim();
                self.claims(&claim, line).then_some((claim.len(), stand))
            })
            .collect();
        claims.sort_by_key(|(length, _)| std::cmp::Reverse(*length));
        let mut accepted = Expr::yes(false);
        for (_, stand) in claims.iter().rev() {
            let accepts = Expr::yes(stand.accepts);
            accepted = match &stand.guard {
                None => accepts,
                Some(guard) => {
                    let guard = self.as_seen_from(guard, state, with);
                    let here = Expr::all_of([guard.clone(), accepts]);
                    Expr::any_of([here, Expr::all_of([guard.negated(), accepted])])
                }
            };
        }
        accepted
    }

    fn claims(&self, claim: &str, line: &str) -> bool {
        let Some(head) = line.get(..claim.len()) else { return false };
        let behind = &line[claim.len()..];
        self.same(head, claim)
            && (behind.is_empty() || behind.starts_with(' ') || !claim.ends_with(char::is_alphanumeric))
    }

    /// A guard of the target state, in terms of what is known before the transition.
    fn as_seen_from(&self, guard: &Expr, state: StateId, with: &[(FactId, Expr)]) -> Expr {
        let facts = &self.model.states[usize::from(state.0)].facts;
        substitute(guard, &|slot| {
            if usize::from(slot) >= self.types.facts.len() {
                return None;
            }
            let fact = FactId(slot);
            if let Some((_, given)) = with.iter().find(|(given, _)| *given == fact) {
                return Some(given.clone());
            }
            (!facts.contains_key(&fact)).then_some(Expr::Constant(Value::Absent))
        })
    }
}

/// What stands for a condition that is not known yet.
fn marked(mark: i64) -> Expr {
    Expr::Constant(Value::Number(mark))
}

fn literal(part: &StringPart) -> Option<&str> {
    if let StringPart::Literal(literal, _) = part { Some(literal) } else { None }
}

/// Replaces slots, and simplifies.
pub(super) fn substitute(expr: &Expr, slot: &dyn Fn(u16) -> Option<Expr>) -> Expr {
    expr.with(&|expr| if let Expr::Slot(place) = expr { slot(place.0) } else { None })
}
