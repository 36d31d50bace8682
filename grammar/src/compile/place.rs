//! Dotted names: what they stand for in a scope, and which of them can be changed.
//!
//! Never: decides what a value may be used for.

use diagnostic::{Diagnostic, Span};
use program::{Expr, Known, Place, Slot, Type, Value};

use crate::{
    check::{model::Kind, types},
    compile::{
        Compiler,
        flow::Path,
        scope::{BodyKind, Scope},
    },
    rules,
    tree::Name,
};

/// An expression with its type; no type means that it is unknown, and that this was told.
#[derive(Debug, Clone)]
pub(super) struct Typed {
    pub(super) expr: Expr,
    pub(super) ty: Option<Type>,
}

impl Typed {
    /// Something that could not be understood.
    pub(super) fn broken() -> Typed {
        Typed { expr: Expr::Constant(Value::Absent), ty: None }
    }

    pub(super) fn new(expr: Expr, ty: Type) -> Typed {
        Typed { expr, ty: Some(ty) }
    }
}

/// The words of a path, joined by dots.
pub(super) fn dotted(names: &[Name]) -> String {
    names.iter().map(|name| &*name.text).collect::<Vec<_>>().join(".")
}

/// The place of a whole path.
pub(super) fn span_of(names: &[Name]) -> Span {
    names[0].span.to(names[names.len() - 1].span)
}

impl Compiler<'_> {
    /// What a dotted name stands for. What is known to be present on the path is no longer optional.
    pub(super) fn read(&mut self, scope: &Scope, path: &Path, names: &[Name]) -> Typed {
        let Some((mut value, used)) = self.root(scope, names) else { return Typed::broken() };
        let mut known = dotted(&names[..used]);
        value.ty = value.ty.map(|ty| settled(ty, path, &value.expr));
        for name in &names[used..] {
            value = self.field(value, name, &known);
            known = format!("{known}.{}", name.text);
            value.ty = value.ty.map(|ty| settled(ty, path, &value.expr));
        }
        value
    }

    /// The value of the first word, or of the first two where the first is a room of names; and how many words that is.
    fn root(&mut self, scope: &Scope, names: &[Name]) -> Option<(Typed, usize)> {
        let first = &names[0];
        if let Some(local) = scope.local(&first.text) {
            self.outlives(local.slot);
            if local.is_uneven {
                self.findings.mend(
                    &rules::look_ups::UNEVEN_COUNT,
                    first.span,
                    format!("`{}` is not the same number on every database", first.text),
                    "write  ON CONFLICT … DO UPDATE  where the database knows it, or do without the number:  done { … }",
                );
            }
            return Some((Typed { expr: Expr::Slot(local.slot), ty: local.ty.clone() }, 1));
        }
        if let Some(place) = scope.captures.iter().position(|(name, _)| *name == first.text) {
            return Some((Typed { expr: Expr::Capture(place as u8), ty: scope.captures[place].1.clone() }, 1));
        }
        if let Some(fact) = self.model.fact(&first.text) {
            if let Some(optional) = scope.facts.get(&fact).filter(|_| !scope.hidden.contains(&fact)) {
                let ty = self.types.facts[usize::from(fact.0)].clone();
                let ty = ty.map(|ty| if *optional { Type::Optional(Box::new(ty)) } else { ty });
                return Some((Typed { expr: Expr::Slot(Slot(fact.0)), ty }, 1));
            }
            self.tell_missing_fact(scope, first);
            return None;
        }
        if let Some(known) = self.known(scope, names) {
            return known;
        }
        let mut names: Vec<&str> = scope.locals.iter().map(|local| &*local.name).collect();
        names.extend(scope.captures.iter().map(|(name, _)| &**name));
        names.extend(scope.facts.keys().map(|fact| self.model.facts[usize::from(fact.0)].0));
        names.extend(["settings", "local", "tls", "now"]);
        if scope.kind != BodyKind::Client {
            names.extend(["peer", "session"]);
        }
        self.findings.misspelt(
            &rules::names::UNKNOWN_NAME,
            first.span,
            format!("nothing is called `{}` here", first.text),
            &first.text,
            names,
        );
        None
    }

    fn tell_missing_fact(&mut self, scope: &Scope, name: &Name) {
        let fact = self.model.fact(&name.text);
        let owners: Vec<&str> = self
            .model
            .states
            .iter()
            .filter(|state| fact.is_some_and(|fact| state.facts.contains_key(&fact)))
            .map(|state| &*state.def.name.text)
            .collect();
        let owners = owners.join(", ");
        let finding = match scope.state {
            _ if fact.is_some_and(|fact| scope.hidden.contains(&fact)) => Diagnostic::new(
                &rules::types::NOT_YET,
                name.span,
                format!("this routine did not say that it needs `{}`", name.text),
            )
            .help(format!("add `{}` behind  needs", name.text)),
            Some(state) => {
                let state = &self.model.states[usize::from(state.0)].def.name.text;
                Diagnostic::new(
                    &rules::types::NOT_YET,
                    name.span,
                    format!("this `{}` may not exist yet: the line also runs in the state `{state}`", name.text),
                )
                .label(format!("known in: {owners}"))
                .help(format!("move it into  during {owners} {{ … }}"))
                .help(format!(
                    "or give `{state}` the fact `{0}?` and ask first:  require {0} is present else …",
                    name.text
                ))
            }
            None => Diagnostic::new(
                &rules::types::NOT_YET,
                name.span,
                format!("`{}` is not known here: this runs in every state", name.text),
            )
            .label(format!("known in: {owners}"))
            .help("use settings and what the connection knows"),
        };
        self.findings.add(finding);
    }

    /// Names that are known without being declared. The outer `None`: it is no such name.
    fn known(&mut self, scope: &Scope, names: &[Name]) -> Option<Option<(Typed, usize)>> {
        let second = names.get(1).map(|name| &*name.text);
        let foreign =
            scope.kind == BodyKind::Client && matches!((&*names[0].text, second), ("local", Some("ip" | "port")));
        if foreign || !self.is_word(scope.kind, &names[0].text) {
            return None;
        }
        let absent = |ty: Type| Type::Optional(Box::new(ty));
        let number = Type::Number { least: 0, most: 65535 };
        let word = |known, ty| Some(Some((Typed::new(Expr::Known(known), ty), 1)));
        let pair = |known, ty| Some(Some((Typed::new(Expr::Known(known), ty), 2)));
        match (&*names[0].text, second) {
            ("settings", Some(setting)) => Some(self.setting_value(setting, names[1].span).map(|value| (value, 2))),
            ("peer", Some("ip")) => pair(Known::PeerIp, Type::Ip),
            ("peer", Some("literal")) => pair(Known::PeerLiteral, Type::Text),
            ("peer", Some("port")) => pair(Known::PeerPort, number),
            ("local", Some("ip")) => pair(Known::LocalIp, Type::Ip),
            ("local", Some("port")) => pair(Known::LocalPort, number),
            ("local", Some("name")) => pair(Known::LocalName, Type::Domain),
            ("session", Some("id")) => pair(Known::SessionId, Type::Text),
            ("tls", None) => word(Known::Tls, absent(Type::Text)),
            ("tls", Some("version")) => pair(Known::TlsVersion, absent(Type::Text)),
            ("tls", Some("cipher")) => pair(Known::TlsCipher, absent(Type::Text)),
            ("now", None) => word(Known::Now, Type::Time),
            ("commands", None) => {
                let verbs = self.verbs.iter().map(|verb| &*verb.text).collect::<Vec<_>>().join(" ");
                Some(Some((Typed::new(Expr::Constant(Value::Text(verbs.into())), Type::Text), 1)))
            }
            ("usage", None) => word(Known::Usage, Type::Text),
            ("expected", None) => word(Known::Expected, Type::Text),
            ("verb", None) => word(Known::Verb, Type::Text),
            ("line", None) => word(Known::Line, Type::Text),
            ("peer" | "local" | "session", Some(_)) => {
                let all = match &*names[0].text {
                    "peer" => vec!["ip", "port"],
                    "local" => vec!["ip", "port", "name"],
                    _ => vec!["id"],
                };
                self.tell_unknown_field(&names[1], &names[0].text, &all);
                Some(None)
            }
            _ => None,
        }
    }

    fn setting_value(&mut self, name: &str, span: Span) -> Option<Typed> {
        if let Some(id) = self.model.setting(name) {
            let ty = self.model.settings[usize::from(id.0)].ty.clone();
            if self.settings_before.is_some_and(|before| usize::from(id.0) >= before) {
                self.findings.mend(
                    &rules::types::LATER_SETTING,
                    span,
                    format!("the setting `{name}` has no value yet"),
                    "a default names settings that stand above it",
                );
            }
            return Some(Typed { expr: Expr::Setting(id), ty });
        }
        let names: Vec<&str> = self.model.settings.iter().map(|setting| &*setting.def.name.text).collect();
        let message = format!("no setting is called `{name}`");
        self.findings.misspelt(&rules::names::UNKNOWN_NAME, span, message, name, names);
        None
    }

    /// A part of a value.
    fn field(&mut self, value: Typed, name: &Name, known: &str) -> Typed {
        let Some(ty) = value.ty else { return Typed::broken() };
        let (certain, optional) = types::certain(&ty);
        if optional {
            self.tell_absent(name.span, known, &value.expr);
        }
        match types::field(certain, &name.text) {
            Some((field, ty)) => Typed::new(Expr::Field(Box::new(value.expr), field), ty),
            None => {
                let words = types::words(&self.model, certain);
                let all = types::field_names(certain);
                self.tell_unknown_field(name, &words, &all);
                Typed::broken()
            }
        }
    }

    fn tell_unknown_field(&mut self, name: &Name, of: &str, all: &[&str]) {
        self.findings.misspelt(
            &rules::names::UNKNOWN_FIELD,
            name.span,
            format!("`{of}` has no part called `{}`", name.text),
            &name.text,
            all.iter().copied(),
        );
    }

    /// Tells that something may be absent, and where that would show.
    pub(super) fn tell_absent(&mut self, span: Span, known: &str, value: &Expr) {
        self.doubt(span, known, value);
        self.findings.mend(
            &rules::types::MAY_BE_ABSENT,
            span,
            format!("`{known}` may be absent here"),
            format!("ask first:  {known} is present"),
        );
    }

    /// A place that can be changed: a fact or a local, or a field of the record in it.
    pub(super) fn place(&mut self, scope: &Scope, path: &Path, names: &[Name]) -> Option<(Place, Type)> {
        let value = self.read(scope, path, names);
        let ty = value.ty?;
        let place = match &value.expr {
            Expr::Slot(slot) => Some(Place { slot: *slot, field: None }),
            Expr::Field(base, program::Field::Index(field)) => match &**base {
                Expr::Slot(slot) => Some(Place { slot: *slot, field: Some(*field) }),
                _ => None,
            },
            _ => None,
        };
        let Some(place) = place else {
            self.findings.mend(
                &rules::types::NO_PLACE,
                span_of(names),
                format!("`{}` cannot be changed", dotted(names)),
                "name a fact, or a field of a record that is a fact",
            );
            return None;
        };
        let (certain, optional) = types::certain(&ty);
        if optional {
            self.tell_absent(span_of(names), &dotted(names), &value.expr);
        }
        Some((place, certain.clone()))
    }

    /// The bound that a record declares for one of its fields.
    pub(super) fn declared_bound(&mut self, record: &Type, field: Option<u16>) -> Option<Expr> {
        let (Type::Record(shape), Some(field)) = (record, field) else { return None };
        let name = &shape.fields.get(usize::from(field))?.0;
        let bound = self.model.bound(&shape.name, name)?;
        let scope = Scope::new(BodyKind::Expression, None, 0);
        Some(self.expr(&scope, &Path::new(), bound, None).expr)
    }

    /// Marks a counter as used and gives its number.
    pub(super) fn use_counter(&mut self, name: &Name) -> Option<program::CounterId> {
        self.model.mark(Kind::Counter, &name.text);
        if let Some(id) = self.counter(&name.text) {
            return Some(id);
        }
        let names: Vec<&str> = self.counters.iter().map(|(name, _)| &**name).collect();
        let mut help = format!("write  {} 3 -> ANSWER close  in  limits {{ … }}", name.text);
        if let Some(near) = diagnostic::nearest(&name.text, names) {
            help = format!("did you mean `{near}`?");
        }
        self.findings.mend(
            &rules::names::UNKNOWN_COUNTER,
            name.span,
            format!("nothing limits how often `{}` may happen", name.text),
            help,
        );
        None
    }
}

/// Takes `Optional` off what is known to be present.
fn settled(ty: Type, path: &Path, value: &Expr) -> Type {
    match ty {
        Type::Optional(inner) if path.known.is_present(value) => *inner,
        other => other,
    }
}
