//! Parts of protocols: files that have no header, and which protocols of their folder are made of them.
//!
//! Never: compiles one; that takes a protocol that imports it.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use diagnostic::FileId;
use grammar::tree::Item;

use crate::protocols::{ENDING, name_of};

/// How the name of a part ends.
pub const PART: &str = ".part.dsl";

/// Whether a file is a part, by its name.
pub fn is_part(path: &Path) -> bool {
    path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.ends_with(PART))
}

/// The protocols beside a part that import it: themselves, through other parts, or through what they take over. Sorted.
///
/// # Errors
/// The folder cannot be read.
pub fn importers(part: &Path) -> io::Result<Vec<PathBuf>> {
    let folder = part.parent().unwrap_or(Path::new(""));
    let Some(wanted) = part.file_name().and_then(|name| name.to_str()) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for entry in fs::read_dir(if folder.as_os_str().is_empty() { Path::new(".") } else { folder })? {
        let name = entry?.file_name();
        let path = folder.join(&name);
        if let (Some(_), Some(name)) = (name_of(&path), name.to_str())
            && leads(folder, name, wanted, &mut BTreeSet::new())
        {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Whether a file names another one, or one that does.
fn leads(folder: &Path, file: &str, wanted: &str, seen: &mut BTreeSet<String>) -> bool {
    if !seen.insert(file.to_owned()) {
        return false;
    }
    let Ok(text) = fs::read_to_string(folder.join(file)) else { return false };
    let tree = grammar::parse(FileId(0), &text).0;
    let parts = tree.items.iter().filter_map(|item| if let Item::Import(name) = item { Some(name) } else { None });
    let mut named: Vec<String> = parts.map(|name| name.text.to_string()).collect();
    named.extend(tree.header.and_then(|header| header.base).map(|base| format!("{}{ENDING}", base.text)));
    named.iter().any(|name| name == wanted || leads(folder, name, wanted, seen))
}
