//! Pages under `docs/generated/` are made from the product and must be fresh: actions, codes, the manual, and
//! a picture of every shipped protocol.
//!
//! Never: holds text that the product does not.

use std::{
    fmt::Write,
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use crate::{finding::Finding, protocols::binary, tree::Tree};

const FOLDER: &str = "docs/generated";

/// The folder of the manual's pages within.
const MANUAL: &str = "man";

/// The folder of the pictures within.
const PICTURES: &str = "pictures";

/// A page: its path below the folder and its text.
type Page = (String, String);

/// Finds pages that are missing, stale, or made by nothing.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    match pages(&tree.root) {
        Ok(pages) => compare(tree, &pages),
        Err(why) => vec![Finding::new(FOLDER, why, "make `saywhen explain --json` work")],
    }
}

/// Writes the pages and gives their paths.
///
/// # Errors
/// The product does not explain itself, or a page cannot be written.
pub(crate) fn write(root: &Path) -> Result<Vec<PathBuf>, String> {
    let folder = root.join(FOLDER);
    for folder in [folder.join(MANUAL), folder.join(PICTURES)] {
        fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    }
    let mut written = Vec::new();
    for (name, text) in pages(root)? {
        fs::write(folder.join(&name), text).map_err(|error| error.to_string())?;
        written.push(Path::new(FOLDER).join(name));
    }
    Ok(written)
}

fn pages(root: &Path) -> Result<Vec<Page>, String> {
    let binary = binary(root)?;
    let listed = explain(&binary, &["--json"])?;
    let listed: Vec<Value> = listed.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let mut actions = Vec::new();
    for name in listed.iter().filter_map(|entry| entry["action"].as_str()) {
        actions.push(explain(&binary, &[name])?);
    }
    if actions.is_empty() || !listed.iter().any(|entry| entry["code"].is_string()) {
        return Err("the product explains no code or no action".into());
    }
    let mut pages = vec![
        ("actions.md".to_string(), actions_page(&actions)),
        ("codes.md".to_string(), codes_page(&listed)),
        ("metrics.md".to_string(), metrics_page(&listed)),
    ];
    pages.extend(manual(root, &binary)?);
    pages.extend(pictures(root, &binary)?);
    Ok(pages)
}

/// A picture of each protocol, as the product draws it into a folder below `target/`.
fn pictures(root: &Path, binary: &Path) -> Result<Vec<Page>, String> {
    let drawn = root.join("target").join("xtask-picture.svg");
    let read = || -> io::Result<Vec<Page>> {
        let mut pages = Vec::new();
        for entry in fs::read_dir(root.join("protocols"))? {
            let path = entry?.path();
            let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let Some(name) = file.strip_suffix(".proto.dsl") else { continue };
            Command::new(binary).arg("graph").arg(&path).arg("-o").arg(&drawn).status()?;
            pages.push((format!("{PICTURES}/{name}.svg"), fs::read_to_string(&drawn)?));
            fs::remove_file(&drawn)?;
        }
        pages.sort();
        Ok(pages)
    };
    read().map_err(|error| format!("`saywhen graph` draws no picture: {error}"))
}

/// The pages of the manual, as the product writes them into a folder below `target/`.
fn manual(root: &Path, binary: &Path) -> Result<Vec<Page>, String> {
    let folder = root.join("target").join("xtask-man");
    let read = || -> io::Result<Vec<Page>> {
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        Command::new(binary).arg("man").arg(&folder).status()?;
        let mut pages = Vec::new();
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let name = format!("{MANUAL}/{}", entry.file_name().to_string_lossy());
            pages.push((name, fs::read_to_string(entry.path())?));
        }
        pages.sort();
        Ok(pages)
    };
    read().map_err(|error| format!("`saywhen man` writes no pages: {error}"))
}

fn explain(binary: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new(binary).arg("explain").args(arguments).output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_string());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

const MADE: &str = "Made by `cargo xtask docs` from what the program says of itself; changes here are lost.";

fn actions_page(actions: &[String]) -> String {
    let mut page = format!("# Actions\n\n{MADE}\n");
    for action in actions {
        // The title of an action's own page becomes a section of this one.
        let _ = write!(page, "\n#{}\n", action.trim_end());
    }
    page
}

fn codes_page(entries: &[Value]) -> String {
    let rules: Vec<&Value> = entries.iter().filter(|entry| entry["code"].is_string()).collect();
    let text = |rule: &Value, key: &str| rule[key].as_str().unwrap_or_default().trim_end().to_string();
    let mut page = format!("# Codes\n\n{MADE}\n\n| code | | finds |\n|---|---|---|\n");
    for rule in &rules {
        let (code, title) = (text(rule, "code"), text(rule, "title").replace('|', "\\|"));
        let _ = writeln!(page, "| [{code}](#{}) | {} | {title} |", code.to_lowercase(), text(rule, "severity"));
    }
    for rule in rules {
        let _ = write!(page, "\n## {}\n\n{}\n\n{}\n", text(rule, "code"), text(rule, "title"), text(rule, "page"));
        for (title, key) in [("Accepted", "accepted"), ("Refused", "refused")] {
            let _ = write!(page, "\n{title}:\n\n```text\n{}\n```\n", text(rule, key));
        }
    }
    page
}

fn metrics_page(entries: &[Value]) -> String {
    let mut page = format!("# Metrics\n\n{MADE}\n\n| name | kind | labels | counts |\n|---|---|---|---|\n");
    for entry in entries {
        let text = |key: &str| entry[key].as_str().unwrap_or_default();
        let Some(name) = entry["metric"].as_str() else { continue };
        let labels: Vec<String> = text("labels").split_whitespace().map(|label| format!("`{label}`")).collect();
        let _ = writeln!(page, "| `{name}` | {} | {} | {} |", text("kind"), labels.join(" "), text("title"));
    }
    page
}

fn compare(tree: &Tree, pages: &[Page]) -> Vec<Finding> {
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
        if !pages.iter().any(|(name, _)| file.path == format!("{FOLDER}/{name}")) {
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
        let found = compare(&tree, &[("a.md".into(), "new".into()), ("b.md".into(), "new".into())]);
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
    fn a_code_has_a_row_and_a_section() {
        let entry = serde_json::json!({ "code": "Z09", "severity": "error", "title": "a | b", "page": "Why.",
            "accepted": "yes\n", "refused": "no\n" });
        let page = codes_page(&[entry, serde_json::json!({ "action": "dig" })]);
        assert!(page.contains("| [Z09](#z09) | error | a \\| b |\n"), "{page}");
        let section = "\n## Z09\n\na | b\n\nWhy.\n\nAccepted:\n\n```text\nyes\n```\n\nRefused:\n\n```text\nno\n```\n";
        assert!(page.ends_with(section), "{page}");
    }

    #[test]
    fn a_metric_has_a_row() {
        let entry = serde_json::json!({ "metric": "a_total", "kind": "counter", "labels": "b c", "title": "D." });
        let page = metrics_page(&[entry, serde_json::json!({ "action": "dig" })]);
        assert!(page.ends_with("|---|---|---|---|\n| `a_total` | counter | `b` `c` | D. |\n"), "{page}");
    }

    #[test]
    fn fresh_pages_pass() {
        assert!(compare(&Tree::of(&[("docs/generated/a.md", "x")]), &[("a.md".into(), "x".into())]).is_empty());
    }
}
