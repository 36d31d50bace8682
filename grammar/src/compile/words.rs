//! The words that mean something without being declared, and what may not be called so.
//!
//! Guards, promises and the proof that secrets travel under TLS speak in these words. A fact, a hole or a local of such a
//! name would be spoken of instead.
//!
//! Never: says what a word stands for; that is `place`.

use diagnostic::Diagnostic;
use program::{Slot, Type};

use crate::{
    compile::{
        Compiler,
        flow::Path,
        scope::{BodyKind, Scope},
    },
    rules,
    tree::Name,
};

/// Where a word is known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    Everywhere,
    /// In all that is said to a client; not in what is said to another server.
    Sessions,
    /// Only in `unexpected` and `limits`.
    Outside,
    /// Where the wire has requests.
    Requests,
}

/// Every word that is known without being declared. A word that is not here means nothing.
const WORDS: [(&str, Known); 12] = [
    ("settings", Known::Everywhere),
    ("local", Known::Everywhere),
    ("tls", Known::Everywhere),
    ("now", Known::Everywhere),
    ("peer", Known::Sessions),
    ("session", Known::Sessions),
    ("commands", Known::Sessions),
    ("request", Known::Requests),
    ("usage", Known::Outside),
    ("expected", Known::Outside),
    ("verb", Known::Outside),
    ("line", Known::Outside),
];

fn known(word: &str) -> Option<Known> {
    WORDS.iter().find(|(known, _)| *known == word).map(|(_, known)| *known)
}

impl Compiler<'_> {
    /// Whether the word means something in this kind of body without being declared.
    pub(super) fn is_word(&self, kind: BodyKind, word: &str) -> bool {
        match known(word) {
            None => false,
            Some(Known::Everywhere) => true,
            Some(Known::Sessions) => kind != BodyKind::Client,
            Some(Known::Outside) => kind == BodyKind::Outside,
            Some(Known::Requests) => self.model.request.is_some(),
        }
    }

    /// Binds a name to a new slot.
    pub(super) fn bind_name(&mut self, scope: &mut Scope, path: &mut Path, name: &Name, ty: Option<Type>) -> Slot {
        self.check_name(scope, name);
        let slot = scope.bind(&name.text, ty);
        path.known.forget(slot);
        slot
    }

    /// Something is bound in a body. It may not take the name of a word that is known there.
    pub(super) fn check_name(&mut self, scope: &Scope, name: &Name) {
        match known(&name.text) {
            Some(Known::Outside) if scope.kind != BodyKind::Outside => {}
            _ => self.check_declared(name),
        }
    }

    /// A hole takes a name in the bodies of commands, where the words of `unexpected` and `limits` mean nothing.
    pub(super) fn check_hole(&mut self, name: &Name) {
        if known(&name.text) != Some(Known::Outside) {
            self.check_declared(name);
        }
    }

    /// Facts, parameters and offers are names of the whole file.
    pub(super) fn check_names(&mut self) {
        let states = self.model.states.iter().flat_map(|state| state.def.facts.iter().map(|(name, _)| name));
        let offers = self.model.offers.values().map(|offers| &offers.name);
        let names: Vec<&Name> = states.chain(offers).collect();
        names.into_iter().for_each(|name| self.check_declared(name));
        let clients = self.model.clients.iter().flat_map(|client| client.def.parameters.iter());
        let parameters: Vec<&Name> = clients.map(|field| &field.name).collect();
        parameters.into_iter().for_each(|name| self.check_hole(name));
    }

    fn check_declared(&mut self, name: &Name) {
        let taken = match known(&name.text) {
            None => false,
            Some(Known::Requests) => self.model.request.is_some(),
            Some(_) => true,
        };
        if taken {
            self.findings.add(
                Diagnostic::new(
                    &rules::names::KNOWN_WORD,
                    name.span,
                    format!("`{}` means something already", name.text),
                )
                .label("guards and promises speak in this word")
                .help("take another name"),
            );
        }
    }
}
