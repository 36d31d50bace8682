//! One line, one final answer: counted over everything that can run for it.
//!
//! A body can be cut short: by the limit of what it counts, and by what comes instead of what it waits for from the peer.
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
}

/// One answer of `unexpected` or `limits` that may run in the middle of another.
pub(super) struct Cut {
    within: Arc<str>,
    by: Arc<str>,
    span: Span,
}

impl Interruption<'_> {
    /// The answers that may run then, by the words that they stand behind.
    fn answers(&self) -> Vec<Arc<str>> {
        match self {
            Interruption::Limit(name) => vec![(*name).clone()],
            Interruption::Prompt => ["cancelled", "bad answer", "line", "idle"].map(Arc::from).to_vec(),
            Interruption::Payload => vec!["idle".into()],
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
        }
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
            let cuts = by.answers().into_iter().map(|by| Cut { within: within.clone(), by, span });
            self.cuts.extend(cuts);
        }
        self.tell_owing(scope, span);
        let total = path.answers.then(Answers::ONE);
        if total.may_double() {
            let finding =
                Diagnostic::new(&rules::flow::TWO_ANSWERS, span, by.message()).help("put it in front of the answer");
            self.tell_second(path, finding);
        }
        if scope.kind == BodyKind::Enter {
            scope.endings = scope.endings.or(total.held_at_one());
        }
    }

    /// Within an `answer each` nothing may end the body: elements would be left without their answers.
    pub(super) fn tell_owing(&mut self, scope: &Scope, span: Span) {
        let Some(owing) = scope.owing else { return };
        self.findings.add(
            Diagnostic::new(&rules::flow::LEFT_OWING, span, "this may end the command before each element is answered")
                .other(owing, "each element is owed an answer")
                .help("decide it in front of the  answer each,  or behind it"),
        );
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
        let cuts = std::mem::take(&mut self.cuts);
        for Cut { within, by, span } in &cuts {
            if comes_to(&cuts, by, within) {
                let message = match by == within {
                    true => format!("the answer of `{within}` may lead back to itself"),
                    false => format!("the answer of `{within}` may lead back to itself, by way of `{by}`"),
                };
                let help = "an answer of  unexpected  or  limits  must come to its end: take this out of it";
                self.findings.mend(&rules::flow::ENDLESS_ANSWER, *span, message, help);
            }
        }
    }
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
