//! A crate is a law: the table in ARCHITECTURE.md says what each may import, and Cargo's graph is held against it.
//!
//! The table is the one whose head is `| Crate | May import … |`. Dependencies of tests are free.
//!
//! Never: keeps a second copy of the table.

use std::{collections::BTreeMap, process::Command};

use serde_json::Value;

use crate::{cargo, finding::Finding, tree::Tree};

const MAP: &str = "ARCHITECTURE.md";

/// Crates whose whole tree must be free of the runtime.
const WITHOUT_TOKIO: [&str; 5] = ["program", "diagnostic", "grammar", "machine", "transcript"];

/// Crates that are no part of the product and stand outside the table.
const OUTSIDE: [&str; 1] = ["xtask"];

/// What a crate may import.
#[derive(Debug, PartialEq, Eq)]
enum Law {
    /// Every crate of the workspace.
    All,
    /// These.
    These(Vec<String>),
}

/// Compares the graph with the table, and looks for the runtime where it may not be.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let Some(map) = tree.files.iter().find(|file| file.path == MAP) else {
        return vec![Finding::new(MAP, "is missing", "write the map with its table of layers")];
    };
    let laws = laws(&map.text);
    let metadata = match run(tree, &["metadata", "--no-deps", "--format-version", "1"]) {
        Ok(metadata) => metadata,
        Err(why) => return vec![Finding::new("Cargo.toml", why, "make `cargo metadata` succeed")],
    };
    let graph = graph(&serde_json::from_str(&metadata).unwrap_or(Value::Null));
    let mut findings = compare(&graph, &laws);
    for name in WITHOUT_TOKIO.into_iter().filter(|name| graph.contains_key(*name)) {
        match run(tree, &["tree", "--package", name, "--edges", "normal,build", "--prefix", "none"]) {
            Ok(listed) => findings.extend(runtime_in(name, &listed)),
            Err(why) => findings.push(Finding::new(name, why, "make `cargo tree` succeed")),
        }
    }
    findings
}

fn run(tree: &Tree, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new(cargo()).args(arguments).current_dir(&tree.root).output();
    let output = output.map_err(|error| format!("cannot run cargo: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().replace('\n', " "));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The rows of the table: crate names stand in backticks.
fn laws(map: &str) -> BTreeMap<String, Law> {
    let is_head = |line: &&str| {
        let cells = cells(line);
        cells.len() > 1 && cells[0].eq_ignore_ascii_case("crate") && cells[1].to_lowercase().starts_with("may import")
    };
    let rows = map.lines().skip_while(|line| !is_head(line)).skip(2).take_while(|line| line.starts_with('|'));
    let mut laws = BTreeMap::new();
    for row in rows {
        let cells = cells(row);
        let (Some(names), Some(may)) = (cells.first().map(|cell| quoted(cell)), cells.get(1)) else { continue };
        for name in names.into_iter().filter(|name| !name.contains('/')) {
            let law = if may.starts_with("all") { Law::All } else { Law::These(quoted(may)) };
            laws.insert(name, law);
        }
    }
    laws
}

fn cells(row: &str) -> Vec<&str> {
    row.trim().trim_matches('|').split('|').map(str::trim).collect()
}

/// The words in backticks.
fn quoted(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_string).collect()
}

/// What each crate of the workspace imports from the workspace, tests aside.
fn graph(metadata: &Value) -> BTreeMap<String, Vec<String>> {
    let none = Vec::new();
    let packages = metadata["packages"].as_array().unwrap_or(&none);
    let name_of = |value: &Value| value["name"].as_str().unwrap_or_default().to_string();
    let members: Vec<String> = packages.iter().map(name_of).collect();
    let imports = |package: &Value| {
        let listed = package["dependencies"].as_array().unwrap_or(&none).iter();
        let product = listed.filter(|dependency| dependency["kind"].as_str() != Some("dev"));
        product.map(name_of).filter(|name| members.contains(name)).collect()
    };
    packages.iter().map(|package| (name_of(package), imports(package))).collect()
}

fn compare(graph: &BTreeMap<String, Vec<String>>, laws: &BTreeMap<String, Law>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, imports) in graph.iter().filter(|(name, _)| !OUTSIDE.contains(&name.as_str())) {
        match laws.get(name) {
            None => {
                let help = "add a row to the table of layers, or remove the crate";
                findings.push(Finding::new(MAP, format!("crate `{name}` has no row in the table of layers"), help));
            }
            Some(Law::All) => {}
            Some(Law::These(allowed)) => {
                for import in imports.iter().filter(|import| !allowed.contains(import)) {
                    let message = format!("crate `{name}` imports `{import}`, which its row does not allow");
                    findings.push(Finding::new(MAP, message, "turn the dependency round, or move the code"));
                }
            }
        }
    }
    for name in laws.keys().filter(|name| !graph.contains_key(*name)) {
        let message = format!("the table of layers has a row for `{name}`, which is no crate of the workspace");
        findings.push(Finding::new(MAP, message, "take the row out, or add the crate"));
    }
    findings
}

fn runtime_in(name: &str, listed: &str) -> Option<Finding> {
    let found = listed.lines().find(|line| line.split(' ').next().is_some_and(|name| name.starts_with("tokio")))?;
    let help = "find the way in with `cargo tree --package CRATE --invert tokio`";
    Some(Finding::new(format!("crate {name}"), format!("its tree holds `{found}`"), help))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
| Word | Meaning |
|---|---|
| `x` | `y` |

| Crate | May import (workspace) | Must never |
|---|---|---|
| `program` | — | do anything |
| `machine` | `program` | import `grammar` |
| `server` | all | know a command |
| `tests` (`tests/`) | all, public API only | |
| *every product crate* | | contain a word |

| `late` | — | |
";

    fn graph_of(edges: &[(&str, &[&str])]) -> BTreeMap<String, Vec<String>> {
        let owned = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        edges.iter().map(|(name, imports)| (name.to_string(), owned(imports))).collect()
    }

    const WHOLE: &[(&str, &[&str])] = &[
        ("program", &[]),
        ("machine", &["program"]),
        ("server", &["machine", "program"]),
        ("tests", &["server"]),
        ("xtask", &["server"]),
    ];

    #[test]
    fn the_rows_of_the_table_are_read() {
        let laws = laws(TABLE);
        assert_eq!(laws.keys().collect::<Vec<_>>(), ["machine", "program", "server", "tests"]);
        assert_eq!(laws["machine"], Law::These(vec!["program".into()]));
        assert_eq!(laws["program"], Law::These(Vec::new()));
        assert_eq!(laws["server"], Law::All);
    }

    #[test]
    fn a_graph_within_the_law_passes() {
        assert_eq!(compare(&graph_of(WHOLE), &laws(TABLE)), Vec::new());
    }

    #[test]
    fn an_import_against_the_law_is_found() {
        let mut graph = graph_of(WHOLE);
        graph.insert("program".into(), vec!["machine".into()]);
        let messages: Vec<_> = compare(&graph, &laws(TABLE)).iter().map(|f| f.message().to_string()).collect();
        assert_eq!(messages, ["crate `program` imports `machine`, which its row does not allow"]);
    }

    #[test]
    fn a_crate_without_a_row_and_a_row_without_a_crate_are_found() {
        let graph = graph_of(&[("program", &[]), ("stranger", &[]), ("server", &[]), ("tests", &[])]);
        let found = compare(&graph, &laws(TABLE));
        assert_eq!(found.len(), 2);
        assert!(found[0].message().contains("`stranger` has no row"));
        assert!(found[1].message().contains("`machine`, which is no crate"));
    }

    #[test]
    fn the_graph_leaves_tests_aside() {
        let metadata = serde_json::json!({"packages": [
            {"name": "a", "dependencies": [{"name": "b", "kind": "dev"}, {"name": "serde", "kind": null}]},
            {"name": "b", "dependencies": [{"name": "a", "kind": null}]},
            {"name": "c", "dependencies": [{"name": "a", "kind": "build"}]},
        ]});
        assert_eq!(graph(&metadata), graph_of(&[("a", &[]), ("b", &["a"]), ("c", &["a"])]));
    }

    #[test]
    fn the_runtime_is_found_in_a_tree() {
        assert!(runtime_in("machine", "machine v0.1.0 (/x)\nbytes v1.12.0\n").is_none());
        assert!(runtime_in("machine", "machine v0.1.0\ntokio v1.54.0\n").is_some());
        assert!(runtime_in("machine", "machine v0.1.0\ntokio-rustls v0.26.0\n").is_some());
    }
}
