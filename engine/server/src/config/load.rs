//! From the text of a configuration to what it means, and every fault of it.
//!
//! Never: opens a file.

use std::path::Path;

use diagnostic::{Diagnostic, Sources};

use super::{
    Config,
    expand::{Surroundings, masked},
    node,
    read::{Reader, Shown},
    rules::NOT_YAML,
    sections,
};

/// A configuration file as it was read.
#[derive(Debug)]
pub struct Loaded {
    /// What it means; absent when a finding is an error.
    pub config: Option<Config>,
    /// All findings, in the order of the file.
    pub diagnostics: Vec<Diagnostic>,
    /// The effective values, for `config show`.
    pub shown: Vec<Shown>,
}

/// Reads a configuration from its text, and adds the text to the sources under `name`. Relative paths in it are
/// relative to `folder`.
pub fn load_config(
    sources: &mut Sources,
    name: &str,
    text: &str,
    folder: &Path,
    surroundings: &dyn Surroundings,
) -> Loaded {
    let file = sources.add(name, masked(text));
    let mut reader = Reader::new(text, surroundings);
    let config = match node::read(file, text) {
        Ok(root) => sections::config(&mut reader, &root, folder),
        Err(broken) => {
            reader.fault(&NOT_YAML, broken.span, broken.message, "mend the text at that place");
            None
        }
    };
    let mut diagnostics = reader.diagnostics;
    diagnostics.sort_by_key(|finding| (finding.span.start, finding.span.end));
    let config = config.filter(|_| diagnostics.is_empty());
    Loaded { config, diagnostics, shown: reader.shown }
}
