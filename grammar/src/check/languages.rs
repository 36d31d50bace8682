//! The languages of the lexical types that a file declares. Rules may use each other, in any order, but not in a circle.
//!
//! Never: reads a rule twice, or deeper into the stack for a longer chain of rules.

use std::collections::{HashMap, HashSet};

use crate::{
    check::{
        findings::Findings,
        lexemes,
        model::Model,
        work::{Part, Work},
    },
    lexical::{self, Language},
    rules,
    tree::{Abnf, File, Item, Name, TypeBody, TypeDef},
};

/// What a rule of unknown length counts as; more is too large in any case.
const MOST_SIZE: usize = 200_000;

/// The rules of a file, as far as they are read.
pub(crate) struct Languages<'t, 'm> {
    model: &'m Model<'t>,
    rules: Vec<&'t TypeDef>,
    /// Rules by their names, and without regard to case.
    named: HashMap<String, &'t TypeDef>,
    /// The language of each; none where something is wrong with it, which is told.
    read: HashMap<&'t str, Option<Language>>,
}

impl<'t, 'm> Languages<'t, 'm> {
    /// The rules of a file, none of them read.
    pub(crate) fn new(file: &'t File, model: &'m Model<'t>) -> Languages<'t, 'm> {
        let rules = file.items.iter().filter_map(|item| match item {
            Item::Type(def) if matches!(def.body, TypeBody::Abnf(_)) => Some(def),
            _ => None,
        });
        let rules: Vec<&TypeDef> = rules.collect();
        let mut named = HashMap::new();
        for def in &rules {
            named.entry(def.name.text.to_ascii_lowercase()).or_insert(*def);
        }
        Languages { model, rules, named, read: HashMap::new() }
    }

    /// The language of each rule by its name, those that it uses read before it.
    pub(crate) fn read(mut self, findings: &mut Findings, work: &mut Work) -> HashMap<&'t str, Option<Language>> {
        let mut begun: HashSet<&str> = HashSet::new();
        for def in self.rules.clone() {
            let mut open = vec![def];
            while let Some(def) = open.last().copied() {
                let name = &*def.name.text;
                if self.read.contains_key(name) {
                    open.pop();
                    continue;
                }
                let before = open.len();
                if begun.insert(name) {
                    let used = self.used(def).into_iter().filter_map(|name| self.rule(name));
                    open.extend(used.filter(|used| !begun.contains(&*used.name.text)));
                }
                if open.len() == before {
                    open.pop();
                    let language = self.language(def, findings, work);
                    self.read.insert(name, language);
                }
            }
        }
        self.read
    }

    fn rule(&self, name: &Name) -> Option<&'t TypeDef> {
        self.named.get(&name.text.to_ascii_lowercase()).copied()
    }

    /// The names that stand in a rule.
    fn used(&self, def: &'t TypeDef) -> Vec<&'t Name> {
        let TypeBody::Abnf(abnf) = &def.body else { return Vec::new() };
        let mut found = Vec::new();
        let mut open = vec![abnf];
        while let Some(abnf) = open.pop() {
            match abnf {
                Abnf::Alternation(parts) | Abnf::Concatenation(parts) => open.extend(parts),
                Abnf::Repetition(_, _, part) => open.push(part),
                Abnf::Rule(name) => found.push(name),
                Abnf::Text { .. } | Abnf::Range(..) | Abnf::Values(..) => {}
            }
        }
        found
    }

    /// The language of a rule, those that it uses being read.
    fn language(&self, def: &'t TypeDef, findings: &mut Findings, work: &mut Work) -> Option<Language> {
        let TypeBody::Abnf(abnf) = &def.body else { return None };
        if !work.spend(Part::Types, 16 + 2 * self.size(abnf) as u64) {
            return None;
        }
        let (mut circle, mut broken) = (None, false);
        let built = Language::of_abnf(abnf, &mut |name: &Name| {
            self.model.use_type(&name.text);
            let Some(inner) = self.rule(name) else {
                return lexical::builtin(&name.text).and_then(|ty| Language::of_type(&ty));
            };
            match self.read.get(&*inner.name.text) {
                Some(Some(language)) => Some(language.clone()),
                Some(None) => {
                    broken = true;
                    None
                }
                None => {
                    circle = Some(name.clone());
                    None
                }
            }
        });
        if let Some(name) = circle {
            findings.mend(
                &rules::types::NOT_REGULAR,
                name.span,
                format!("`{}` is made of itself", name.text),
                "a lexical type must be regular: write the repetition with * or 1*",
            );
            return None;
        }
        match built {
            _ if broken => None,
            Ok(language) if language.is_empty() => {
                findings.tell(&rules::types::NOT_REGULAR, def.span, format!("nothing fits `{}`", def.name.text));
                None
            }
            Ok(language) => {
                work.keep(Part::Types, 4 * language.states() as u64);
                Some(language)
            }
            Err(error) => {
                findings.add(lexemes::finding(&error, def.name.span));
                None
            }
        }
    }

    /// About how large the automaton of a rule is before it is made minimal.
    fn size(&self, abnf: &Abnf) -> usize {
        let all = |parts: &[Abnf]| parts.iter().fold(1_usize, |sum, part| sum.saturating_add(self.size(part)));
        let size = match abnf {
            Abnf::Alternation(parts) | Abnf::Concatenation(parts) => all(parts),
            Abnf::Repetition(least, most, part) => {
                self.size(part).saturating_mul(most.unwrap_or(*least).max(1) as usize).saturating_add(1)
            }
            Abnf::Text { text, .. } => text.len(),
            Abnf::Range(..) => 1,
            Abnf::Values(values, _) => values.len(),
            Abnf::Rule(name) => {
                let known = self.rule(name).and_then(|def| self.read.get(&*def.name.text));
                known.and_then(Option::as_ref).map_or(64, Language::states)
            }
        };
        size.min(MOST_SIZE)
    }
}
