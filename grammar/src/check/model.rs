//! Everything that a file declares, by name.
//!
//! Never: looks into a body.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use diagnostic::{Diagnostic, Span};
use program::{
    FactId, Gives, Keyword, LexemeId, OutcomeSignature, ParamsId, SettingId, Shape, StateId, Statement, Type,
};

use crate::{
    check::{
        findings::Findings, languages::Languages, request::RequestModel, statements, types, wire::WireForms, work::Work,
    },
    lexical::Language,
    rules,
    tree::{
        AnswerRule, ClientDef, FieldDef, File, HandlerDef, Item, Name, OffersDef, PromiseDef, RecordDef, ReloadDef,
        RoutineDef, SqlDef, StateDef, TypeBody, TypeDef, TypeKind, TypeRef,
    },
};

/// What a file declares.
pub(crate) struct Model<'t> {
    /// The settings, in the order of the file.
    pub(crate) settings: Vec<SettingModel<'t>>,
    /// Declared types and records, by name.
    pub(crate) types: HashMap<&'t str, Type>,
    /// Declared lexical types.
    pub(crate) lexemes: Vec<LexemeModel>,
    /// Declared parameter sets.
    pub(crate) params: Vec<ParamsModel>,
    /// Shapes of records and rows.
    pub(crate) shapes: Vec<Arc<Shape>>,
    /// Statements, by name.
    pub(crate) statements: BTreeMap<&'t str, Arc<Statement>>,
    /// Sets of offered lines.
    pub(crate) offers: HashMap<&'t str, &'t OffersDef>,
    /// The states, in the order of the file.
    pub(crate) states: Vec<StateModel<'t>>,
    /// `during` and `anytime`: the states named, none for all, and the handlers.
    pub(crate) groups: Vec<(Vec<&'t Name>, &'t [HandlerDef])>,
    /// Clients, in the order of the file.
    pub(crate) clients: Vec<ClientModel<'t>>,
    /// Routines, by name.
    pub(crate) routines: HashMap<&'t str, &'t RoutineDef>,
    /// The lines of `unexpected`.
    pub(crate) unexpected: Vec<&'t AnswerRule>,
    /// The lines of `limits`.
    pub(crate) limits: Vec<&'t AnswerRule>,
    /// What becomes of sessions of an old version, each time that it is said.
    pub(crate) reloads: Vec<&'t ReloadDef>,
    /// The promises.
    pub(crate) promises: Vec<&'t PromiseDef>,
    /// The facts, in the order in which states name them; the type is learnt from what is assigned.
    pub(crate) facts: Vec<(&'t str, Span)>,
    /// The forms of answers.
    pub(crate) wire: WireForms<'t>,
    /// What requests hold, where the wire has requests.
    pub(crate) request: Option<RequestModel<'t>>,
    bounds: HashMap<(String, String), &'t crate::tree::Expr>,
    used: RefCell<BTreeSet<(Kind, String)>>,
    places: Vec<(Kind, &'t Name)>,
    /// Where each of them was declared first.
    declared: HashMap<(Kind, &'t str), &'t Name>,
    fact_places: HashMap<&'t str, FactId>,
    state_places: HashMap<&'t str, StateId>,
    setting_places: HashMap<&'t str, SettingId>,
}

/// What a name names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    Setting,
    Type,
    Statement,
    Offers,
    State,
    Routine,
    Counter,
    Client,
}

pub(crate) struct SettingModel<'t> {
    pub(crate) def: &'t FieldDef,
    pub(crate) ty: Option<Type>,
}

pub(crate) struct ClientModel<'t> {
    pub(crate) def: &'t ClientDef,
    /// As many as are declared; no type where it names none.
    pub(crate) parameters: Vec<Option<Type>>,
    /// What it gives, `failed` included; no values where a type names none.
    pub(crate) outcomes: Vec<OutcomeSignature>,
}

pub(crate) struct LexemeModel {
    pub(crate) name: Arc<str>,
    pub(crate) language: Language,
    pub(crate) ty: Type,
    pub(crate) span: Span,
}

pub(crate) struct ParamsModel {
    pub(crate) name: Arc<str>,
    pub(crate) shape: Arc<Shape>,
    /// The keyword and the type of its value.
    pub(crate) keywords: Vec<(Arc<str>, Option<Type>)>,
}

pub(crate) struct StateModel<'t> {
    pub(crate) def: &'t StateDef,
    /// Its facts; `true` for an optional one.
    pub(crate) facts: BTreeMap<FactId, bool>,
}

impl Kind {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Kind::Setting => "setting",
            Kind::Type => "type",
            Kind::Statement => "statement",
            Kind::Offers => "offers",
            Kind::State => "state",
            Kind::Routine => "routine",
            Kind::Counter => "counter",
            Kind::Client => "client",
        }
    }
}

impl<'t> Model<'t> {
    /// Reads the declarations of a file.
    pub(crate) fn collect(
        file: &'t File,
        origin: &dyn Fn(Span) -> program::Origin,
        findings: &mut Findings,
        work: &mut Work,
    ) -> Model<'t> {
        let mut model = Model {
            settings: Vec::new(),
            types: HashMap::new(),
            lexemes: Vec::new(),
            params: Vec::new(),
            shapes: Vec::new(),
            statements: BTreeMap::new(),
            offers: HashMap::new(),
            states: Vec::new(),
            groups: Vec::new(),
            clients: Vec::new(),
            routines: HashMap::new(),
            unexpected: Vec::new(),
            limits: Vec::new(),
            reloads: Vec::new(),
            promises: Vec::new(),
            facts: Vec::new(),
            wire: WireForms::default(),
            request: None,
            bounds: HashMap::new(),
            used: RefCell::default(),
            places: Vec::new(),
            declared: HashMap::new(),
            fact_places: HashMap::new(),
            state_places: HashMap::new(),
            setting_places: HashMap::new(),
        };
        model.collect_names(file, findings);
        model.collect_types(file, findings, work);
        model.collect_request(file, findings);
        for item in &file.items {
            if let Item::Settings(fields, ..) = item {
                for def in fields {
                    let ty = types::resolve(&model, &def.ty, findings);
                    let id = SettingId(model.settings.len() as u16);
                    model.setting_places.entry(&*def.name.text).or_insert(id);
                    model.settings.push(SettingModel { def, ty });
                }
            }
            if let Item::Sql(def) = item {
                model.collect_statement(def, origin(def.name.span), findings);
            }
            if let Item::Client(def) = item {
                model.collect_client(def, findings);
            }
        }
        model.wire = WireForms::collect(file, findings);
        model
    }

    /// First pass: what exists, and what exists twice.
    fn collect_names(&mut self, file: &'t File, findings: &mut Findings) {
        for item in &file.items {
            match item {
                Item::Settings(fields, ..) => {
                    for field in fields {
                        self.declare(Kind::Setting, &field.name, findings);
                    }
                }
                Item::Type(TypeDef { name, .. }) | Item::Record(RecordDef { name, .. }) => {
                    self.declare(Kind::Type, name, findings);
                }
                Item::Sql(def) => {
                    self.declare(Kind::Statement, &def.name, findings);
                }
                Item::Offers(def) => {
                    self.declare(Kind::Offers, &def.name, findings);
                    self.offers.insert(&def.name.text, def);
                }
                Item::State(def) => self.collect_state(def, findings),
                Item::During(states, handlers, _) => self.groups.push((states.iter().collect(), handlers)),
                Item::Anytime(handlers, _) => self.groups.push((Vec::new(), handlers)),
                Item::Routine(def) => {
                    self.declare(Kind::Routine, &def.name, findings);
                    self.routines.insert(&def.name.text, def);
                }
                Item::Unexpected(rules, _) => self.unexpected.extend(rules),
                Item::Limits(rules, _) => self.limits.extend(rules),
                Item::Promise(def) => self.promises.push(def),
                Item::Reload(def) => self.reloads.push(def),
                Item::Client(def) => {
                    self.declare(Kind::Client, &def.name, findings);
                    if def.public.is_some() {
                        self.mark(Kind::Client, &def.name.text);
                    }
                }
                // What edits and imports say has been done.
                Item::Wire(..)
                | Item::Import(_)
                | Item::Rename(..)
                | Item::Remove(..)
                | Item::Before(..)
                | Item::Override(..) => {}
            }
        }
        self.groups.sort_by_key(|(states, _)| states.is_empty());
    }

    fn declare(&mut self, kind: Kind, name: &'t Name, findings: &mut Findings) -> bool {
        if let Some(first) = self.declared.get(&(kind, &*name.text)) {
            let message = format!("a {} is called `{}` already", kind.word(), name.text);
            let finding = Diagnostic::new(&rules::names::DUPLICATE, name.span, message).other(first.span, "here");
            let elsewhere = first.span.file != name.span.file;
            findings.add(finding.help(match kind {
                Kind::Setting if elsewhere => "to change its default alone, leave its type out:  NAME = DEFAULT",
                _ if elsewhere => "give one of them another name, or write `override` before what replaces it",
                _ => "give one of them another name",
            }));
            return false;
        }
        self.places.push((kind, name));
        self.declared.insert((kind, &name.text), name);
        true
    }

    fn collect_state(&mut self, def: &'t StateDef, findings: &mut Findings) {
        if !self.declare(Kind::State, &def.name, findings) {
            return;
        }
        let mut facts = BTreeMap::new();
        for (name, optional) in &def.facts {
            let id = self.fact_or_new(name);
            if facts.insert(id, *optional).is_some() {
                findings.mend(
                    &rules::names::DUPLICATE,
                    name.span,
                    format!("`{}` has the fact `{}` already", def.name.text, name.text),
                    "take it off",
                );
            }
        }
        self.state_places.insert(&def.name.text, StateId(self.states.len() as u16));
        self.states.push(StateModel { def, facts });
    }

    fn fact_or_new(&mut self, name: &'t Name) -> FactId {
        *self.fact_places.entry(&*name.text).or_insert_with(|| {
            self.facts.push((&name.text, name.span));
            FactId(self.facts.len() as u16 - 1)
        })
    }

    fn collect_types(&mut self, file: &'t File, findings: &mut Findings, work: &mut Work) {
        let languages = Languages::new(file, self).read(findings, work);
        for item in &file.items {
            match item {
                Item::Type(def) => match &def.body {
                    TypeBody::Abnf(_) => self.collect_lexeme(def, languages.get(&*def.name.text).cloned().flatten()),
                    TypeBody::Range(base, least, most) => self.collect_range(def, base, *least, *most, findings),
                    TypeBody::Params(_) => {}
                },
                Item::Record(_) | Item::Settings(..) => {}
                _ => {}
            }
        }
        for item in &file.items {
            if let Item::Type(TypeDef { name, body: TypeBody::Params(keywords), .. }) = item {
                self.collect_params(name, keywords, findings);
            }
        }
        for item in &file.items {
            if let Item::Record(def) = item {
                self.collect_record(def, findings);
            }
        }
    }

    fn collect_range(&mut self, def: &'t TypeDef, base: &Name, least: i64, most: i64, findings: &mut Findings) {
        if &*base.text != "number" || least > most || least < 0 {
            findings.mend(
                &rules::types::BAD_RANGE,
                def.span,
                format!("`{}` is no range", def.name.text),
                "write  number LEAST to MOST,  with LEAST not above MOST",
            );
        }
        self.types.insert(&def.name.text, Type::Number { least, most });
    }

    fn collect_lexeme(&mut self, def: &'t TypeDef, language: Option<Language>) {
        let Some(language) = language else { return };
        let id = LexemeId(self.lexemes.len() as u16);
        let ty = Type::Lexical(id);
        self.lexemes.push(LexemeModel { name: def.name.text.clone(), language, ty: ty.clone(), span: def.name.span });
        self.types.insert(&def.name.text, ty);
    }

    fn collect_params(&mut self, name: &'t Name, keywords: &'t [(Name, Option<TypeRef>)], findings: &mut Findings) {
        let mut fields: Vec<(Arc<str>, Type)> = Vec::new();
        let mut kept = Vec::new();
        for (keyword, ty) in keywords {
            let field: Arc<str> = keyword.text.to_ascii_lowercase().replace('-', "_").into();
            if fields.iter().any(|(other, _)| *other == field) {
                findings.mend(
                    &rules::names::DUPLICATE,
                    keyword.span,
                    format!("the keyword `{}` stands here twice", keyword.text),
                    "take one away",
                );
                continue;
            }
            let ty = match ty {
                None => None,
                Some(written) => match types::resolve(self, written, findings) {
                    Some(ty) if self.language(&ty).is_some() => Some(ty),
                    Some(ty) => {
                        let words = types::words(self, &ty);
                        findings.mend(
                            &rules::types::NOT_LEXICAL,
                            written.span,
                            format!("a `{words}` cannot stand in a line"),
                            "take a lexical type, say `word` or `number`",
                        );
                        continue;
                    }
                    None => continue,
                },
            };
            let field_type = Type::Optional(Box::new(ty.clone().unwrap_or(Type::YesNo)));
            fields.push((field, field_type));
            kept.push((keyword.text.clone(), ty));
        }
        // Beside a secret, what is not declared may be one that is misspelt.
        let secret = fields.iter().any(|(_, ty)| types::holds_secret(self, ty));
        let unknown = if secret { Type::Secret(Box::new(Type::Text)) } else { Type::Text };
        fields.push(("unknown".into(), Type::List(Box::new(unknown))));
        let shape = Arc::new(Shape { name: name.text.clone(), fields });
        self.types.insert(&name.text, Type::Params(ParamsId(self.params.len() as u16)));
        self.params.push(ParamsModel { name: name.text.clone(), shape, keywords: kept });
    }

    fn collect_record(&mut self, def: &'t RecordDef, findings: &mut Findings) {
        for field in &def.fields {
            if let Some(most) = &field.ty.most {
                self.bounds.insert((def.name.text.to_string(), field.name.text.to_string()), most);
            }
            let unbounded = field.ty.most.is_none()
                && match &field.ty.kind {
                    TypeKind::List(_) => true,
                    TypeKind::Named(name) => &*name.text == "octets",
                };
            if unbounded {
                findings.mend(
                    &rules::types::NO_BOUND,
                    field.ty.span,
                    format!("`{}` has no bound", field.name.text),
                    "write  at most N  behind it: what a peer can fill must end somewhere",
                );
            }
        }
        let shape = self.shape_of(&def.name, &def.fields, findings);
        self.shapes.push(shape.clone());
        self.types.insert(&def.name.text, Type::Record(shape));
    }

    fn shape_of(&self, name: &Name, fields: &[FieldDef], findings: &mut Findings) -> Arc<Shape> {
        let mut known: Vec<(Arc<str>, Type)> = Vec::new();
        for field in fields {
            if known.iter().any(|(other, _)| *other == field.name.text) {
                findings.mend(
                    &rules::names::DUPLICATE,
                    field.name.span,
                    format!("`{}` has the field `{}` already", name.text, field.name.text),
                    "give one of them another name",
                );
                continue;
            }
            if let Some(default) = &field.default {
                findings.mend(
                    &rules::types::NO_DEFAULT_HERE,
                    default.span,
                    format!("`{}` cannot have a default here", field.name.text),
                    "only settings have defaults",
                );
            }
            if let Some(ty) = types::resolve(self, &field.ty, findings) {
                known.push((field.name.text.clone(), ty));
            }
        }
        Arc::new(Shape { name: name.text.clone(), fields: known })
    }

    fn collect_statement(&mut self, def: &'t SqlDef, origin: program::Origin, findings: &mut Findings) {
        let gives = match &def.gives {
            crate::tree::SqlGives::Nothing => Gives::Nothing,
            crate::tree::SqlGives::Row(fields) => Gives::Row(self.shape_of(&def.name, fields, findings)),
            crate::tree::SqlGives::Rows(fields, most) => {
                Gives::Rows(self.shape_of(&def.name, fields, findings), statements::row_bound(most, findings))
            }
        };
        if let Gives::Row(shape) | Gives::Rows(shape, _) = &gives {
            self.shapes.push(shape.clone());
        }
        let parameters = self.shape_of(&def.name, &def.parameters, findings).fields.clone();
        let columns = match &def.gives {
            crate::tree::SqlGives::Row(fields) | crate::tree::SqlGives::Rows(fields, _) => &fields[..],
            crate::tree::SqlGives::Nothing => &[],
        };
        for field in def.parameters.iter().chain(columns) {
            self.check_column(field, findings);
        }
        let text: Arc<str> = def.text.iter().map(|part| &*part.text).collect::<Vec<_>>().join("\n").into();
        statements::check_parameters(def, &parameters, findings);
        let database = def.database.as_ref().map_or_else(|| "default".into(), |name| name.text.clone());
        self.statements.insert(
            &def.name.text,
            Arc::new(Statement { name: def.name.text.clone(), database, parameters, gives, text, origin }),
        );
    }

    /// A database takes and gives single values.
    fn check_column(&self, field: &FieldDef, findings: &mut Findings) {
        fn is_single(ty: &Type) -> bool {
            match ty {
                Type::Octets | Type::Params(_) | Type::Record(_) | Type::List(_) => false,
                Type::Optional(inner) | Type::Secret(inner) => is_single(inner),
                _ => true,
            }
        }
        // What names no type was told where it stands.
        let mut told = Findings::default();
        if let Some(ty) = types::resolve(self, &field.ty, &mut told)
            && !is_single(&ty)
        {
            let message = format!("`{}` is no type for a value of a database", types::words(self, &ty));
            let help = "ask with a text, a number, a time, an address …, one parameter for each value";
            findings.mend(&rules::types::NO_COLUMN, field.ty.span, message, help);
        }
    }

    fn collect_client(&mut self, def: &'t ClientDef, findings: &mut Findings) {
        let known = |kind: Kind| self.declared.get(&(kind, &*def.name.text)).map(|name| (kind, *name));
        if let Some((_, statement)) = known(Kind::Statement) {
            let message = format!("a statement is called `{}` already", def.name.text);
            let finding = Diagnostic::new(&rules::names::DUPLICATE, def.name.span, message);
            findings.add(finding.other(statement.span, "here").help("give one of them another name"));
        }
        let parameters = def.parameters.iter().map(|field| types::resolve(self, &field.ty, findings)).collect();
        for (place, field) in def.parameters.iter().enumerate() {
            if def.parameters[..place].iter().any(|other| other.name.text == field.name.text) {
                let message = format!("`{}` has the parameter `{}` already", def.name.text, field.name.text);
                findings.mend(&rules::names::DUPLICATE, field.name.span, message, "give one of them another name");
            }
        }
        let mut outcomes: Vec<OutcomeSignature> = Vec::new();
        for (name, values) in &def.variants {
            if &*name.text == "failed" || outcomes.iter().any(|other| other.name == name.text) {
                let message = format!("`{}` gives `{}` already", def.name.text, name.text);
                findings.mend(&rules::names::DUPLICATE, name.span, message, "take it away");
                continue;
            }
            let values = self.shape_of(name, values, findings).fields.clone();
            outcomes.push(OutcomeSignature { name: name.text.clone(), values });
        }
        outcomes.push(OutcomeSignature { name: "failed".into(), values: vec![("why".into(), Type::Text)] });
        self.clients.push(ClientModel { def, parameters, outcomes });
    }

    /// The automaton of a type that can stand in a line.
    pub(crate) fn language(&self, ty: &Type) -> Option<Language> {
        match ty {
            Type::Optional(inner) | Type::Secret(inner) => self.language(inner),
            Type::Lexical(id) => Some(self.lexemes[usize::from(id.0)].language.clone()),
            Type::Params(_) => Some(Language::params()),
            Type::Number { least, most } => Some(Language::of_number(*least, *most)),
            Type::List(inner) => Language::list_of(&self.language(inner)?),
            _ => Language::of_type(ty),
        }
    }

    /// Counters are declared by the lines of `limits` that bound them.
    pub(crate) fn declare_counters(&mut self, names: Vec<&'t Name>) {
        self.places.extend(names.into_iter().map(|name| (Kind::Counter, name)));
    }

    /// The bound that a record declares for a field.
    pub(crate) fn bound(&self, record: &str, field: &str) -> Option<&'t crate::tree::Expr> {
        self.bounds.get(&(record.to_owned(), field.to_owned())).copied()
    }

    /// The bounds of all fields that have one.
    pub(crate) fn bounds(&self) -> BTreeMap<(Arc<str>, Arc<str>), Option<i64>> {
        let bound = |(record, field): &(String, String)| {
            ((Arc::from(record.as_str()), Arc::from(field.as_str())), self.plain_bound(record, field))
        };
        self.bounds.keys().map(bound).collect()
    }

    /// That bound, where it is a number.
    pub(crate) fn plain_bound(&self, record: &str, field: &str) -> Option<i64> {
        match self.bound(record, field)?.kind {
            crate::tree::ExprKind::Number(most) | crate::tree::ExprKind::Size(most) => Some(most),
            _ => None,
        }
    }

    /// The state of that name.
    pub(crate) fn state(&self, name: &str) -> Option<StateId> {
        self.state_places.get(name).copied()
    }

    /// The names of all states.
    pub(crate) fn state_names(&self) -> Vec<&str> {
        self.states.iter().map(|state| &*state.def.name.text).collect()
    }

    /// The fact of that name.
    pub(crate) fn fact(&self, name: &str) -> Option<FactId> {
        self.fact_places.get(name).copied()
    }

    /// The setting of that name.
    pub(crate) fn setting(&self, name: &str) -> Option<SettingId> {
        let found = self.setting_places.get(name).copied()?;
        self.mark(Kind::Setting, name);
        Some(found)
    }

    /// Remembers that something is used.
    pub(crate) fn mark(&self, kind: Kind, name: &str) {
        let key = (kind, name.to_owned());
        self.used.borrow_mut().insert(key);
    }

    /// Remembers that a type is used.
    pub(crate) fn use_type(&self, name: &str) {
        self.mark(Kind::Type, name);
    }

    /// What is declared and was never used.
    pub(crate) fn unused(&self) -> impl Iterator<Item = (Kind, &'t Name)> + '_ {
        let used = self.used.borrow();
        let unused: Vec<(Kind, &'t Name)> = self
            .places
            .iter()
            .filter(|(kind, name)| !used.contains(&(*kind, name.text.to_string())))
            .copied()
            .collect();
        unused.into_iter()
    }

    /// The type of the value that a hole or a field of this type gives: parameter sets are read as records.
    pub(crate) fn value_type(&self, ty: &Type) -> Type {
        match ty {
            Type::Params(id) => Type::Record(self.params[usize::from(id.0)].shape.clone()),
            Type::Optional(inner) if matches!(**inner, Type::Params(_)) => self.value_type(inner),
            Type::Optional(inner) => Type::Optional(Box::new(self.value_type(inner))),
            Type::Secret(inner) => Type::Secret(Box::new(self.value_type(inner))),
            Type::List(inner) => Type::List(Box::new(self.value_type(inner))),
            Type::Written(_) => Type::Text,
            Type::LenientReversePath => Type::ReversePath,
            Type::LenientForwardPath => Type::ForwardPath,
            other => other.clone(),
        }
    }

    /// The parameter sets with their values' lexemes resolved by `lexeme`.
    pub(crate) fn params_types(&self, lexeme: &mut dyn FnMut(&Type) -> Option<LexemeId>) -> Vec<program::ParamsType> {
        self.params
            .iter()
            .map(|params| program::ParamsType {
                name: params.name.clone(),
                shape: params.shape.clone(),
                keywords: params
                    .keywords
                    .iter()
                    .map(|(text, ty)| Keyword { text: text.clone(), value: ty.as_ref().and_then(&mut *lexeme) })
                    .collect(),
            })
            .collect()
    }
}
