//! Endings: where a path leaves for, with which facts, and whether it has answered.
//!
//! Never: lets a path end without exactly one answer, its target's `enter` included.

use std::collections::{BTreeMap, HashSet};

use diagnostic::{Diagnostic, Span, suggest};
use program::{Expr, FactId, Op, Slot, StateId, Transition, Type, Value};

use crate::{
    check::{model::Kind, types},
    compile::{
        Compiler,
        body::AHEAD,
        flow::{Answers, Path},
        scope::{BodyKind, Scope, Waiting},
    },
    rules,
    tree::{self, Name},
};

/// How many routines may stand inside one another; one further in is shared.
const MOST_INSIDE: usize = 16;

/// How often the type of a fact may change while it is learnt.
pub(super) const MOST_CHANGES: u8 = 16;

impl Compiler<'_> {
    /// `goto STATE with … without …`
    pub(super) fn goto(
        &mut self,
        scope: &mut Scope,
        path: Path,
        state: &Name,
        with: &[(Name, tree::Expr)],
        without: &[Name],
        span: Span,
    ) -> Option<Path> {
        let target = self.target_state(state)?;
        if scope.kind == BodyKind::Outside {
            self.findings.mend(
                &rules::states::NO_GOTO_HERE,
                span,
                "this runs in every state, so the facts of a target cannot be proved",
                "end it with  stay  or  close",
            );
            return None;
        }
        let facts = self.model.states[usize::from(target.0)].facts.clone();
        let with = self.supplied(scope, &path, with, &facts, &state.text);
        let mut forget: Vec<FactId> = scope.facts.keys().filter(|fact| !facts.contains_key(fact)).copied().collect();
        for name in without {
            forget.extend(self.dropped(scope, name, &facts));
        }
        for (fact, optional) in &facts {
            if !optional && !with.iter().any(|(given, _)| given == fact) && !self.has(scope, &path, *fact) {
                let name = self.model.facts[usize::from(fact.0)].0;
                self.findings.mend(
                    &rules::states::FACT_MISSING,
                    state.span,
                    format!("`{}` has the fact `{name}`, and this state does not", state.text),
                    format!("write  goto {} with {name} = …", state.text),
                );
            }
        }
        let answers = self.enter(target, state.span);
        // What is dropped is absent where the answer leads to.
        let dropped = forget.iter().map(|fact| (*fact, Expr::Constant(Value::Absent)));
        let seen = with.iter().cloned().chain(dropped).collect();
        self.resolve_path(&path, Some((target, &seen)), span);
        self.end(scope, &path, answers, span);
        self.emit(Op::Goto(Transition { state: target, with, forget }), span);
        None
    }

    /// `stay with …`
    pub(super) fn stay(
        &mut self,
        scope: &mut Scope,
        path: Path,
        with: &[(Name, tree::Expr)],
        span: Span,
    ) -> Option<Path> {
        let facts = scope.facts.clone();
        let name = match scope.state {
            Some(state) => self.model.states[usize::from(state.0)].def.name.text.to_string(),
            None => "every state".into(),
        };
        let with = self.supplied(scope, &path, with, &facts, &name);
        scope.stays.get_or_insert(span);
        self.resolve_path(&path, scope.state.map(|state| (state, &with)), span);
        self.end(scope, &path, Answers::NONE, span);
        self.emit(Op::Stay(with), span);
        None
    }

    /// `close`
    pub(super) fn close(&mut self, scope: &mut Scope, path: Path, span: Span) -> Option<Path> {
        self.resolve_path(&path, None, span);
        self.end(scope, &path, Answers::NONE, span);
        self.emit(Op::Close, span);
        None
    }

    /// `start tls then goto STATE`
    pub(super) fn start_tls(&mut self, scope: &mut Scope, path: Path, state: &Name, span: Span) -> Option<Path> {
        let target = self.target_state(state)?;
        let facts = &self.model.states[usize::from(target.0)].facts;
        if let Some(fact) = facts.keys().next() {
            let fact = self.model.facts[usize::from(fact.0)].0;
            self.findings.mend(
                &rules::states::SURVIVES_TLS,
                state.span,
                format!("`{}` has the fact `{fact}`, which would be learnt in the clear", state.text),
                "go to a state without facts: nothing learnt in the clear may survive (RFC 3207 §4.2)",
            );
        }
        if scope.kind == BodyKind::Outside {
            self.findings.mend(
                &rules::states::NO_GOTO_HERE,
                span,
                "TLS cannot begin here",
                "begin it in a command of its own",
            );
        }
        if !path.known.in_the_clear() {
            match scope.kind {
                // The command is accepted in the clear alone.
                BodyKind::Handler => scope.in_the_clear_only = Some(span),
                _ => self.tell_tls_twice(span),
            }
        }
        self.resolve_path(&path, None, span);
        self.end(scope, &path, Answers::NONE, span);
        self.emit(Op::StartTls(target), span);
        None
    }

    /// TLS begins where it may be up.
    pub(super) fn tell_tls_twice(&mut self, span: Span) {
        self.findings.mend(
            &rules::commands::TLS_TWICE,
            span,
            "TLS may be up here already",
            "ask first:  require tls is absent else …",
        );
    }

    /// `run ROUTINE`: its body stands here, with no sight of this body's names. Where the same body has run it before,
    /// it stands once behind the body, for all that run it again: so bodies do not double with each routine.
    pub(super) fn run_routine(&mut self, scope: &mut Scope, path: Path, name: &Name) -> Option<Path> {
        let Some(def) = self.model.routines.get(&*name.text).copied() else {
            let names: Vec<&str> = self.model.routines.keys().copied().collect();
            self.findings.unknown(&rules::names::UNKNOWN_ROUTINE, name, "routine", names);
            return None;
        };
        self.model.mark(Kind::Routine, &name.text);
        if scope.routines.contains(&name.text) {
            self.tell_recursion(name);
            return None;
        }
        for (fact, optional) in &def.needs {
            self.check_need(scope, &path, name, fact, *optional);
        }
        // What it may lack it asks for itself, wherever it is run.
        let may_lack: Vec<FactId> =
            def.needs.iter().filter_map(|(fact, optional)| self.model.fact(&fact.text).filter(|_| *optional)).collect();
        let known = path.known.narrowed(self.types.facts.len(), |fact| !may_lack.contains(&FactId(fact)));
        let inner = Path { known, ..path };
        let first = scope.ran.insert(name.text.clone());
        if first && scope.routines.len() < MOST_INSIDE {
            self.routine_here(scope, inner, name, def);
            return None;
        }
        let place = self.routine_order.get(&*name.text).copied().unwrap_or_default();
        let key = (place, scope.until.map(|slot| slot.0), scope.owing);
        if scope.shared.contains(&key) {
            // Those that run it were lowered before it, unless it runs itself.
            self.tell_recursion(name);
            return None;
        }
        let jump = self.emit(Op::Jump(AHEAD), name.span);
        let waiting = Waiting {
            name: name.clone(),
            jumps: vec![jump],
            path: inner,
            next: scope.next,
            until_time: scope.until_time.clone(),
        };
        match scope.waiting.remove(&key) {
            Some(mut known) => {
                known.jumps.push(jump);
                known.next = known.next.max(waiting.next);
                known.path = Path::join(Some(known.path), Some(waiting.path))?;
                scope.waiting.insert(key, known);
            }
            None => drop(scope.waiting.insert(key, waiting)),
        }
        None
    }

    /// Lowers the routines that several places of a body run, behind that body, each before those that it runs.
    pub(super) fn shared_routines(&mut self, scope: &mut Scope) {
        while let Some((key, waiting)) = scope.waiting.pop_first() {
            scope.shared.insert(key);
            let Some(def) = self.model.routines.get(&*waiting.name.text).copied() else { continue };
            for jump in waiting.jumps {
                self.land(jump);
            }
            let outer = (scope.next, scope.until, scope.until_time.take(), scope.owing);
            (scope.next, scope.until) = (waiting.next, key.1.map(Slot));
            (scope.until_time, scope.owing) = (waiting.until_time, key.2);
            self.routine_here(scope, waiting.path, &waiting.name, def);
            (scope.next, scope.until, scope.until_time, scope.owing) = outer;
        }
    }

    fn tell_recursion(&mut self, name: &Name) {
        self.findings.mend(
            &rules::flow::RECURSION,
            name.span,
            format!("the routine `{}` runs itself", name.text),
            "a body must end: break the circle",
        );
    }

    fn routine_here(&mut self, scope: &mut Scope, path: Path, name: &Name, def: &tree::RoutineDef) {
        let locals = std::mem::take(&mut scope.locals);
        let captures = std::mem::take(&mut scope.captures);
        let hidden = std::mem::take(&mut scope.hidden);
        scope.routines.push(name.text.clone());
        // The facts that it does not need stay with the session, and out of its sight.
        let needed: Vec<FactId> = def.needs.iter().filter_map(|(fact, _)| self.model.fact(&fact.text)).collect();
        scope.hidden = scope.facts.keys().filter(|fact| !needed.contains(fact)).copied().collect();
        let fallen = self.block(scope, path, &def.body);
        scope.routines.pop();
        scope.hidden = hidden;
        scope.captures = captures;
        scope.locals = locals;
        if fallen.is_some() {
            let end = Span { start: def.body.span.end.saturating_sub(1), ..def.body.span };
            self.findings.mend(
                &rules::flow::NO_ENDING,
                end,
                format!("a path comes to the end of the routine `{}` without an ending", name.text),
                "end it with  goto STATE,  stay  or  close",
            );
        }
    }

    /// The routines of the file, those that run others before these. A circle has some order.
    pub(super) fn order_routines(&mut self) {
        let mut names: Vec<&str> = self.model.routines.keys().copied().collect();
        names.sort_unstable();
        let mut ended: Vec<&str> = Vec::new();
        let mut begun: HashSet<&str> = HashSet::new();
        let mut open: Vec<(&str, bool)> = names.iter().rev().map(|name| (*name, false)).collect();
        while let Some((name, over)) = open.pop() {
            if over {
                ended.push(name);
            } else if begun.insert(name) {
                open.push((name, true));
                let inner = self.model.routines.get(name).map(|def| runs(&def.body)).unwrap_or_default();
                open.extend(inner.into_iter().filter(|inner| !begun.contains(inner)).map(|inner| (inner, false)));
            }
        }
        self.routine_order = ended.into_iter().rev().enumerate().map(|(place, name)| (name.into(), place)).collect();
    }

    fn check_need(&mut self, scope: &Scope, path: &Path, routine: &Name, fact: &Name, optional: bool) {
        let id = self.model.fact(&fact.text);
        let there = id.is_some_and(|id| scope.facts.contains_key(&id) && (optional || self.has(scope, path, id)));
        if id.is_none() {
            let names: Vec<&str> = self.model.facts.iter().map(|(name, _)| *name).collect();
            self.findings.misspelt(
                &rules::names::UNKNOWN_NAME,
                fact.span,
                format!("no state has a fact `{}`", fact.text),
                &fact.text,
                names,
            );
        } else if !there && !optional {
            self.findings.add(
                Diagnostic::new(
                    &rules::states::FACT_MISSING,
                    routine.span,
                    format!("the routine `{}` needs the fact `{}`, which may not exist here", routine.text, fact.text),
                )
                .other(fact.span, "it needs this")
                .help("run it where the state has that fact"),
            );
        }
    }

    /// Whether a fact is there for certain.
    fn has(&self, scope: &Scope, path: &Path, fact: FactId) -> bool {
        let there = || path.known.is_present(&Expr::Slot(Slot(fact.0)));
        scope.facts.get(&fact).is_some_and(|optional| !optional || there())
    }

    fn target_state(&mut self, name: &Name) -> Option<StateId> {
        self.model.mark(Kind::State, &name.text);
        if let Some(state) = self.model.state(&name.text) {
            return Some(state);
        }
        self.findings.unknown(&rules::names::UNKNOWN_STATE, name, "state", self.model.state_names());
        None
    }

    /// The facts that a transition supplies. What is assigned teaches the type of a fact.
    fn supplied(
        &mut self,
        scope: &Scope,
        path: &Path,
        with: &[(Name, tree::Expr)],
        facts: &BTreeMap<FactId, bool>,
        target: &str,
    ) -> Vec<(FactId, Expr)> {
        let mut given = Vec::new();
        for (name, expr) in with {
            let fact = self.model.fact(&name.text).filter(|fact| facts.contains_key(fact));
            let Some(fact) = fact else {
                let names: Vec<&str> = facts.keys().map(|fact| self.model.facts[usize::from(fact.0)].0).collect();
                let help = suggest(&name.text, names);
                self.findings.mend(
                    &rules::states::NO_SUCH_FACT,
                    name.span,
                    format!("`{target}` does not have the fact `{}`", name.text),
                    format!("{help}; or add it behind  has"),
                );
                continue;
            };
            let want = self.types.facts[usize::from(fact.0)].clone();
            let value = self.expr(scope, path, expr, want.as_ref());
            if let Some(ty) = &value.ty {
                let (certain, optional) = types::certain(ty);
                if optional && !facts[&fact] {
                    self.tell_absent(expr.span, &name.text, &value.expr);
                }
                self.learn(fact, certain, expr);
            }
            given.push((fact, value.expr));
        }
        given
    }

    /// Learns the type of a fact; one fact has one type everywhere.
    fn learn(&mut self, fact: FactId, ty: &Type, expr: &tree::Expr) {
        let place = usize::from(fact.0);
        let joined = match &self.types.facts[place] {
            None => Some(ty.clone()),
            Some(known) => types::join(known, ty),
        };
        match joined {
            Some(joined) if self.types.facts[place].as_ref() != Some(&joined) => self.change(fact, &joined, expr),
            Some(_) => {}
            None => {
                let name = self.model.facts[place].0;
                let is = types::words(&self.model, ty);
                let known =
                    self.types.facts[place].clone().map(|ty| types::words(&self.model, &ty)).unwrap_or_default();
                self.findings.mend(
                    &rules::states::TWO_TYPES,
                    expr.span,
                    format!("the fact `{name}` is a {known} elsewhere, and this is a {is}"),
                    "a fact has one type: give one of them another name",
                );
            }
        }
    }

    /// The type of a fact is another one than was thought. A range of numbers that has changed twice is not followed any
    /// further: it is `number`. So each fact changes a few times at the most, and learning ends.
    fn change(&mut self, fact: FactId, joined: &Type, expr: &tree::Expr) {
        let place = usize::from(fact.0);
        if self.types.changes[place] >= MOST_CHANGES {
            let name = self.model.facts[place].0;
            let message = format!("the type of the fact `{name}` is another one each time that it is looked at");
            let help = "give it values of one type, or take another fact for some of them";
            self.findings.mend(&rules::states::TWO_TYPES, expr.span, message, help);
            return;
        }
        self.types.changes[place] += 1;
        let joined = if self.types.changes[place] > 2 { types::widened(joined) } else { joined.clone() };
        self.types.facts[place] = Some(joined);
        self.types.learnt = true;
    }

    fn dropped(&mut self, scope: &Scope, name: &Name, facts: &BTreeMap<FactId, bool>) -> Option<FactId> {
        let fact = self.model.fact(&name.text);
        let legal = fact.filter(|fact| scope.facts.contains_key(fact) && facts.get(fact) == Some(&true));
        if legal.is_none() {
            self.findings.mend(
                &rules::states::CANNOT_DROP,
                name.span,
                format!("`{}` cannot be dropped", name.text),
                "without  drops a fact that both states have and that the target may lack:  has NAME?",
            );
        }
        legal
    }

    /// A path ends: with what its target's `enter` answers, it must have answered once.
    fn end(&mut self, scope: &mut Scope, path: &Path, enter: Answers, span: Span) {
        let total = path.answers.then(enter);
        if enter != Answers::NONE {
            scope.accepts = true;
        }
        self.tell_owing(scope, span, None);
        if scope.kind == BodyKind::Enter {
            // Whether there is one is asked where it is entered from.
            scope.endings = scope.endings.or(total.held_at_one());
        } else if total.may_lack() {
            self.findings.mend(
                &rules::flow::NO_ANSWER,
                span,
                "a path ends here that has given no answer",
                "put a  reply  before it, or say  silent",
            );
        }
        if total.may_double() {
            let message = "the target answers on entering, and this path has answered already";
            let finding = Diagnostic::new(&rules::flow::TWO_ANSWERS, span, message)
                .help("leave the answer to the target, or take it out of its  enter");
            self.tell_second(path, finding);
        }
    }
}

/// The names of the routines that a block runs.
fn runs(block: &tree::Block) -> Vec<&str> {
    let mut found = Vec::new();
    let mut open = vec![block];
    while let Some(block) = open.pop() {
        for statement in &block.statements {
            match &statement.kind {
                tree::StatementKind::Run(name) => found.push(&*name.text),
                _ => open.extend(statement.blocks()),
            }
        }
    }
    found
}
