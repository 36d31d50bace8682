//! A world made of facts: what a transcript says is so, and nothing else.
//!
//! Every answer is ready at once or never comes, so whoever asks polls once and takes "not ready" for "the time limit
//! is reached".
//!
//! Never: asks a network, a database or a clock, or answers what no fact answers: that is kept and shown.

use std::{
    collections::HashMap,
    future::pending,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use program::{Gives, SessionId, Statement, Value, Words};

use super::{
    Answer, Bench, Cell, DrawerFact, Errand, FileErrand, Filed, Found, Kind, Message, NotStored, Record, Table, World,
    dotless, files::Drawers, held::Mailboxes,
};
use crate::{
    sink::{Delivered, Memory},
    statement::cell,
};

/// A world made of facts. It is filled, shared, and looked into afterwards.
#[derive(Default)]
pub struct Facts {
    dns: HashMap<(String, Kind), DnsFact>,
    sql: HashMap<Arc<str>, Vec<(Wanted, SqlFact)>>,
    sinks: Vec<SinkRule>,
    unreadable: Option<Arc<str>>,
    mailboxes: Mailboxes,
    files: HashMap<(String, String), FileFact>,
    drawers: Drawers,
    kept: Memory,
    notes: Mutex<Notes>,
}

/// The parameters that a fact is about: any, or one by one, where none stands for any.
type Wanted = Option<Vec<Option<Cell>>>;

/// What the DNS says of one type of one name.
#[derive(Debug, Clone, PartialEq)]
pub enum DnsFact {
    /// These records.
    Records(Vec<Record>),
    /// No such name, or no such record.
    None,
    /// No answer ever comes.
    Timeout,
    /// The server cannot say (SERVFAIL).
    ServFail,
    /// Something else is wrong.
    Fails(Arc<str>),
}

/// What a statement gives to certain parameters. Columns stand by name.
#[derive(Clone, PartialEq)]
pub enum SqlFact {
    /// One row.
    Row(Vec<(Arc<str>, Value)>),
    /// Several; a column that a row lacks is NULL there.
    Rows(Vec<Vec<(Arc<str>, Value)>>),
    /// No row.
    None,
    /// So many rows were changed.
    Done(u64),
    /// No answer ever comes.
    Timeout,
    /// The database cannot.
    Fails(Arc<str>),
}

/// What a sink does that does not just keep what it gets.
#[derive(Debug, Clone, PartialEq)]
pub enum SinkFact {
    /// It does not want the message.
    Refuses(Arc<str>),
    /// It cannot keep the message.
    Fails(Arc<str>),
    /// No answer ever comes, and nothing is kept.
    Timeout,
}

/// What becomes of reading a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileFact {
    /// It holds these octets.
    Holds(Vec<u8>),
    /// There is no such file.
    None,
    /// It cannot be read.
    Fails(Arc<str>),
    /// No answer ever comes.
    Timeout,
}

/// What a mailbox does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailboxFact {
    /// It holds these messages.
    Holds(Vec<Vec<u8>>),
    /// Another session has locked it.
    Busy,
    /// An errand of that name is not done.
    Fails(String, Arc<str>),
    /// An errand of that name is never done.
    Timeout(String),
    /// Messages are gone when an errand of that name wants one.
    Gone(String),
}

/// One question that was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The name of the statement, or `dns`.
    pub name: String,
    /// The parameters as texts, secrets and octets as `***`; for `dns` the name and the type.
    pub arguments: Vec<String>,
}

/// What becomes of deliveries to some sink, for some recipient.
#[derive(Debug, Clone, PartialEq)]
struct SinkRule {
    /// None is every sink.
    sink: Option<String>,
    /// None is every recipient.
    recipient: Option<String>,
    fact: SinkFact,
}

#[derive(Default)]
struct Notes {
    asked: Vec<Asked>,
    unanswered: Vec<String>,
}

impl Facts {
    /// A world in which nothing is so, but every sink keeps what it gets.
    pub fn new() -> Facts {
        Facts::default()
    }

    /// States what the DNS says. Names have no search list, and case does not count. A later fact replaces an earlier.
    pub fn dns_says(&mut self, name: &str, kind: Kind, fact: DnsFact) {
        self.dns.insert((folded(name), kind), fact);
    }

    /// States what a statement gives to these parameters. A later fact replaces an earlier.
    ///
    /// # Errors
    /// A parameter or a column is a list, a record or a payload.
    pub fn sql_gives(&mut self, statement: &str, parameters: &[Value], fact: SqlFact) -> Result<(), String> {
        let parameters: Vec<Option<Value>> = parameters.iter().cloned().map(Some).collect();
        self.sql_gives_to(statement, Some(&parameters), fact)
    }

    /// States what a statement gives to any parameters, or to these, where none stands for any value. The first fact
    /// that fits is taken; a later fact replaces an earlier one for the same parameters.
    ///
    /// # Errors
    /// A parameter or a column is a list, a record or a payload.
    pub fn sql_gives_to(
        &mut self,
        statement: &str,
        parameters: Option<&[Option<Value>]>,
        fact: SqlFact,
    ) -> Result<(), String> {
        let columns: Vec<&(Arc<str>, Value)> = match &fact {
            SqlFact::Row(row) => row.iter().collect(),
            SqlFact::Rows(rows) => rows.iter().flatten().collect(),
            _ => Vec::new(),
        };
        if let Some((column, _)) = columns.into_iter().find(|(_, value)| cell(value).is_none()) {
            return Err(format!("column `{column}` of `{statement}` is nothing that a database has"));
        }
        let wanted = parameters.map(|parameters| {
            let cells = parameters.iter().map(|value| value.as_ref().map_or(Some(None), |value| cell(value).map(Some)));
            cells.collect::<Option<Vec<Option<Cell>>>>()
        });
        if wanted == Some(None) {
            return Err(format!("a parameter of `{statement}` is nothing that a database has"));
        }
        let wanted = wanted.flatten();
        let facts = self.sql.entry(statement.into()).or_default();
        facts.retain(|(parameters, _)| *parameters != wanted);
        facts.push((wanted, fact));
        Ok(())
    }

    /// States what becomes of deliveries to a sink, or to every sink, for a recipient, or for every recipient. Without a
    /// fact a sink keeps what it gets.
    pub fn sink_does(&mut self, sink: Option<&str>, recipient: Option<&str>, fact: SinkFact) {
        self.sinks.push(SinkRule { sink: sink.map(Into::into), recipient: recipient.map(Into::into), fact });
    }

    /// States that no payload can be read, and why.
    pub fn payloads_are_unreadable(&mut self, why: &str) {
        self.unreadable = Some(why.into());
    }

    /// States what becomes of reading a file, by the name of its folder and its own.
    pub fn file_does(&mut self, folder: &str, name: &str, fact: FileFact) {
        self.files.insert((folder.to_owned(), name.to_owned()), fact);
    }

    /// States what the mailbox of an account holds or does, in every sink. Several facts may be stated of one.
    pub fn mailbox_does(&mut self, account: &str, fact: MailboxFact) {
        self.mailboxes.state(account, fact);
    }

    /// States what the files of an owner do, in every sink. Without a fact they are kept.
    pub fn drawer_does(&mut self, owner: &str, fact: DrawerFact) {
        self.drawers.state(owner, fact);
    }

    /// Everything that was asked, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.notes().asked.clone()
    }

    /// How often a statement, or `dns`, was asked: with these arguments, or with any.
    pub fn times(&self, name: &str, arguments: Option<&[&str]>) -> usize {
        let hit = |asked: &&Asked| asked.name == name && arguments.is_none_or(|wanted| asked.arguments == wanted);
        self.notes().asked.iter().filter(hit).count()
    }

    /// What was asked and no fact answers: each is an error of the test.
    pub fn unanswered(&self) -> Vec<String> {
        self.notes().unanswered.clone()
    }

    /// The messages that sinks kept, in order.
    pub fn delivered(&self) -> Vec<Delivered> {
        self.kept.delivered()
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, name: &str, arguments: Vec<String>, answered: bool) {
        let mut notes = self.notes();
        if !answered {
            notes.unanswered.push(format!("{name}({})", arguments.join(", ")));
        }
        notes.asked.push(Asked { name: name.to_owned(), arguments });
    }
}

impl World for Facts {
    fn unreadable(&self) -> Option<Arc<str>> {
        self.unreadable.clone()
    }

    fn dns<'a>(&'a self, name: &'a str, kind: Kind) -> Answer<'a, Result<Vec<Record>, Arc<str>>> {
        let name = folded(name);
        let fact = self.dns.get(&(name.clone(), kind));
        self.note("dns", vec![name.clone(), kind.name().to_owned()], fact.is_some());
        match fact {
            Some(DnsFact::Records(records)) => Answer::now(Ok(records.clone())),
            Some(DnsFact::None) => Answer::now(Ok(Vec::new())),
            Some(DnsFact::Timeout) => Answer::later(pending()),
            Some(DnsFact::ServFail) => Answer::now(Err("SERVFAIL".into())),
            Some(DnsFact::Fails(why)) => Answer::now(Err(why.clone())),
            None => Answer::now(Err(format!("no fact says what dns {name} {kind} is").into())),
        }
    }

    fn sql<'a>(&'a self, statement: &'a Arc<Statement>, parameters: Vec<Cell>) -> Answer<'a, Result<Table, Arc<str>>> {
        let facts = self.sql.get(&statement.name);
        let fact = facts.and_then(|facts| facts.iter().find(|(wanted, _)| fits(wanted, &parameters)));
        let declared = statement.parameters.iter().map(|(_, ty)| ty.is_secret());
        let shown =
            parameters.iter().zip(declared).map(|(cell, secret)| if secret { "***".into() } else { text(cell) });
        self.note(&statement.name, shown.collect(), fact.is_some());
        match fact.map(|(_, fact)| fact) {
            Some(SqlFact::Timeout) => Answer::later(pending()),
            Some(SqlFact::Fails(why)) => Answer::now(Err(why.clone())),
            Some(SqlFact::Row(row)) => Answer::now(Ok(table(std::slice::from_ref(row)))),
            Some(SqlFact::Rows(rows)) if rows.is_empty() => Answer::now(Ok(nothing(statement))),
            Some(SqlFact::Rows(rows)) => Answer::now(Ok(table(rows))),
            Some(SqlFact::None) => Answer::now(Ok(nothing(statement))),
            Some(SqlFact::Done(changed)) => Answer::now(Ok(Table { changed: *changed, ..Table::default() })),
            None => Answer::now(Err(format!("no fact says what `{}` gives", statement.name).into())),
        }
    }

    fn deliver<'a>(&'a self, sink: &'a str, message: Message) -> Answer<'a, Result<Words, NotStored>> {
        let fits = |rule: &&SinkRule| {
            let wanted = |to: &String| message.recipients().any(|recipient| recipient.eq_ignore_ascii_case(to));
            rule.sink.as_ref().is_none_or(|name| name == sink) && rule.recipient.as_ref().is_none_or(wanted)
        };
        // What is said of more is nearer to the case.
        let nearness = |rule: &&SinkRule| (rule.recipient.is_some(), rule.sink.is_some());
        match self.sinks.iter().filter(fits).max_by_key(nearness).map(|rule| &rule.fact) {
            Some(SinkFact::Refuses(why)) => Answer::now(Err(NotStored::Refused(why.clone()))),
            Some(SinkFact::Fails(why)) => Answer::now(Err(NotStored::Failed(why.clone()))),
            Some(SinkFact::Timeout) => Answer::later(pending()),
            // The message is kept when the answer is taken, not when it is made.
            None => Answer::later(async move { self.kept.keep(sink, &message) }),
        }
    }

    fn mailbox<'a>(
        &'a self,
        session: &'a SessionId,
        _: &'a str,
        account: &'a str,
        errand: Errand,
    ) -> Answer<'a, Result<Found, Arc<str>>> {
        let answer = self.mailboxes.run(session, account, &errand);
        self.note("mailbox", vec![account.to_owned(), errand.word().to_owned()], answer.is_some());
        match answer {
            Some(Some(answer)) => Answer::now(answer),
            Some(None) => Answer::later(pending()),
            None => Answer::now(Err(format!("no fact says what the mailbox of {account} holds").into())),
        }
    }

    fn file<'a>(&'a self, folder: &'a str, name: &'a str) -> Answer<'a, Result<Option<Vec<u8>>, Arc<str>>> {
        let fact = self.files.get(&(folder.to_owned(), name.to_owned()));
        self.note("file", vec![folder.to_owned(), name.to_owned()], fact.is_some());
        match fact {
            Some(FileFact::Holds(octets)) => Answer::now(Ok(Some(octets.clone()))),
            Some(FileFact::None) => Answer::now(Ok(None)),
            Some(FileFact::Fails(why)) => Answer::now(Err(why.clone())),
            Some(FileFact::Timeout) => Answer::later(pending()),
            None => Answer::now(Err(format!("no fact says what the file {name} holds").into())),
        }
    }

    fn files<'a>(&'a self, _: &'a str, owner: &'a str, errand: FileErrand) -> Answer<'a, Result<Filed, Arc<str>>> {
        self.note("files", vec![owner.to_owned(), errand.word().to_owned()], true);
        match self.drawers.run(owner, &errand) {
            Some(answer) => Answer::now(answer),
            None => Answer::later(pending()),
        }
    }

    fn ended(&self, session: &SessionId) {
        self.mailboxes.release(session);
    }

    fn work(&self, _: Bench, job: Box<dyn FnOnce() + Send>) -> Answer<'_, ()> {
        Answer::later(async move { job() })
    }

    fn admits(&self, _: IpAddr) -> bool {
        true
    }

    fn limit(&self, _: Duration) -> Answer<'_, ()> {
        Answer::later(pending())
    }

    fn grace(&self, _: Duration) -> Answer<'_, ()> {
        Answer::now(())
    }
}

fn folded(name: &str) -> String {
    program::a_labels(&dotless(name)).to_lowercase()
}

fn fits(wanted: &Wanted, parameters: &[Cell]) -> bool {
    wanted.as_ref().is_none_or(|wanted| {
        let mut pairs = wanted.iter().zip(parameters);
        wanted.len() == parameters.len() && pairs.all(|(wanted, is)| wanted.as_ref().is_none_or(|wanted| wanted == is))
    })
}

/// No row, with every column that the statement is to give.
fn nothing(statement: &Statement) -> Table {
    match &statement.gives {
        Gives::Row(shape) | Gives::Rows(shape, _) => {
            Table { columns: shape.fields.iter().map(|(name, _)| name.clone()).collect(), ..Table::default() }
        }
        Gives::Nothing => Table::default(),
    }
}

fn table(rows: &[Vec<(Arc<str>, Value)>]) -> Table {
    let columns: Vec<Arc<str>> = rows.iter().flatten().fold(Vec::new(), |mut columns, (name, _)| {
        if !columns.contains(name) {
            columns.push(name.clone());
        }
        columns
    });
    let value = |row: &[(Arc<str>, Value)], column: &Arc<str>| {
        row.iter().find(|(name, _)| name == column).and_then(|(_, value)| cell(value)).unwrap_or(Cell::Null)
    };
    let rows = rows.iter().map(|row| columns.iter().map(|column| value(row, column)).collect()).collect();
    Table { rows, columns, ..Table::default() }
}

fn text(cell: &Cell) -> String {
    match cell {
        Cell::Null => "NULL".to_owned(),
        Cell::Integer(number) => number.to_string(),
        Cell::Real(number) => number.to_string(),
        Cell::Text(text) => text.clone(),
        Cell::Blob(_) => "***".to_owned(),
    }
}
