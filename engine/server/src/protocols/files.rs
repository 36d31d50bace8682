//! Protocol files: found in their folder, read, compiled.
//!
//! Never: knows the language; that is `grammar`'s.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use diagnostic::{Diagnostic, FileId};
use grammar::Folder;
use program::{Ending, Program, Source};

use crate::{findings::Findings, protocols::counterexamples};

/// How a protocol file's name ends.
pub const ENDING: &str = ".proto.dsl";

/// The protocols of one folder that were asked for, by name; none for one that does not compile.
#[derive(Debug, Default, Clone)]
pub struct Protocols {
    compiled: BTreeMap<String, Option<Arc<Program>>>,
    /// Those of an earlier look at the folder.
    former: BTreeMap<String, Arc<Program>>,
}

impl Protocols {
    /// None yet; those that are the same as before are not compiled again.
    pub fn after(former: Protocols) -> Protocols {
        let compiled = former.compiled.into_iter();
        let former = compiled.filter_map(|(name, program)| program.map(|program| (name, program))).collect();
        Protocols { compiled: BTreeMap::new(), former }
    }

    /// Forgets those of the earlier look.
    pub fn settled(mut self) -> Protocols {
        self.former.clear();
        self
    }

    /// The protocol of that name: none if there is no such file, `Some(None)` if it does not compile.
    pub fn named(&self, name: &str) -> Option<Option<&Arc<Program>>> {
        self.compiled.get(name).map(Option::as_ref)
    }

    /// The names that are there.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.compiled.keys().map(String::as_str)
    }

    /// Adds one from its path and text. What it takes over and imports is looked for beside it.
    pub fn add(&mut self, name: &str, shown: &str, text: &str, findings: &mut Findings) {
        let folder = Path::new(shown).parent().unwrap_or(Path::new(""));
        self.add_within(&Beside(folder), name, (shown, text), findings);
    }

    /// Adds one from its path and text, in a folder that may be none of the disk's.
    pub fn add_within(
        &mut self,
        beside: &dyn Folder,
        name: &str,
        (shown, text): (&str, &str),
        findings: &mut Findings,
    ) {
        let file = findings.sources.shared(shown, text);
        let known = self.former.get(name).filter(|program| is_of(program, (shown, text), beside)).cloned();
        let program = known.or_else(|| compile(findings, file, beside).map(Arc::new));
        self.compiled.insert(name.to_string(), program);
    }

    /// Adds those of a folder whose names are wanted. Paths are shown as they were given.
    ///
    /// # Errors
    /// The folder or a file cannot be read, with its path.
    pub fn add_folder(
        &mut self,
        folder: &Path,
        wanted: impl Fn(&str) -> bool,
        findings: &mut Findings,
    ) -> Result<(), (PathBuf, io::Error)> {
        for (name, path) in files(folder).map_err(|error| (folder.to_path_buf(), error))? {
            if wanted(&name) {
                let text = fs::read_to_string(&path).map_err(|error| (path.clone(), error))?;
                self.add(&name, &path.to_string_lossy(), &text, findings);
            } else {
                self.compiled.entry(name).or_default();
            }
        }
        Ok(())
    }
}

/// The files of a folder of protocols.
struct Beside<'a>(&'a Path);

impl Folder for Beside<'_> {
    fn text(&self, name: &str) -> Result<Option<(String, String)>, String> {
        let path = self.0.join(name);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some((path.to_string_lossy().into_owned(), text))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(if self.0.as_os_str().is_empty() { Path::new(".") } else { self.0 });
        let names = entries.into_iter().flatten().flatten().filter_map(|entry| entry.file_name().into_string().ok());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }
}

/// The name of the protocol that a file holds, by the file's name.
pub fn name_of(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()?.strip_suffix(ENDING)
}

/// Whether a protocol begins TLS in the middle of a session.
pub fn starts_tls(program: &Program) -> bool {
    program.code.iter().any(|op| matches!(op.ends(), Some(Ending::Secure(_))))
}

/// Whether a program was compiled from that text, and from others that still stand beside it as they did.
fn is_of(program: &Program, (shown, text): (&str, &str), beside: &dyn Folder) -> bool {
    let Some((own, others)) = program.sources.split_first() else { return false };
    let stands = |source: &Source| {
        let name = source.name.rsplit('/').next().unwrap_or_default();
        beside.text(name).is_ok_and(|found| found.is_some_and(|(_, text)| *text == *source.text))
    };
    *own.name == *shown && *own.text == *text && others.iter().all(stands)
}

/// Protocol files of a folder by name, sorted.
fn files(folder: &Path) -> io::Result<BTreeMap<String, PathBuf>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if let Some(name) = name_of(&path) {
            found.insert(name.to_string(), path.clone());
        }
    }
    Ok(found)
}

/// The one place where text becomes a program.
fn compile(findings: &mut Findings, file: FileId, beside: &dyn Folder) -> Option<Program> {
    let mut compiled = grammar::compile_in(&mut findings.sources, file, beside, actions::signatures());
    counterexamples::add(&mut compiled, &findings.sources);
    for finding in compiled.findings {
        // Two protocols that stand on a third find the same in it.
        let is_told = |told: &Diagnostic| {
            (told.rule.code, told.span, &told.message) == (finding.rule.code, finding.span, &finding.message)
        };
        if !findings.list.iter().any(is_told) {
            findings.list.push(finding);
        }
    }
    compiled.program
}
