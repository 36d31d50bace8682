//! Mailboxes in memory, for transcripts.
//!
//! Never: waits, or keeps anything behind the end of a test.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use program::SessionId;

use super::{Beginning, Entry, Errand, Flagging, Found, Listing, MailboxFact};
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
                held.messages.push((entry(uid, name, length), octets.clone()));
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
                MailboxFact::Busy if matches!(errand, Errand::Lock) => return Some(Ok(Found::Busy)),
                MailboxFact::Fails(word, why) if word == errand.word() => return Some(Err(why.clone())),
                MailboxFact::Timeout(word) if word == errand.word() => return None,
                MailboxFact::Gone(word) if word == errand.word() => return Some(Ok(Found::Nothing)),
                _ => {}
            }
        }
        if let Errand::Append { content, flags } = errand {
            return Some(self.append(content.as_ref(), flags));
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
            Errand::List | Errand::Refresh | Errand::Changes => {
                let messages: Vec<Entry> = self.messages.iter().map(|(entry, _)| entry.clone()).collect();
                let next = messages.iter().map(|entry| entry.uid).max().unwrap_or_default() + 1;
                Found::Listing(Listing { validity: 1, next, messages, room: None })
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
                    entry.flags = Flagging::Add.apply(&entry.flags, &['S']);
                    Found::Done(1)
                }
            },
            Errand::Flag { name, how, flags } => match place(name) {
                None => Found::Nothing,
                Some(at) => {
                    let entry = &mut self.messages[at].0;
                    entry.flags = how.apply(&entry.flags, flags);
                    (entry.seen, entry.fresh) = (entry.flags.contains('S'), false);
                    Found::Flags(entry.flags.clone())
                }
            },
            Errand::Append { .. } => Found::Nothing,
            Errand::Expunge(names) => {
                let before = self.messages.len();
                self.messages.retain(|(entry, _)| !names.contains(&entry.name));
                Found::Done((before - self.messages.len()) as i64)
            }
        }))
    }
}

fn entry(uid: i64, name: Arc<str>, octets: i64) -> Entry {
    Entry { uid, name, octets, received: 0, seen: false, fresh: true, flags: String::new() }
}

impl Held {
    fn append(&mut self, content: Option<&Payload>, flags: &[char]) -> Result<Found, Arc<str>> {
        let mut octets = Vec::new();
        let read = content.map_or(Ok(()), |payload| {
            payload.read(u64::MAX, |piece| {
                octets.extend_from_slice(piece);
                Ok(())
            })
        });
        read?;
        let uid = self.messages.iter().map(|(entry, _)| entry.uid).max().unwrap_or_default() + 1;
        let mut made = entry(uid, format!("message-{uid}").into(), octets.len() as i64);
        made.flags = Flagging::Set.apply("", flags);
        made.seen = made.flags.contains('S');
        self.messages.push((made, octets));
        Ok(Found::Done(1))
    }
}

fn beginning(octets: &[u8], lines: Option<u64>) -> &[u8] {
    let Some(lines) = lines else { return octets };
    let mut beginning = Beginning::new(lines);
    beginning.push(octets);
    &octets[..beginning.length() as usize]
}
