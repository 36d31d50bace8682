//! Which files belong to a protocol, and their trees.
//!
//! Never: opens a file itself; whoever compiles gives the folder.

use std::sync::Arc;

use diagnostic::{Diagnostic, FileId, Sources, nearest};

use super::{Gathered, edit};
use crate::{
    parse,
    rules::edits,
    tree::{File, Item, Name},
};

/// The files beside a protocol, as [`compile_in`](crate::compile_in) asks for them.
pub trait Folder {
    /// The path and the text of a file of this folder, if there is one of that name. The name is a plain one: it holds
    /// no separator and does not begin with a dot.
    ///
    /// # Errors
    /// The file is there and cannot be read: why, in words.
    fn text(&self, name: &str) -> Result<Option<(String, String)>, String>;

    /// The names of its files.
    fn names(&self) -> Vec<String>;
}

/// The most protocols that may stand in a row of `from`.
const MOST_BASES: usize = 8;
/// The most files of one protocol.
const MOST_FILES: usize = 64;
/// How the name of a protocol file ends.
const PROTOCOL: &str = ".proto.dsl";
/// How the name of a part ends.
const PART: &str = ".part.dsl";

/// Where other files come from.
pub(super) trait Library {
    /// The text of a file that was opened.
    fn text(&self, file: FileId) -> Arc<str>;
    /// Opens a file; no number if there is none.
    fn open(&mut self, name: &str) -> Result<Option<FileId>, String>;
    /// The names of all files.
    fn names(&self) -> Vec<String>;
}

/// A file on its own.
pub(super) struct Alone<'a>(pub(super) &'a Sources);

/// A file in its folder.
pub(super) struct Beside<'a> {
    pub(super) sources: &'a mut Sources,
    pub(super) folder: &'a dyn Folder,
}

impl Library for Alone<'_> {
    fn text(&self, file: FileId) -> Arc<str> {
        self.0.text(file).clone()
    }

    fn open(&mut self, _: &str) -> Result<Option<FileId>, String> {
        Err("this text stands in no folder".into())
    }

    fn names(&self) -> Vec<String> {
        Vec::new()
    }
}

impl Library for Beside<'_> {
    fn text(&self, file: FileId) -> Arc<str> {
        self.sources.text(file).clone()
    }

    fn open(&mut self, name: &str) -> Result<Option<FileId>, String> {
        Ok(self.folder.text(name)?.map(|(path, text)| self.sources.shared(&path, &text)))
    }

    fn names(&self) -> Vec<String> {
        self.folder.names()
    }
}

/// What has been read so far.
#[derive(Default)]
pub(super) struct Files {
    files: Vec<(FileId, bool)>,
    /// The protocols that are being read, each taken over by the one before it.
    row: Vec<FileId>,
    findings: Vec<Diagnostic>,
}

impl Files {
    /// Reads a protocol and all that it names.
    pub(super) fn gather(mut self, file: FileId, library: &mut dyn Library) -> Gathered {
        let tree = self.protocol(file, library);
        Gathered { tree, files: self.files, findings: self.findings }
    }

    fn protocol(&mut self, file: FileId, library: &mut dyn Library) -> File {
        self.files.push((file, !self.row.is_empty()));
        self.row.push(file);
        let (tree, findings) = parse::parse(file, &library.text(file));
        self.findings.extend(findings);
        let items = self.imported(tree.items, library);
        let base = tree.header.as_ref().and_then(|header| header.base.clone());
        let under = base.as_ref().map(|base| self.base(base, library));
        self.row.pop();
        let items = match (under, base) {
            (Some(Some(under)), Some(base)) => edit::apply(under.items, items, &base, &mut self.findings),
            // Its finding is told; what the edits would hit is not known.
            (Some(None), _) => edit::own(items),
            _ => edit::refuse(items, &mut self.findings),
        };
        File { header: tree.header, items }
    }

    /// The tree of the protocol that is taken over.
    fn base(&mut self, base: &Name, library: &mut dyn Library) -> Option<File> {
        let name = format!("{}{PROTOCOL}", base.text);
        let file = self.open(base, &name, PROTOCOL, library)?;
        if self.row.contains(&file) || self.row.len() >= MOST_BASES {
            let message = format!("`{}` is taken over by what it takes over itself", base.text);
            self.findings.push(
                Diagnostic::new(&edits::CIRCLE, base.span, message)
                    .help("let one of the protocols stand on its own, without `from`"),
            );
            return None;
        }
        Some(self.protocol(file, library))
    }

    /// Puts what is imported in the place of its `import`. A part that two others import is there once.
    fn imported(&mut self, items: Vec<Item>, library: &mut dyn Library) -> Vec<Item> {
        let mut all = Vec::new();
        for item in items {
            match item {
                Item::Import(name) => all.extend(self.part(&name, library)),
                item => all.push(item),
            }
        }
        all
    }

    fn part(&mut self, name: &Name, library: &mut dyn Library) -> Vec<Item> {
        if !name.text.ends_with(PART) || name.text.starts_with('.') || name.text.contains(['/', '\\', '\0']) {
            let message = format!("`{}` names no part of a protocol", name.text);
            let help = match name.text.strip_suffix(PROTOCOL) {
                Some(protocol) => format!("a protocol is taken over:  protocol NAME from {protocol} version 1"),
                None => format!("name a file of the same folder that ends in {PART}"),
            };
            self.findings.push(Diagnostic::new(&edits::NO_PART, name.span, message).help(help));
            return Vec::new();
        }
        let Some(file) = self.open(name, &name.text, PART, library) else { return Vec::new() };
        if self.files.iter().any(|(known, _)| *known == file) {
            return Vec::new();
        }
        self.files.push((file, self.row.len() > 1));
        let (tree, findings) = parse::parse_part(file, &library.text(file));
        self.findings.extend(findings);
        if let Some(header) = &tree.header {
            let finding =
                Diagnostic::new(&edits::NO_PART, header.span, "a part of a protocol holds no `protocol` line");
            self.findings.push(finding.other(name.span, "imported here").help("take the line away"));
        }
        self.imported(tree.items, library)
    }

    fn open(&mut self, wanted: &Name, name: &str, ending: &str, library: &mut dyn Library) -> Option<FileId> {
        if self.files.len() >= MOST_FILES {
            let message = format!("this protocol is made of more than {MOST_FILES} files");
            let finding = Diagnostic::new(&edits::CIRCLE, wanted.span, message);
            self.findings.push(finding.help("put some of them together"));
            return None;
        }
        let finding = match library.open(name) {
            Ok(Some(file)) => return Some(file),
            Ok(None) => {
                let finding =
                    Diagnostic::new(&edits::NO_FILE, wanted.span, format!("there is no `{name}` beside this file"));
                finding.help(known(name, ending, &library.names()))
            }
            Err(why) => Diagnostic::new(&edits::NO_FILE, wanted.span, format!("`{name}` cannot be read: {why}"))
                .help("put it into the folder of this file, and let it be read"),
        };
        self.findings.push(finding);
        None
    }
}

/// What could be named instead.
fn known(name: &str, ending: &str, names: &[String]) -> String {
    let short =
        |name: &str| if ending == PROTOCOL { name.trim_end_matches(PROTOCOL).to_owned() } else { name.to_owned() };
    let alike: Vec<&str> = names.iter().map(String::as_str).filter(|known| known.ends_with(ending)).collect();
    match nearest(name, alike.iter().copied()) {
        Some(near) => format!("did you mean `{}`?", short(near)),
        None if alike.is_empty() => format!("put a file of that name there; it holds none that ends in {ending}"),
        None => format!("there is: {}", alike.iter().map(|name| short(name)).collect::<Vec<_>>().join(", ")),
    }
}
