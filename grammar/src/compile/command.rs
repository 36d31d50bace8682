//! Commands: templates with their holes, and how they stand in each state.
//!
//! Never: matches a line.

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

use diagnostic::{Diagnostic, Span, meant, suggest};
use program::{
    Capture, Expr, Handler, HandlerId, Op, Payload, Pc, StateId, Template, TemplatePart, Type, Verb, Writing,
};

use crate::{
    check::{guards, lexemes, types, work::Part as Working},
    compile::{
        Compiler,
        expression::types_number,
        flow::{Answers, Path},
        offer::Stand,
        promise::Happening,
        scope::{Arrived, BodyKind, Scope},
    },
    lexical::{Form, Language, Part},
    rules,
    tree::{ExprKind, HandlerDef, Name, PatternPart, PayloadDef, StatementKind, TypeRef},
};

/// One handler of the file.
pub(super) struct Command<'t> {
    pub(super) def: &'t HandlerDef,
    /// Where it stands: 0 in a state, 1 in `during`, 2 in `anytime`; 3 more for each time it was taken over.
    pub(super) rank: u8,
    pub(super) form: Form,
    pub(super) template: Option<Arc<Template>>,
    /// Its holes, in order.
    pub(super) holes: Vec<Hole>,
    pub(super) verb: Arc<str>,
    pub(super) usage: Arc<str>,
    pub(super) line_most: usize,
    /// The states that it stands in.
    pub(super) states: Arc<[StateId]>,
    /// Whether its `override` has hidden something.
    pub(super) overrode: bool,
}

/// A hole: its name, the type that is matched, and the bound.
#[derive(Clone)]
pub(super) struct Hole {
    pub(super) name: Name,
    pub(super) ty: Option<Type>,
    pub(super) most: Option<i64>,
}

impl<'t> Command<'t> {
    /// One that was not looked at any more.
    fn unread(
        def: &'t HandlerDef,
        rank: u8,
        form: Form,
        holes: Vec<Hole>,
        usage: Arc<str>,
        states: Arc<[StateId]>,
    ) -> Command<'t> {
        let verb = "".into();
        Command { def, rank, form, template: None, holes, verb, usage, line_most: 0, states, overrode: false }
    }
}

impl<'t> Compiler<'t> {
    /// Reads every template of the file.
    pub(super) fn prepare_commands(&mut self) {
        let mut all: Vec<(&'t HandlerDef, u8, Arc<[StateId]>)> = Vec::new();
        for (place, state) in self.model.states.iter().enumerate() {
            all.extend(state.def.handlers.iter().map(|def| (def, 0, [StateId(place as u16)].into())));
        }
        let every: Arc<[StateId]> = (0..self.model.states.len()).map(|place| StateId(place as u16)).collect();
        for (names, handlers) in std::mem::take(&mut self.model.groups) {
            let states = if names.is_empty() { every.clone() } else { self.named_states(&names).into() };
            let rank = if names.is_empty() { 2 } else { 1 };
            all.extend(handlers.iter().map(|def| (def, rank, states.clone())));
        }
        for (def, rank, states) in all {
            // What was taken over gives way to all of the protocol's own, wherever either stands.
            let rank = rank + 3 * def.taken;
            if self.work.is_over() {
                return;
            }
            let command = self.command(def, rank, states);
            self.commands.push(command);
        }
        self.collect_verbs();
    }

    fn named_states(&mut self, names: &[&'t Name]) -> Vec<StateId> {
        let mut states = Vec::new();
        for name in names {
            match self.model.state(&name.text) {
                Some(state) => states.push(state),
                None => {
                    self.findings.unknown(&rules::names::UNKNOWN_STATE, name, "state", self.model.state_names());
                }
            }
        }
        states.sort();
        states
    }

    fn command(&mut self, def: &'t HandlerDef, rank: u8, states: Arc<[StateId]>) -> Command<'t> {
        let mut holes = Vec::new();
        let mut usage = String::new();
        let mut parts = self.parts(&def.pattern.parts, false, &mut holes, &mut usage);
        if let Some(PayloadDef { count: None, span, .. }) = &def.payload {
            self.counted_behind(*span, &mut parts, &mut holes, &mut usage);
        }
        self.check_literals(def, &holes);
        let form = Form { parts, exact_case: self.model.wire.exact_case() };
        let known = holes.iter().all(|hole| hole.ty.is_some());
        let size = 16 + form.size();
        if !self.spend(Working::Templates, 16 * size) {
            return Command::unread(def, rank, form, holes, usage.into(), states);
        }
        let template = match form.template() {
            _ if !known => None,
            Ok(template) => {
                self.keep(Working::Templates, template.dfa.memory_usage() / 64);
                Some(Arc::new(template))
            }
            Err(error) => {
                // The hole at fault is looked for with part after part.
                self.spend(Working::Templates, 16 * size * form.parts.len().min(128));
                let place = lexemes::hole(&error)
                    .and_then(|hole| holes.get(hole))
                    .map_or(def.pattern.span, |hole| hole.name.span);
                self.findings.add(lexemes::finding(&error, place));
                None
            }
        };
        if known && form.language().is_ok_and(|language| language.is_empty()) {
            self.findings.mend(
                &rules::commands::FITS_NOTHING,
                def.pattern.span,
                "no line fits this template",
                "blanks at the end of a line do not count: take the last blank away",
            );
        }
        if let Some(hole) = glued(&form.parts) {
            let span = holes.get(hole).map_or(def.pattern.span, |hole| hole.name.span);
            let finding = Diagnostic::new(&rules::commands::GLUED, span, "nothing parts this from the word before it");
            // The name stands behind the brace of its hole.
            let start = span.start.saturating_sub(1);
            let before = Span { start, end: start, ..span };
            self.findings.add(finding.help("write a blank between them").patch(before, " "));
        }
        let verb: Arc<str> = form.verb().into();
        let wire_most = self.model.wire.wire().line_most;
        let raised: i64 = holes.iter().filter_map(|hole| hole.most).sum();
        if let (false, Some(request)) = (def.pattern.is_request(), &self.model.request) {
            self.findings.add(
                Diagnostic::new(
                    &rules::wire::REQUESTS,
                    def.pattern.span,
                    "no line will ever come: the wire has requests",
                )
                .other(request.def.span, "here")
                .help("write  on request when …"),
            );
        }
        let line_most = if raised > 0 { wire_most.max(raised as usize + usage.len() + 2) } else { wire_most };
        Command { def, rank, form, template, holes, verb, usage: usage.into(), line_most, states, overrode: false }
    }

    /// A literal at the end of the line, which no body can name: its octets are the payload.
    fn counted_behind(&mut self, span: Span, parts: &mut Vec<Part>, holes: &mut Vec<Hole>, usage: &mut String) {
        let ty = Type::Written(Writing::Literal);
        if !ends_in_blank(parts) {
            parts.push(Part::Literal(" ".into()));
        }
        parts.extend(self.model.language(&ty).map(Part::Hole));
        usage.push_str(" <literal>");
        holes.push(Hole { name: Name { text: "".into(), span }, ty: Some(ty), most: None });
    }

    fn check_literals(&mut self, def: &HandlerDef, holes: &[Hole]) {
        let counted = |hole: &&Hole| {
            let ty = hole.ty.as_ref().map(|ty| types::certain(ty).0);
            let ty = if let Some(Type::Secret(inner)) = ty { Some(&**inner) } else { ty };
            matches!(ty, Some(Type::Written(Writing::Literal)))
        };
        if !self.model.wire.has_literals()
            && let Some(hole) = holes.iter().find(counted)
        {
            let span = if hole.name.text.is_empty() { def.span } else { hole.name.span };
            self.findings.mend(
                &rules::wire::NO_LITERALS,
                span,
                "no line of this wire goes on behind counted octets",
                "write  literals at most 4 KB asked \"+ go on\"  in  wire { … }",
            );
        }
    }

    /// The parts of a template for the automata; collects holes and the usage text on the way.
    pub(super) fn parts(
        &mut self,
        parts: &[PatternPart],
        optional: bool,
        holes: &mut Vec<Hole>,
        usage: &mut String,
    ) -> Vec<Part> {
        let mut made = Vec::new();
        for part in parts {
            match part {
                PatternPart::Literal(text, _) => {
                    usage.push_str(text);
                    made.push(Part::Literal(text.to_string()));
                }
                PatternPart::Optional(inner, _) => {
                    let start = usage.len();
                    usage.push('[');
                    let inner = self.parts(inner, true, holes, usage);
                    usage.push(']');
                    // Nobody is told of blanks that may be there.
                    if inner.iter().all(is_blank) {
                        usage.truncate(start);
                    }
                    made.push(Part::Optional(inner));
                }
                PatternPart::Request(span) => {
                    usage.push_str("request");
                    made.push(Part::Hole(Language::anything()));
                    holes.push(self.request_hole(*span));
                }
                PatternPart::Hole { name, ty, span } => {
                    usage.push_str(&format!("<{}>", name.text));
                    self.check_hole(name);
                    let (ty, most) = self.hole_type(ty.as_ref(), optional, *span);
                    if holes.iter().any(|hole| hole.name.text == name.text) {
                        self.findings.mend(
                            &rules::names::DUPLICATE,
                            name.span,
                            format!("a hole of this template is called `{}` already", name.text),
                            "give one of them another name",
                        );
                    }
                    let language = ty.as_ref().and_then(|ty| self.model.language(ty));
                    if let Some(language) = language {
                        made.push(Part::Hole(language));
                    }
                    holes.push(Hole { name: name.clone(), ty, most });
                }
            }
        }
        made
    }

    fn hole_type(&mut self, written: Option<&TypeRef>, optional: bool, span: Span) -> (Option<Type>, Option<i64>) {
        let Some(written) = written else {
            let text = Type::Text;
            return (Some(if optional { Type::Optional(Box::new(text)) } else { text }), None);
        };
        let most = written.most.as_ref().and_then(|most| match most.kind {
            ExprKind::Number(n) | ExprKind::Size(n) if (1..=1 << 20).contains(&n) => Some(n),
            _ => {
                self.findings.mend(
                    &rules::types::NO_BOUND,
                    most.span,
                    "this is no bound for a part of a line",
                    "write a number of octets, 1 MB at the most",
                );
                None
            }
        });
        let Some(ty) = types::resolve(&self.model, written, &mut self.findings) else { return (None, most) };
        if self.model.language(&ty).is_none() {
            let words = types::words(&self.model, &ty);
            self.findings.mend(
                &rules::types::NOT_LEXICAL,
                span,
                format!("a {words} cannot stand in a line"),
                "take a lexical type, say `text`, `word` or one of your own",
            );
            return (None, most);
        }
        let wrap = optional && !matches!(ty, Type::Optional(_) | Type::Params(_));
        (Some(if wrap { Type::Optional(Box::new(ty)) } else { ty }), most)
    }

    fn collect_verbs(&mut self) {
        let mut verbs: Vec<Verb> = Vec::new();
        let mut known: HashSet<Arc<str>> = HashSet::new();
        for command in &self.commands {
            if !command.verb.is_empty() && known.insert(command.verb.clone()) {
                verbs.push(Verb { text: command.verb.clone() });
            }
        }
        verbs.sort_by(|a, b| a.text.cmp(&b.text));
        self.verbs = verbs;
        let listed = &self.model.wire.verbs;
        if listed.is_empty() {
            return;
        }
        let exact = self.model.wire.exact_case();
        let as_compared = |text: &str| if exact { text.to_owned() } else { text.to_ascii_uppercase() };
        let known: HashSet<String> = listed.iter().map(|name| as_compared(&name.text)).collect();
        for command in &self.commands {
            if !command.verb.is_empty() && !known.contains(&as_compared(&command.verb)) && !self.findings.is_full() {
                let names = || listed.iter().map(|name| &*name.text);
                let message =
                    format!("nobody will ever send `{}`: it is not among the verbs of the wire", command.verb);
                let finding = Diagnostic::new(&rules::commands::UNKNOWN_VERB, command.def.pattern.span, message);
                let finding = finding.help(suggest(&command.verb, names()));
                self.findings.add(match verb_span(command).zip(meant(&command.verb, names())) {
                    Some((span, near)) => finding.patch(span, near),
                    None => finding,
                });
            }
        }
    }

    /// Lowers the handlers of a state, in the order of precedence.
    pub(super) fn lower_state(&mut self, state: StateId) {
        let mut here: Vec<usize> =
            (0..self.commands.len()).filter(|n| self.commands[*n].states.binary_search(&state).is_ok()).collect();
        if !self.spend(Working::Bodies, 1 + self.commands.len() / 16) {
            return;
        }
        here.sort_by_key(|n| self.commands[*n].rank);
        let mut hidden = HashSet::new();
        for n in &here {
            if self.commands[*n].def.overrides.is_none() {
                continue;
            }
            if !self.spend(Working::Alike, here.len()) {
                return;
            }
            let (rank, claim) = (self.commands[*n].rank, self.commands[*n].form.claim());
            let below = here.iter().filter(|other| {
                let other = &self.commands[**other];
                other.rank > rank && self.model.wire.is_alike(&other.form.claim(), &claim)
            });
            let below: Vec<usize> = below.copied().collect();
            self.commands[*n].overrode |= !below.is_empty();
            hidden.extend(below);
        }
        for n in here {
            if !hidden.contains(&n) {
                self.lower_handler(state, n);
            }
        }
    }

    /// Tells of each `override` that hides nothing in any state.
    pub(super) fn check_overrides(&mut self) {
        for command in &self.commands {
            if let (Some(span), false) = (command.def.overrides, command.overrode) {
                self.findings.mend(
                    &rules::commands::OVERRIDES_NOTHING,
                    span,
                    "this overrides nothing",
                    "no wider group has a command with this literal text: take `override` away",
                );
            }
        }
    }

    fn lower_handler(&mut self, state: StateId, n: usize) {
        let first = self.here();
        self.lowered.moved.clear();
        let def = self.commands[n].def;
        let parts = self.commands[n].form.parts.len() + self.commands[n].usage.len() / 16;
        if !self.keep(Working::Bodies, 8 + parts) {
            return;
        }
        let facts = self.model.states[usize::from(state.0)].facts.clone();
        let mut scope = Scope::new(BodyKind::Expression, Some(state), self.types.facts.len());
        scope.facts = facts;
        let mut path = Path::new();
        if def.pattern.is_request() {
            // All of a request is there before it is judged.
            scope.captures = self.seen_holes(n);
        }
        let guard = def.guard.as_ref().map(|guard| {
            let (value, lesson) = self.condition(&scope, &path, guard);
            path.known.learn(lesson.held);
            if !guards::satisfiable(&value.expr, &guards::Sure::within(&self.model, state)) {
                self.findings.mend(
                    &rules::commands::NEVER_HOLDS,
                    guard.span,
                    "this can never hold",
                    "take the command away, or mend its guard",
                );
            }
            value.expr
        });
        scope.kind = BodyKind::Handler;
        scope.captures = self.seen_holes(n);
        scope.holes_most = self.holes_most(n);
        let payload = def.payload.as_ref().map(|payload| self.payload(&mut scope, &mut path, payload));
        let entry = self.here();
        self.watch(&scope, &path, &Happening::On(n));
        if let Some(fallen) = self.block(&mut scope, path, &def.body) {
            drop(fallen);
            self.tell_no_ending(def.body.span);
        }
        self.shared_routines(&mut scope);
        self.lowered.slots = self.lowered.slots.max(scope.next);
        self.lowered.bounds.push((state, first, self.here()));
        let guard = match scope.in_the_clear_only {
            Some(span) => Some(self.only_in_the_clear(state, guard, span)),
            None => guard,
        };
        self.finish_handler(state, n, guard, payload, entry, scope.accepts);
    }

    /// The guard of a command that begins TLS without having asked whether it is up: under TLS it is out of order, so
    /// TLS begins once.
    fn only_in_the_clear(&mut self, state: StateId, guard: Option<Expr>, span: Span) -> Expr {
        let clear = Expr::Not(Box::new(Expr::Present(Box::new(Expr::Known(program::Known::Tls)))));
        let Some(guard) = guard else { return clear };
        let guard = Expr::All(vec![guard, clear]);
        if !guards::satisfiable(&guard, &guards::Sure::within(&self.model, state)) {
            self.tell_tls_twice(span);
        }
        guard
    }

    /// The holes of a command as its body sees them.
    fn seen_holes(&self, n: usize) -> Vec<(Arc<str>, Option<Type>)> {
        let holes = self.commands[n].holes.iter();
        holes.map(|hole| (hole.name.text.clone(), hole.ty.as_ref().map(|ty| self.model.value_type(ty)))).collect()
    }

    fn holes_most(&self, n: usize) -> Vec<i64> {
        let command = &self.commands[n];
        let line = self.model.wire.text_most().max(command.line_most as i64);
        command.holes.iter().map(|hole| hole.most.unwrap_or(line)).collect()
    }

    fn finish_handler(
        &mut self,
        state: StateId,
        n: usize,
        guard: Option<Expr>,
        payload: Option<Payload>,
        entry: Pc,
        accepts: bool,
    ) {
        let command = &self.commands[n];
        let Some(template) = command.template.clone() else { return };
        let handler = HandlerId(self.lowered.handlers.len() as u32);
        let verb = self.verbs.binary_search_by(|verb| verb.text.cmp(&command.verb)).unwrap_or(usize::from(u16::MAX));
        self.lowered.handlers.push(Handler {
            state,
            origin: self.origin(command.def.pattern.span),
            usage: command.usage.clone(),
            parts: parts(&command.def.pattern.parts, &mut 0).into(),
            verb: verb as u16,
            claim: command.form.claim().len() as u16,
            guard: guard.clone(),
            alone: command.def.alone.is_some() || self.model.wire.lock_step(),
            quiet: command.def.quiet.is_some(),
            line_most: command.line_most,
            template,
            captures: captures(&command.holes),
            payload,
            outranked: false,
            entry,
        });
        self.lowered.stands.push(Stand { state, command: n, handler, guard, accepts });
    }

    /// A body came to its end without an ending.
    pub(super) fn tell_no_ending(&mut self, body: Span) {
        let end = Span { start: body.end.saturating_sub(1), ..body };
        // What runs on is shown to end there.
        self.emit(Op::Close, end);
        self.findings.mend(
            &rules::flow::NO_ENDING,
            end,
            "a path comes to the end of this body without an ending",
            "end it with  goto STATE,  stay  or  close",
        );
    }

    /// Lowers what follows a command line, and its two answers.
    fn payload(&mut self, scope: &mut Scope, path: &mut Path, def: &PayloadDef) -> Payload {
        let count = def.count.as_ref().map(|written| {
            let count = self.expr_of(scope, path, written, &types_number());
            self.check_count_source(&count, written.span);
            count
        });
        let most = self.expr_of(scope, path, &def.most, &Type::Size);
        // Where it was too big, or could not be kept, there is no payload, and no name for it.
        let too_big = self.here();
        if self.block(scope, path.clone(), &def.refused).is_some() {
            self.tell_no_ending(def.refused.span);
        }
        let failed = match &def.failed {
            Some(outcome) => {
                let (branch, fallen) = self.outcome(scope, path, outcome, &[Some(Type::Text)], false);
                if fallen.is_some() {
                    self.tell_no_ending(outcome.body.span);
                }
                branch
            }
            None => {
                self.findings.mend(
                    &rules::look_ups::UNHANDLED,
                    def.span,
                    "what if the payload cannot be kept?",
                    "write  failed(why) 451 4.3.0 \"Try again later\"  behind it",
                );
                program::Branch { at: too_big, values: Vec::new() }
            }
        };
        let why = failed.values.first().copied().flatten();
        let slot = self.bind_name(scope, path, &def.name, Some(Type::Octets));
        scope.payload = Some(Arrived { slot, count: count.clone(), most: most.clone() });
        Payload { count, most, slot, too_big, failed: failed.at, why }
    }

    /// How many octets follow must be plain from the line itself.
    fn check_count_source(&mut self, count: &Expr, span: Span) {
        if !from_line(count) {
            self.findings.mend(
                &rules::commands::PAYLOAD_COUNT,
                span,
                "how many octets follow must be read from the line",
                "name a hole of the template that is a number",
            );
        }
    }

    /// Lowers the `enter` of a state: where it begins, and its answers.
    pub(super) fn lower_enter(&mut self, state: StateId) -> (Option<Pc>, Answers) {
        let place = usize::from(state.0);
        let def = self.model.states[place].def;
        for (_, span) in def.enters.iter().skip(1) {
            self.findings.mend(
                &rules::names::DUPLICATE,
                *span,
                "this state has an `enter` already",
                "put them together",
            );
        }
        let Some((block, _)) = def.enters.first() else { return (None, Answers::NONE) };
        let mut scope = Scope::new(BodyKind::Enter, Some(state), self.types.facts.len());
        scope.facts = self.model.states[place].facts.clone();
        let first = self.here();
        if self.block(&mut scope, Path::new(), block).is_some() {
            self.tell_no_ending(block.span);
        }
        self.shared_routines(&mut scope);
        self.lowered.slots = self.lowered.slots.max(scope.next);
        self.lowered.bounds.push((state, first, self.here()));
        if self.lowered.code[first.0 as usize..].iter().all(|op| matches!(op, Op::Stay(with) if with.is_empty())) {
            return (None, Answers::NONE);
        }
        (Some(first), scope.endings)
    }

    /// The states that the `enter` of a state may go to, by itself or by what it runs.
    pub(super) fn enter_targets(&self, state: StateId) -> Vec<StateId> {
        let mut found = BTreeSet::new();
        let mut routines = BTreeSet::new();
        let mut open: Vec<&crate::tree::Block> = Vec::new();
        open.extend(self.model.states[usize::from(state.0)].def.enters.first().map(|(block, _)| block));
        while let Some(block) = open.pop() {
            for statement in &block.statements {
                match &statement.kind {
                    StatementKind::Goto { state, .. } => found.extend(self.model.state(&state.text)),
                    StatementKind::Run(name) if routines.insert(&*name.text) => {
                        open.extend(self.model.routines.get(&*name.text).map(|def| &def.body));
                    }
                    _ => open.extend(statement.blocks()),
                }
            }
        }
        found.into_iter().collect()
    }
}

/// Whether the last part, be it there or not, ends in a blank.
fn ends_in_blank(parts: &[Part]) -> bool {
    match parts.last() {
        Some(Part::Literal(text)) => text.ends_with(' '),
        Some(Part::Optional(inner)) => ends_in_blank(inner),
        _ => false,
    }
}

/// The hole that stands right behind a word at the beginning of a template.
fn glued(parts: &[Part]) -> Option<usize> {
    match parts {
        [Part::Literal(word), Part::Hole(_), ..] if word.ends_with(|c: char| c.is_ascii_alphanumeric()) => Some(0),
        _ => None,
    }
}

pub(super) fn captures(holes: &[Hole]) -> Vec<Capture> {
    holes
        .iter()
        .map(|hole| Capture {
            name: hole.name.text.clone(),
            ty: hole.ty.clone().unwrap_or(Type::Text),
            most: hole.most.map(|most| Expr::Constant(program::Value::Number(most))),
        })
        .collect()
}

/// Whether a part is nothing but blanks.
fn is_blank(part: &Part) -> bool {
    match part {
        Part::Literal(text) => text.trim().is_empty(),
        Part::Hole(language) => language.is_blank(),
        Part::Optional(inner) => inner.iter().all(is_blank),
    }
}

/// The parts of a template, its holes numbered in order.
fn parts(pattern: &[PatternPart], holes: &mut u8) -> Vec<TemplatePart> {
    let part = |part: &PatternPart| match part {
        PatternPart::Literal(text, _) => TemplatePart::Literal(text.clone()),
        PatternPart::Hole { .. } => {
            *holes += 1;
            TemplatePart::Hole(*holes - 1)
        }
        PatternPart::Optional(inner, _) => TemplatePart::Optional(parts(inner, holes)),
        PatternPart::Request(_) => TemplatePart::Request,
    };
    pattern.iter().map(part).collect()
}

/// Whether an expression needs nothing but the line.
fn from_line(expr: &Expr) -> bool {
    match expr {
        Expr::Capture(_) | Expr::Constant(_) => true,
        Expr::Plus(a, b) | Expr::Minus(a, b) => from_line(a) && from_line(b),
        _ => false,
    }
}

/// Where the verb of a command is written, if it is written as it is.
fn verb_span(command: &Command<'_>) -> Option<Span> {
    let Some(PatternPart::Literal(text, span)) = command.def.pattern.parts.first() else { return None };
    let is_whole = (span.end - span.start) as usize == text.len();
    let end = span.start + command.verb.len() as u32;
    (is_whole && text.len() >= command.verb.len()).then_some(Span { end, ..*span })
}
