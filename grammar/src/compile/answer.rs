//! Answers: statuses, lines, and the wire's form worked in.
//!
//! Never: decides whether an offered line is offered; that needs the target state and comes last.

use std::sync::Arc;

use diagnostic::{Diagnostic, suggest};
use program::{Expr, Known, Piece, Reply, ReplyId, ReplyLine, Text, Value};

use crate::{
    check::{model::Kind, wire::FormPart},
    compile::{Compiler, flow::Path, offer::Offered, scope::Scope},
    rules,
    tree::{Answer, AnswerLine, LineCondition, Name, StringPart, StringText},
};

/// Which form of the wire an answer takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The final answer.
    Reply,
    /// Lines before it.
    Say,
    /// A question.
    Prompt,
    /// A line of a listing: nothing but its text.
    Listed,
}

impl Compiler<'_> {
    /// Lowers an answer. Gives its number and whether it refuses.
    pub(super) fn answer(&mut self, scope: &Scope, path: &mut Path, answer: &Answer, role: Role) -> (ReplyId, bool) {
        self.check_status(answer, role);
        let id = ReplyId(self.lowered.replies.len() as u32);
        let refusal = answer.status.as_ref().is_some_and(|status| self.model.wire.refuses(&status.text));
        self.lowered.replies.push(Reply {
            status: answer.status.as_ref().map(|status| status.text.clone()),
            refusal,
            most: self.model.wire.reply_most.filter(|_| role != Role::Listed),
            lines: Vec::new(),
        });
        let mut lines = Vec::new();
        for line in &answer.lines {
            self.answer_line(scope, path, answer, role, line, id, &mut lines);
        }
        if answer.lines.is_empty() {
            lines.push(self.line(answer, role, None, None));
        }
        if lines.len() > 1 && self.model.wire.continued.is_none() && role == Role::Reply {
            self.findings.mend(
                &rules::replies::NO_CONTINUATION,
                answer.span,
                "this answer has several lines, and the wire has no form for that",
                "write  reply \"{code} {text}\" continued \"{code}-{text}\"  in  wire { … }",
            );
        }
        if lines.iter().all(|line| line.when.is_some()) {
            self.findings.mend(
                &rules::replies::MAY_BE_EMPTY,
                answer.span,
                "every line of this answer has a condition",
                "give it one line that is always there",
            );
        }
        self.lowered.replies[id.0 as usize].lines = lines;
        (id, refusal)
    }

    #[allow(clippy::too_many_arguments, reason = "one line needs all that its answer has")]
    pub(super) fn answer_line(
        &mut self,
        scope: &Scope,
        path: &mut Path,
        answer: &Answer,
        role: Role,
        line: &AnswerLine,
        id: ReplyId,
        lines: &mut Vec<ReplyLine>,
    ) {
        match line {
            AnswerLine::Text { text, when } => {
                self.check_line_text(text);
                let mut taught = Vec::new();
                let condition = match when {
                    LineCondition::Always => None,
                    LineCondition::If(expr) => {
                        let (condition, lesson) = self.condition(scope, path, expr);
                        taught = lesson.held;
                        Some(condition.expr)
                    }
                    LineCondition::Accepted(span) => {
                        let offered = Offered::new(id, lines.len(), text, *span);
                        if let Some(pieces) = offered.choices() {
                            path.offers.push(self.lowered.offered.len());
                            self.lowered.offered.push(offered);
                            lines.push(self.line(answer, role, Some(pieces), Some(nothing())));
                            return;
                        }
                        path.offers.push(self.lowered.offered.len());
                        self.lowered.offered.push(offered);
                        Some(nothing())
                    }
                };
                // What the condition teaches holds in its own line only.
                let mut here = path.clone();
                here.known.learn(taught);
                let mut pieces = Text::new();
                for part in &text.parts {
                    let offers = match part {
                        StringPart::Value(expr) => self.offers_of(scope, expr),
                        StringPart::Literal(..) => None,
                    };
                    match offers {
                        Some(def) => self.joined_offers(scope, path, &here, def, (id, lines.len()), &mut pieces),
                        None => pieces.extend(self.pieces_of(scope, &here, std::slice::from_ref(part))),
                    }
                }
                lines.push(self.line(answer, role, Some(pieces), condition));
            }
            AnswerLine::Each(name) => {
                let Some(def) = self.model.offers.get(&*name.text).copied() else {
                    let names: Vec<&str> = self.model.offers.keys().copied().collect();
                    self.findings.misspelt(
                        &rules::names::UNKNOWN_OFFERS,
                        name.span,
                        format!("no offers are called `{}`", name.text),
                        &name.text,
                        names,
                    );
                    return;
                };
                self.model.mark(Kind::Offers, &name.text);
                for line in &def.lines {
                    if !matches!(line, AnswerLine::Each(_)) {
                        self.answer_line(scope, path, answer, role, line, id, lines);
                    }
                }
            }
        }
    }

    /// One line in the wire's form, as the last and as one that is followed.
    fn line(&self, answer: &Answer, role: Role, text: Option<Text>, when: Option<Expr>) -> ReplyLine {
        let wire = &self.model.wire;
        if role == Role::Listed {
            let text = merged(text.unwrap_or_default());
            return ReplyLine { when, last: text.clone(), continued: text };
        }
        let last = match role {
            Role::Say => wire.say.as_ref().unwrap_or(&wire.reply),
            Role::Prompt => wire.prompt.as_ref().unwrap_or(&wire.reply),
            Role::Reply | Role::Listed => &wire.reply,
        };
        let continued = match role {
            Role::Reply => wire.continued.as_ref().unwrap_or(last),
            _ => last,
        };
        let text = text.as_deref();
        ReplyLine { when, last: worked(last, answer, text), continued: worked(continued, answer, text) }
    }

    /// Tells where a line end stands inside a line of an answer.
    fn check_line_text(&mut self, text: &StringText) {
        self.check_line_ends(text, "a line end inside a line", "write one string per line:  { \"first\" \"second\" }");
    }

    /// Tells where a line end or a NUL stands in a text that becomes a part of a line.
    pub(super) fn check_line_ends(&mut self, text: &StringText, message: &str, help: &str) {
        for part in &text.parts {
            if let StringPart::Literal(literal, span) = part
                && literal.contains(['\r', '\n', '\0'])
            {
                self.findings.mend(&rules::replies::LINE_END, *span, message, help);
            }
        }
    }

    fn check_status(&mut self, answer: &Answer, role: Role) {
        let form = match role {
            Role::Say => self.model.wire.say.as_ref().unwrap_or(&self.model.wire.reply),
            Role::Prompt => self.model.wire.prompt.as_ref().unwrap_or(&self.model.wire.reply),
            Role::Reply | Role::Listed => &self.model.wire.reply,
        };
        let words_only = form.contains(&FormPart::Word);
        let wants = words_only || form.contains(&FormPart::Status);
        match &answer.status {
            None if wants => self.findings.mend(
                &rules::replies::STATUS,
                answer.span,
                "this answer has no code",
                "the form of the wire asks for one:  250 \"…\",  say",
            ),
            Some(status) if !wants => self.findings.mend(
                &rules::replies::STATUS,
                status.span,
                format!("`{}` would not be sent", status.text),
                "the form of the wire has no {code}: take it off, or put it into the form",
            ),
            Some(status) if words_only && status.text.starts_with(|first: char| first.is_ascii_digit()) => {
                let words: Vec<&str> = self.model.wire.answers.iter().map(|name| &*name.text).collect();
                self.findings.mend(
                    &rules::replies::CODE,
                    status.span,
                    format!("`{}` is no word", status.text),
                    format!("the form of the wire has {{word}}: answer with one, {}, say", words.join(" or ")),
                );
            }
            Some(status) => self.check_known_status(status),
            None => {}
        }
        if let (Some(status), Some(enhanced)) = (&answer.status, &answer.enhanced) {
            self.check_class(status, enhanced);
        }
    }

    fn check_known_status(&mut self, status: &Name) {
        let code = status.text.parse::<u16>().ok().filter(|_| status.text.len() == 3);
        match code {
            Some(100..=599) => {}
            Some(code) => self.findings.mend(
                &rules::replies::CODE,
                status.span,
                format!("`{code}` is no reply code"),
                "codes run from 100 to 599; 2xx is done, 3xx go on, 4xx not now, 5xx no",
            ),
            None => {
                let wire = &self.model.wire;
                let words: Vec<&str> = wire.answers.iter().chain(&wire.refusal).map(|name| &*name.text).collect();
                if !words.contains(&&*status.text) {
                    let help = suggest(&status.text, words);
                    self.findings.mend(
                        &rules::replies::CODE,
                        status.span,
                        format!("the wire declares no answer `{}`", status.text),
                        format!("{help}; or add it to  answers  or  refusal  in  wire {{ … }}"),
                    );
                }
            }
        }
    }

    /// RFC 3463 §2: the class of the enhanced code is that of the reply code.
    fn check_class(&mut self, status: &Name, enhanced: &Name) {
        if status.text.chars().next() != enhanced.text.chars().next() {
            self.findings.add(
                Diagnostic::new(
                    &rules::replies::CLASS,
                    enhanced.span,
                    format!("`{}` and `{}` are of different classes", status.text, enhanced.text),
                )
                .other(status.span, "the reply code")
                .help(format!(
                    "the first digits must agree: `{}{}`",
                    &status.text[..1],
                    &enhanced.text[1..]
                )),
            );
        }
    }
}

/// A condition that is not known yet.
pub(super) fn nothing() -> Expr {
    Expr::Constant(Value::Yes(false))
}

/// Works status and text into a form. Without a text, the blank before it is dropped.
fn worked(form: &[FormPart], answer: &Answer, text: Option<&[Piece]>) -> Text {
    let mut pieces: Vec<Piece> = Vec::new();
    for part in form {
        match part {
            FormPart::Literal(literal) => pieces.push(Piece::Literal(literal.clone())),
            FormPart::Status | FormPart::Word => {
                if let Some(status) = &answer.status {
                    pieces.push(Piece::Literal(status.text.clone()));
                }
            }
            FormPart::Tag => pieces.push(Piece::Value(Expr::Known(Known::Tag))),
            FormPart::Text => match (&answer.enhanced, text) {
                (None, None) => drop_blank(&mut pieces),
                (enhanced, text) => {
                    if let Some(enhanced) = enhanced {
                        let blank = if text.is_some() { " " } else { "" };
                        pieces.push(Piece::Literal(format!("{}{blank}", enhanced.text).into()));
                    }
                    pieces.extend(text.unwrap_or_default().iter().cloned());
                }
            },
        }
    }
    merged(pieces)
}

fn drop_blank(pieces: &mut [Piece]) {
    if let Some(Piece::Literal(literal)) = pieces.last_mut()
        && let Some(shorter) = literal.strip_suffix(' ')
    {
        *literal = shorter.into();
    }
}

/// Puts neighbouring literals together.
pub(super) fn merged(pieces: Vec<Piece>) -> Text {
    let mut merged: Text = Vec::new();
    for piece in pieces {
        match (merged.last_mut(), piece) {
            (Some(Piece::Literal(before)), Piece::Literal(behind)) => {
                let both: Arc<str> = format!("{before}{behind}").into();
                *before = both;
            }
            (_, Piece::Literal(empty)) if empty.is_empty() => {}
            (_, piece) => merged.push(piece),
        }
    }
    merged
}
