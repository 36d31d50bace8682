//! The facts of `given`.
//!
//! Never: compares them with a protocol; that is `check`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use diagnostic::{Diagnostic, Rule, Severity, Span};

use crate::{
    parse::{
        moment,
        token::{Kind, Token},
        words::{Malformed, Words},
    },
    script::{
        Argument, Client, ClientAnswer, ClientFact, DnsAnswer, DnsFact, FileAnswer, FileFact, Given, MailboxAnswer,
        MailboxFact, Plain, Row, SettingFact, SinkAnswer, SinkFact, SqlAnswer, SqlFact,
    },
};

/// A fact that `given` does not know.
pub(crate) static GIVEN: Rule = Rule {
    code: "C03",
    severity: Severity::Error,
    title: "a fact in `given` is unknown or malformed",
    page: "The facts are `peer`, `local`, `name`, `tls`, `now`, `set`, `dns`, `sql`, `client`, `sink`, `mailbox`, `file`, `files` and `spool`; the chapter on \
           transcripts has a table of them. Everything that a session may ask must be given: a test touches no network.",
    accepted: "transcript \"a\" for smtp\ngiven {\n    peer 192.0.2.7\n}\nS: 220 <*>\n",
    refused: "transcript \"a\" for smtp\ngiven {\n    pear 192.0.2.7\n}\nS: 220 <*>\n",
};

/// A fact that is given twice.
pub(crate) static TWICE: Rule = Rule {
    code: "C17",
    severity: Severity::Error,
    title: "a fact is given twice",
    page: "Each fact stands once, so that nobody has to know which of two would win. An `sql` fact for any arguments may \
           stand behind those for particular ones.",
    accepted: "transcript \"a\" for smtp\ngiven {\n    name a.example\n}\nS: 220 <*>\n",
    refused: "transcript \"a\" for smtp\ngiven {\n    name a.example\n    name b.example\n}\nS: 220 <*>\n",
};

const FACTS: [&str; 14] =
    ["peer", "local", "name", "tls", "now", "set", "dns", "sql", "client", "sink", "mailbox", "file", "files", "spool"];
const DNS_TYPES: [&str; 5] = ["A", "AAAA", "MX", "TXT", "PTR"];

/// Reads facts, each a run of tokens, into `given`; remembers what was given, so that nothing is given twice.
pub(crate) struct Reader<'a> {
    /// What was read.
    pub(crate) given: Given,
    keys: Vec<(String, Span)>,
    found: &'a mut Vec<Diagnostic>,
}

impl<'a> Reader<'a> {
    /// Begins with nothing given.
    pub(crate) fn new(found: &'a mut Vec<Diagnostic>) -> Reader<'a> {
        Reader { given: Given::default(), keys: Vec::new(), found }
    }

    /// Reads one fact.
    pub(crate) fn fact(&mut self, tokens: &[Token]) {
        let given = &mut self.given;
        let mut words = Words::new(tokens, &GIVEN, self.found);
        let span = words.span;
        let Ok(word) = words.word("a fact") else { return };
        let key = match word {
            "peer" => peer(&mut words, given),
            "local" => address(&mut words).map(|(ip, port)| {
                given.local = (ip, port.unwrap_or(25));
                String::new()
            }),
            "name" => words.word("our name").map(|name| {
                given.name = name.into();
                String::new()
            }),
            "tls" => {
                given.tls = true;
                Ok(String::new())
            }
            "now" => now(&mut words, given),
            "set" => setting(&mut words, given),
            "dns" => dns(&mut words, given),
            "sql" => sql(&mut words, given),
            "client" => client(&mut words, given),
            "sink" => sink(&mut words, given),
            "mailbox" => mailbox(&mut words, given),
            "file" => file(&mut words, given),
            "files" => files(&mut words, given),
            "spool" => spool(&mut words, given),
            other => {
                let nearest = diagnostic::nearest(other, FACTS);
                let help = nearest.map_or_else(|| format!("facts are {}", FACTS.join(", ")), |n| format!("say `{n}`"));
                Err(words.refuse(tokens[0].span, format!("`{other}` is no fact"), &help))
            }
        };
        let Ok(key) = key else { return };
        if words.end().is_err() {
            return;
        }
        let key = format!("{word} {key}");
        match self.keys.iter().find(|(known, _)| *known == key) {
            Some((_, first)) => self.found.push(
                Diagnostic::new(&TWICE, span, format!("`{}` is given twice", key.trim_end()))
                    .other(*first, "here first")
                    .help("remove one of the two"),
            ),
            None => self.keys.push((key, span)),
        }
    }
}

fn peer(words: &mut Words<'_>, given: &mut Given) -> Result<String, Malformed> {
    let mut client = Client::FIRST;
    if let Some(Token { kind: Kind::Word(word), .. }) = words.peek()
        && let Some(number) = word.strip_prefix('C').and_then(|digits| digits.parse().ok())
    {
        client = Client(number);
        words.skip();
    }
    let (ip, port) = address(words)?;
    given.peers.push((client, ip, port));
    Ok(format!("C{}", client.0))
}

fn address(words: &mut Words<'_>) -> Result<(IpAddr, Option<u16>), Malformed> {
    let ip = words.parsed::<IpAddr>("an IP address")?;
    let port = if words.word_is("port") { Some(words.parsed::<u16>("a port")?) } else { None };
    Ok((ip, port))
}

fn now(words: &mut Words<'_>, given: &mut Given) -> Result<String, Malformed> {
    let here = words.here();
    let text = words.word("a time such as `2026-11-22T17:13:00Z`")?;
    let Some(time) = moment::read(text) else {
        return Err(words.refuse(here, format!("`{text}` is no time"), "write it as `2026-11-22T17:13:00Z`, in UTC"));
    };
    given.now = time;
    Ok(String::new())
}

fn setting(words: &mut Words<'_>, given: &mut Given) -> Result<String, Malformed> {
    let span = words.span;
    let name = words.word("the name of a setting")?;
    if !words.word_is("=") {
        return Err(words.wanted("`=`"));
    }
    let value = if words.bracket_is('[') {
        let mut list = Vec::new();
        while !words.bracket_is(']') {
            list.push(text_or_words(words)?);
            if !words.bracket_is(',') {
                words.bracket(']')?;
                break;
            }
        }
        machine::Given::List(list)
    } else {
        machine::Given::Text(text_or_words(words)?)
    };
    given.settings.push(SettingFact { name: name.into(), value, span });
    Ok(name.into())
}

/// A quoted text, or one word and those behind it.
fn text_or_words(words: &mut Words<'_>) -> Result<String, Malformed> {
    Ok(match plain(words)? {
        Plain::Text(text) | Plain::Words(text) | Plain::Crypt(text) => text,
    })
}

fn dns(words: &mut Words<'_>, given: &mut Given) -> Result<String, Malformed> {
    let span = words.span;
    let name = words.word("a name")?;
    let place = words.here();
    let kind = words.word("a record type")?.to_ascii_uppercase();
    if !DNS_TYPES.contains(&&*kind) {
        let help = format!("record types are {}", DNS_TYPES.join(", "));
        return Err(words.refuse(place, format!("`{kind}` is no record type"), &help));
    }
    let answer = match outcome(words)? {
        Some(answer) => answer,
        None => {
            let mut records = Vec::new();
            while let Some(token) = words.peek() {
                let record = match &token.kind {
                    Kind::Word(word) => word.clone(),
                    Kind::Quoted(octets) => String::from_utf8_lossy(octets).into_owned(),
                    Kind::Bracket(_) => return Err(words.wanted("a record")),
                };
                if let Some(wanted) = misfit(&kind, &record) {
                    let message = format!("`{record}` is no {kind} record");
                    return Err(words.refuse(token.span, message, &format!("write {wanted}")));
                }
                records.push(record);
                words.skip();
            }
            if records.is_empty() {
                return Err(words.wanted("a record, `none`, `timeout` or `fails \"why\"`"));
            }
            DnsAnswer::Records(records)
        }
    };
    let name = dns_name(name, &kind);
    let key = format!("{name} {kind}");
    given.dns.push(DnsFact { name, kind, answer, span });
    Ok(key)
}

/// What a record of that type looks like, when this is none.
fn misfit(kind: &str, record: &str) -> Option<&'static str> {
    let mail_host = || {
        let (preference, host) = record.trim().split_once(' ')?;
        (preference.parse::<u16>().is_ok() && !host.trim().is_empty()).then_some(())
    };
    match kind {
        "A" if record.parse::<Ipv4Addr>().is_err() => Some("an IPv4 address"),
        "AAAA" if record.parse::<Ipv6Addr>().is_err() => Some("an IPv6 address"),
        "MX" if mail_host().is_none() => Some("preference and host in quotes, such as `\"10 mx.example.net\"`"),
        _ => None,
    }
}

/// The answers that the DNS shares with databases.
fn outcome(words: &mut Words<'_>) -> Result<Option<DnsAnswer>, Malformed> {
    Ok(if words.word_is("none") {
        Some(DnsAnswer::None)
    } else if words.word_is("timeout") {
        Some(DnsAnswer::Timeout)
    } else if words.word_is("fails") {
        Some(DnsAnswer::Fails(words.quoted("the reason in quotes")?))
    } else {
        None
    })
}

fn spool(words: &mut Words<'_>, given: &mut Given) -> Result<String, Malformed> {
    let fact = if words.word_is("fails") {
        &mut given.spool
    } else if words.word_is("unreadable") {
        &mut given.unreadable
    } else {
        return Err(words.wanted("`fails \"why\"` or `unreadable \"why\"`"));
    };
    *fact = Some(words.quoted("the reason in quotes")?);
    Ok(String::new())
}

/// The name in lower case without a final dot; of an address, its name in `arpa` (RFC 1035 §3.5, RFC 3596 §2.5).
fn dns_name(name: &str, kind: &str) -> String {
    match name.parse() {
        Ok(IpAddr::V4(ip)) if kind == "PTR" => {
            let [a, b, c, d] = ip.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        Ok(IpAddr::V6(ip)) if kind == "PTR" => {
            let nibbles = ip.octets().into_iter().rev().flat_map(|octet| [octet & 15, octet >> 4]);
            nibbles.map(|nibble| format!("{nibble:x}.")).collect::<String>() + "ip6.arpa"
        }
        _ => name.trim_end_matches('.').to_lowercase(),
    }
}

fn sql(words: &mut Words<'_>, given: &mut Given) -> Result<String, Malformed> {
    let span = words.span;
    let name = words.word("the name of an `sql` statement")?;
    let mut key = name.to_owned();
    let arguments = arguments(words)?;
    if let Some(list) = &arguments {
        key = format!("{key} {list:?}");
    }
    let answer = sql_answer(words)?;
    given.sql.push(SqlFact { name: name.into(), arguments, answer, span });
    Ok(key)
}

/// `(a, *, b)`, if it stands there.
fn arguments(words: &mut Words<'_>) -> Result<Option<Vec<Argument>>, Malformed> {
    if !words.bracket_is('(') {
        return Ok(None);
    }
    let mut list = Vec::new();
    while !words.bracket_is(')') {
        list.push(if words.word_is("*") { Argument::Any } else { Argument::Is(plain(words)?) });
        if !words.bracket_is(',') {
            words.bracket(')')?;
            break;
        }
    }
    Ok(Some(list))
}

fn client(words: &mut Words<'_>, given: &mut Given) -> Result<String, Malformed> {
    let span = words.span;
    let name = words.word("the name of a client")?;
    let mut key = name.to_owned();
    let arguments = arguments(words)?;
    if let Some(list) = &arguments {
        key = format!("{key} {list:?}");
    }
    let answer = if words.word_is("timeout") {
        ClientAnswer::Timeout
    } else if words.word_is("fails") {
        ClientAnswer::Fails(words.quoted("the reason in quotes")?)
    } else {
        let variant = words.word("what it gives, `timeout` or `fails \"why\"`")?.to_owned();
        let mut values = Vec::new();
        if words.bracket_is('(') {
            while !words.bracket_is(')') {
                values.push(plain(words)?);
                if !words.bracket_is(',') {
                    words.bracket(')')?;
                    break;
                }
            }
        }
        ClientAnswer::Gives(variant, values)
    };
    given.clients.push(ClientFact { name: name.into(), arguments, answer, span });
    Ok(key)
}

fn sql_answer(words: &mut Words<'_>) -> Result<SqlAnswer, Malformed> {
    if let Some(answer) = outcome(words)? {
        return Ok(match answer {
            DnsAnswer::Timeout => SqlAnswer::Timeout,
            DnsAnswer::Fails(why) => SqlAnswer::Fails(why),
            DnsAnswer::None | DnsAnswer::Records(_) => SqlAnswer::None,
        });
    }
    if words.word_is("row") {
        return row(words).map(SqlAnswer::Row);
    }
    if words.word_is("done") {
        return words.parsed("a number of rows").map(SqlAnswer::Done);
    }
    if !words.word_is("rows") {
        return Err(words.wanted("`row { … }`, `rows [ … ]`, `none`, `done N`, `timeout` or `fails \"why\"`"));
    }
    words.bracket('[')?;
    let mut rows = Vec::new();
    while !words.bracket_is(']') {
        rows.push(row(words)?);
        words.bracket_is(',');
    }
    Ok(SqlAnswer::Rows(rows))
}

fn row(words: &mut Words<'_>) -> Result<Row, Malformed> {
    let start = words.here();
    words.bracket('{')?;
    let mut fields = Vec::new();
    loop {
        let end = words.here();
        if words.bracket_is('}') {
            return Ok(Row { fields, span: start.to(end) });
        }
        let place = words.here();
        let word = words.word("a field such as `owner: 7`")?;
        let Some(name) = word.strip_suffix(':') else {
            let help = "write a field as `owner: 7`, with a blank behind the colon";
            return Err(words.refuse(place, format!("`{word}` is no field"), help));
        };
        fields.push((name.to_owned(), plain(words)?));
        words.bracket_is(',');
    }
}

/// A value: quoted, hashed, or words up to the next comma, bracket or the end.
fn plain(words: &mut Words<'_>) -> Result<Plain, Malformed> {
    if words.word_is("crypt") {
        return words.quoted("the password in quotes").map(Plain::Crypt);
    }
    if matches!(words.peek(), Some(Token { kind: Kind::Quoted(_), .. })) {
        return words.quoted("a text").map(Plain::Text);
    }
    let mut text = words.word("a value")?.to_owned();
    while let Some(Token { kind: Kind::Word(word), .. }) = words.peek() {
        text = text + " " + word;
        words.skip();
    }
    Ok(Plain::Words(text))
}

/// What can be done with a mailbox.
const ERRANDS: [&str; 10] =
    ["lock", "release", "list", "refresh", "changes", "fetch", "mark", "flag", "append", "expunge"];
/// What can be done with files.
const FILE_ERRANDS: [&str; 6] = ["list", "fetch", "write", "delete", "rename", "mark"];

fn mailbox(words: &mut Words<'_>, given: &mut Given) -> Result<String, Malformed> {
    const WANTED: &str = "`holds \"…\"`, `busy`, or an errand with `fails \"why\"`, `timeout` or `none`";
    let account = words.word("an account")?.to_owned();
    let mut key = account.clone();
    let answer = if words.word_is("holds") {
        let mut messages = Vec::new();
        while let Some(Token { kind: Kind::Quoted(octets), .. }) = words.peek() {
            messages.push(octets.clone());
            words.skip();
        }
        MailboxAnswer::Holds(messages)
    } else if words.word_is("busy") {
        key.push_str(" busy");
        MailboxAnswer::Busy
    } else {
        errand(words, &ERRANDS, &mut key, WANTED)?
    };
    given.mailboxes.push(MailboxFact { account, answer });
    Ok(key)
}

fn file(words: &mut Words<'_>, given: &mut Given) -> Result<String, Malformed> {
    let folder = words.word("the name of a folder")?.to_owned();
    let name = words.word("the name of a file")?.to_owned();
    let answer = if words.word_is("holds") {
        let mut octets = Vec::new();
        while let Some(Token { kind: Kind::Quoted(piece), .. }) = words.peek() {
            octets.extend_from_slice(piece);
            words.skip();
        }
        FileAnswer::Holds(octets)
    } else {
        match outcome(words)? {
            Some(DnsAnswer::Timeout) => FileAnswer::Timeout,
            Some(DnsAnswer::Fails(why)) => FileAnswer::Fails(why),
            Some(DnsAnswer::None) => FileAnswer::None,
            Some(DnsAnswer::Records(_)) | None => {
                return Err(words.wanted("`holds \"…\"`, `none`, `timeout` or `fails \"why\"`"));
            }
        }
    };
    let key = format!("{folder} {name}");
    given.files.push(FileFact { folder, name, answer });
    Ok(key)
}

/// What an errand comes to.
fn errand(words: &mut Words<'_>, known: &[&str], key: &mut String, wanted: &str) -> Result<MailboxAnswer, Malformed> {
    let Some(errand) = known.iter().find(|errand| words.word_is(errand)) else { return Err(words.wanted(wanted)) };
    *key = format!("{key} {errand}");
    let errand = (*errand).to_owned();
    if words.word_is("fails") {
        Ok(MailboxAnswer::Fails(errand, words.quoted("the reason in quotes")?))
    } else if words.word_is("timeout") {
        Ok(MailboxAnswer::Timeout(errand))
    } else if words.word_is("none") {
        Ok(MailboxAnswer::Gone(errand))
    } else {
        Err(words.wanted(wanted))
    }
}

/// `files OWNER ERRAND fails "why"`, `timeout`, `none`.
fn files(words: &mut Words<'_>, given: &mut Given) -> Result<String, Malformed> {
    const WANTED: &str =
        "an errand (list, fetch, write, delete, rename, mark) with `fails \"why\"`, `timeout` or `none`";
    let account = words.word("an owner")?.to_owned();
    let mut key = account.clone();
    let answer = errand(words, &FILE_ERRANDS, &mut key, WANTED)?;
    given.drawers.push(MailboxFact { account, answer });
    Ok(key)
}

fn sink(words: &mut Words<'_>, given: &mut Given) -> Result<String, Malformed> {
    let span = words.span;
    let own = matches!(words.peek(), Some(Token { kind: Kind::Word(word), .. })
        if !["for", "refuses", "fails", "timeout"].contains(&word.as_str()));
    let name = if own { Some(words.word("a sink")?.to_owned()) } else { None };
    let recipient = if words.word_is("for") { Some(words.word("an address")?.to_owned()) } else { None };
    let answer = if words.word_is("refuses") {
        SinkAnswer::Refuses(words.quoted("the reason in quotes")?)
    } else if words.word_is("fails") {
        SinkAnswer::Fails(words.quoted("the reason in quotes")?)
    } else if words.word_is("timeout") {
        SinkAnswer::Timeout
    } else {
        return Err(words.wanted("`refuses \"why\"`, `fails \"why\"` or `timeout`"));
    };
    let key = [&name, &recipient].map(|part| part.clone().unwrap_or_default()).join(" ");
    given.sinks.push(SinkFact { name, recipient, answer, span });
    Ok(key)
}
