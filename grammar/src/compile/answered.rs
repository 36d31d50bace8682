//! `await`: what another server may answer, and what is caught of it.
//!
//! Never: lets an answer go unawaited; `otherwise` takes all that no arm takes.

use std::sync::Arc;

use diagnostic::{Diagnostic, suggest};
use program::{Arm, Await, Exchange, Op, Pc, Slot, StatusClass, TextForm, Type};

use crate::{
    check::{lexemes, types, wire::FormPart},
    compile::{
        Compiler,
        body::AHEAD,
        command::captures,
        expression::types_number,
        flow::Path,
        scope::{Local, Scope},
    },
    lexical::Form,
    rules,
    tree::{ArmDef, AwaitDef, Block, Name, Pattern},
};

/// A name that an arm has caught and that was not known before.
type Caught = (Arc<str>, Type, Slot);

/// What all arms of one `await` share.
#[derive(Default)]
struct Arms {
    /// Every new name, once.
    fresh: Vec<Caught>,
    /// The new names of each arm that goes on behind the `await`.
    going_on: Vec<Vec<Arc<str>>>,
    fallen: Option<Path>,
    jumps: Vec<Pc>,
}

impl Compiler<'_> {
    /// Lowers `await`. What every arm that goes on has caught is known behind it.
    pub(super) fn await_answer(&mut self, scope: &mut Scope, mut path: Path, def: &AwaitDef) -> Option<Path> {
        if !path.connected {
            let help = "begin with  connect to HOST port PORT within TIME";
            self.findings.mend(&rules::clients::CONNECTION, def.span, "this client has not connected yet", help);
        }
        let until = scope.until;
        let within = self.limit_of(scope, &mut path, def.within.as_ref(), "the answer", def.span);
        let first = Await { within, until, arms: Vec::new(), otherwise: AHEAD, silent: None, answer: None };
        let at = self.emit(Op::Exchange(Exchange::Await(Box::new(first))), def.span);
        let mut arms = Arms::default();
        let mut lowered = Vec::new();
        for arm in &def.arms {
            lowered.push(self.arm(scope, &path, arm, &mut arms));
        }
        let (otherwise, answer) = self.otherwise(scope, &path, def, &mut arms);
        let silent = self.silent(scope, &path, def, &mut arms);
        for jump in std::mem::take(&mut arms.jumps) {
            self.land(jump);
        }
        if let Op::Exchange(Exchange::Await(instruction)) = &mut self.lowered.code[at.0 as usize] {
            (instruction.arms, instruction.otherwise, instruction.answer) = (lowered, otherwise, answer);
            instruction.silent = silent;
        }
        for (name, ty, slot) in arms.fresh {
            if arms.going_on.iter().all(|names| names.contains(&name)) {
                scope.locals.push(Local { name, slot, ty: Some(ty), time: None, is_uneven: false });
            }
        }
        arms.fallen
    }

    fn arm(&mut self, scope: &mut Scope, path: &Path, def: &ArmDef, arms: &mut Arms) -> Arm {
        let status = self.status_class(&def.status);
        let locals = scope.locals.len();
        let mut path = path.clone();
        let mut own = Vec::new();
        let mut text = None;
        if let Some(pattern) = &def.text {
            text = self.text_form(scope, &mut path, pattern, arms, &mut own);
        }
        let is_code = def.status.text.starts_with(|c: char| c.is_ascii_digit());
        let ty = if is_code { types_number() } else { Type::Text };
        let code = def.code.as_ref().map(|name| self.catch(scope, &mut path, name, ty, arms, &mut own));
        let list = Type::List(Box::new(Type::Text));
        let lines = def.lines.as_ref().map(|name| self.catch(scope, &mut path, name, list, arms, &mut own));
        let at = self.arm_body(scope, path, &def.body, locals, arms, own);
        Arm { status: Some(status), text, code, lines, at }
    }

    fn otherwise(&mut self, scope: &mut Scope, path: &Path, def: &AwaitDef, arms: &mut Arms) -> (Pc, Option<Slot>) {
        let Some((name, body, _)) = def.otherwise.first() else {
            self.findings.mend(
                &rules::clients::NO_OTHERWISE,
                def.span,
                "what if the answer is another one?",
                "write  otherwise as answer { give failed(\"{answer}\") }",
            );
            // How it goes on is not known: what follows is looked at all the same.
            arms.fallen = Path::join(arms.fallen.take(), Some(path.clone()));
            return (AHEAD, None);
        };
        for (_, _, span) in def.otherwise.iter().skip(1) {
            let help = "put them together";
            self.findings.mend(&rules::names::DUPLICATE, *span, "this `await` has an `otherwise` already", help);
        }
        let locals = scope.locals.len();
        let mut path = path.clone();
        let mut own = Vec::new();
        let answer = name.as_ref().map(|name| self.catch(scope, &mut path, name, Type::Text, arms, &mut own));
        let at = self.arm_body(scope, path, body, locals, arms, own);
        (at, answer)
    }

    /// What is done when nothing comes.
    fn silent(&mut self, scope: &mut Scope, path: &Path, def: &AwaitDef, arms: &mut Arms) -> Option<Pc> {
        let (body, _) = def.silent.first()?;
        for (_, span) in def.silent.iter().skip(1) {
            let help = "put them together";
            self.findings.mend(&rules::names::DUPLICATE, *span, "this `await` has a `silent` already", help);
        }
        let locals = scope.locals.len();
        Some(self.arm_body(scope, path.clone(), body, locals, arms, Vec::new()))
    }

    fn arm_body(
        &mut self,
        scope: &mut Scope,
        path: Path,
        body: &Block,
        locals: usize,
        arms: &mut Arms,
        own: Vec<Arc<str>>,
    ) -> Pc {
        let at = self.here();
        let fallen = self.block(scope, path, body);
        scope.locals.truncate(locals);
        if fallen.is_some() {
            arms.jumps.push(self.emit(Op::Jump(AHEAD), body.span));
            arms.going_on.push(own);
        }
        arms.fallen = Path::join(arms.fallen.take(), fallen);
        at
    }

    /// The slot that a caught value goes into. A name that is known already takes the new value.
    fn catch(
        &mut self,
        scope: &mut Scope,
        path: &mut Path,
        name: &Name,
        ty: Type,
        arms: &mut Arms,
        own: &mut Vec<Arc<str>>,
    ) -> Slot {
        self.check_name(scope, name);
        if own.contains(&name.text) {
            let message = format!("`{}` is caught twice here", name.text);
            self.findings.mend(&rules::names::DUPLICATE, name.span, message, "give one of them another name");
        }
        let known = scope.local(&name.text).map(|local| (local.slot, local.ty.clone()));
        let fresh = arms.fresh.iter().find(|(other, ..)| *other == name.text);
        let known = known.or_else(|| fresh.map(|(_, ty, slot)| (*slot, Some(ty.clone()))));
        if let Some((slot, before)) = known {
            if let Some(before) = before.filter(|before| *before != ty) {
                let (is, was) = (types::words(&self.model, &ty), types::words(&self.model, &before));
                let message = format!("`{}` is a {was} already, and this is a {is}", name.text);
                self.findings.mend(&rules::types::MISMATCH, name.span, message, "give one of them another name");
            }
            path.known.forget(slot);
            if fresh.is_some() {
                own.push(name.text.clone());
                scope.locals.push(Local { name: name.text.clone(), slot, ty: Some(ty), time: None, is_uneven: false });
            }
            return slot;
        }
        own.push(name.text.clone());
        let slot = scope.bind(&name.text, Some(ty.clone()));
        path.known.forget(slot);
        arms.fresh.push((name.text.clone(), ty, slot));
        slot
    }

    /// The status that an arm waits for: a code, a class of codes, or a word that the wire declares.
    fn status_class(&mut self, status: &Name) -> StatusClass {
        let forms = &self.model.wire;
        if !forms.reply.iter().any(|part| matches!(part, FormPart::Status | FormPart::Word)) {
            self.findings.mend(
                &rules::clients::UNREADABLE,
                status.span,
                "the answers of this wire have no status",
                "put {code} into  wire { reply … }",
            );
        }
        if let Some(digit) = status.text.strip_suffix("xx").and_then(|class| class.chars().next()) {
            return StatusClass::Begins(digit);
        }
        let is_code = status.text.starts_with(|c: char| c.is_ascii_digit());
        let words: Vec<&str> = forms.answers.iter().chain(&forms.refusal).map(|name| &*name.text).collect();
        if !is_code && !words.contains(&&*status.text) {
            let help = suggest(&status.text, words);
            let message = format!("the wire declares no answer `{}`", status.text);
            let finding = Diagnostic::new(&rules::clients::UNREADABLE, status.span, message);
            self.findings.add(finding.help(format!("{help}; or add it to  answers  or  refusal  in  wire {{ … }}")));
        }
        StatusClass::Is(status.text.clone())
    }

    /// What the text of an answer must look like; its holes are caught.
    fn text_form(
        &mut self,
        scope: &mut Scope,
        path: &mut Path,
        pattern: &Pattern,
        arms: &mut Arms,
        own: &mut Vec<Arc<str>>,
    ) -> Option<TextForm> {
        let (mut holes, mut usage) = (Vec::new(), String::new());
        let parts = self.parts(&pattern.parts, false, &mut holes, &mut usage);
        let form = Form { parts, exact_case: self.model.wire.exact_case() };
        let mut caught = Vec::new();
        for (hole, capture) in holes.iter().zip(captures(&holes)) {
            let ty = hole.ty.as_ref().map_or(Type::Text, |ty| self.model.value_type(ty));
            caught.push((capture, self.catch(scope, path, &hole.name, ty, arms, own)));
        }
        if holes.iter().any(|hole| hole.ty.is_none()) {
            return None;
        }
        match form.template() {
            Ok(template) => Some(TextForm { template, holes: caught }),
            Err(error) => {
                let hole = lexemes::hole(&error).and_then(|hole| holes.get(hole));
                let place = hole.map_or(pattern.span, |hole| hole.name.span);
                self.findings.add(lexemes::finding(&error, place));
                None
            }
        }
    }
}
