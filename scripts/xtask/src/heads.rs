//! Every Rust file opens with `//!`, and a product file says in its head what it never does.
//!
//! Never: judges the words of a head.

use crate::{
    finding::Finding,
    tree::{File, Tree},
};

/// Finds files without a head, and product files whose head has no `Never:` line.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    tree.rust().filter_map(check_file).collect()
}

fn check_file(file: &File) -> Option<Finding> {
    let head: Vec<&str> = file.text.lines().take_while(|line| line.starts_with("//!")).collect();
    if head.first().is_none_or(|line| line.trim_start_matches("//!").trim().len() < 3) {
        return Some(Finding::new(
            &file.path,
            "has no head",
            "open the file with `//!` and one line that says what it is",
        ));
    }
    let says_never = head.iter().any(|line| line.trim_start_matches("//!").trim_start().starts_with("Never:"));
    (file.is_product() && !says_never)
        .then(|| Finding::new(&file.path, "its head does not say what it never does", "add a line `//! Never: …`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        check(&Tree::of(&[(path, text)])).iter().map(|finding| finding.message().to_string()).collect()
    }

    #[test]
    fn a_file_without_a_head_is_found() {
        for seeded in ["use std::fs;\n", "\n//! Late.\n", "//!\nfn a() {}", "// A comment.\n"] {
            assert_eq!(found("tests/src/a.rs", seeded), ["has no head"], "{seeded:?}");
        }
    }

    #[test]
    fn a_product_head_without_never_is_found() {
        assert_eq!(found("grammar/src/a.rs", "//! Reads.\n\nfn a() {}"), ["its head does not say what it never does"]);
    }

    #[test]
    fn whole_heads_pass() {
        assert!(found("grammar/src/a.rs", "//! Reads.\n//!\n//! Never: writes.\n").is_empty());
        assert!(found("grammar/tests/a.rs", "//! Reads.\n").is_empty());
    }
}
