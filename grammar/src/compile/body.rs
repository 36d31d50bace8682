//! Statements to instructions, path by path.
//!
//! Never: lets a path out of sight: each knows how many answers it has given and what is present on it.

use diagnostic::{Diagnostic, Span};
use program::{Expr, Level, Op, Pc, Prompt, Slot, Type};

use crate::{
    check::{types, work::Part},
    compile::{
        Compiler,
        answer::Role,
        expression::types_number,
        flow::Path,
        once::Interruption,
        place::dotted,
        promise::Happening,
        scope::{BodyKind, Scope},
        waits::known_time,
    },
    rules,
    tree::{self, Answer, Block, LetValue, Name, OutcomeDef, Statement, StatementKind, StringText},
};

/// A jump whose target is not known yet.
pub(super) const AHEAD: Pc = Pc(u32::MAX);

/// How many values the body of a command may hold at one time, the facts of all states included.
const MOST_SLOTS: usize = 8192;

/// The most parts of a time that is known before anything runs.
const TIME_MOST: usize = 100;

impl Compiler<'_> {
    /// Lowers a block. Gives the path that falls out of its end, if one does.
    pub(super) fn block(&mut self, scope: &mut Scope, path: Path, block: &Block) -> Option<Path> {
        let (locals, next) = (scope.locals.len(), scope.next);
        let mut here = Some(path);
        for statement in &block.statements {
            let Some(path) = here.take() else {
                self.findings.mend(
                    &rules::flow::NEVER_RUNS,
                    statement.span,
                    "this never runs: what stands before it ends every path",
                    "take it away, or move it up",
                );
                break;
            };
            if matches!(statement.kind, StatementKind::Broken) {
                // How a statement that could not be read goes on is not known, and it was told.
                break;
            }
            here = self.statement(scope, path, statement);
        }
        self.lowered.slots = self.lowered.slots.max(scope.next);
        scope.locals.truncate(locals);
        scope.next = next;
        here.map(|mut path| {
            path.known.forget_from(next);
            path
        })
    }

    fn statement(&mut self, scope: &mut Scope, mut path: Path, statement: &Statement) -> Option<Path> {
        let span = statement.span;
        // Each way on has what is known on it for itself.
        if !self.spend(Part::Bodies, 4 + path.known.len() / 2 + self.model.promises.len() / 8)
            || !self.names_fit(scope, span)
        {
            return None;
        }
        if !self.fits_role(scope, statement) {
            return Some(path);
        }
        match &statement.kind {
            StatementKind::Let(name, value) => self.bind(scope, path, name, value),
            StatementKind::Require(condition, otherwise) => self.require(scope, path, condition, otherwise),
            StatementKind::If(condition, then, otherwise) => {
                self.branch(scope, path, condition, then, otherwise.as_ref())
            }
            StatementKind::Ask(ask) => self.ask(scope, path, ask),
            StatementKind::Say(answer) => Some(self.say(scope, path, answer)),
            StatementKind::Reply(answer) => Some(self.reply(scope, path, answer)),
            StatementKind::Silent => {
                self.count_answer(&mut path, span);
                scope.accepts = true;
                Some(path)
            }
            StatementKind::Receive { into, most, outcomes } => self.receive(scope, path, into, most, outcomes, span),
            StatementKind::Add(value, to, otherwise) => {
                Some(self.add(scope, path, (value, to), otherwise.as_ref(), span))
            }
            StatementKind::Remove(value, from) => {
                self.remove(scope, &mut path, value, from, span);
                Some(path)
            }
            StatementKind::Find(find) => self.find(scope, path, find, span),
            StatementKind::Count { name, per_flight } => {
                if let Some(counter) = self.use_counter(name) {
                    self.interrupted(scope, &path, &Interruption::Limit(&name.text), span);
                    self.emit(Op::Count { counter, per_flight: *per_flight }, span);
                }
                Some(path)
            }
            StatementKind::Log(level, text) => {
                self.log(scope, &path, level, text, span);
                Some(path)
            }
            StatementKind::Pause(time) => {
                let time = self.wait(scope, &path, time);
                self.emit(Op::Pause(time), span);
                Some(path)
            }
            StatementKind::ForEach(each) => self.for_each(scope, path, each, span),
            StatementKind::Prepend { header, lines, to } => {
                self.prepend(scope, &path, header, lines, to, span);
                Some(path)
            }
            StatementKind::StartTls(state) => self.start_tls(scope, path, state, span),
            StatementKind::Goto { state, with, without } => self.goto(scope, path, state, with, without, span),
            StatementKind::Stay(with) => self.stay(scope, path, with, span),
            StatementKind::Close => self.close(scope, path, span),
            StatementKind::Run(name) => self.run_routine(scope, path, name),
            StatementKind::Connect { .. }
            | StatementKind::Await(_)
            | StatementKind::Send(_)
            | StatementKind::SendLines(_)
            | StatementKind::Secure { .. }
            | StatementKind::Give(..) => self.exchange(scope, path, statement),
            StatementKind::Broken => None,
        }
    }

    /// Whether a body binds no more names than a session has room for; if not, that is told.
    fn names_fit(&mut self, scope: &Scope, span: Span) -> bool {
        if usize::from(scope.next) <= MOST_SLOTS {
            return true;
        }
        let message = format!("more than {MOST_SLOTS} names are bound around this");
        let finding = Diagnostic::new(&rules::bounds::TOO_MUCH, span, message);
        self.findings.give_up(Some(finding.help("bind fewer names in one body")));
        false
    }

    fn reply(&mut self, scope: &mut Scope, mut path: Path, answer: &Answer) -> Path {
        let (reply, refusal) = self.answer(scope, &mut path, answer, Role::Reply);
        self.count_answer(&mut path, answer.span);
        scope.accepts |= !refusal;
        self.watch(scope, &path, &Happening::Reply(reply));
        self.emit(Op::Reply(reply), answer.span);
        self.tail(scope, &mut path, answer);
        path
    }

    fn say(&mut self, scope: &mut Scope, mut path: Path, answer: &Answer) -> Path {
        let (reply, _) = self.answer(scope, &mut path, answer, Role::Say);
        if path.answers.may_have() {
            self.findings.mend(
                &rules::flow::SAID_TOO_LATE,
                answer.span,
                "this path may have given its final answer before this",
                "move it before the  reply",
            );
        }
        self.watch(scope, &path, &Happening::Reply(reply));
        self.emit(Op::Say(reply), answer.span);
        self.tail(scope, &mut path, answer);
        path
    }

    fn bind(&mut self, scope: &mut Scope, mut path: Path, name: &Name, value: &LetValue) -> Option<Path> {
        let slot = scope.slot();
        let ty = self.let_value(scope, &mut path, slot, value);
        let time = match self.lowered.code.last() {
            Some(Op::Let { slot: set, value: time }) if *set == slot && matches!(value, LetValue::Value(_, None)) => {
                known_time(scope, time).filter(|time| !time.is_larger_than(TIME_MOST))
            }
            _ => None,
        };
        self.check_name(scope, name);
        path.known.forget(slot);
        if matches!(value, LetValue::Prompt { .. } | LetValue::Value(_, None))
            && let Some(ty) = ty.as_ref().filter(|ty| types::is_text(ty) || matches!(ty, Type::List(_) | Type::Octets))
        {
            self.learn_size(scope, &mut path, slot, ty);
        }
        scope.locals.push(crate::compile::scope::Local { name: name.text.clone(), slot, ty, time, is_uneven: false });
        Some(path)
    }

    fn let_value(&mut self, scope: &mut Scope, path: &mut Path, slot: Slot, value: &LetValue) -> Option<Type> {
        match value {
            LetValue::Prompt { answer, ty, span } => self.prompt(scope, path, slot, answer, ty, *span),
            LetValue::Value(expr, None) => {
                let value = self.expr(scope, path, expr, None);
                self.emit(Op::Let { slot, value: value.expr }, expr.span);
                value.ty
            }
            LetValue::Value(expr, Some(otherwise)) => {
                let value = self.expr(scope, path, expr, None);
                let condition = Expr::Present(Box::new(value.expr.clone()));
                let skip = self.emit(Op::Unless { condition, target: AHEAD }, expr.span);
                self.emit(Op::Let { slot, value: value.expr }, expr.span);
                let over = self.emit(Op::Jump(AHEAD), expr.span);
                self.land(skip);
                let other = self.let_value(scope, path, slot, otherwise);
                self.land(over);
                let (ty, other) = (value.ty?, other?);
                let (certain, optional) = types::certain(&ty);
                if !optional {
                    self.findings.mend(
                        &rules::flow::NEVER_RUNS,
                        expr.span,
                        "this is always there: what stands behind  else  never runs",
                        "take the  else  away",
                    );
                }
                self.check_one_secret(certain, &other, expr.span, otherwise);
                let joined = types::join(certain, &other);
                if joined.is_none() {
                    let (a, b) = (types::words(&self.model, certain), types::words(&self.model, &other));
                    self.findings.mend(
                        &rules::types::MISMATCH,
                        expr.span,
                        format!("this is a {a}, and what stands behind  else  is a {b}"),
                        "both must be of one type",
                    );
                }
                joined
            }
        }
    }

    fn prompt(
        &mut self,
        scope: &mut Scope,
        path: &mut Path,
        slot: Slot,
        answer: &Answer,
        written: &tree::TypeRef,
        span: Span,
    ) -> Option<Type> {
        let (reply, _) = self.answer(scope, path, answer, Role::Prompt);
        if answer.tail.is_some() {
            self.findings.mend(
                &rules::replies::NO_LISTING,
                answer.span,
                "a question carries no listing and no octets",
                "say it before the question",
            );
        }
        let ty = types::resolve(&self.model, written, &mut self.findings)?;
        let secret = types::holds_secret(&self.model, &ty);
        let bare = if let Type::Secret(inner) = &ty { (**inner).clone() } else { ty.clone() };
        let Some(lexeme) = self.lexeme(&bare) else {
            let words = types::words(&self.model, &bare);
            self.findings.mend(
                &rules::types::NOT_LEXICAL,
                written.span,
                format!("a {words} cannot stand in a line"),
                "take a lexical type, say `text` or `base64`",
            );
            return Some(ty);
        };
        let most = written.most.as_ref().map(|most| self.expr_of(scope, path, most, &types_number()));
        self.lowered.prompts.get_or_insert(span);
        self.interrupted(scope, path, &Interruption::Prompt, span);
        if secret {
            self.lowered.secret_prompt.get_or_insert(span);
        }
        self.watch(scope, path, &Happening::Reply(reply));
        self.emit(Op::Prompt(Box::new(Prompt { reply, lexeme, most, secret, slot })), span);
        Some(self.model.value_type(&ty))
    }

    /// `require C else …`: the else block runs where the condition does not hold, and ends.
    fn require(&mut self, scope: &mut Scope, path: Path, condition: &tree::Expr, otherwise: &Block) -> Option<Path> {
        let (value, lesson) = self.condition(scope, &path, condition);
        let negated = Expr::Not(Box::new(value.expr));
        let skip = self.emit(Op::Unless { condition: negated, target: AHEAD }, condition.span);
        let mut refused = path.clone();
        refused.known.learn(lesson.failed);
        let fallen = self.block(scope, refused, otherwise);
        if fallen.is_some() {
            self.findings.mend(
                &rules::flow::NO_ENDING,
                otherwise.span,
                "what stands behind  else  goes on",
                if scope.kind == BodyKind::Client {
                    "end it with  give VARIANT(…)"
                } else {
                    "end it with  goto STATE,  stay  or  close"
                },
            );
        }
        self.land(skip);
        let mut path = path;
        path.known.learn(lesson.held);
        Some(path)
    }

    fn branch(
        &mut self,
        scope: &mut Scope,
        path: Path,
        condition: &tree::Expr,
        then: &Block,
        otherwise: Option<&Block>,
    ) -> Option<Path> {
        let (value, lesson) = self.condition(scope, &path, condition);
        let skip = self.emit(Op::Unless { condition: value.expr, target: AHEAD }, condition.span);
        let (mut held, mut failed) = (path.clone(), path);
        held.known.learn(lesson.held);
        failed.known.learn(lesson.failed);
        let held = self.block(scope, held, then);
        let over = match (&held, otherwise) {
            (Some(_), Some(_)) => Some(self.emit(Op::Jump(AHEAD), then.span)),
            _ => None,
        };
        self.land(skip);
        let failed = match otherwise {
            Some(block) => self.block(scope, failed, block),
            None => Some(failed),
        };
        if let Some(over) = over {
            self.land(over);
        }
        Path::join(held, failed)
    }

    fn log(&mut self, scope: &Scope, path: &Path, level: &Name, text: &StringText, span: Span) {
        let known = match &*level.text {
            "debug" => Level::Debug,
            "info" => Level::Info,
            "warning" => Level::Warning,
            "error" => Level::Error,
            other => {
                let known = ["debug", "info", "warning", "error"];
                let message = format!("`{other}` is no level");
                self.findings.misspelt(&rules::names::UNKNOWN_WORD, level.span, message, other, known);
                return;
            }
        };
        let text = self.pieces(scope, path, text);
        self.emit(Op::Log { level: known, text }, span);
    }

    fn prepend(&mut self, scope: &Scope, path: &Path, header: &Name, lines: &[StringText], to: &[Name], span: Span) {
        let legal = |c: char| ('\x21'..='\x7e').contains(&c) && c != ':';
        if header.text.is_empty() || !header.text.chars().all(legal) {
            self.findings.mend(
                &rules::types::MISFIT,
                header.span,
                format!("`{}` is no name of a header field", header.text),
                "letters, digits and hyphens (RFC 5322 §3.6.8)",
            );
        }
        let Some((place, ty)) = self.place(scope, path, to) else { return };
        if !matches!(ty, Type::Record(_)) || place.field.is_some() {
            self.findings.mend(
                &rules::types::MISMATCH,
                crate::compile::place::span_of(to),
                format!("`{}` has no head", dotted(to)),
                "name a fact that is a record",
            );
            return;
        }
        for line in lines {
            self.check_line_ends(line, "a line end inside a line of a header", "write one string per line");
        }
        let lines = lines.iter().map(|line| self.pieces(scope, path, line)).collect();
        self.emit(Op::Prepend { header: header.text.clone(), lines, to: place }, span);
    }

    /// Lowers the body of an outcome, its values bound. Gives where it begins, the slots, and the path that falls out. Of
    /// an uneven outcome the value is a count that is not the same on every database.
    pub(super) fn outcome(
        &mut self,
        scope: &mut Scope,
        path: &Path,
        outcome: &OutcomeDef,
        values: &[Option<Type>],
        is_uneven: bool,
    ) -> (program::Branch, Option<Path>) {
        let (locals, next) = (scope.locals.len(), scope.next);
        let mut path = path.clone();
        let mut slots = Vec::new();
        for (place, name) in outcome.values.iter().enumerate() {
            slots.push(Some(self.bind_name(scope, &mut path, name, values.get(place).cloned().flatten())));
        }
        scope.locals[locals..].iter_mut().for_each(|local| local.is_uneven = is_uneven);
        slots.resize(values.len().max(slots.len()), None);
        let at = self.here();
        let fallen = self.block(scope, path, &outcome.body);
        self.lowered.slots = self.lowered.slots.max(scope.next);
        scope.locals.truncate(locals);
        scope.next = next;
        let fallen = fallen.map(|mut path| {
            path.known.forget_from(next);
            path
        });
        (program::Branch { at, values: slots }, fallen)
    }
}
