//! The `wire` of a protocol: forms of answers, statuses, bounds.
//!
//! Never: frames a line.

use std::sync::Arc;

use diagnostic::{Span, suggest};
use program::{LineEnd, Literals, Wire};

use crate::{
    check::findings::Findings,
    rules,
    tree::{Expr, ExprKind, File, Item, Name, Pattern, PatternPart, StringPart, StringText, TypeRef, WireItem},
};

/// The most octets that a command line may be bounded at.
const LINE_MOST: i64 = 1 << 20;

/// A part of the form of an answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum FormPart {
    Literal(Arc<str>),
    Status,
    /// The same, where it is no code.
    Word,
    Text,
    /// The word before the command.
    Tag,
}

/// What `wire` says, ready for the answers.
#[derive(Default)]
pub(crate) struct WireForms<'t> {
    /// The form of the last line of an answer.
    pub(crate) reply: Vec<FormPart>,
    /// The form of each line before it.
    pub(crate) continued: Option<Vec<FormPart>>,
    /// The form of lines before the final answer, where it differs.
    pub(crate) say: Option<Vec<FormPart>>,
    /// The form of questions, where it differs.
    pub(crate) prompt: Option<Vec<FormPart>>,
    /// Whether a dot ends a listing; absent where the wire has none.
    pub(crate) listing: Option<bool>,
    /// Words and codes that refuse: `4xx`, `NO`.
    pub(crate) refusal: Vec<&'t Name>,
    /// Words that answers may begin with.
    pub(crate) answers: Vec<&'t Name>,
    /// The verbs that clients send, when the file lists them.
    pub(crate) verbs: Vec<&'t Name>,
    /// What RFCs grant the peer, by verb.
    pub(crate) patience: Vec<(&'t Name, u64)>,
    /// The answer to a prompt that means "never mind".
    pub(crate) cancel: Option<&'t Name>,
    /// Whether a blank line ends an answer.
    pub(crate) blank_line: bool,
    /// The most octets of a line of an answer.
    pub(crate) reply_most: Option<usize>,
    /// Where requests are declared.
    pub(crate) request: Option<Span>,
    /// The word before every command: its name, its type, and what stands in its place.
    pub(crate) command: Option<(&'t Pattern, &'t Name)>,
    literals: Option<(usize, Option<&'t Name>)>,
    lines: Option<(bool, usize)>,
    bounded: Option<Span>,
    exact_case: bool,
    lock_step: bool,
}

impl<'t> WireForms<'t> {
    /// Reads the `wire` items of a file.
    pub(crate) fn collect(file: &'t File, findings: &mut Findings) -> WireForms<'t> {
        let mut forms = WireForms { reply: vec![FormPart::Text], ..WireForms::default() };
        let mut seen: Vec<(&str, Span)> = Vec::new();
        let mut place = None;
        for item in &file.items {
            let Item::Wire(items, span) = item else { continue };
            place = Some(*span);
            for item in items {
                if let WireItem::Command { form, missing, .. } = item {
                    forms.command = command(form, findings).then_some((form, missing));
                }
            }
            for item in items {
                let (word, at) = forms.take(item, findings);
                if let Some((_, first)) = seen.iter().find(|(other, _)| *other == word) {
                    let first = *first;
                    findings.add(
                        diagnostic::Diagnostic::new(&rules::wire::TWICE, at, format!("`{word}` is said twice"))
                            .other(first, "here first")
                            .help("take one away"),
                    );
                }
                seen.push((word, at));
            }
        }
        forms.check_cuts(findings);
        if forms.blank_line {
            // What ends the line before it is added to the form, as to every other.
            let end = std::str::from_utf8(forms.wire().line_end.octets()).unwrap_or("\n");
            forms.reply.push(FormPart::Literal(end.into()));
        }
        let whole = file.header.as_ref().map(|header| header.span).unwrap_or_default();
        if forms.lines.is_none() {
            findings.mend(
                &rules::wire::MISSING,
                place.unwrap_or(whole),
                "nothing says how lines end and how long they may be",
                "write  wire { lines crlf at most 1000 octets  reply \"{code} {text}\" }",
            );
        }
        forms
    }

    fn take(&mut self, item: &'t WireItem, findings: &mut Findings) -> (&'static str, Span) {
        match item {
            WireItem::Lines { crlf, most, span } => {
                self.lines = Some((*crlf, line_bound(most, findings)));
                ("lines", *span)
            }
            WireItem::Reply { form: last, continued, blank, most, span } => {
                self.reply = self.form(last, findings);
                self.blank_line = *blank;
                self.bounded = most.as_ref().map(|most| most.span);
                self.reply_most = most.as_ref().map(|most| answer_bound(most, findings));
                self.continued = continued.as_ref().map(|text| self.form(text, findings));
                ("reply", *span)
            }
            WireItem::Say(text, span) => {
                self.say = Some(self.form(text, findings));
                ("say", *span)
            }
            WireItem::Prompt(text, span) => {
                self.prompt = Some(self.form(text, findings));
                ("prompt", *span)
            }
            WireItem::Listing { dotted, span } => {
                self.listing = Some(*dotted);
                ("listing", *span)
            }
            WireItem::Request(def) => {
                self.request = Some(def.span);
                ("request", def.span)
            }
            WireItem::Refusal(names, span) => {
                self.refusal = names.iter().collect();
                ("refusal", *span)
            }
            WireItem::Answers(names, span) => {
                self.answers = names.iter().collect();
                ("answers", *span)
            }
            WireItem::Verbs(names, span) => {
                self.verbs = names.iter().collect();
                ("verbs", *span)
            }
            WireItem::Patience(list, span) => {
                self.patience = list.iter().filter_map(|(name, time)| Some((name, seconds(time, findings)?))).collect();
                ("patience", *span)
            }
            WireItem::Pipeline(yes, span) => {
                self.lock_step = !yes;
                ("pipeline", *span)
            }
            WireItem::ExactCase(span) => {
                self.exact_case = true;
                ("exact case", *span)
            }
            WireItem::Command { span, .. } => ("command", *span),
            WireItem::Literals { most, ask, span } => {
                self.literals = Some((line_bound(most, findings), ask.as_ref()));
                ("literals", *span)
            }
            WireItem::Cancel(name, span) => {
                self.cancel = Some(name);
                ("cancel", *span)
            }
        }
    }

    /// The wire of the program.
    pub(crate) fn wire(&self) -> Wire {
        let (crlf, line_most) = self.lines.unwrap_or((true, 1000));
        Wire {
            line_end: if crlf { LineEnd::CrLf } else { LineEnd::Lf },
            line_most,
            exact_case: self.exact_case,
            cancel: self.cancel.map(|name| name.text.clone()),
            patience: self.patience.iter().map(|(name, seconds)| (name.text.clone(), *seconds)).collect(),
            request: None,
            literals: self.literals.map(|(most, ask)| {
                let end = if crlf { "\r\n" } else { "\n" };
                Literals { most, ask: ask.map(|ask| format!("{}{end}", ask.text).into()) }
            }),
            tag: None,
        }
    }

    /// The most octets of a text that a line can bring, its literals counted.
    pub(crate) fn text_most(&self) -> i64 {
        let wire = self.wire();
        (wire.line_most + wire.literals.map_or(0, |literals| literals.most)) as i64
    }

    /// The type of the word before every command.
    pub(crate) fn tag_type(&self) -> Option<&'t TypeRef> {
        match &self.command?.0.parts[..] {
            [PatternPart::Hole { ty, .. }, ..] => ty.as_ref(),
            _ => None,
        }
    }

    /// Whether a line may go on behind counted octets.
    pub(crate) fn has_literals(&self) -> bool {
        self.literals.is_some()
    }

    /// Whether an answer with this status refuses.
    pub(crate) fn refuses(&self, status: &str) -> bool {
        self.refusal.iter().any(|name| match name.text.strip_suffix("xx") {
            Some(class) => status.len() == 3 && status.starts_with(class),
            None => *name.text == *status,
        })
    }

    /// Whether the peer must wait for each answer: `pipeline no`.
    pub(crate) fn lock_step(&self) -> bool {
        self.lock_step
    }

    /// Whether two literal texts are one to the matcher.
    pub(crate) fn is_alike(&self, a: &str, b: &str) -> bool {
        if self.exact_case { a == b } else { a.eq_ignore_ascii_case(b) }
    }

    /// Whether literal text is matched to the letter.
    pub(crate) fn exact_case(&self) -> bool {
        self.exact_case
    }
}

fn line_bound(most: &Expr, findings: &mut Findings) -> usize {
    match most.kind {
        ExprKind::Number(n) | ExprKind::Size(n) if (16..=LINE_MOST).contains(&n) => n as usize,
        _ => {
            findings.mend(
                &rules::wire::LINE_BOUND,
                most.span,
                "this is no bound for lines",
                "write a number from 16 octets to 1 MB",
            );
            1000
        }
    }
}

/// The least octets that a line of an answer may be bounded at.
const ANSWER_LEAST: i64 = 64;

fn answer_bound(most: &Expr, findings: &mut Findings) -> usize {
    match most.kind {
        ExprKind::Number(n) | ExprKind::Size(n) if (ANSWER_LEAST..=LINE_MOST).contains(&n) => n as usize,
        _ => {
            findings.mend(
                &rules::wire::LINE_BOUND,
                most.span,
                "this is no bound for the lines of answers",
                "write a number from 64 octets to 1 MB",
            );
            LINE_MOST as usize
        }
    }
}

fn seconds(time: &Expr, findings: &mut Findings) -> Option<u64> {
    if let ExprKind::Duration(milliseconds) = time.kind {
        return Some(milliseconds / 1000);
    }
    findings.mend(&rules::types::MISMATCH, time.span, "patience is a time", "write  \"MAIL\" 5 minutes,  say");
    None
}

impl WireForms<'_> {
    /// A line that is too long loses the end of its text, so nothing may stand behind the text, and nothing that the peer
    /// makes long in front of it.
    fn check_cuts(&self, findings: &mut Findings) {
        let (Some(span), Some(most)) = (self.bounded, self.reply_most) else { return };
        let words = self.answers.iter().chain(&self.refusal).map(|name| name.text.len());
        let status = words.max().unwrap_or_default().max(3);
        let forms = [Some(&self.reply), self.continued.as_ref(), self.say.as_ref(), self.prompt.as_ref()];
        let fits = |form: &Vec<FormPart>| {
            let length = |part: &FormPart| match part {
                FormPart::Literal(literal) => literal.len(),
                FormPart::Status | FormPart::Word => status,
                FormPart::Text => 0,
                FormPart::Tag => most,
            };
            form.last() == Some(&FormPart::Text) && form.iter().map(length).sum::<usize>() < most / 2
        };
        if !forms.into_iter().flatten().all(fits) {
            findings.mend(
                &rules::wire::LINE_BOUND,
                span,
                "answers of this form cannot be cut",
                "let each form end with {text} and begin with no more than {code} or a word, or take the bound away",
            );
        }
    }

    /// Reads `"{code} {text}"`.
    fn form(&self, text: &StringText, findings: &mut Findings) -> Vec<FormPart> {
        let mut parts = Vec::new();
        for part in &text.parts {
            match part {
                StringPart::Literal(literal, _) => parts.push(FormPart::Literal(literal.clone())),
                StringPart::Value(Expr { kind: ExprKind::Path(path), span }) if path.len() == 1 => match &*path[0].text
                {
                    "code" | "status" => parts.push(FormPart::Status),
                    "word" => parts.push(FormPart::Word),
                    "text" => parts.push(FormPart::Text),
                    name if self.tag_name() == Some(name) => parts.push(FormPart::Tag),
                    other => findings.mend(
                        &rules::wire::FORM,
                        *span,
                        format!("an answer has no part called `{other}`"),
                        suggest(other, ["code", "status", "word", "text"]),
                    ),
                },
                StringPart::Value(value) => {
                    findings.mend(
                        &rules::wire::FORM,
                        value.span,
                        "a form has no room for this",
                        "write {code} or {text}",
                    );
                }
            }
        }
        if parts.iter().filter(|part| **part == FormPart::Text).count() != 1 {
            findings.mend(&rules::wire::FORM, text.span, "a form holds {text} once", "write  \"{code} {text}\",  say");
        }
        parts
    }

    fn tag_name(&self) -> Option<&str> {
        match &self.command?.0.parts[..] {
            [PatternPart::Hole { name, .. }, ..] => Some(&name.text),
            _ => None,
        }
    }
}

/// Whether it is a typed hole, a blank, and `{command}`.
fn command(form: &Pattern, findings: &mut Findings) -> bool {
    let fits = match &form.parts[..] {
        [
            PatternPart::Hole { ty: Some(_), .. },
            PatternPart::Literal(blank, _),
            PatternPart::Hole { name, ty: None, .. },
        ] => &**blank == " " && &*name.text == "command",
        _ => false,
    };
    if !fits {
        findings.mend(
            &rules::wire::COMMAND,
            form.span,
            "this is not how a command begins",
            "write  \"{tag: TYPE} {command}\": one word with a type, a blank, and the command",
        );
    }
    fits
}
