//! Mailboxes in memory, for transcripts.
//!
//! Never: waits, or keeps anything behind the end of a test.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use program::SessionId;

use super::{Beginning, Entry, Errand, Found, Listing, MailboxFact};
use crate::Payload;

/// The mailboxes that facts speak of, by account.
#[derive(Default)]
pub(super) struct Mailboxes(Mutex<HashMap<String, Held>>);

/// What came of an errand; nothing when no answer ever comes.
type Answered = Option<Result<Found, Arc<str>>>;

/// One mailbox.
#[derive(Default)]
struct Held {
    facts: Vec<MailboxFact>,
    messages: Vec<(Entry, Vec<u8>)>,
    holder: Option<SessionId>,
}

impl Mailboxes {
    /// States a fact.
    pub(super) fn state(&mut self, account: &str, fact: MailboxFact) {
        let mut mailboxes = self.lock();
        let held = mailboxes.entry(account.to_lowercase()).or_default();
        if let MailboxFact::Holds(messages) = &fact {
            for octets in messages {
                let uid = held.messages.len() as i64 + 1;
                let name = format!("message-{uid}").into();
                let length = octets.len() as i64;
                let entry = Entry { uid, name, octets: length, received: 0, seen: false, fresh: true };
                held.messages.push((entry, octets.clone()));
            }
        }
        held.facts.push(fact);
    }

    /// Does an errand; nothing when no fact speaks of the account.
    pub(super) fn run(&self, session: &SessionId, account: &str, errand: &Errand) -> Option<Answered> {
        self.lock().get_mut(&account.to_lowercase()).map(|held| held.run(session, errand))
    }

    /// A session is over.
    pub(super) fn release(&self, session: &SessionId) {
        for held in self.lock().values_mut().filter(|held| held.holder.as_ref() == Some(session)) {
            held.holder = None;
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Held>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn run(&mut self, session: &SessionId, errand: &Errand) -> Answered {
        for fact in &self.facts {
            match fact {
                MailboxFact::Busy if *errand == Errand::Lock => return Some(Ok(Found::Busy)),
                MailboxFact::Fails(word, why) if word == errand.word() => return Some(Err(why.clone())),
                MailboxFact::Timeout(word) if word == errand.word() => return None,
                MailboxFact::Gone(word) if word == errand.word() => return Some(Ok(Found::Nothing)),
                _ => {}
            }
        }
        let place = |name: &str| self.messages.iter().position(|(entry, _)| *entry.name == *name);
        Some(Ok(match errand {
            Errand::Lock if self.holder.as_ref().is_some_and(|holder| holder != session) => Found::Busy,
            Errand::Lock => {
                self.holder = Some(session.clone());
                Found::Done(1)
            }
            Errand::Release => {
                self.holder = None;
                Found::Done(1)
            }
            Errand::List => {
                let messages: Vec<Entry> = self.messages.iter().map(|(entry, _)| entry.clone()).collect();
                let next = messages.iter().map(|entry| entry.uid).max().unwrap_or_default() + 1;
                Found::Listing(Listing { validity: 1, next, messages })
            }
            Errand::Fetch { name, lines } => match place(name) {
                None => Found::Nothing,
                Some(at) => Found::Message(Payload::Memory(beginning(&self.messages[at].1, *lines).to_vec().into())),
            },
            Errand::Mark(name) => match place(name) {
                None => Found::Nothing,
                Some(at) => {
                    let entry = &mut self.messages[at].0;
                    (entry.seen, entry.fresh) = (true, false);
                    Found::Done(1)
                }
            },
            Errand::Expunge(names) => {
                let before = self.messages.len();
                self.messages.retain(|(entry, _)| !names.contains(&entry.name));
                Found::Done((before - self.messages.len()) as i64)
            }
        }))
    }
}

fn beginning(octets: &[u8], lines: Option<u64>) -> &[u8] {
    let Some(lines) = lines else { return octets };
    let mut beginning = Beginning::new(lines);
    beginning.push(octets);
    &octets[..beginning.length() as usize]
}
