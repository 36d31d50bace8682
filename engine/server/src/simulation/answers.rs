//! The world of a transcript: what it gives, answered by the real actions over facts.
//!
//! Never: asks a network or a database.

use std::{
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, Waker},
};

use actions::{
    Actions, LENT, Payload, crypt,
    world::{DnsFact, DrawerFact, Facts, FileFact, Kind, MailboxFact, Record, SinkFact, SqlFact},
};
use program::{Call, Gives, Outcome, PayloadId, Program, SessionId, Statement, Target, Value};
use transcript::{
    Argument, DnsAnswer, FileAnswer, Given, MailboxAnswer, SinkAnswer, SqlAnswer,
    play::{Aftermath, Answers, Payloads, Stored},
    row, value,
};

use crate::simulation::clients::Pretended;

/// Answers the calls of one transcript in memory.
pub struct Recorded {
    facts: Arc<Facts>,
    clients: Pretended,
    actions: Actions,
}

/// The payloads of a session in memory, as actions see them.
struct Held {
    payloads: Payloads,
    lent: Mutex<Payloads>,
}

impl Recorded {
    /// A world of facts, and what its clients give.
    pub fn new(facts: Arc<Facts>, clients: Pretended) -> Recorded {
        Recorded { actions: Actions::new(facts.clone()), clients, facts }
    }
}

impl Answers for Recorded {
    fn answer(&mut self, call: &Call, payloads: &mut Payloads) -> Option<Outcome> {
        if matches!(call.target, Target::Client(_)) {
            return self.clients.outcome(&call.target, &call.arguments);
        }
        let held = Arc::new(Held { payloads: payloads.clone(), lent: Mutex::default() });
        let mut answer = pin!(self.actions.run(call.clone(), held.clone()));
        // A world of facts answers at once or never.
        match answer.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(outcome) => {
                payloads.append(&mut held.lent.lock().unwrap_or_else(PoisonError::into_inner));
                Some(outcome)
            }
            Poll::Pending => None,
        }
    }

    fn ended(&mut self, session: &SessionId) {
        self.actions.ended(session);
    }

    fn aftermath(&self) -> Aftermath {
        aftermath(&self.facts, &self.clients)
    }
}

impl actions::Payloads for Held {
    fn payload(&self, id: PayloadId) -> Option<Payload> {
        self.payloads.get(&id).map(|octets| Payload::Memory(octets.clone().into()))
    }

    fn lend(&self, payload: Payload) -> Result<PayloadId, Arc<str>> {
        let mut octets = Vec::new();
        let read = payload.read(u64::MAX, |piece| {
            octets.extend_from_slice(piece);
            Ok(())
        });
        read?;
        let mut lent = self.lent.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = |id: &PayloadId| self.payloads.contains_key(id) || lent.contains_key(id);
        let id = (LENT..u32::MAX).map(PayloadId).find(|id| !taken(id)).ok_or("there are no more names for payloads")?;
        lent.insert(id, octets);
        Ok(id)
    }
}

/// What was stored and asked in a world of facts.
pub fn aftermath(facts: &Facts, clients: &Pretended) -> Aftermath {
    let stored = facts.delivered().into_iter().map(|message| Stored {
        id: message.id.to_string(),
        sink: message.sink,
        sender: message.sender,
        recipients: message.recipients,
        headers: message.headers.iter().map(ToString::to_string).collect(),
        body: message.body,
    });
    Aftermath {
        stored: stored.collect(),
        asked: facts.asked().into_iter().map(|asked| asked.name).collect(),
        unanswered: facts.unanswered().into_iter().chain(clients.unanswered()).collect(),
        ..Aftermath::default()
    }
}

/// The world that a transcript gives; it was checked against the program. What does not fit all the same is left out, and
/// shows as a look-up that no fact answers.
pub fn facts(given: &Given, program: &Program) -> Facts {
    let mut facts = Facts::new();
    for fact in &given.dns {
        let Ok(kind) = fact.kind.parse::<Kind>() else { continue };
        let answer = match &fact.answer {
            DnsAnswer::Records(records) => {
                DnsFact::Records(records.iter().filter_map(|record| Record::parse(kind, record)).collect())
            }
            DnsAnswer::None => DnsFact::None,
            DnsAnswer::Timeout => DnsFact::Timeout,
            DnsAnswer::Fails(why) => DnsFact::Fails(why.as_str().into()),
        };
        facts.dns_says(&fact.name, kind, answer);
    }
    // Facts for particular arguments come first, as the first one that fits is taken.
    for particular in [true, false] {
        for fact in given.sql.iter().filter(|fact| fact.arguments.is_some() == particular) {
            let Some(statement) = program.statements.iter().find(|known| *known.name == *fact.name) else { continue };
            let arguments = fact.arguments.as_ref().map(|arguments| parameters(arguments, statement));
            if let Some(answer) = sql(&fact.answer, statement) {
                // Values that no database has were refused by the check.
                let _ = facts.sql_gives_to(&fact.name, arguments.as_deref(), answer);
            }
        }
    }
    if let Some(why) = &given.unreadable {
        facts.payloads_are_unreadable(why);
    }
    for fact in &given.mailboxes {
        let answer = match &fact.answer {
            MailboxAnswer::Holds(messages) => MailboxFact::Holds(messages.clone()),
            MailboxAnswer::Busy => MailboxFact::Busy,
            MailboxAnswer::Fails(errand, why) => MailboxFact::Fails(errand.clone(), why.as_str().into()),
            MailboxAnswer::Timeout(errand) => MailboxFact::Timeout(errand.clone()),
            MailboxAnswer::Gone(errand) => MailboxFact::Gone(errand.clone()),
        };
        facts.mailbox_does(&fact.account, answer);
    }
    for fact in &given.files {
        let answer = match &fact.answer {
            FileAnswer::Holds(octets) => FileFact::Holds(octets.clone()),
            FileAnswer::None => FileFact::None,
            FileAnswer::Fails(why) => FileFact::Fails(why.as_str().into()),
            FileAnswer::Timeout => FileFact::Timeout,
        };
        facts.file_does(&fact.folder, &fact.name, answer);
    }
    for fact in &given.drawers {
        let answer = match &fact.answer {
            MailboxAnswer::Fails(errand, why) => DrawerFact::Fails(errand.clone(), why.as_str().into()),
            MailboxAnswer::Timeout(errand) => DrawerFact::Timeout(errand.clone()),
            MailboxAnswer::Gone(errand) => DrawerFact::Gone(errand.clone()),
            MailboxAnswer::Holds(_) | MailboxAnswer::Busy => continue,
        };
        facts.drawer_does(&fact.account, answer);
    }
    for fact in &given.sinks {
        let answer = match &fact.answer {
            SinkAnswer::Refuses(why) => SinkFact::Refuses(why.as_str().into()),
            SinkAnswer::Fails(why) => SinkFact::Fails(why.as_str().into()),
            SinkAnswer::Timeout => SinkFact::Timeout,
        };
        facts.sink_does(fact.name.as_deref(), fact.recipient.as_deref(), answer);
    }
    facts
}

fn parameters(arguments: &[Argument], statement: &Statement) -> Vec<Option<Value>> {
    let typed = arguments.iter().zip(&statement.parameters).map(|(argument, (_, ty))| match argument {
        Argument::Any => None,
        Argument::Is(plain) => value(plain, ty, &mut crypt).ok(),
    });
    typed.collect()
}

fn sql(answer: &SqlAnswer, statement: &Statement) -> Option<SqlFact> {
    let fields = |given| match &statement.gives {
        Gives::Row(shape) | Gives::Rows(shape, _) => row(given, shape, &mut crypt).ok(),
        Gives::Nothing => None,
    };
    Some(match answer {
        SqlAnswer::Row(given) => SqlFact::Row(fields(given)?),
        SqlAnswer::Rows(rows) => SqlFact::Rows(rows.iter().filter_map(fields).collect()),
        SqlAnswer::None => SqlFact::None,
        SqlAnswer::Done(count) => SqlFact::Done((*count).max(0).unsigned_abs()),
        SqlAnswer::Timeout => SqlFact::Timeout,
        SqlAnswer::Fails(why) => SqlFact::Fails(why.as_str().into()),
    })
}
