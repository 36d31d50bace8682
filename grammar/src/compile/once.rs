//! One line, one final answer: counted over everything that can run for it.
//!
//! A body can be cut short: by the limit of what it counts, by want of room for what it adds, and by what comes instead of
//! what it waits for from the peer.
//! Each of these gives the answer of the line, so none may come behind an answer.
//!
//! Never: counts a fault of ours; its answer ends the session.

use std::sync::Arc;

use diagnostic::{Diagnostic, Span};

use crate::{
    compile::{
        Compiler,
        flow::{Answers, Path},
        scope::{BodyKind, Scope},
    },
    rules,
};

/// What may end a body before it comes to its own end.
pub(super) enum Interruption<'a> {
    /// The limit of this name.
    Limit(&'a Arc<str>),
    /// The peer cancels, answers badly, says too much, or falls silent.
    Prompt,
    /// The peer falls silent within a payload.
    Payload,
    /// There is no room for what is added: how the path asks first, and how it says what happens.
    Full([String; 2]),
}

/// One answer of `unexpected` or `limits` that may run in the middle of another.
pub(super) struct Cut {
    within: Arc<str>,
    by: Arc<str>,
    span: Span,
    helps: Vec<String>,
}

impl Interruption<'_> {
    /// The answers that may run then, by the words that they stand behind.
    fn answers(&self) -> Vec<Arc<str>> {
        match self {
            Interruption::Limit(name) => vec![(*name).clone()],
            Interruption::Prompt => ["cancelled", "bad answer", "line", "idle"].map(Arc::from).to_vec(),
            Interruption::Payload => vec!["idle".into()],
            Interruption::Full(_) => vec!["full".into()],
        }
    }

    fn message(&self) -> String {
        match self {
            Interruption::Limit(name) => {
                format!("the answer of the limit `{name}` would be a second one: this path may have answered already")
            }
            Interruption::Prompt => {
                "whoever does not answer this is answered a second time: this path may have answered already".to_owned()
            }
            Interruption::Payload => {
                "whoever falls silent here is answered a second time: this path may have answered already".to_owned()
            }
            Interruption::Full(_) => {
                "where there is no room, `full` would be a second answer: this path may have answered already"
                    .to_owned()
            }
        }
    }

    /// What else helps than another order.
    fn helps(&self) -> &[String] {
        if let Interruption::Full(helps) = self { helps } else { &[] }
    }
}

impl Compiler<'_> {
    /// Counts a final answer on the path; a second one is told.
    pub(super) fn count_answer(&mut self, path: &mut Path, span: Span) {
        let sum = path.answers.then(Answers::ONE);
        if sum.may_double() {
            let finding =
                Diagnostic::new(&rules::flow::TWO_ANSWERS, span, "a path comes here that has given its answer already")
                    .help("one command, one final answer: use  say  for lines before it");
            self.tell_second(path, finding);
        }
        path.answers = sum.held_at_one();
        path.answered = Some(span);
    }

    /// Something may end the body here, with an answer of its own.
    pub(super) fn interrupted(&mut self, scope: &mut Scope, path: &Path, by: &Interruption, span: Span) {
        if let Some(within) = &scope.rule {
            let helps = by.helps();
            let cut = |by| Cut { within: within.clone(), by, span, helps: helps.to_vec() };
            self.lowered.cuts.extend(by.answers().into_iter().map(cut));
        }
        self.tell_owing(scope, span, Some(by));
        let total = path.answers.then(Answers::ONE);
        if total.may_double() {
            let finding = Diagnostic::new(&rules::flow::TWO_ANSWERS, span, by.message());
            self.tell_second(path, mended(finding, Some(by), "put it in front of the answer"));
        }
        if scope.kind == BodyKind::Enter {
            scope.endings = scope.endings.or(total.held_at_one());
        }
    }

    /// Within an `answer each` nothing may end the body: elements would be left without their answers.
    pub(super) fn tell_owing(&mut self, scope: &Scope, span: Span, by: Option<&Interruption>) {
        let Some(owing) = scope.owing else { return };
        let finding =
            Diagnostic::new(&rules::flow::LEFT_OWING, span, "this may end the command before each element is answered")
                .other(owing, "each element is owed an answer");
        self.findings.add(mended(finding, by, "decide it in front of the  answer each,  or behind it"));
    }

    /// Tells of a second answer, and where the first stands.
    pub(super) fn tell_second(&mut self, path: &Path, finding: Diagnostic) {
        self.findings.add(match path.answered {
            Some(first) => finding.other(first, "the first answer"),
            None => finding,
        });
    }

    /// No answer of `unexpected` or `limits` may lead back to itself: the body that it answers would never end.
    pub(super) fn check_cuts(&mut self) {
        let cuts = std::mem::take(&mut self.lowered.cuts);
        for Cut { within, by, span, helps } in &cuts {
            if comes_to(&cuts, by, within) {
                let message = match by == within {
                    true => format!("the answer of `{within}` may lead back to itself"),
                    false => format!("the answer of `{within}` may lead back to itself, by way of `{by}`"),
                };
                let finding = Diagnostic::new(&rules::flow::ENDLESS_ANSWER, *span, message);
                let help = "an answer of  unexpected  or  limits  must come to its end: take this out of it";
                self.findings.add(match &helps[..] {
                    [] => finding.help(help),
                    helps => helps.iter().fold(finding, |finding, help| finding.help(help.clone())),
                });
            }
        }
    }
}

/// A finding about something that may end a body, with how it is mended: by itself, or by another order.
fn mended(finding: Diagnostic, by: Option<&Interruption>, order: &str) -> Diagnostic {
    let helps = by.map_or(&[][..], Interruption::helps);
    let finding = helps.iter().fold(finding, |finding, help| finding.help(help.clone()));
    finding.help(if helps.is_empty() { order.to_owned() } else { format!("or {order}") })
}

/// Whether one answer may come to run another, directly or over others.
fn comes_to(cuts: &[Cut], from: &Arc<str>, to: &Arc<str>) -> bool {
    let (mut seen, mut open) = (vec![from], vec![from]);
    while let Some(here) = open.pop() {
        if here == to {
            return true;
        }
        for cut in cuts.iter().filter(|cut| cut.within == *here) {
            if !seen.contains(&&cut.by) {
                seen.push(&cut.by);
                open.push(&cut.by);
            }
        }
    }
    false
}
