//! Several files become one tree: what is imported stands where its `import` stood, and what is taken over is changed
//! by the edits of the file that takes it over.
//!
//! Never: looks into a body; a tree that is gathered is checked like that of a single file.

mod edit;
mod files;
mod hit;

use diagnostic::{Diagnostic, FileId, Sources};

use crate::tree::File;
pub use files::Folder;

/// One tree from all its files.
pub(crate) struct Gathered {
    /// The tree; no item in it is an edit or an import.
    pub(crate) tree: File,
    /// The files, and whether each belongs to a protocol that is taken over; the one that was asked for first.
    pub(crate) files: Vec<(FileId, bool)>,
    /// What is wrong with their form, and with their edits.
    pub(crate) findings: Vec<Diagnostic>,
}

/// Gathers a file and all that it names. Without a folder it can name nothing.
pub(crate) fn alone(sources: &Sources, file: FileId) -> Gathered {
    files::Files::default().gather(file, &mut files::Alone(sources))
}

/// Gathers a file and all that it names, which is looked for in a folder.
pub(crate) fn within(sources: &mut Sources, file: FileId, folder: &dyn Folder) -> Gathered {
    files::Files::default().gather(file, &mut files::Beside { sources, folder })
}

/// The tree of a file with those that it takes over and imports, as [`compile_in`](crate::compile_in) gathers it: no
/// item in it is an edit or an import. With what is wrong with its form and with its edits.
pub fn gather(sources: &mut Sources, file: FileId, folder: &dyn Folder) -> (File, Vec<Diagnostic>) {
    let gathered = within(sources, file, folder);
    (gathered.tree, gathered.findings)
}
