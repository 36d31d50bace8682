//! Promises: each place where one could be broken, with its condition as it is seen from there.
//!
//! Never: decides whether a promise is kept; that is `proof`.

use diagnostic::{Diagnostic, Rule, suggest};
use program::{Beginning, Expr, FactId, Moment, Promise, ReplyId, Site, StateId, StatusClass, Target, Unless, Value};

use crate::{
    check::{types, work::Part},
    compile::{
        Compiler,
        flow::Path,
        offer::substitute,
        scope::{BodyKind, Local, Scope},
    },
    lexical::Begins,
    rules,
    tree::{Condition, Event, Expr as Tree, ExprKind, Name, PatternPart},
};

/// Absent values are no fault of a promise: it sees every fact in every state.
const ABSENCE: &[&Rule] = &[&rules::types::MAY_BE_ABSENT, &rules::types::NOT_YET];

/// What is found of one promise while bodies are lowered.
#[derive(Default, Clone)]
pub(super) struct Watched {
    sites: Vec<Site>,
    /// Which of its alternatives made sense somewhere.
    seen: Vec<bool>,
}

/// Something that a promise may speak of is about to be lowered.
pub(super) enum Happening<'a> {
    /// `ask NAME`
    Ask(&'a str),
    /// An answer.
    Reply(ReplyId),
    /// `add … to PLACE`
    Add(&'a [Name]),
    /// A line is carried out by this command.
    On(usize),
}

impl Compiler<'_> {
    /// The next instruction is one that promises may speak of.
    pub(super) fn watch(&mut self, scope: &Scope, path: &Path, happening: &Happening) {
        if scope.kind == BodyKind::Client {
            return;
        }
        for place in 0..self.model.promises.len() {
            let promise = self.model.promises[place];
            let mut otherwise = None;
            let meant = match (&promise.event, happening) {
                (Event::Ask(name), Happening::Ask(asked)) => *name.text == **asked,
                (Event::Reply(status), Happening::Reply(reply)) => self.is_of(*reply, &status.text),
                (Event::Add(names), Happening::Add(to)) => self.is_added_to(scope, names, to),
                (Event::On(pattern), Happening::On(command)) => {
                    let meant = match pattern.parts.first() {
                        Some(PatternPart::Literal(meant, _)) => &**meant,
                        Some(PatternPart::Request(_)) => "",
                        _ => continue,
                    };
                    match self.begins(*command, place, meant) {
                        Begins::Never => false,
                        Begins::Always => true,
                        Begins::Sometimes => {
                            let exact_case = self.model.wire.exact_case();
                            otherwise = Some(Unless::Otherwise(Beginning { text: meant.into(), exact_case }));
                            true
                        }
                    }
                }
                _ => false,
            };
            if meant {
                let moment = Moment::Before(self.here());
                self.site(place, scope, path, (moment, otherwise));
            }
        }
    }

    /// Whether the lines of a command begin as a promise says.
    fn begins(&mut self, command: usize, promise: usize, text: &str) -> Begins {
        if let Some(known) = self.lowered.begins.get(&(command, promise)) {
            return *known;
        }
        let form = &self.commands[command].form;
        // One that is too much to be looked at may.
        let begins = match self.work.spend(Part::Templates, 16 * (1 + form.size() as u64)) {
            true => form.begins(text),
            false => Begins::Sometimes,
        };
        self.lowered.begins.insert((command, promise), begins);
        begins
    }

    /// Whether what is added there is added to what a promise names: by that name, or to a local of the same type, which
    /// may be a copy of it.
    fn is_added_to(&self, scope: &Scope, names: &[Name], to: &[Name]) -> bool {
        let (Some((meant, inner)), Some((root, within))) = (names.split_first(), to.split_first()) else {
            return false;
        };
        let same = inner.iter().map(|name| &name.text).eq(within.iter().map(|name| &name.text));
        let copy = || {
            let fact = self.types.facts.get(usize::from(self.model.fact(&meant.text)?.0))?.as_ref()?;
            let local = scope.local(&root.text)?.ty.as_ref()?;
            Some(types::certain(fact).0 == types::certain(local).0)
        };
        same && (meant.text == root.text || copy() == Some(true))
    }

    /// The promises with their sites, and behind them what is doubted.
    pub(super) fn promises(&mut self) -> Vec<Promise> {
        let (watched, doubted) = (std::mem::take(&mut self.lowered.watched), self.doubted());
        let promises = self.model.promises.iter().zip(watched);
        let promises = promises.map(|(promise, watched)| Promise {
            text: promise.text.text.clone(),
            origin: self.origin(promise.text.span),
            sites: watched.sites,
        });
        promises.chain(doubted).collect()
    }

    /// What a promise names must exist, and its event must be one that can happen.
    pub(super) fn check_promises(&mut self) {
        for place in 0..self.model.promises.len() {
            let promise = self.model.promises[place];
            if let Event::In(state) = &promise.event {
                match self.model.state(&state.text) {
                    Some(id) => self.watch_state(place, id),
                    None => {
                        let names = self.model.state_names();
                        self.findings.unknown(&rules::names::UNKNOWN_STATE, state, "state", names);
                        continue;
                    }
                }
            }
            let mut told = matches!(&promise.event, Event::Ask(name) if !self.check_askable(name));
            if let Event::Add(names) = &promise.event
                && self.model.fact(&names[0].text).is_none()
            {
                let known: Vec<&str> = self.model.facts.iter().map(|(name, _)| *name).collect();
                let help = suggest(&names[0].text, known);
                let message = format!("no state has a fact `{}`", names[0].text);
                self.findings.mend(&rules::names::UNKNOWN_NAME, names[0].span, message, help);
                told = true;
            }
            // A promise that was taken over may speak of what was taken away: then it is kept.
            let inherited = self.files.iter().any(|(file, taken)| *taken && *file == promise.text.span.file);
            if self.lowered.watched[place].sites.is_empty() && inherited {
                continue;
            }
            if self.lowered.watched[place].sites.is_empty() && !told {
                self.findings.mend(
                    &rules::promises::EMPTY,
                    promise.text.span,
                    "what this promise speaks of never happens here, so it says nothing",
                    "mend its event, or take the promise away",
                );
                continue;
            }
            self.check_alternatives(place);
        }
    }

    /// Each alternative must make sense where the event can happen.
    fn check_alternatives(&mut self, place: usize) {
        let seen = self.lowered.watched[place].seen.clone();
        for (alternative, seen) in alternatives(&self.model.promises[place].unless).into_iter().zip(seen) {
            match alternative {
                Alternative::Answered(name, outcome) => {
                    let Some(target) = self.asked(name) else {
                        self.check_askable(name);
                        continue;
                    };
                    let known = target.outcomes();
                    if !known.contains(&&*outcome.text) {
                        self.findings.unknown(&rules::look_ups::UNKNOWN_OUTCOME, outcome, "outcome", known);
                    }
                }
                Alternative::Holds(expr) if !seen => {
                    let message = "nothing is called so where this can happen";
                    let help = "name facts, settings, or holes and values of the commands that it happens in";
                    self.findings.add(Diagnostic::new(&rules::names::UNKNOWN_NAME, expr.span, message).help(help));
                }
                Alternative::Holds(_) => {}
            }
        }
    }

    /// The facts of a state are supplied on every way into it.
    fn watch_state(&mut self, place: usize, state: StateId) {
        let mut scope = Scope::new(BodyKind::Expression, Some(state), self.types.facts.len());
        scope.facts = self.model.states[usize::from(state.0)].facts.clone();
        self.site(place, &scope, &Path::new(), (Moment::In(state), None));
    }

    /// Adds a site of a promise, with what keeps it there besides.
    fn site(&mut self, place: usize, scope: &Scope, path: &Path, (moment, more): (Moment, Option<Unless>)) {
        let heard = self.findings.heard();
        // What does not exist here does not hold here, and that is no fault.
        self.findings.mute(true);
        let mut unless = Vec::new();
        let mut seen = Vec::new();
        for alternative in alternatives(&self.model.promises[place].unless) {
            let lowered = match alternative {
                Alternative::Holds(expr) => self.promised(scope, path, expr, heard).map(Unless::Holds),
                Alternative::Answered(name, outcome) => self.asked(name).and_then(|target| {
                    let outcome = target.outcomes().iter().position(|known| **known == *outcome.text)?;
                    Some(Unless::Answered { name: name.text.clone(), outcome })
                }),
            };
            seen.push(lowered.is_some());
            unless.extend(lowered);
        }
        unless.extend(more);
        self.findings.mute(!heard);
        for name in std::mem::take(&mut self.lowered.twofold) {
            let state = scope.state.map(|state| &*self.model.states[usize::from(state.0)].def.name.text);
            let place = state.map_or_else(String::new, |state| format!(" in the state `{state}`"));
            self.findings.mend(
                &rules::names::TWOFOLD,
                name.span,
                format!("`{}` is a fact, and where this happens{place} a hole or a value has that name", name.text),
                "give one of them another name: a promise speaks of one thing",
            );
        }
        let watched = &mut self.lowered.watched[place];
        watched.seen.resize(seen.len(), false);
        watched.seen.iter_mut().zip(seen).for_each(|(all, here)| *all |= here);
        watched.sites.push(Site { moment, unless });
    }

    /// A condition of a promise as it is seen from a body: a fact that the state does not have is absent. What stands
    /// outside of states runs in any of them, and sees the facts of that one.
    fn promised(&mut self, scope: &Scope, path: &Path, expr: &Tree, heard: bool) -> Option<Expr> {
        let mut all = Scope::new(scope.kind, scope.state, usize::from(scope.next));
        all.captures.clone_from(&scope.captures);
        all.locals = scope.locals.iter().map(Local::clone).collect();
        all.facts = (0..self.model.facts.len() as u16).map(|fact| (FactId(fact), true)).collect();
        let mut paths = Vec::new();
        names(expr, &mut paths);
        if paths.iter().any(|path_names| self.read(&all, path, path_names).ty.is_none()) {
            return None;
        }
        let bound = |name: &Name| {
            scope.local(&name.text).is_some() || scope.captures.iter().any(|(capture, _)| *capture == name.text)
        };
        let twofold = paths.iter().map(|path_names| &path_names[0]);
        let twofold = twofold.filter(|name| self.model.fact(&name.text).is_some() && bound(name));
        self.lowered.twofold.extend(twofold.cloned());
        // All that it names exists: what is wrong with it otherwise is a fault.
        self.findings.mute(!heard);
        self.findings.pass_over(ABSENCE);
        let lowered = self.condition(&all, path, expr).0.expr;
        self.findings.pass_over(&[]);
        self.findings.mute(true);
        let anywhere = scope.state.is_none();
        let owned = |slot: u16| {
            anywhere || usize::from(slot) >= self.types.facts.len() || scope.facts.contains_key(&FactId(slot))
        };
        Some(substitute(&lowered, &|slot| (!owned(slot)).then_some(Expr::Constant(Value::Absent))))
    }

    fn is_of(&self, reply: ReplyId, status: &str) -> bool {
        let class = match status.strip_suffix("xx").and_then(|class| class.chars().next()) {
            Some(digit) => StatusClass::Begins(digit),
            None => StatusClass::Is(status.into()),
        };
        self.lowered.replies[reply.0 as usize].status.as_deref().is_some_and(|status| class.takes(status))
    }

    /// What is asked by that name, without marking it as used.
    fn asked(&self, name: &Name) -> Option<Target> {
        let statement = self.model.statements.get(&*name.text).cloned().map(Target::Statement);
        let client =
            || self.lowered.clients.iter().find(|client| client.name == name.text).cloned().map(Target::Client);
        let action = || self.actions.iter().find(|action| action.name == name.text).cloned().map(Target::Action);
        statement.or_else(client).or_else(action)
    }

    fn check_askable(&mut self, name: &Name) -> bool {
        let known = self.asked(name).is_some();
        if !known {
            let mut names: Vec<&str> = self.actions.iter().map(|action| &*action.name).collect();
            names.extend(self.model.statements.keys());
            self.findings.unknown(&rules::names::UNKNOWN_ACTION, name, "action, client or sql statement", names);
        }
        known
    }
}

/// One of the conditions that keep a promise.
enum Alternative<'t> {
    Holds(&'t Tree),
    Answered(&'t Name, &'t Name),
}

/// All conditions that keep a promise; one is enough.
fn alternatives(condition: &Condition) -> Vec<Alternative<'_>> {
    fn split<'t>(expr: &'t Tree, into: &mut Vec<Alternative<'t>>) {
        match &expr.kind {
            ExprKind::Or(list) => list.iter().for_each(|expr| split(expr, into)),
            _ => into.push(Alternative::Holds(expr)),
        }
    }
    match condition {
        Condition::Any(list) => list.iter().flat_map(alternatives).collect(),
        Condition::Answered(name, outcome) => vec![Alternative::Answered(name, outcome)],
        Condition::Holds(expr) => {
            let mut list = Vec::new();
            split(expr, &mut list);
            list
        }
    }
}

/// The dotted names in an expression.
fn names<'t>(expr: &'t Tree, into: &mut Vec<&'t [Name]>) {
    match &expr.kind {
        ExprKind::Path(path) => into.push(path),
        ExprKind::List(list) | ExprKind::And(list) | ExprKind::Or(list) | ExprKind::Call(_, list) => {
            list.iter().for_each(|expr| names(expr, into));
        }
        ExprKind::Record(_, fields) => fields.iter().for_each(|(_, expr)| names(expr, into)),
        ExprKind::Not(a) | ExprKind::Present(a, _) | ExprKind::Empty(a, _) => names(a, into),
        ExprKind::Compare(a, _, b)
        | ExprKind::When(a, b)
        | ExprKind::In(a, b)
        | ExprKind::Plus(a, b)
        | ExprKind::Minus(a, b) => {
            names(a, into);
            names(b, into);
        }
        ExprKind::Number(_)
        | ExprKind::Size(_)
        | ExprKind::Duration(_)
        | ExprKind::Yes(_)
        | ExprKind::Text(_)
        | ExprKind::Broken => {}
    }
}
