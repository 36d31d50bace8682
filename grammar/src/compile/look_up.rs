//! `ask` and `receive`: what waits, and all its outcomes.
//!
//! Never: lets an outcome go unhandled.

use std::sync::Arc;

use diagnostic::{Diagnostic, Span};
use program::{
    Ask, Branch, Expr, Gives, Op, OutcomeSignature, Parameter, ParameterKind, Pc, Receive, Statement, Target, Type,
    Value,
};

use crate::{
    check::{model::Kind, statements, types},
    compile::{Compiler, expression::types_number, flow::Path, once::Interruption, promise::Happening, scope::Scope},
    rules,
    tree::{self, AskDef, ExprKind, Name, OutcomeDef, StringPart},
};

/// The outcomes of something that waits: names with the types of their values.
type Outcomes = Vec<(Arc<str>, Vec<Option<Type>>)>;

impl Compiler<'_> {
    /// Lowers `ask`.
    pub(super) fn ask(&mut self, scope: &mut Scope, path: Path, ask: &AskDef) -> Option<Path> {
        let within = match &ask.within {
            Some(time) => self.wait(scope, &path, time),
            None => {
                self.findings.mend(
                    &rules::look_ups::NO_LIMIT,
                    ask.span,
                    format!("nothing says how long `{}` may take", ask.name.text),
                    "write  within 5 seconds  behind it",
                );
                Expr::Constant(Value::Absent)
            }
        };
        let target = self.target(&ask.name);
        let arguments = match &target {
            Some(Target::Action(signature)) => self.arguments(scope, &path, ask, &signature.parameters),
            Some(Target::Statement(statement)) => self.parameters(scope, &path, ask, statement),
            Some(Target::Client(client)) => self.client_arguments(scope, &path, ask, &client.clone()),
            None => Vec::new(),
        };
        let using = self.using(ask, target.as_ref());
        let Some(target) = target else { return self.unknown_outcomes(scope, &path, &ask.outcomes) };
        let outcomes = outcomes_of(&target);
        let missing = Branch { at: Pc(u32::MAX), values: Vec::new() };
        let until = scope.until;
        if let Some(statement) = &using {
            self.watch(scope, &path, &Happening::Ask(&statement.name));
        }
        let instruction = Ask { target, arguments, using, within, until, outcomes: vec![missing; outcomes.len()] };
        self.watch(scope, &path, &Happening::Ask(&ask.name.text));
        let at = self.emit(Op::Ask(Box::new(instruction)), ask.span);
        let (branches, fallen) = self.outcomes(scope, &path, &ask.outcomes, &outcomes, &ask.name, ask.span);
        if let Op::Ask(instruction) = &mut self.lowered.code[at.0 as usize] {
            for (place, branch) in branches {
                instruction.outcomes[place] = branch;
            }
        }
        fallen
    }

    /// The bodies of an ask whose target is not known are still looked at.
    fn unknown_outcomes(&mut self, scope: &mut Scope, path: &Path, written: &[OutcomeDef]) -> Option<Path> {
        let mut fallen = None;
        for outcome in written {
            let values = vec![None; outcome.values.len()];
            fallen = Path::join(fallen, self.outcome(scope, path, outcome, &values, false).1);
        }
        fallen
    }

    /// Lowers the outcomes that are written, each jumping behind the last, and tells of those that are missing,
    /// unknown or doubled. One that is missing has an instruction of its own that leads nowhere: so it shows in a draft
    /// which of them came.
    fn outcomes(
        &mut self,
        scope: &mut Scope,
        path: &Path,
        written: &[OutcomeDef],
        known: &Outcomes,
        of: &Name,
        span: Span,
    ) -> (Vec<(usize, Branch)>, Option<Path>) {
        let mut branches: Vec<(usize, Branch)> = Vec::new();
        let mut jumps = Vec::new();
        let mut fallen = None;
        for outcome in written {
            let place = known.iter().position(|(name, _)| *name == outcome.name.text);
            self.check_outcome(outcome, place, &branches, known, of);
            let unknown = vec![None; outcome.values.len()];
            let values = place.map_or(&unknown, |place| &known[place].1);
            let is_uneven = &*outcome.name.text == "done"
                && self.model.statements.get(&*of.text).is_some_and(|asked| statements::counts_unevenly(&asked.text));
            let (branch, out) = self.outcome(scope, path, outcome, values, is_uneven);
            if out.is_some() {
                jumps.push(self.emit(Op::Jump(Pc(u32::MAX)), outcome.name.span));
            }
            fallen = Path::join(fallen, out);
            if let Some(place) = place {
                branches.push((place, branch));
            }
        }
        for (place, (name, values)) in known.iter().enumerate() {
            if !branches.iter().any(|(found, _)| *found == place) {
                self.tell_unhandled(of, span, known, name, values.len());
                let at = self.emit(Op::Jump(Pc(u32::MAX)), of.span.to(span));
                branches.push((place, Branch { at, values: Vec::new() }));
            }
        }
        for jump in jumps {
            self.land(jump);
        }
        (branches, fallen)
    }

    fn check_outcome(
        &mut self,
        outcome: &OutcomeDef,
        place: Option<usize>,
        before: &[(usize, Branch)],
        known: &Outcomes,
        of: &Name,
    ) {
        let name = &outcome.name;
        let Some(place) = place else {
            self.findings.misspelt(
                &rules::look_ups::UNKNOWN_OUTCOME,
                name.span,
                format!("`{}` has no outcome `{}`", of.text, name.text),
                &name.text,
                known.iter().map(|(name, _)| &**name),
            );
            return;
        };
        if before.iter().any(|(other, _)| *other == place) {
            self.findings.mend(
                &rules::look_ups::UNKNOWN_OUTCOME,
                name.span,
                format!("`{}` is handled already", name.text),
                "take one of them away",
            );
        }
        if outcome.values.len() > known[place].1.len() {
            self.findings.mend(
                &rules::look_ups::ARGUMENTS,
                name.span,
                format!(
                    "`{}` gives {} values, and {} are named",
                    name.text,
                    known[place].1.len(),
                    outcome.values.len()
                ),
                "name as many as there are, or fewer",
            );
        }
    }

    fn tell_unhandled(&mut self, of: &Name, span: Span, known: &Outcomes, missing: &str, values: usize) {
        let names: Vec<&str> = known.iter().map(|(name, _)| &**name).collect();
        let mut finding = Diagnostic::new(
            &rules::look_ups::UNHANDLED,
            of.span.to(span),
            format!("what if `{}` answers `{missing}`?", of.text),
        )
        .label(format!("its outcomes are {}", names.join(", ")));
        finding = if missing == "failed" {
            finding
                .help(
                    "failed(why) { log error \"{why}\"  reply 451 4.3.0 \"Try again later\"  stay }   refuses for now",
                )
                .help("failed(why) { log warning \"{why}\" }   lets it pass")
        } else if values > 0 {
            finding.help(format!("write  {missing}(…) {{ … }}"))
        } else {
            finding.help(format!("write  {missing} {{ … }}"))
        };
        self.findings.add_beside(finding, missing);
    }

    fn target(&mut self, name: &Name) -> Option<Target> {
        if let Some(statement) = self.model.statements.get(&*name.text).cloned() {
            self.model.mark(Kind::Statement, &name.text);
            return Some(Target::Statement(statement));
        }
        if let Some(client) = self.lowered.clients.iter().find(|client| client.name == name.text).cloned() {
            self.model.mark(Kind::Client, &name.text);
            return Some(Target::Client(client));
        }
        if let Some(signature) = self.actions.iter().find(|signature| signature.name == name.text) {
            return Some(Target::Action(signature.clone()));
        }
        let mut names: Vec<&str> = self.actions.iter().map(|signature| &*signature.name).collect();
        names.extend(self.model.statements.keys());
        names.extend(self.model.clients.iter().map(|client| &*client.def.name.text));
        self.findings.unknown(&rules::names::UNKNOWN_ACTION, name, "action, client or sql statement", names);
        None
    }

    fn arguments(&mut self, scope: &Scope, path: &Path, ask: &AskDef, parameters: &[Parameter]) -> Vec<Expr> {
        self.check_count(ask, parameters.len());
        ask.arguments
            .iter()
            .zip(parameters)
            .map(|(argument, parameter)| self.argument(scope, path, argument, parameter))
            .collect()
    }

    fn check_count(&mut self, ask: &AskDef, wanted: usize) {
        if ask.arguments.len() != wanted {
            self.findings.mend(
                &rules::look_ups::ARGUMENTS,
                ask.span,
                format!("`{}` takes {wanted} values, and {} are given", ask.name.text, ask.arguments.len()),
                "saywhen explain NAME  shows what it takes",
            );
        }
    }

    fn argument(&mut self, scope: &Scope, path: &Path, argument: &tree::Expr, parameter: &Parameter) -> Expr {
        match &parameter.kind {
            ParameterKind::OneOf(choices) => self.choice(argument, choices),
            ParameterKind::Value(ty) => {
                let secret = Type::Secret(Box::new(ty.clone()));
                let want = if parameter.secret { &secret } else { ty };
                let value = self.certain(scope, path, argument, Some(want));
                self.fit(&value, want, argument);
                value.expr
            }
            ParameterKind::AnyOf(types) => self.any_of(scope, path, argument, types),
            ParameterKind::RecordWith(fields) => {
                let value = self.certain(scope, path, argument, None);
                if let Some(ty) = &value.ty {
                    self.check_record(ty, fields, argument.span);
                }
                value.expr
            }
        }
    }

    /// A value of any of several types.
    fn any_of(&mut self, scope: &Scope, path: &Path, argument: &tree::Expr, wanted: &[Type]) -> Expr {
        let value = self.certain(scope, path, argument, wanted.first());
        if let Some(ty) = &value.ty
            && !wanted.iter().any(|want| types::fits(ty, want))
        {
            if matches!(ty, Type::Secret(_)) {
                self.tell_secret(argument.span);
                return value.expr;
            }
            let is = types::words(&self.model, ty);
            let wanted: Vec<String> = wanted.iter().map(|want| types::words(&self.model, want)).collect();
            self.findings.mend(
                &rules::types::MISMATCH,
                argument.span,
                format!("this is a {is}"),
                format!("one of these is wanted here: {}", wanted.join(", ")),
            );
        }
        value.expr
    }

    fn choice(&mut self, argument: &tree::Expr, choices: &[Arc<str>]) -> Expr {
        if let ExprKind::Text(text) = &argument.kind
            && let [StringPart::Literal(literal, _)] = &text.parts[..]
            && choices.contains(literal)
        {
            return Expr::Constant(Value::Text(literal.into()));
        }
        let all = choices.iter().map(|choice| format!("\"{choice}\"")).collect::<Vec<_>>().join(", ");
        self.findings.mend(
            &rules::types::MISFIT,
            argument.span,
            "this is none of the words that may stand here",
            format!("write one of {all}"),
        );
        Expr::Constant(Value::Absent)
    }

    fn check_record(&mut self, ty: &Type, fields: &[(Arc<str>, Type)], span: Span) {
        let shape = if let Type::Record(shape) = ty { Some(shape) } else { None };
        for (name, want) in fields {
            let found = shape.and_then(|shape| shape.index(name).map(|place| &shape.fields[place].1));
            if !found.is_some_and(|found| types::fits(found, want)) {
                let words = types::words(&self.model, want);
                self.findings.mend(
                    &rules::types::MISMATCH,
                    span,
                    "this is not what the action takes",
                    format!("it takes a record with `{name}: {words}`"),
                );
            }
        }
    }

    fn parameters(&mut self, scope: &Scope, path: &Path, ask: &AskDef, statement: &Statement) -> Vec<Expr> {
        self.check_count(ask, statement.parameters.len());
        let pairs = ask.arguments.iter().zip(&statement.parameters);
        pairs
            .map(|(argument, (_, ty))| {
                let value = self.expr(scope, path, argument, Some(ty));
                self.fit(&value, ty, argument);
                value.expr
            })
            .collect()
    }

    /// The statement behind `using`: it takes one text and gives a row with a secret.
    fn using(&mut self, ask: &AskDef, target: Option<&Target>) -> Option<Arc<Statement>> {
        let wanted = matches!(target, Some(Target::Action(signature)) if signature.using);
        let Some(name) = &ask.using else {
            if wanted {
                self.findings.mend(
                    &rules::look_ups::USING,
                    ask.span,
                    format!("`{}` needs an sql statement", ask.name.text),
                    "write  using NAME  behind it",
                );
            }
            return None;
        };
        let Some(statement) = self.model.statements.get(&*name.text).cloned() else {
            let names: Vec<&str> = self.model.statements.keys().copied().collect();
            self.findings.unknown(&rules::names::UNKNOWN_ACTION, name, "sql statement", names);
            return None;
        };
        self.model.mark(Kind::Statement, &name.text);
        let one_text = matches!(&statement.parameters[..], [(_, ty)] if types::is_text(ty));
        let secret =
            |shape: &program::Shape| shape.fields.iter().any(|(_, ty)| matches!(types::certain(ty).0, Type::Secret(_)));
        // Of a row that could not be read nothing can be said.
        let unread = !self.well_formed && matches!(&statement.gives, Gives::Row(shape) if shape.fields.is_empty());
        let fits = unread || (one_text && matches!(&statement.gives, Gives::Row(shape) if secret(shape)));
        if target.is_some() && (!wanted || !fits) {
            let help = if wanted {
                "it must take one text and give a row with a secret:  sql NAME(login: text) gives { hash: secret text } as …"
            } else {
                "take  using  away"
            };
            self.findings.mend(
                &rules::look_ups::USING,
                name.span,
                format!("`{}` cannot use `{}`", ask.name.text, name.text),
                help,
            );
        }
        Some(statement)
    }

    /// Lowers `receive`.
    pub(super) fn receive(
        &mut self,
        scope: &mut Scope,
        mut path: Path,
        into: &[Name],
        most: &tree::Expr,
        written: &[OutcomeDef],
        span: Span,
    ) -> Option<Path> {
        self.interrupted(scope, &path, &Interruption::Payload, span);
        let place = self.place(scope, &path, into);
        if let Some((_, ty)) = &place
            && *ty != Type::Octets
        {
            let words = types::words(&self.model, ty);
            self.findings.mend(
                &rules::types::MISMATCH,
                crate::compile::place::span_of(into),
                format!("this is a {words}"),
                "what is received goes into  octets",
            );
        }
        let most = self.expr_of(scope, &path, most, &Type::Size);
        if let Some((place, _)) = &place {
            self.check_received(scope, &path, into, place.field, &most);
        }
        let head = Span { end: crate::compile::place::span_of(into).end, ..span };
        let name = Name { text: "receive".into(), span: head };
        let known: Outcomes = vec![
            ("complete".into(), Vec::new()),
            ("too_big".into(), Vec::new()),
            ("failed".into(), vec![Some(Type::Text)]),
        ];
        let place = place.map_or(program::Place { slot: program::Slot(0), field: None }, |(place, _)| place);
        let none = Branch { at: Pc(u32::MAX), values: Vec::new() };
        let into_slot = place.slot;
        let instruction = Receive { into: place, most, complete: none.at, too_big: none.at, failed: none };
        self.watch(scope, &path, &Happening::Add(into));
        let at = self.emit(Op::Receive(Box::new(instruction)), head);
        path.known.resized(into_slot);
        let (branches, fallen) = self.outcomes(scope, &path, written, &known, &name, head);
        if let Op::Receive(instruction) = &mut self.lowered.code[at.0 as usize] {
            for (place, branch) in branches {
                match place {
                    0 => instruction.complete = branch.at,
                    1 => instruction.too_big = branch.at,
                    _ => instruction.failed = branch,
                }
            }
        }
        fallen
    }
}

/// The outcomes of a target, with the types of their values.
fn outcomes_of(target: &Target) -> Outcomes {
    let failed = || ("failed".into(), vec![Some(Type::Text)]);
    match target {
        Target::Action(signature) => declared_outcomes(&signature.outcomes),
        Target::Client(client) => declared_outcomes(&client.outcomes),
        Target::Statement(statement) => match &statement.gives {
            Gives::Row(shape) => {
                vec![("row".into(), vec![Some(Type::Record(shape.clone()))]), ("none".into(), Vec::new()), failed()]
            }
            Gives::Rows(shape, _) => {
                let rows = Type::List(Box::new(Type::Record(shape.clone())));
                vec![("rows".into(), vec![Some(rows)]), ("none".into(), Vec::new()), failed()]
            }
            Gives::Nothing => vec![("done".into(), vec![Some(types_number())]), failed()],
        },
    }
}

fn declared_outcomes(outcomes: &[OutcomeSignature]) -> Outcomes {
    let outcomes = outcomes.iter();
    outcomes
        .map(|outcome| (outcome.name.clone(), outcome.values.iter().map(|(_, ty)| Some(ty.clone())).collect()))
        .collect()
}
