//! What becomes of sessions of an old version: `reload { … }`.
//!
//! Never: compares two versions; that is done when the later one is let in.

use diagnostic::Diagnostic;

use crate::{compile::Compiler, rules, tree::ExprKind};

impl Compiler<'_> {
    /// It is said once; its states exist, and its time is one.
    pub(super) fn check_reload(&mut self) {
        let again = self.model.reloads.iter().skip(1).map(|def| def.span);
        let times = self.model.reloads.iter().flat_map(|def| def.finish.iter().skip(1).map(|time| time.span));
        let twice: Vec<_> = again.chain(times).collect();
        for span in twice {
            self.findings.add(
                Diagnostic::new(&rules::states::RELOAD, span, "what becomes of old sessions is said twice")
                    .help("keep one of the two"),
            );
        }
        for def in self.model.reloads.clone() {
            for time in def.finish.iter().filter(|time| !matches!(time.kind, ExprKind::Duration(_))) {
                let help = "write  finish old sessions 10 minutes,  say";
                self.findings.mend(&rules::states::RELOAD, time.span, "how long sessions may go on is a time", help);
            }
            for state in def.moves.iter().filter(|state| self.model.state(&state.text).is_none()) {
                self.findings.unknown(&rules::names::UNKNOWN_STATE, state, "state", self.model.state_names());
            }
        }
    }

    /// The rule as the program carries it.
    pub(super) fn reload_rule(&self) -> program::Reload {
        let Some(def) = self.model.reloads.first() else { return program::Reload::default() };
        let finish = def.finish.first().and_then(|time| match time.kind {
            ExprKind::Duration(milliseconds) => Some(std::time::Duration::from_millis(milliseconds)),
            _ => None,
        });
        let moves = def.moves.iter().map(|state| state.text.clone()).collect();
        program::Reload { finish, moves, covers: program::Covers::default() }
    }
}
