//! How long a command may take, held against what the peer is granted and against the session's limit.
//!
//! Never: waits for the peer; what a peer takes to go on is its own time.

use diagnostic::{Diagnostic, Span};
use program::{Op, Pc};

use crate::{
    compile::{
        Compiler,
        scope::{BodyKind, Scope},
    },
    rules,
    tree::ExprKind,
};

impl Compiler<'_> {
    /// Tells of a command whose longest wait, in milliseconds, is more than it should be.
    pub(super) fn check_waits(&mut self, n: usize, worst: u64) {
        if self.commands[n].slow {
            return;
        }
        self.check_patience(n, worst);
        self.check_session(n, worst);
    }

    /// The longest wait of a command must not exceed what the peer is granted.
    fn check_patience(&mut self, n: usize, worst: u64) {
        let command = &self.commands[n];
        let wire = &self.model.wire;
        let granted = wire.patience.iter().find(|(name, _)| wire.is_alike(&name.text, &command.verb));
        let Some((name, seconds)) = granted.copied().filter(|(_, seconds)| worst > seconds * 1000) else { return };
        let message = format!("this may take {} seconds, and the peer waits {seconds}", worst / 1000);
        let finding = Diagnostic::new(&rules::look_ups::TOO_SLOW, command.def.pattern.span, message);
        self.tell_slow(n, finding.other(name.span, "its patience"));
    }

    /// Nor what a session may last: the limit acts between commands, so it would be late.
    fn check_session(&mut self, n: usize, worst: u64) {
        let rule =
            self.model.limits.iter().copied().find(|rule| matches!(&*rule.words, [word] if &*word.text == "session"));
        let Some((span, limit)) = rule.and_then(|rule| self.time_of(rule.amount.as_ref()?)) else { return };
        if worst <= limit {
            return;
        }
        let message = format!("this may take {} seconds, and a session lasts {}", worst / 1000, limit / 1000);
        let finding = Diagnostic::new(&rules::look_ups::OUTLASTS, self.commands[n].def.pattern.span, message);
        self.tell_slow(n, finding.other(span, "the limit"));
    }

    fn tell_slow(&mut self, n: usize, finding: Diagnostic) {
        self.findings.add(finding.help("shorten a  within  or a  pause"));
        if self.findings.heard() {
            self.commands[n].slow = true;
        }
    }

    /// A time that is written down: its place and its milliseconds.
    fn time_of(&self, amount: &crate::tree::Expr) -> Option<(Span, u64)> {
        match amount.kind {
            ExprKind::Duration(milliseconds) => Some((amount.span, milliseconds)),
            _ => None,
        }
    }

    /// What waits in a loop waits once for each element: only the loop's own `within` bounds that, and no pause.
    pub(super) fn check_loop(&mut self, scope: &Scope, head: Pc, span: Span) {
        if scope.kind == BodyKind::Client {
            // Whoever asks a client says how long it may take.
            return;
        }
        let body = head.0 as usize..self.here().0 as usize;
        let unbounded = |op: &Op| match op {
            Op::Ask(ask) => ask.until.is_none(),
            Op::Each(each) => scope.until.is_none() && each.within.is_some(),
            _ => false,
        };
        let ops = &self.code[body];
        let help = if ops.iter().any(|op| matches!(op, Op::Pause(_))) {
            "pause in front of the loop or behind it"
        } else if ops.iter().any(unbounded) {
            "write  for each … in … within 5 minutes"
        } else {
            return;
        };
        self.findings.mend(&rules::look_ups::ENDLESS, span, "nothing says how long this loop may take", help);
    }
}
