//! The files of the working tree that the checks look at.
//!
//! Never: looks into `target/`, hidden folders, or a file that is not text.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::rust_text::RustText;

/// The crates whose Rust is shipped.
const PRODUCT: [&str; 5] =
    ["grammar/src/", "grammar/diagnostic/src/", "analysis/proof/src/", "analysis/picture/src/", "engine/"];

/// Text files by their ending; pages of the manual end with their section.
const TEXT: [&str; 14] = ["rs", "css", "svg", "dsl", "talk", "pest", "md", "yaml", "toml", "sh", "py", "sql", "1", "5"];

/// Every text file below the root.
pub(crate) struct Tree {
    /// The root of the workspace.
    pub(crate) root: PathBuf,
    /// All files, sorted by path.
    pub(crate) files: Vec<File>,
}

/// One text file.
pub(crate) struct File {
    /// Its path below the root, with `/`.
    pub(crate) path: String,
    /// Its text.
    pub(crate) text: String,
}

impl Tree {
    /// Reads every text file below the root.
    ///
    /// # Errors
    /// A folder or file cannot be read.
    pub(crate) fn read(root: &Path) -> io::Result<Tree> {
        let mut files = Vec::new();
        walk(root, root, &mut files)?;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Tree { root: root.to_path_buf(), files })
    }

    /// The Rust files.
    pub(crate) fn rust(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.path.ends_with(".rs"))
    }

    /// The Rust files that are shipped, without those that hold tests alone.
    pub(crate) fn product(&self) -> impl Iterator<Item = &File> {
        self.rust().filter(|file| file.is_product())
    }

    /// A tree of made-up files, for tests.
    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Tree {
        let files = files.iter().map(|(path, text)| File { path: (*path).into(), text: (*text).into() }).collect();
        Tree { root: PathBuf::new(), files }
    }
}

impl File {
    /// Whether it is shipped: under a product crate's `src/`, and no file of tests.
    pub(crate) fn is_product(&self) -> bool {
        let parts: Vec<&str> = self.path.split('/').collect();
        let tests = parts.iter().any(|part| matches!(*part, "tests" | "tests.rs" | "benches" | "examples"));
        PRODUCT.iter().any(|start| self.path.starts_with(start)) && parts.contains(&"src") && !tests
    }

    /// Its name without its folders.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Its text cut into code, comments and strings.
    pub(crate) fn rust_text(&self) -> RustText<'_> {
        RustText::new(&self.text)
    }
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<File>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if entry.file_type()?.is_dir() {
            if !name.starts_with('.') && !matches!(name.as_str(), "target" | "node_modules" | "mail") {
                walk(root, &path, files)?;
            }
        } else if is_text(&path) {
            let below = path.strip_prefix(root).unwrap_or(&path);
            files.push(File { path: below.to_string_lossy().replace('\\', "/"), text: fs::read_to_string(&path)? });
        }
    }
    Ok(())
}

/// Scripts have no ending and live in `scripts/`.
fn is_text(path: &Path) -> bool {
    let ending = path.extension().map(|ending| ending.to_string_lossy().into_owned());
    match ending {
        Some(ending) => TEXT.contains(&ending.as_str()),
        None => path.parent().and_then(Path::file_name).is_some_and(|folder| folder == "scripts"),
    }
}
