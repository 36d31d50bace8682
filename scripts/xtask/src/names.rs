//! No file, folder or module has a name that says nothing.
//!
//! Never: judges names of functions or types.

use crate::{finding::Finding, tree::Tree};

const BANNED: [&str; 10] = ["util", "utils", "common", "helper", "helpers", "manager", "data", "info", "misc", "handy"];

const HELP: &str = "name it after the one thing that is in it";

/// Finds Rust files, their folders and their modules with a banned name.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust() {
        for part in file.path.split('/').map(|part| part.trim_end_matches(".rs")).filter(|part| BANNED.contains(part)) {
            findings.push(Finding::new(&file.path, format!("`{part}` says nothing"), HELP));
        }
        for (number, line) in file.rust_text().code().lines().enumerate() {
            if let Some(name) = module_name(line).filter(|name| BANNED.contains(name)) {
                findings.push(Finding::new(&file.path, format!("module `{name}` says nothing"), HELP).at(number + 1));
            }
        }
    }
    findings
}

/// The name behind `mod`, with or without its visibility.
fn module_name(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace().skip_while(|word| word.starts_with("pub"));
    (words.next() == Some("mod")).then(|| words.next())?.map(|name| name.trim_end_matches([';', '{']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn banned_files_folders_and_modules_are_found() {
        for (path, text) in [
            ("grammar/src/util.rs", ""),
            ("engine/machine/src/helpers/line.rs", ""),
            ("engine/server/src/lib.rs", "mod a;\nmod manager;"),
            ("tests/src/lib.rs", "pub(crate) mod common {"),
        ] {
            assert_eq!(check(&Tree::of(&[(path, text)])).len(), 1, "{path}");
        }
    }

    #[test]
    fn other_names_pass() {
        assert!(
            check(&Tree::of(&[("grammar/src/dataflow.rs", "// mod util;\nmod information;\nfn data() {}")])).is_empty()
        );
    }
}
