//! How many descriptors the system allows, and what they are for: a socket for each session, and a file of the spool for
//! every second one. Few payloads are too large for memory, and fewer at once.
//!
//! Never: opens anything.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::note::Note;

/// Descriptors for what is not of a session: listeners, databases, logs, questions to name servers, messages that are
/// being written, those who are told that there is no place.
const OURS: u64 = 256;

/// The files that payloads may be in at once.
#[derive(Debug)]
pub struct Files {
    most: usize,
    open: AtomicUsize,
}

/// The right to one file; giving it up is giving it back.
#[derive(Debug)]
pub struct Right(Arc<Files>);

impl Files {
    /// So many at once.
    pub fn new(most: usize) -> Files {
        Files { most, open: AtomicUsize::new(0) }
    }

    /// The right to one more.
    ///
    /// # Errors
    /// There are as many as there may be.
    pub fn take(self: &Arc<Self>) -> io::Result<Right> {
        let more = |open: usize| (open < self.most).then_some(open + 1);
        match self.open.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more) {
            Ok(_) => Ok(Right(self.clone())),
            Err(_) => Err(io::Error::other("there are no descriptors for more files")),
        }
    }
}

impl Drop for Right {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Raises the number of descriptors to what so many sessions need. Gives how many sessions there are descriptors for, so
/// that one too many hears so in the protocol's own words, and what is left for files.
pub(crate) fn raised_for(connections: usize, notes: &mut Vec<Note>) -> (usize, Files) {
    let wanted = connections as u64 + (connections as u64).div_ceil(2) + OURS;
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else {
        return (connections, Files::new(connections.div_ceil(2)));
    };
    let raised = wanted.min(hard).max(soft);
    let allowed =
        if raised == soft || setrlimit(Resource::RLIMIT_NOFILE, raised, hard).is_ok() { raised } else { soft };
    let room = usize::try_from(allowed.saturating_sub(OURS)).unwrap_or(usize::MAX);
    let places = (room - room.div_ceil(3)).max(1);
    if places < connections {
        notes.push(Note::Warning(format!(
            "{allowed} open files are allowed, which is enough for {places} sessions, not for `limits.connections: {connections}`"
        )));
    }
    let places = places.min(connections);
    (places, Files::new(room.saturating_sub(places).max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_never_more_files_than_there_may_be() {
        let files = Arc::new(Files::new(2));
        let first = files.take().expect("there is one");
        let second = files.take().expect("there are two");
        assert!(files.take().is_err());
        drop(first);
        let third = files.take().expect("one was given back");
        assert!(files.take().is_err());
        drop((second, third));
        assert_eq!(files.open.load(Ordering::Relaxed), 0);
    }
}
