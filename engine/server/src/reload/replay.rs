//! The transcripts of `reload.replay`, played against a version before it is let in.
//!
//! Never: lets a version in that fails one of them, whatever the former one did; those that are known to fail stand in a
//! folder of their own, and are not played.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use transcript::{check, report};

use crate::{
    findings::{Findings, Format},
    protocols::Protocols,
    transcripts::{
        files::{self, Playable},
        memory::{is_known_fault, memory},
    },
};

/// How long all of them may take together.
const MOST: Duration = Duration::from_secs(30);

/// What came of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Replayed {
    /// How many passed.
    pub(super) passed: usize,
    /// What fails, at length.
    pub(super) failures: Vec<String>,
    /// What the operator should know besides.
    pub(super) notes: Vec<String>,
}

/// Plays the transcripts below a folder whose protocol is in service.
///
/// # Errors
/// The folder cannot be read, and why; or it takes too long.
pub(super) fn replay(folder: &Path, protocols: &Protocols) -> Result<Replayed, String> {
    let unread = |(path, error): (PathBuf, std::io::Error)| format!("`{}` cannot be read: {error}", path.display());
    let mut replayed = Replayed::default();
    let mut strangers = 0;
    let began = Instant::now();
    for path in files::below(&[folder.to_path_buf()]).map_err(unread)? {
        if began.elapsed() > MOST {
            return Err(format!("the transcripts are not played within {} seconds", MOST.as_secs()));
        }
        if is_known_fault(&path) {
            continue;
        }
        let text = fs::read_to_string(&path).map_err(|error| unread((path.clone(), error)))?;
        match outcome(&path, &text, protocols) {
            Outcome::Stranger => strangers += 1,
            Outcome::Passed => replayed.passed += 1,
            Outcome::Failed(why) => replayed.failures.extend(why.trim_end().lines().map(ToString::to_string)),
        }
    }
    if strangers > 0 {
        replayed.notes.push(format!("{strangers} transcripts are of protocols that are not in service"));
    }
    Ok(replayed)
}

/// What became of one transcript.
enum Outcome {
    /// Its protocol is not there.
    Stranger,
    Passed,
    /// It cannot be played, or not all of it is as it says.
    Failed(String),
}

fn outcome(path: &Path, text: &str, protocols: &Protocols) -> Outcome {
    let mut findings = Findings::default();
    let file = findings.sources.add(path.to_string_lossy(), text);
    let Some(transcript) = files::parsed(file, &mut findings) else {
        return Outcome::Failed(findings.render(Format::Human, false));
    };
    let Some(Some(program)) = protocols.named(&transcript.protocol) else { return Outcome::Stranger };
    let service = match check(&transcript, program) {
        Ok(service) => Arc::new(service),
        Err(list) => {
            findings.list.extend(list);
            return Outcome::Failed(findings.render(Format::Human, false));
        }
    };
    let playable = Playable { path: path.to_path_buf(), transcript, service };
    let played = memory(&playable);
    let case = report::case(&findings.sources, &playable.transcript, program, &played, "memory", 0);
    match case.passed {
        true => Outcome::Passed,
        false => Outcome::Failed(case.failures.iter().map(|failure| failure.text.as_str()).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn protocols(answer: &str) -> Protocols {
        let text = include_str!("replay.proto.dsl").replace("ANSWER", answer);
        let (mut protocols, mut findings) = (Protocols::default(), Findings::default());
        protocols.add("p", "p.proto.dsl", &text, &mut findings);
        assert!(findings.list.is_empty(), "{}", findings.render(Format::Human, false));
        protocols
    }

    fn replayed(talk: &str, answer: &str) -> Replayed {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.talk"), talk).unwrap();
        replay(folder.path(), &protocols(answer)).unwrap()
    }

    #[test]
    fn whatever_fails_or_cannot_be_read_counts() {
        let talk = include_str!("replay.talk");
        assert_eq!(replayed(talk, "200").passed, 1);
        for broken in [replayed(talk, "201"), replayed("what is this", "200")] {
            assert!(!broken.failures.is_empty() && broken.notes.is_empty(), "{broken:?}");
        }
    }
}
