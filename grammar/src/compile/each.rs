//! `for each` and `answer each`: what one round does, and what it leaves behind.
//!
//! Never: lets a round teach what only some rounds know.

use diagnostic::{Diagnostic, Span};
use program::{Each, Expr, Op};

use crate::{
    compile::{
        Compiler,
        body::AHEAD,
        flow::{Answers, Path},
        scope::Scope,
    },
    rules,
    tree::{Block, EachDef, StatementKind},
};

impl Compiler<'_> {
    /// Lowers a loop over a list.
    pub(super) fn for_each(
        &mut self,
        scope: &mut Scope,
        mut path: Path,
        EachDef { answers, item, list, within, body }: &EachDef,
        span: Span,
    ) -> Option<Path> {
        let (value, ty) = self.listed(scope, &path, list, "for each  runs over a list");
        if *answers {
            self.check_owed(scope, &path, &value, list.span, span);
        }
        let (locals, next, outer) = (scope.locals.len(), scope.next, (scope.until, scope.until_time.clone()));
        let (snapshot, index) = (scope.slot(), scope.slot());
        let within = within.as_ref().map(|time| (self.wait(scope, &path, time), scope.slot(), time.span));
        if let Some((time, slot, place)) = &within {
            self.check_inner_loop(scope, time, *place);
            (scope.until, scope.until_time) = (Some(*slot), Some(time.clone()));
        }
        let within = within.map(|(time, slot, _)| (time, slot));
        self.emit(Op::Each(Box::new(Each { list: value, snapshot, index, within, until: outer.0 })), list.span);
        // What a round changes is changed when the next one begins, and behind the loop.
        self.forget_changed(scope, &mut path, body);
        if takes_out(body) {
            // An earlier round may have done so.
            path.known.all_emptied();
        }
        let item = self.bind_name(scope, &mut path, item, ty);
        let head = self.emit(Op::Next { snapshot, index, item, end: AHEAD }, span);
        let owing = scope.owing.take();
        let mut round = path.clone();
        if *answers {
            (round.answers, scope.owing) = (Answers::NONE, Some(span));
        }
        scope.loops += 1;
        let fallen = self.block(scope, round, body);
        scope.loops -= 1;
        scope.owing = owing;
        if fallen.is_some() {
            self.emit(Op::Jump(head), span);
        }
        self.land(head);
        self.check_loop(scope, head, span);
        self.lowered.slots = self.lowered.slots.max(scope.next);
        scope.locals.truncate(locals);
        scope.next = next;
        (scope.until, scope.until_time) = outer;
        let Some(fallen) = fallen else { return Some(path) };
        path.known = path.known.shared(&fallen.known);
        path.known.forget_from(next);
        path.offers.extend(fallen.offers.iter().filter(|offered| !path.offers.contains(offered)).collect::<Vec<_>>());
        if *answers {
            self.check_round(fallen.answers, span);
            (path.answers, path.answered) = (Answers::ONE, Some(span));
        } else if fallen.answers != path.answers {
            self.findings.mend(
                &rules::flow::TWO_ANSWERS,
                span,
                "this loop answers in its rounds: not at all over an empty list, and several times over a longer one",
                "answer behind the loop; where the peer waits for one answer for each element, write  answer each",
            );
            (path.answers, path.answered) = (Answers::ONE, fallen.answered);
        }
        Some(path)
    }

    /// `answer each` is all of an answer, and there must be an element.
    fn check_owed(&mut self, scope: &Scope, path: &Path, list: &Expr, place: Span, span: Span) {
        if !path.known.is_filled(list) {
            self.findings.mend(
                &rules::flow::NO_ANSWER,
                place,
                "this list may be empty, and then there is no answer",
                "ask first:  require LIST is not empty else …",
            );
        }
        if path.answers.may_have() || scope.owing.is_some() {
            let mut finding =
                Diagnostic::new(&rules::flow::TWO_ANSWERS, span, "these answers would come beside another one")
                    .help("the answers of an  answer each  are all that its command is answered");
            if let Some(first) = path.answered.or(scope.owing) {
                finding = finding.other(first, "the other one");
            }
            self.findings.add(finding);
        }
    }

    /// Each round of an `answer each` answers once.
    fn check_round(&mut self, answers: Answers, span: Span) {
        if answers.may_lack() {
            self.findings.mend(
                &rules::flow::NO_ANSWER,
                span,
                "a round of this may give no answer",
                "put a  reply  on each of its ways",
            );
        }
    }
}

/// Whether a block takes elements out of a list.
fn takes_out(block: &Block) -> bool {
    block.statements.iter().any(|statement| {
        matches!(statement.kind, StatementKind::Remove(..)) || statement.blocks().into_iter().any(takes_out)
    })
}
