//! Transcript files: found below paths, read, and checked against their protocols.
//!
//! Never: plays.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use diagnostic::{FileId, Severity};
use machine::Service;
use transcript::{Transcript, check, parse, unknown_protocol};

use crate::{findings::Findings, protocols::Protocols};

/// How a transcript's name ends.
pub const ENDING: &str = "talk";

/// A transcript that may be played.
pub struct Playable {
    /// The file.
    pub path: PathBuf,
    /// What it says.
    pub transcript: Transcript,
    /// Its protocol, bound to what it gives.
    pub service: Arc<Service>,
}

/// What was found below some paths.
#[derive(Default)]
pub struct Found {
    /// What may be played, in the order of the paths and of names.
    pub playable: Vec<Playable>,
    /// How many transcripts have an error in them.
    pub refused: usize,
    /// Whether a protocol that a transcript needs does not compile.
    pub uncompiled: bool,
}

/// All transcripts below the paths; folders are searched.
///
/// # Errors
/// A path cannot be read, with the path.
pub fn below(paths: &[PathBuf]) -> Result<Vec<PathBuf>, (PathBuf, io::Error)> {
    let mut files = Vec::new();
    for path in paths {
        let metadata = fs::metadata(path).map_err(|error| (path.clone(), error))?;
        if metadata.is_dir() { search(path, &mut files)? } else { files.push(path.clone()) }
    }
    let mut seen = BTreeSet::new();
    files.retain(|file| seen.insert(file.clone()));
    Ok(files)
}

fn search(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), (PathBuf, io::Error)> {
    let unread = |error| (folder.to_path_buf(), error);
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(unread)? {
        entries.push(entry.map_err(unread)?.path());
    }
    entries.sort();
    for path in entries {
        if path.is_dir() {
            search(&path, files)?;
        } else if path.extension().is_some_and(|ending| ending == ENDING) {
            files.push(path);
        }
    }
    Ok(())
}

/// Reads the transcripts and the protocols that they name, and checks each against its own.
///
/// # Errors
/// A file cannot be read, with its path.
pub fn read(paths: &[PathBuf], protocols: &Path, findings: &mut Findings) -> Result<Found, (PathBuf, io::Error)> {
    let mut found = Found::default();
    let mut transcripts = Vec::new();
    for path in paths {
        let text = fs::read_to_string(path).map_err(|error| (path.clone(), error))?;
        let file = findings.sources.add(path.to_string_lossy(), text);
        match parsed(file, findings) {
            Some(transcript) => transcripts.push((path.clone(), transcript)),
            None => found.refused += 1,
        }
    }
    let named: BTreeSet<&str> = transcripts.iter().map(|(_, transcript)| transcript.protocol.as_str()).collect();
    let mut compiled = Protocols::default();
    let mut of_protocols = Findings { sources: std::mem::take(&mut findings.sources), list: Vec::new() };
    let added = compiled.add_folder(protocols, |name| named.contains(name), &mut of_protocols);
    findings.sources = of_protocols.sources;
    // Their warnings are told by `check`.
    findings.list.extend(of_protocols.list.into_iter().filter(|finding| finding.rule.severity == Severity::Error));
    added?;
    for (path, transcript) in transcripts {
        match bound(&transcript, &compiled, findings, &mut found.uncompiled) {
            Some(service) => found.playable.push(Playable { path, transcript, service }),
            None => found.refused += 1,
        }
    }
    Ok(found)
}

/// Reads one transcript; what is wrong with it goes to the findings.
pub fn parsed(file: FileId, findings: &mut Findings) -> Option<Transcript> {
    let (transcript, found) = parse(&findings.sources, file);
    findings.list.extend(found);
    transcript
}

fn bound(
    transcript: &Transcript,
    protocols: &Protocols,
    findings: &mut Findings,
    uncompiled: &mut bool,
) -> Option<Arc<Service>> {
    let program = match protocols.named(&transcript.protocol) {
        Some(Some(program)) => program,
        Some(None) => {
            *uncompiled = true;
            return None;
        }
        None => {
            findings.list.push(unknown_protocol(transcript, protocols.names()));
            return None;
        }
    };
    match check(transcript, program) {
        Ok(service) => Some(Arc::new(service)),
        Err(list) => {
            findings.list.extend(list);
            None
        }
    }
}
