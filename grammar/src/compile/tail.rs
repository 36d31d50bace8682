//! What an answer carries behind its lines: listings and octets. And `find` and `remove`, which look through lists.
//!
//! Never: looks for a value itself; a loop over a snapshot does, so that every body still ends.

use diagnostic::Span;
use program::{Each, Expr, Op, PayloadForm, Pc, Reply, ReplyId, ReplyLine, Slot, Text, Type, Value};

use crate::{
    check::types,
    compile::{
        Compiler,
        answer::{Role, merged},
        body::AHEAD,
        flow::Path,
        place::{dotted, span_of},
        scope::Scope,
    },
    rules,
    tree::{self, Answer, ExprKind, FindDef, Name, StringText, Tail},
};

/// A loop over a list: where its head stands, and the names that are to be forgotten behind it.
struct Round {
    head: Pc,
    locals: usize,
    next: u16,
}

impl Compiler<'_> {
    /// Lowers what stands behind the lines of an answer that was just emitted.
    pub(super) fn tail(&mut self, scope: &mut Scope, path: &mut Path, answer: &Answer) {
        match answer.tail.as_deref() {
            None => {}
            Some(Tail::Octets(run)) => run.iter().for_each(|(octets, behind, span)| {
                self.payload_out(scope, path, octets, PayloadForm::Counted);
                let text = behind.as_ref().map(|text| self.pieces(scope, path, text)).unwrap_or_default();
                let line = self.bare(vec![text]);
                self.emit(Op::Say(line), *span);
            }),
            Some(tail) => {
                let Some(stuffed) = self.listing_form(answer.span) else { return };
                self.listing(scope, path, tail, stuffed, answer);
            }
        }
    }

    /// Whether a dot ends listings; without a word of the wire about it there are none.
    fn listing_form(&mut self, span: Span) -> Option<bool> {
        if self.model.wire.listing.is_none() {
            self.findings.mend(
                &rules::replies::NO_LISTING,
                span,
                "this answer has a listing, and the wire does not say how one ends",
                "write  listing dotted  in  wire { … }: a line with a dot alone ends it",
            );
        }
        self.model.wire.listing
    }

    fn listing(&mut self, scope: &mut Scope, path: &mut Path, tail: &Tail, stuffed: bool, answer: &Answer) {
        let offers = match tail {
            Tail::Of(tree::Expr { kind: ExprKind::Path(names), .. }) if names.len() == 1 => {
                self.model.offers.contains_key(&*names[0].text).then(|| vec![tree::AnswerLine::Each(names[0].clone())])
            }
            _ => None,
        };
        match (tail, &offers) {
            (Tail::Lines(lines, _), _) | (_, Some(lines)) => {
                let id = self.empty_reply();
                let mut lowered = Vec::new();
                for line in lines {
                    self.answer_line(scope, path, answer, Role::Listed, line, id, &mut lowered);
                }
                self.lowered.replies[id.0 as usize].lines = lowered;
                self.emit(Op::Listed { lines: id, dotted: stuffed }, answer.span);
            }
            (Tail::Of(payload), None) => {
                let form = if stuffed { PayloadForm::Dotted } else { PayloadForm::Lines };
                return self.payload_out(scope, path, payload, form);
            }
            (Tail::Each { item, list, only, text, span }, None) => {
                self.each_listed(scope, path, (item, list, only.as_ref(), text), stuffed, *span);
            }
            (Tail::Octets(_), None) => {}
        }
        if stuffed {
            let dot = self.bare(vec![vec![program::Piece::Literal(".".into())]]);
            self.emit(Op::Say(dot), answer.span);
        }
    }

    fn each_listed(
        &mut self,
        scope: &mut Scope,
        path: &Path,
        (item, list, only, text): (&Name, &tree::Expr, Option<&tree::Expr>, &StringText),
        stuffed: bool,
        span: Span,
    ) {
        let mut inner = path.clone();
        let (round, _) = self.looped(scope, &mut inner, item, list, span);
        if let Some(only) = only {
            let (condition, lesson) = self.condition(scope, &inner, only);
            self.emit(Op::Unless { condition: condition.expr, target: round.head }, only.span);
            inner.known.learn(lesson.held);
        }
        let pieces = self.pieces(scope, &inner, text);
        let line = self.bare(vec![pieces]);
        self.emit(Op::Listed { lines: line, dotted: stuffed }, text.span);
        self.emit(Op::Jump(round.head), span);
        self.land(round.head);
        self.leave(scope, &round);
    }

    /// Lowers `find x in LIST where C else …`: the first element for which the condition holds keeps its name. Without
    /// `else`, the name is absent where there is none.
    pub(super) fn find(
        &mut self,
        scope: &mut Scope,
        mut path: Path,
        FindDef { item, list, only, otherwise }: &FindDef,
        span: Span,
    ) -> Option<Path> {
        let refused = path.clone();
        let (round, slot) = self.looped(scope, &mut path, item, list, span);
        let (condition, lesson) = self.condition(scope, &path, only);
        let ty = scope.local(&item.text).and_then(|local| local.ty.clone());
        self.emit(Op::Unless { condition: condition.expr, target: round.head }, only.span);
        let over = self.emit(Op::Jump(AHEAD), span);
        self.land(round.head);
        self.leave(scope, &round);
        match otherwise {
            Some(block) => {
                if self.block(scope, refused, block).is_some() {
                    self.tell_no_ending(block.span);
                }
            }
            None => {
                self.emit(Op::Let { slot, value: Expr::Constant(Value::Absent) }, span);
            }
        }
        self.land(over);
        // The slots of the loop stay taken: the element's is among them.
        scope.next = scope.next.max(slot.0 + 1);
        if otherwise.is_some() {
            path.known.learn(lesson.held);
        } else {
            path.known.forget(slot);
        }
        let ty =
            if otherwise.is_some() { ty } else { ty.map(|ty| Type::Optional(Box::new(types::certain(&ty).0.clone()))) };
        scope.locals.push(crate::compile::scope::Local {
            name: item.text.clone(),
            slot,
            ty,
            time: None,
            is_uneven: false,
        });
        Some(path)
    }

    /// Lowers `remove X from LIST`.
    pub(super) fn remove(&mut self, scope: &Scope, path: &mut Path, value: &tree::Expr, from: &[Name], span: Span) {
        let Some((place, ty)) = self.place(scope, path, from) else { return };
        let Type::List(element) = &ty else {
            let words = types::words(&self.model, &ty);
            self.findings.mend(
                &rules::types::MISMATCH,
                span_of(from),
                format!("`{}` is a {words}", dotted(from)),
                "remove from a list",
            );
            return;
        };
        let fold = types::folds(element) || self.folds_literal(value);
        let value = self.expr_of(scope, path, value, element);
        let taken = self.read(scope, path, from).expr;
        path.known.emptied(&taken);
        self.emit(Op::Remove { value, from: place, fold }, span);
        path.known.resized(place.slot);
    }

    /// The head of a loop over a list; its element is bound.
    fn looped(
        &mut self,
        scope: &mut Scope,
        path: &mut Path,
        item: &Name,
        list: &tree::Expr,
        span: Span,
    ) -> (Round, Slot) {
        let element = self.listed(scope, path, list, "a list is wanted here");
        let (locals, next) = (scope.locals.len(), scope.next);
        let (snapshot, index) = (scope.slot(), scope.slot());
        let (expr, ty) = element;
        self.emit(Op::Each(Box::new(Each { list: expr, snapshot, index, within: None, until: None })), list.span);
        let item = self.bind_name(scope, path, item, ty);
        let head = self.emit(Op::Next { snapshot, index, item, end: AHEAD }, span);
        (Round { head, locals, next }, item)
    }

    /// A list, and the type of its elements. The help is for an author who wrote something else.
    pub(super) fn listed(&mut self, scope: &Scope, path: &Path, list: &tree::Expr, help: &str) -> (Expr, Option<Type>) {
        let value = self.certain(scope, path, list, None);
        let ty = match value.ty {
            Some(Type::List(inner)) => Some(*inner),
            Some(other) => {
                let words = types::words(&self.model, &other);
                self.findings.mend(&rules::types::MISMATCH, list.span, format!("this is a {words}"), help);
                None
            }
            None => None,
        };
        (value.expr, ty)
    }

    fn leave(&mut self, scope: &mut Scope, round: &Round) {
        self.lowered.slots = self.lowered.slots.max(scope.next);
        scope.locals.truncate(round.locals);
        scope.next = round.next;
    }

    fn payload_out(&mut self, scope: &Scope, path: &Path, payload: &tree::Expr, form: PayloadForm) {
        let value = self.expr_of(scope, path, payload, &Type::Octets);
        self.emit(Op::Payload { value, form }, payload.span);
    }

    fn empty_reply(&mut self) -> ReplyId {
        let id = ReplyId(self.lowered.replies.len() as u32);
        self.lowered.replies.push(Reply { status: None, refusal: false, most: None, lines: Vec::new() });
        id
    }

    /// Lines as they stand, without the form of the wire.
    fn bare(&mut self, lines: Vec<Text>) -> ReplyId {
        let id = self.empty_reply();
        let lines = lines.into_iter().map(merged);
        let lines = lines.map(|line| ReplyLine { when: None, last: line.clone(), continued: line });
        self.lowered.replies[id.0 as usize].lines = lines.collect();
        id
    }
}
