//! One compilation: what is known so far, and how the program is put together at the end.
//!
//! Never: lowers a statement; each kind has a file of its own.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use diagnostic::{Diagnostic, FileId, Sources, Span};
use program::{
    CounterId, Expr, Handler, Lexeme, LexemeId, Op, Origin, Pc, Program, Reply, Signature, Source, StateId, Tag, Type,
};

use crate::{
    check::{
        findings::Findings,
        lexemes,
        model::Model,
        types, unheld, unused,
        work::{Part as Working, Work},
    },
    compile::{
        command::Command,
        doubt::Doubt,
        flow::Answers,
        offer::{Offered, Stand},
        once::Cut,
        promise::Watched,
        service,
    },
    lexical::{Begins, Form, Part},
    rules,
    tree::{self, Name},
};

/// One compilation: a stage makes the next value of what those before it made.
///
/// The names of the file, the templates of its commands and the numbers of all things come first. The types of its facts
/// are learnt from what is assigned to them; with them, each body is typed and lowered in one walk, since what is known on
/// a path is written in terms of what was lowered.
pub(super) struct Compiler<'t> {
    pub(super) sources: &'t Sources,
    /// The files of the protocol, its own first.
    pub(super) files: &'t [(FileId, bool)],
    pub(super) actions: &'t [Arc<Signature>],
    pub(super) model: Model<'t>,
    pub(super) findings: Findings,
    /// What is left of the work of this check.
    pub(super) work: Work,
    /// The header's place, for what is missing from the whole file.
    pub(super) whole: Span,
    /// Whether nothing is wrong with the form of the file: what is missing then was never written.
    pub(super) well_formed: bool,
    /// The place of each routine in an order where those that run others come before these.
    pub(super) routine_order: HashMap<Arc<str>, usize>,
    /// Every handler of the file, once.
    pub(super) commands: Vec<Command<'t>>,
    /// All verbs, sorted.
    pub(super) verbs: Vec<program::Verb>,
    /// Counters by name, with the line of `limits` that bounds each.
    pub(super) counters: Vec<(Arc<str>, &'t tree::AnswerRule)>,
    pub(super) lexemes: Vec<Lexeme>,
    /// The word before every command.
    tag: Option<Tag>,
    /// The types of the facts, as far as they are learnt.
    pub(super) types: Types,
    /// What the bodies have become.
    pub(super) lowered: Lowered,
    /// While the default of a setting is lowered, how many settings come before it.
    pub(super) settings_before: Option<usize>,
}

/// What is wanted of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// What there is to say about it.
    Findings,
    /// A program, too.
    Program,
}

/// The types of the facts, learnt round after round.
pub(super) struct Types {
    /// As far as they are learnt.
    pub(super) facts: Vec<Option<Type>>,
    /// How often that of each fact was learnt anew.
    pub(super) changes: Vec<u8>,
    /// Whether the present round has learnt one.
    pub(super) learnt: bool,
}

impl Types {
    fn new(facts: usize) -> Types {
        Types { facts: vec![None; facts], changes: vec![0; facts], learnt: false }
    }
}

/// What the bodies of a file have become, and what was seen on the way that is judged when all of them are there.
#[derive(Default)]
pub(super) struct Lowered {
    /// The clients, as far as they are lowered.
    pub(super) clients: Vec<Arc<program::Client>>,
    pub(super) code: Vec<Op>,
    pub(super) origins: Vec<Origin>,
    pub(super) replies: Vec<Reply>,
    /// What each state's `enter` does; known once it is lowered.
    pub(super) enters: Vec<Entered>,
    /// For each state the beginning of its `leave`.
    pub(super) leaves: Vec<Option<Pc>>,
    /// The code of each state, for reachability.
    pub(super) bounds: Vec<(StateId, Pc, Pc)>,
    pub(super) handlers: Vec<Handler>,
    pub(super) stands: Vec<Stand>,
    pub(super) offered: Vec<Offered>,
    pub(super) slots: u16,
    /// What has no answer, in the words of the language, with what makes one needed.
    pub(super) unanswered: Vec<(&'static str, Option<Span>)>,
    /// Where each promise could be broken, in the order of the promises.
    pub(super) watched: Vec<Watched>,
    /// Whether the lines of a command begin as a promise says: command, promise.
    pub(super) begins: BTreeMap<(usize, usize), Begins>,
    /// Names in a promise that mean a fact and, at the place that is looked at, something else.
    pub(super) twofold: Vec<Name>,
    /// Where values are used that may be absent.
    pub(super) doubts: Vec<Doubt>,
    /// What must hold for what is being lowered to be looked at: `a`, for the `b` of `a and b`.
    pub(super) only_if: Vec<Expr>,
    /// Which answers of `unexpected` and `limits` may run in the middle of others.
    pub(super) cuts: Vec<Cut>,
    /// Where a local was added to a payload and was not read since.
    pub(super) moved: Vec<(program::Slot, Pc)>,
    /// Where the first `prompt` stands, if there is one.
    pub(super) prompts: Option<Span>,
    /// Where the first one that asks for a secret stands.
    pub(super) secret_prompt: Option<Span>,
}

impl Lowered {
    /// Nothing yet, of a file with so many facts, states and promises. What was found out of templates stays.
    pub(super) fn anew(self, model: &Model<'_>) -> Lowered {
        Lowered {
            slots: model.facts.len() as u16,
            enters: vec![Entered::Unknown; model.states.len()],
            leaves: vec![None; model.states.len()],
            watched: vec![Watched::default(); model.promises.len()],
            begins: self.begins,
            ..Lowered::default()
        }
    }
}

/// The `enter` of a state as far as it is lowered.
#[derive(Clone, Copy)]
pub(super) enum Entered {
    /// Not yet.
    Unknown,
    /// Being lowered: coming here again is a circle.
    Within,
    /// Where it begins, and the answers it gives.
    Done(Option<Pc>, Answers),
}

impl<'t> Compiler<'t> {
    /// Names, templates and numbers: all that bodies stand on.
    fn prepared(
        (tree, files): (&'t tree::File, &'t [(FileId, bool)]),
        sources: &'t Sources,
        actions: &'t [Arc<Signature>],
        whole: bool,
    ) -> Compiler<'t> {
        let mut findings = Findings::default();
        let mut work = Work::new();
        let model = Model::collect(tree, &|span| origin(sources, files, span), &mut findings, &mut work);
        let mut compiler = Compiler {
            sources,
            files,
            actions,
            types: Types::new(model.facts.len()),
            model,
            findings,
            work,
            whole: tree.header.as_ref().map(|header| header.span).unwrap_or_default(),
            well_formed: whole,
            routine_order: HashMap::new(),
            commands: Vec::new(),
            verbs: Vec::new(),
            counters: Vec::new(),
            lexemes: Vec::new(),
            tag: None,
            lowered: Lowered::default(),
            settings_before: None,
        };
        compiler.check_names();
        compiler.declared_lexemes();
        compiler.tag = compiler.tag();
        compiler.prepare_commands();
        compiler.prepare_counters();
        compiler.order_routines();
        compiler
    }

    /// Checks a file, and puts its program together if that is wanted and can be. Nothing is proved of it yet.
    pub(super) fn run(
        texts: (&'t tree::File, &'t [(FileId, bool)]),
        sources: &'t Sources,
        actions: &'t [Arc<Signature>],
        whole: bool,
        wanted: Wanted,
    ) -> (Option<Program>, Findings) {
        let (tree, files) = texts;
        let mut compiler = Compiler::prepared(texts, sources, actions, whole);
        let start = compiler.start(whole);
        compiler.learn_types();
        let service = compiler.lower(whole);
        let is_possible = compiler.judge(service.as_ref(), start, whole);
        let program = match (start, service) {
            (Some(start), Some(service)) if is_possible && wanted == Wanted::Program => {
                // An automaton that became too large leaves its state out.
                compiler.assemble(tree, start, service).filter(|_| compiler.is_shown())
            }
            _ => None,
        };
        if let Some(program) = &program {
            compiler.check_waits(program);
        }
        if whole && !compiler.work.is_over() {
            unheld::check(tree, &mut compiler.findings);
            unused::check(&compiler.model, files.first().map(|(file, _)| *file), &mut compiler.findings);
        }
        (program, compiler.findings)
    }

    /// Counts steps of work; false when there were too many, which is told: then nothing more is looked at.
    pub(super) fn spend(&mut self, part: Working, steps: usize) -> bool {
        let goes_on = self.work.spend(part, steps as u64);
        self.gives_up_unless(goes_on)
    }

    /// Counts what is made, too.
    pub(super) fn keep(&mut self, part: Working, units: usize) -> bool {
        let goes_on = self.work.keep(part, units as u64);
        self.gives_up_unless(goes_on)
    }

    fn gives_up_unless(&mut self, goes_on: bool) -> bool {
        if !goes_on {
            self.findings.give_up(self.work.finding(self.whole));
        }
        goes_on
    }

    /// The one state that sessions begin in.
    pub(super) fn start(&mut self, whole: bool) -> Option<StateId> {
        let states = self.model.states.iter().enumerate();
        let starts: Vec<(usize, Span)> =
            states.filter(|(_, state)| state.def.start).map(|(place, state)| (place, state.def.name.span)).collect();
        for (_, span) in starts.iter().skip(1) {
            self.findings.add(
                Diagnostic::new(&rules::states::START, *span, "a second state where sessions begin")
                    .other(starts[0].1, "the first")
                    .help("take the word `start` off one of them"),
            );
        }
        let Some((place, span)) = starts.first().copied() else {
            if whole {
                let span = self.model.states.first().map(|state| state.def.name.span).unwrap_or_default();
                self.findings.mend(
                    &rules::states::START,
                    span,
                    "no state says that sessions begin in it",
                    "write  start state …  before one of them",
                );
            }
            return None;
        };
        if self.model.states[place].facts.values().any(|optional| !optional) {
            self.findings.mend(
                &rules::states::START,
                span,
                "a session begins here, and nothing can have supplied the facts of this state",
                "begin in a state without facts",
            );
        }
        Some(StateId(place as u16))
    }

    /// Makes the program of what was lowered.
    pub(super) fn assemble(&mut self, tree: &tree::File, start: StateId, service: service::Service) -> Option<Program> {
        let header = tree.header.as_ref()?;
        let settings = self.settings();
        let facts = self.known_facts();
        let states = self.states();
        let framed = self.framed();
        let params = self.params();
        let request = self.attributes();
        Some(Program {
            name: header.name.text.clone(),
            title: header.title.as_ref().map_or_else(|| "".into(), |title| title.text.clone()),
            version: header.version,
            wire: program::Wire { request, tag: self.tag.clone(), ..self.model.wire.wire() },
            settings,
            facts,
            slots: usize::from(self.lowered.slots),
            counters: service.counters,
            states,
            start,
            handlers: std::mem::take(&mut self.lowered.handlers),
            code: std::mem::take(&mut self.lowered.code),
            origins: std::mem::take(&mut self.lowered.origins),
            replies: std::mem::take(&mut self.lowered.replies),
            lexemes: std::mem::take(&mut self.lexemes),
            params,
            shapes: self.model.shapes.clone(),
            bounds: self.model.bounds(),
            statements: self.model.statements.values().cloned().collect(),
            clients: std::mem::take(&mut self.lowered.clients),
            verbs: std::mem::take(&mut self.verbs),
            framed,
            unexpected: service.unexpected,
            limits: service.limits,
            reload: self.reload_rule(),
            promises: self.promises(),
            sources: self.source_texts(),
        })
    }

    fn source_texts(&self) -> Vec<Source> {
        let files = self.files.iter();
        files
            .map(|(file, taken)| Source {
                name: self.sources.name(*file).clone(),
                text: self.sources.text(*file).clone(),
                taken: *taken,
            })
            .collect()
    }

    /// Where a span begins, for the program.
    pub(super) fn origin(&self, span: Span) -> Origin {
        origin(self.sources, self.files, span)
    }

    /// Appends an instruction.
    pub(super) fn emit(&mut self, op: Op, span: Span) -> Pc {
        self.keep(Working::Bodies, 2);
        self.lowered.code.push(op);
        self.lowered.origins.push(self.origin(span));
        Pc(self.lowered.code.len() as u32 - 1)
    }

    /// Where the next instruction will stand.
    pub(super) fn here(&self) -> Pc {
        Pc(self.lowered.code.len() as u32)
    }

    /// Lets a jump that was emitted earlier go to the next instruction.
    pub(super) fn land(&mut self, jump: Pc) {
        let here = self.here();
        match &mut self.lowered.code[jump.0 as usize] {
            Op::Unless { target, .. } | Op::Jump(target) => *target = here,
            Op::Next { end, .. } => *end = here,
            _ => {}
        }
    }

    /// The lexemes of declared types come first, so that their numbers agree with the types.
    pub(super) fn declared_lexemes(&mut self) {
        for place in 0..self.model.lexemes.len() {
            let declared = &self.model.lexemes[place];
            let (name, ty) = (declared.name.clone(), declared.ty.clone());
            let (sample, blank) = (sample(&declared.language), declared.language.needs_blank());
            let states = declared.language.states();
            if !self.keep(Working::Types, 16 * states) {
                return;
            }
            let declared = &self.model.lexemes[place];
            match whole(declared.language.clone()).template() {
                Ok(template) => self.lexemes.push(Lexeme { name, ty, template, sample, blank }),
                Err(error) => self.findings.add(lexemes::finding(&error, declared.span)),
            }
        }
    }

    /// The automaton for whole texts of this type.
    pub(super) fn lexeme(&mut self, ty: &Type) -> Option<LexemeId> {
        if let Some(found) = self.lexemes.iter().position(|lexeme| lexeme.ty == *ty) {
            return Some(LexemeId(found as u16));
        }
        let language = self.model.language(ty)?;
        let (sample, blank) = (sample(&language), language.needs_blank());
        let template = whole(language).template().ok()?;
        let name = types::words(&self.model, ty).into();
        self.lexemes.push(Lexeme { name, ty: ty.clone(), template, sample, blank });
        Some(LexemeId(self.lexemes.len() as u16 - 1))
    }

    /// The word before every command.
    fn tag(&mut self) -> Option<Tag> {
        let missing = self.model.wire.command?.1.text.clone();
        let written = self.model.wire.tag_type()?;
        let ty = types::resolve(&self.model, written, &mut self.findings)?;
        let Some(lexeme) = self.lexeme(&ty) else {
            let words = types::words(&self.model, &ty);
            self.findings.mend(
                &rules::types::NOT_LEXICAL,
                self.model.wire.command?.0.span,
                format!("a {words} cannot stand in a line"),
                "take a lexical type, say `word` or one of your own",
            );
            return None;
        };
        Some(Tag { lexeme, missing })
    }

    pub(super) fn params(&mut self) -> Vec<program::ParamsType> {
        let params = self.model.params.iter();
        let wanted: Vec<Type> =
            params.flat_map(|params| params.keywords.iter().filter_map(|(_, ty)| ty.clone())).collect();
        for ty in &wanted {
            self.lexeme(ty);
        }
        let place = |ty: &Type| self.lexemes.iter().position(|lexeme| lexeme.ty == *ty);
        self.model.params_types(&mut |ty| place(ty).map(|place| LexemeId(place as u16)))
    }

    pub(super) fn counter(&self, name: &str) -> Option<CounterId> {
        self.counters.iter().position(|(counter, _)| **counter == *name).map(|place| CounterId(place as u16))
    }
}

/// The shortest text of a language.
fn sample(language: &crate::lexical::Language) -> Arc<str> {
    String::from_utf8_lossy(&language.shortest().unwrap_or_default()).into()
}

/// The form of a whole text in one language.
fn whole(language: crate::lexical::Language) -> Form {
    Form { parts: vec![Part::Hole(language)], exact_case: true }
}

/// Where a span begins, by the number of its file in the program.
fn origin(sources: &Sources, files: &[(FileId, bool)], span: Span) -> Origin {
    let (line, column) = sources.position(span);
    let file = files.iter().position(|(file, _)| *file == span.file).unwrap_or_default() as u16;
    Origin { file, line, column }
}
