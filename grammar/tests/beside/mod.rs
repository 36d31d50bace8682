//! The files beside the samples: protocols to take over, and parts to import.
//!
//! Never: anything but those files.

use std::{fs, path::PathBuf};

/// The folder that they stand in.
pub(crate) struct Beside;

impl Beside {
    fn folder() -> PathBuf {
        PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/beside"))
    }
}

impl grammar::Folder for Beside {
    fn text(&self, name: &str) -> Result<Option<(String, String)>, String> {
        Ok(fs::read_to_string(Self::folder().join(name)).ok().map(|text| (name.to_owned(), text)))
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(Self::folder()).into_iter().flatten().flatten();
        entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
    }
}
