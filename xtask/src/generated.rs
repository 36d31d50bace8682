//! Pages under `docs/generated/` are made from the product and must be fresh.
//!
//! Never: holds text that the product does not.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{finding::Finding, tree::Tree};

const FOLDER: &str = "docs/generated";

/// Finds pages that are missing, stale, or made by nobody.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    compare(tree, &pages())
}

/// Writes the pages and gives their paths.
///
/// # Errors
/// A page cannot be written.
pub(crate) fn write(root: &Path) -> io::Result<Vec<PathBuf>> {
    let folder = root.join(FOLDER);
    fs::create_dir_all(&folder)?;
    let mut written = Vec::new();
    for (name, text) in pages() {
        fs::write(folder.join(name), text)?;
        written.push(Path::new(FOLDER).join(name));
    }
    Ok(written)
}

/// Each page: its file name and its text.
fn pages() -> Vec<(&'static str, String)> {
    Vec::new()
}

fn compare(tree: &Tree, pages: &[(&str, String)]) -> Vec<Finding> {
    const HELP: &str = "run `cargo xtask docs` and look at what changed";
    let mut findings = Vec::new();
    for (name, text) in pages {
        let path = format!("{FOLDER}/{name}");
        match tree.files.iter().find(|file| file.path == path) {
            None => findings.push(Finding::new(&path, "is missing", HELP)),
            Some(file) if file.text != *text => findings.push(Finding::new(&path, "is stale", HELP)),
            Some(_) => {}
        }
    }
    for file in tree.files.iter().filter(|file| file.path.starts_with(&format!("{FOLDER}/"))) {
        if !pages.iter().any(|(name, _)| file.name() == *name) {
            findings.push(Finding::new(&file.path, "is made by nothing", "take it away, or write what makes it"));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_stale_and_orphaned_pages_are_found() {
        let tree = Tree::of(&[("docs/generated/a.md", "old"), ("docs/generated/c.md", "")]);
        let found = compare(&tree, &[("a.md", "new".into()), ("b.md", "new".into())]);
        let places: Vec<_> = found.iter().map(|finding| format!("{} {}", finding.place(), finding.message())).collect();
        assert_eq!(
            places,
            [
                "docs/generated/a.md is stale",
                "docs/generated/b.md is missing",
                "docs/generated/c.md is made by nothing"
            ]
        );
    }

    #[test]
    fn fresh_pages_pass() {
        assert!(compare(&Tree::of(&[("docs/generated/a.md", "x")]), &[("a.md", "x".into())]).is_empty());
    }
}
