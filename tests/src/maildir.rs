//! What the server stored, read from its Maildir.
//!
//! Never: changes a Maildir.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// One stored message.
#[derive(Debug, Clone)]
pub struct Stored {
    /// Its file.
    pub path: PathBuf,
    /// All of it, with what the server put in front.
    pub octets: Vec<u8>,
    /// Where the client's octets begin: below the last prepended header field.
    body: usize,
}

impl Stored {
    /// What the client sent.
    pub fn body(&self) -> &[u8] {
        &self.octets[self.body..]
    }

    /// What the server put in front: `Return-Path:` and `Received:`, a line end behind each.
    pub fn prepended(&self) -> String {
        String::from_utf8_lossy(&self.octets[..self.body]).into_owned()
    }

    /// The address in `Return-Path:`.
    pub fn sender(&self) -> String {
        let line = self.prepended().lines().next().unwrap_or_default().to_string();
        line.trim_start_matches("Return-Path:").trim().trim_matches(['<', '>']).to_string()
    }
}

/// Every message in the `new/` folders below a folder, sorted by path.
///
/// # Panics
/// A folder cannot be read, or a file does not begin with exactly one `Return-Path:` and one `Received:`.
pub fn stored(folder: &Path) -> Vec<Stored> {
    let mut paths = files_in(folder, "new");
    paths.sort();
    paths.into_iter().map(read).collect()
}

/// The same messages one after the other, for folders that are too large for memory.
///
/// # Panics
/// As [`stored`].
pub fn each_stored(folder: &Path) -> impl Iterator<Item = Stored> {
    files_in(folder, "new").into_iter().map(read)
}

/// Every file in the `tmp/` folders below a folder: deliveries that were begun and not finished.
///
/// # Panics
/// A folder cannot be read.
pub fn unfinished(folder: &Path) -> Vec<PathBuf> {
    files_in(folder, "tmp")
}

fn files_in(folder: &Path, wanted: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return found,
        Err(error) => panic!("cannot read {}: {error}", folder.display()),
    };
    for path in entries.map(|entry| entry.expect("the folder can be listed").path()) {
        if path.is_dir() {
            found.extend(files_in(&path, wanted));
        } else if folder.file_name().is_some_and(|name| name == wanted) {
            found.push(path);
        }
    }
    found
}

fn read(path: PathBuf) -> Stored {
    let octets = fs::read(&path).unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()));
    let mut body = 0;
    for field in ["Return-Path:", "Received:"] {
        let rest = &octets[body..];
        assert!(rest.starts_with(field.as_bytes()), "{}: no `{field}` where one is due", path.display());
        body += field_length(rest);
    }
    Stored { path, octets, body }
}

/// The octets of the first header field: its line and all that are folded behind it. The server folds with a tab; a
/// message may begin with a blank.
fn field_length(octets: &[u8]) -> usize {
    let mut end = 0;
    loop {
        let line = octets[end..].iter().position(|octet| *octet == b'\n').expect("a header line ends");
        end += line + 1;
        if octets.get(end) != Some(&b'\t') {
            return end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_begins_below_the_last_prepended_field() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(folder.path().join("x/new")).expect("a folder");
        let text = "Return-Path: <a@b>\r\nReceived: from c\r\n\tby d; now\r\nReceived: sent\r\n\r\nbody";
        fs::write(folder.path().join("x/new/1"), text).expect("a file");
        let found = stored(folder.path());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].body(), b"Received: sent\r\n\r\nbody");
        assert_eq!(found[0].sender(), "a@b");
    }
}
