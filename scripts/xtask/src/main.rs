//! The project's own checks: `cargo xtask check | docs | bless`.
//!
//! Never: part of the product; nothing here is shipped.

mod doors;
mod finding;
mod generated;
mod heads;
mod layers;
mod names;
mod notes;
mod protocols;
mod rooms;
mod rust_text;
mod tree;
mod words;

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use finding::Finding;
use tree::Tree;

const USAGE: &str = "usage: cargo xtask check | docs | bless
  check  layers, rooms, protocol words, file heads, names, sizes, notes, generated pages, shipped protocols
  docs   writes docs/generated/
  bless  renews the expectations of the golden tests, then writes docs/generated/";

type Check = fn(&Tree) -> Vec<Finding>;

/// Every check with its name, in the order they run.
const CHECKS: &[(&str, Check)] = &[
    ("layers", layers::check),
    ("rooms", rooms::check),
    ("words", words::check),
    ("heads", heads::check),
    ("names", names::check),
    ("doors", doors::check),
    ("notes", notes::check),
    ("generated", generated::check),
    ("protocols", protocols::check),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["check"] => check(),
        ["docs"] => docs(),
        ["bless"] => bless(),
        ["-h" | "--help"] => {
            println!("{USAGE}");
            ExitCode::SUCCESS
        }
        _ => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn check() -> ExitCode {
    let tree = match Tree::read(&root()) {
        Ok(tree) => tree,
        Err(error) => return fail(&format!("cannot read the tree: {error}")),
    };
    let mut faults = 0;
    for (name, check) in CHECKS {
        let findings = check(&tree);
        println!("{name:<10} {}", if findings.is_empty() { "ok".into() } else { format!("{} found", findings.len()) });
        findings.iter().for_each(|finding| println!("{finding}"));
        faults += findings.len();
    }
    if faults == 0 { ExitCode::SUCCESS } else { fail(&format!("{faults} findings")) }
}

fn docs() -> ExitCode {
    match generated::write(&root()) {
        Ok(written) => {
            written.iter().for_each(|path| println!("wrote {}", path.display()));
            ExitCode::SUCCESS
        }
        Err(error) => fail(&format!("cannot write docs/generated: {error}")),
    }
}

/// Golden tests read `BLESS` and write what they got instead of comparing it.
fn bless() -> ExitCode {
    let status = Command::new(cargo())
        .args(["test", "-p", "diagnostic", "-p", "grammar", "-p", "picture", "-p", "transcript", "-p", "server"])
        .env("BLESS", "1")
        .current_dir(root())
        .status();
    match status {
        Ok(status) if status.success() => docs(),
        Ok(_) => fail("the golden tests fail even when they are renewed"),
        Err(error) => fail(&format!("cannot run cargo: {error}")),
    }
}

fn fail(why: &str) -> ExitCode {
    eprintln!("xtask: {why}");
    ExitCode::FAILURE
}

/// The cargo that runs this, or the one in the path.
fn cargo() -> String {
    env::var("CARGO").unwrap_or_else(|_| "cargo".into())
}

/// The root of the workspace, two folders above this crate.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}
