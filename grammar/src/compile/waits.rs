//! How long a command may take, held against what the peer is granted and against the session's limit.
//!
//! Never: waits for the peer; what a peer takes to go on is its own time.

use diagnostic::{Diagnostic, Span};
use program::{Expr, Op, Pc, Program, Type, Value, Waiting};
use proof::Budget;

use crate::{
    compile::{
        Compiler,
        flow::Path,
        scope::{BodyKind, Scope},
        service::words,
    },
    rules, tree,
};

const SHORTEN: &str = "shorten a  within  or a  pause";

impl Compiler<'_> {
    /// Tells of what may keep a peer waiting for longer than the wire grants, or for longer than a session lasts. The
    /// waits are those of [`proof::budget`], as `saywhen check --budget` shows them.
    pub(super) fn check_waits(&mut self, program: &Program) {
        for budget in proof::budget(program) {
            if !budget.is_exceeded() {
                continue;
            }
            let Some(span) = self.span_of_budget(&budget) else { continue };
            if let Some((verb, patience)) = budget.patience.clone().filter(|(_, patience)| budget.worst > *patience) {
                let (worst, patience) = (budget.worst.as_secs(), patience.as_secs());
                let message = match budget.handler {
                    Some(_) => format!("this may take {worst} seconds, and the peer waits {patience}"),
                    None => format!("this may take {worst} seconds, and the peer waits {patience} for `{verb}`"),
                };
                let finding = Diagnostic::new(&rules::look_ups::TOO_SLOW, span, message);
                let granted = self.model.wire.patience.iter().find(|(name, _)| *name.text == *verb);
                let finding = match granted {
                    Some((name, _)) => finding.other(name.span, "its patience"),
                    None => finding,
                };
                self.findings.add(finding.help(SHORTEN));
            }
            if let Some(limit) = budget.session.filter(|limit| budget.worst > *limit) {
                let (worst, limit) = (budget.worst.as_secs(), limit.as_secs());
                let message = format!("this may take {worst} seconds, and a session lasts {limit}");
                let finding = Diagnostic::new(&rules::look_ups::OUTLASTS, span, message);
                let rule = self.model.limits.iter().find(|rule| words(rule) == "session");
                let finding = match rule.and_then(|rule| rule.amount.as_ref()) {
                    Some(amount) => finding.other(amount.span, "the limit"),
                    None => finding,
                };
                self.findings.add(finding.help(SHORTEN));
            }
        }
    }

    /// Where the author wrote what a budget is of.
    fn span_of_budget(&self, budget: &Budget) -> Option<Span> {
        if let Some(handler) = budget.handler {
            let stand = self.lowered.stands.iter().find(|stand| stand.handler == handler)?;
            return Some(self.commands[stand.command].def.pattern.span);
        }
        if let Some(state) = budget.entered {
            return Some(self.model.states[usize::from(state.0)].def.name.span);
        }
        let name = budget.command.strip_prefix("limit ").unwrap_or(&budget.command);
        let mut rules = self.model.unexpected.iter().chain(&self.model.limits);
        rules.find(|rule| words(rule) == name).map(|rule| rule.span)
    }

    /// A time that is waited for. It is known before anything runs: written down, or a setting, or a sum of these; a
    /// name that `let` gives to such a time is as good as the time.
    pub(super) fn wait(&mut self, scope: &Scope, path: &Path, time: &tree::Expr) -> Expr {
        let value = self.expr(scope, path, time, Some(&Type::Duration));
        self.fit(&value, &Type::Duration, time);
        // Whoever asks a client says how long it may take; and what is no time was told.
        if scope.kind == BodyKind::Client || value.ty != Some(Type::Duration) {
            return value.expr;
        }
        let value = value.expr;
        if let Some(known) = known_time(scope, &value) {
            return known;
        }
        self.findings.mend(
            &rules::look_ups::UNKNOWN_TIME,
            time.span,
            "how long this is cannot be known when the file is checked",
            "write a time, a setting, or a sum of these",
        );
        value
    }

    /// A loop in a loop ends with the outer one at the latest, so a longer time for it means nothing.
    pub(super) fn check_inner_loop(&mut self, scope: &Scope, time: &Expr, span: Span) {
        let (Some(Expr::Constant(Value::Duration(outer))), Expr::Constant(Value::Duration(inner))) =
            (&scope.until_time, time)
        else {
            return;
        };
        if inner > outer {
            self.findings.mend(
                &rules::look_ups::OUTLASTS_LOOP,
                span,
                format!("this loop may take {} seconds, and the loop around it {}", inner.as_secs(), outer.as_secs()),
                "the loop around it bounds both: give this one no more time than that one",
            );
        }
    }

    /// What waits in a loop waits once for each element: only the loop's own `within` bounds that, and no pause.
    pub(super) fn check_loop(&mut self, scope: &Scope, head: Pc, span: Span) {
        if scope.kind == BodyKind::Client {
            // Whoever asks a client says how long it may take.
            return;
        }
        let body = head.0 as usize..self.here().0 as usize;
        let waits = || self.lowered.code[body.clone()].iter().filter_map(Op::waits);
        let help = if waits().any(|waits| matches!(waits.what, Waiting::Pause)) {
            "pause in front of the loop or behind it"
        } else if waits().any(|waits| waits.until.is_none()) {
            "write  for each … in … within 5 minutes"
        } else {
            return;
        };
        self.findings.mend(&rules::look_ups::ENDLESS, span, "nothing says how long this loop may take", help);
    }
}

/// A time that is known before anything runs, with what `let` has named put in.
pub(super) fn known_time(scope: &Scope, time: &Expr) -> Option<Expr> {
    let both = |a: &Expr, b: &Expr| Some((Box::new(known_time(scope, a)?), Box::new(known_time(scope, b)?)));
    match time {
        Expr::Constant(Value::Duration(_)) | Expr::Setting(_) => Some(time.clone()),
        Expr::Plus(a, b) => both(a, b).map(|(a, b)| Expr::Plus(a, b)),
        Expr::Minus(a, b) => both(a, b).map(|(a, b)| Expr::Minus(a, b)),
        Expr::Slot(slot) => scope.locals.iter().rev().find(|local| local.slot == *slot)?.time.clone(),
        _ => None,
    }
}
