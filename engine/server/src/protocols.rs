//! Protocol files: found in their folder, read, compiled.
//!
//! Never: knows the language; that is `grammar`'s.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use diagnostic::FileId;
use program::{Op, Program};

use crate::findings::Findings;

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

    /// Adds one from its text.
    pub fn add(&mut self, name: &str, shown: &str, text: &str, findings: &mut Findings) {
        let file = findings.sources.add(shown, text);
        let known = self.former.get(name).filter(|program| is_of(program, shown, text)).cloned();
        let program = known.or_else(|| compile(findings, file).map(Arc::new));
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

/// The name of the protocol that a file holds, by the file's name.
pub fn name_of(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()?.strip_suffix(ENDING)
}

/// Whether a protocol begins TLS in the middle of a session.
pub fn starts_tls(program: &Program) -> bool {
    program.code.iter().any(|op| matches!(op, Op::StartTls(_)))
}

/// Whether a program was compiled from that text alone.
fn is_of(program: &Program, shown: &str, text: &str) -> bool {
    matches!(&program.sources[..], [source] if *source.name == *shown && *source.text == *text)
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
fn compile(findings: &mut Findings, file: FileId) -> Option<Program> {
    let (program, found) = grammar::compile(&findings.sources, file, actions::signatures());
    findings.list.extend(found);
    program
}
