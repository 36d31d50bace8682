//! `leave`: what a state does on being left, whatever leads out of it.
//!
//! Never: lets it answer, or choose where to go.

use program::{Op, Pc, StateId};

use crate::{
    compile::{
        Compiler,
        flow::Path,
        scope::{BodyKind, Scope},
    },
    rules,
    tree::{LetValue, Statement, StatementKind},
};

impl Compiler<'_> {
    /// Lowers the `leave` of a state: where it begins.
    pub(super) fn lower_leave(&mut self, state: StateId) -> Option<Pc> {
        let place = usize::from(state.0);
        let def = self.model.states[place].def;
        for (_, span) in def.leaves.iter().skip(1) {
            let help = "put them together";
            self.findings.mend(&rules::names::DUPLICATE, *span, "this state has a `leave` already", help);
        }
        let (block, span) = def.leaves.first()?;
        let mut scope = Scope::new(BodyKind::Leave, Some(state), self.types.facts.len());
        scope.facts = self.model.states[place].facts.clone();
        let first = self.here();
        self.block(&mut scope, Path::new(), block);
        self.emit(Op::Left, *span);
        self.lowered.slots = self.lowered.slots.max(scope.next);
        self.lowered.bounds.push((state, first, self.here()));
        Some(first)
    }

    /// Whether a statement may stand in a `leave`; if not, that is told.
    pub(super) fn fits_leave(&mut self, statement: &Statement) -> bool {
        let fits = match &statement.kind {
            StatementKind::Let(_, value) => asks_nobody(value),
            StatementKind::Find(find) => find.otherwise.is_none(),
            StatementKind::ForEach(each) => !each.answers,
            StatementKind::If(..) | StatementKind::Ask(_) | StatementKind::Log(..) | StatementKind::Broken => true,
            _ => false,
        };
        if !fits {
            self.findings.mend(
                &rules::states::LEAVE_ONLY,
                statement.span,
                "a `leave` neither answers nor chooses where to go",
                "it says  ask, log, let, if, for each  and  find  without  else; nobody may be there to hear an answer",
            );
        }
        fits
    }
}

fn asks_nobody(value: &LetValue) -> bool {
    match value {
        LetValue::Prompt { .. } => false,
        LetValue::Value(_, otherwise) => otherwise.as_deref().is_none_or(asks_nobody),
    }
}
