//! Secrets that a peer may send where nothing hides them.
//!
//! Never: follows a value; its type says that it is a secret.

use std::collections::BTreeSet;

use diagnostic::{Diagnostic, Span};
use program::{To, Type};

use crate::{
    check::types,
    compile::{Compiler, service::Service},
    rules,
    tree::LetValue,
};

impl Compiler<'_> {
    /// A session that goes on behind a prompt that nobody answered reads the answer as a line when it comes. Such a line
    /// is not shown; a command that takes any line would have it in its holes.
    pub(super) fn check_late_secrets(&mut self, service: &Service) {
        let Some(prompt) = self.lowered.secret_prompt else { return };
        if !self.goes_on(service) {
            return;
        }
        let idle = self.model.limits.iter().find(|rule| matches!(&rule.words[..], [word] if *word.text == *"idle"));
        let idle = idle.map(|rule| rule.span);
        for command in self.commands.iter().filter(|command| command.verb.is_empty() && !command.states.is_empty()) {
            let shown = |ty: &Type| !types::holds_secret(&self.model, ty);
            if !command.holes.iter().any(|hole| hole.ty.as_ref().is_some_and(shown)) {
                continue;
            }
            let mut finding = Diagnostic::new(
                &rules::secrets::LATE,
                command.def.pattern.span,
                "a secret that comes late would be taken by this command, and shown",
            )
            .other(prompt, "this asks for the secret");
            if let Some(idle) = idle {
                finding = finding.other(idle, "the session goes on without the answer");
            }
            self.findings.add(
                finding
                    .help("let  idle  end with  close")
                    .help("or let the template begin with a word, or each of its holes be a secret"),
            );
        }
    }

    /// A value that comes in two ways is a secret in both, or in neither: the one that is not declared would be shown.
    pub(super) fn check_one_secret(&mut self, first: &Type, other: &Type, span: Span, otherwise: &LetValue) {
        let holds = |ty: &Type| types::holds_secret(&self.model, ty);
        let asked = |value: &LetValue| if let LetValue::Prompt { span, .. } = value { Some(*span) } else { None };
        let Some(prompt) = asked(otherwise) else { return };
        let (is, is_not) = match (holds(first), holds(other)) {
            (true, false) => (span, prompt),
            (false, true) => (prompt, span),
            _ => return,
        };
        self.findings.add(
            Diagnostic::new(&rules::secrets::HALF, is_not, "what comes this way is shown, and it stands for a secret")
                .other(is, "here it is a secret")
                .help("write  secret  in front of this type, too"),
        );
    }

    /// Whether a session may go on behind `limits { idle }`.
    fn goes_on(&self, service: &Service) -> bool {
        let (mut seen, mut open) = (BTreeSet::new(), vec![service.limits.idle.code]);
        while let Some(at) = open.pop() {
            let Some(op) = self.lowered.code.get(at.0 as usize).filter(|_| seen.insert(at)) else { continue };
            for exit in op.exits(at) {
                match exit.to {
                    To::Stay | To::State(_) | To::Secure(_) => return true,
                    To::Here(at) => open.push(at),
                    To::Body(entry) => {
                        open.extend(entry.outside(&service.unexpected, &service.limits, &service.counters));
                    }
                    To::Close | To::Left | To::Given(_) => {}
                }
            }
        }
        false
    }
}
