//! What can be done with the files of an owner, and what comes of it; and such files in memory, for transcripts.
//!
//! Never: knows where files lie.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use crate::Payload;

/// What is to be done.
#[derive(Clone)]
pub enum FileErrand {
    /// Tell which there are.
    List,
    /// Read one.
    Fetch(Arc<str>),
    /// Make one, or put another in its place.
    Write(Arc<str>, Option<Payload>),
    /// Remove one.
    Delete(Arc<str>),
    /// Give one another name, which no other file has.
    Rename(Arc<str>, Arc<str>),
    /// Let this one, and no other, bear the mark; with an empty name, none.
    Mark(Arc<str>),
}

/// What came of it.
#[derive(Clone)]
pub enum Filed {
    /// It is done.
    Done,
    /// There is no such file.
    Nothing,
    /// Another file has that name.
    Taken,
    /// The files, in the order of their names.
    Listing(Vec<FileEntry>),
    /// The octets of one.
    Content(Payload),
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEntry {
    /// Its name.
    pub name: Arc<str>,
    /// Its length.
    pub octets: i64,
    /// Whether it bears the mark.
    pub marked: bool,
}

/// The most files of one owner that are listed.
pub const FILES: usize = 10_000;

impl FileErrand {
    /// The word for it in the facts of a transcript.
    pub fn word(&self) -> &'static str {
        match self {
            FileErrand::List => "list",
            FileErrand::Fetch(_) => "fetch",
            FileErrand::Write(..) => "write",
            FileErrand::Delete(_) => "delete",
            FileErrand::Rename(..) => "rename",
            FileErrand::Mark(_) => "mark",
        }
    }
}

/// What a transcript says of the files of an owner, beside that they are kept.
#[derive(Debug, Clone)]
pub enum DrawerFact {
    /// That errand fails.
    Fails(String, Arc<str>),
    /// That errand never ends.
    Timeout(String),
    /// That errand finds nothing: another session was faster.
    Gone(String),
}

/// Files in memory. There are none at first.
#[derive(Default)]
pub(super) struct Drawers(Mutex<HashMap<String, Drawer>>);

#[derive(Default)]
struct Drawer {
    facts: Vec<DrawerFact>,
    files: BTreeMap<Arc<str>, Vec<u8>>,
    marked: Option<Arc<str>>,
}

impl Drawers {
    /// States a fact.
    pub(super) fn state(&mut self, owner: &str, fact: DrawerFact) {
        let mut drawers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        drawers.entry(owner.to_lowercase()).or_default().facts.push(fact);
    }

    /// Does an errand; nothing when it never ends.
    pub(super) fn run(&self, owner: &str, errand: &FileErrand) -> Option<Result<Filed, Arc<str>>> {
        let mut drawers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let drawer = drawers.entry(owner.to_lowercase()).or_default();
        for fact in &drawer.facts {
            match fact {
                DrawerFact::Fails(word, why) if word == errand.word() => return Some(Err(why.clone())),
                DrawerFact::Timeout(word) if word == errand.word() => return None,
                DrawerFact::Gone(word) if word == errand.word() => return Some(Ok(Filed::Nothing)),
                _ => {}
            }
        }
        Some(drawer.run(errand))
    }
}

impl Drawer {
    fn run(&mut self, errand: &FileErrand) -> Result<Filed, Arc<str>> {
        let there = |name: &Arc<str>| self.files.contains_key(name);
        Ok(match errand {
            FileErrand::List => Filed::Listing(
                self.files
                    .iter()
                    .map(|(name, octets)| FileEntry {
                        name: name.clone(),
                        octets: octets.len() as i64,
                        marked: self.marked.as_ref() == Some(name),
                    })
                    .collect(),
            ),
            FileErrand::Fetch(name) => match self.files.get(name) {
                Some(octets) => Filed::Content(Payload::Memory(octets.clone().into())),
                None => Filed::Nothing,
            },
            FileErrand::Write(name, content) => {
                let mut octets = Vec::new();
                let read = content.as_ref().map_or(Ok(()), |payload| {
                    payload.read(u64::MAX, |piece| {
                        octets.extend_from_slice(piece);
                        Ok(())
                    })
                });
                read?;
                self.files.insert(name.clone(), octets);
                Filed::Done
            }
            FileErrand::Delete(name) => match self.files.remove(name) {
                Some(_) => Filed::Done,
                None => Filed::Nothing,
            },
            FileErrand::Rename(old, new) if there(new) && old != new => Filed::Taken,
            FileErrand::Rename(old, new) => match self.files.remove(old) {
                None => Filed::Nothing,
                Some(octets) => {
                    self.files.insert(new.clone(), octets);
                    if self.marked.as_ref() == Some(old) {
                        self.marked = Some(new.clone());
                    }
                    Filed::Done
                }
            },
            FileErrand::Mark(name) if name.is_empty() => {
                self.marked = None;
                Filed::Done
            }
            FileErrand::Mark(name) if there(name) => {
                self.marked = Some(name.clone());
                Filed::Done
            }
            FileErrand::Mark(_) => Filed::Nothing,
        })
    }
}
