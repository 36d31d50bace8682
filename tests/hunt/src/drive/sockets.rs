//! The same conversation over real sockets, with real TLS, as `saywhen test --wire` plays it.
//!
//! Never: plays what the wire of transcripts cannot: payloads that are kept now and then, actions that calculate.

use std::sync::Arc;

use diagnostic::{FileId, Span};
use machine::{Reason, Service};
use program::{Call, Gives, LineEnd, Outcome, Record, Target, Value};
use server::transcripts::sockets::{Loopback, Stage};
use transcript::{
    Argument, Client, Given, Plain, Row, SqlAnswer, SqlFact, Transcript,
    play::{Heard, Refusal, Wire},
};

use super::{
    Done, Turn,
    memory::{BEGAN, Drive},
};
use crate::converse::{Event, Script};

/// The one client.
const CLIENT: Client = Client(1);

/// A conversation that can be played over sockets: the world that it met, as facts; none where that cannot be said.
pub fn transcript(drive: &Drive, script: &Script) -> Option<Transcript> {
    let after_a_reload = script.events.contains(&Event::Reload);
    if drive.refused() || after_a_reload {
        return None;
    }
    let sql = drive.asked().iter().map(fact).collect::<Option<Vec<SqlFact>>>()?;
    let given = Given {
        peers: Vec::new(),
        local: ([198, 51, 100, 25].into(), 25),
        name: "mail.example.com".into(),
        tls: script.tls,
        now: BEGAN,
        settings: Vec::new(),
        dns: Vec::new(),
        sql,
        clients: Vec::new(),
        sinks: Vec::new(),
        mailboxes: Vec::new(),
        files: Vec::new(),
        drawers: Vec::new(),
        spool: None,
        unreadable: None,
    };
    Some(Transcript {
        file: FileId(0),
        title: "x".into(),
        protocol: "p".into(),
        protocol_span: Span::default(),
        runs_anywhere: false,
        peers: 1,
        given,
        steps: Vec::new(),
        then: Vec::new(),
    })
}

/// Plays it, and says where it comes to something else than in memory.
pub fn differs(
    stage: &Stage,
    service: &Arc<Service>,
    transcript: &Transcript,
    script: &Script,
    turns: &[Turn],
) -> Option<String> {
    let mut wire = Loopback::new(stage, service.clone(), transcript);
    let line_end = service.program().wire.line_end;
    let difference = play(&mut wire, line_end, script, turns);
    let after = wire.aftermath();
    if difference.is_some() {
        return difference;
    }
    let logged: Vec<&String> = done(turns, |done| if let Done::Logged(_, text) = done { Some(text) } else { None });
    if after.log.iter().ne(logged.iter().copied()) {
        return Some(format!("the log is {:?} over sockets, and {logged:?} in memory", after.log));
    }
    let shown: Vec<&String> = done(turns, |done| if let Done::Shown(text) = done { Some(text) } else { None });
    let conversation = after.conversation.unwrap_or_default();
    (conversation.iter().ne(shown.iter().copied()))
        .then(|| format!("the conversation is {conversation:?} over sockets, and {shown:?} in memory"))
}

fn play(wire: &mut Loopback<'_>, line_end: LineEnd, script: &Script, turns: &[Turn]) -> Option<String> {
    let failed = |refusal: Refusal| match refusal {
        Refusal::Failed(why) => why,
        Refusal::NotApplicable => "it cannot be done over sockets".into(),
    };
    if let Err(refusal) = wire.connect(CLIENT, false) {
        return Some(failed(refusal));
    }
    let begin = [None].into_iter().chain(script.events.iter().map(Some));
    for (place, (event, turn)) in begin.zip(turns).enumerate() {
        let done = match event {
            None => Ok(()),
            Some(Event::Octets(octets)) => wire.send(CLIENT, octets),
            Some(Event::Wait(span)) => wire.wait(*span),
            Some(Event::Eof) => wire.half_close(CLIENT),
            Some(Event::Gone) => return wire.reset(CLIENT).err().map(failed),
            Some(Event::Shutdown) => wire.end(CLIENT, Reason::Shutdown),
            Some(Event::Reload) => return None,
        };
        if let Err(refusal) = done {
            return Some(format!("turn {place}: {}", failed(refusal)));
        }
        let mut heard = Vec::new();
        let mut closed = listen(wire, line_end, &mut heard);
        if turn.done.iter().any(|done| matches!(done, Done::Secure(_))) && !closed {
            if let Err(refusal) = wire.tls(CLIENT) {
                return Some(format!("turn {place}: {}", failed(refusal)));
            }
            closed = listen(wire, line_end, &mut heard);
        }
        let sent =
            turn.done.iter().filter_map(|done| if let Done::Sent(octets) = done { Some(&octets[..]) } else { None });
        let sent: Vec<u8> = sent.collect::<Vec<_>>().concat();
        let closes = turn.done.contains(&Done::Closed);
        if heard != sent || closed != closes {
            let (heard, sent) = (heard.escape_ascii(), sent.escape_ascii());
            return Some(format!(
                "turn {place}: \"{heard}\" (closed: {closed}) over sockets, \"{sent}\" (closed: {closes}) in memory"
            ));
        }
        if closed {
            return None;
        }
        match wire.state(CLIENT) {
            Ok(state) if state == turn.state => {}
            Ok(state) => {
                return Some(format!("turn {place}: in state {state} over sockets, and {} in memory", turn.state));
            }
            Err(refusal) => return Some(format!("turn {place}: {}", failed(refusal))),
        }
    }
    None
}

/// All that is said now; whether the connection ended.
fn listen(wire: &mut Loopback<'_>, line_end: LineEnd, heard: &mut Vec<u8>) -> bool {
    loop {
        match wire.line(CLIENT) {
            Heard::Line(line) => {
                heard.extend(line.octets);
                heard.extend(line_end.octets());
            }
            Heard::Nothing => return false,
            Heard::End => return true,
        }
    }
}

fn done<'t, T>(turns: &'t [Turn], pick: impl Fn(&'t Done) -> Option<T>) -> Vec<T> {
    turns.iter().flat_map(|turn| &turn.done).filter_map(pick).collect()
}

/// An answer of the world as a transcript writes it.
fn fact((call, outcome): &(Call, Option<Outcome>)) -> Option<SqlFact> {
    let Target::Statement(statement) = &call.target else { return None };
    let arguments = call.arguments.iter().map(|value| plain(value).map(Argument::Is)).collect::<Option<Vec<_>>>()?;
    let answer = match outcome {
        None => SqlAnswer::Timeout,
        Some(outcome) => match (statement.gives.outcomes()[outcome.index], outcome.values.first(), &statement.gives) {
            ("failed", Some(Value::Text(why)), _) => SqlAnswer::Fails(why.to_string()),
            ("done", Some(Value::Number(count)), _) => SqlAnswer::Done(*count),
            ("none", ..) => SqlAnswer::None,
            ("row", Some(Value::Record(record)), Gives::Row(_)) => SqlAnswer::Row(row(record)?),
            ("rows", Some(Value::List(rows)), Gives::Rows(..)) => {
                let rows = rows.iter().map(|value| if let Value::Record(record) = value { row(record) } else { None });
                SqlAnswer::Rows(rows.collect::<Option<Vec<_>>>()?)
            }
            _ => return None,
        },
    };
    Some(SqlFact { name: statement.name.to_string(), arguments: Some(arguments), answer, span: Span::default() })
}

fn row(record: &Record) -> Option<Row> {
    let fields = record.shape.fields.iter().zip(&record.fields);
    let fields = fields.map(|((name, _), value)| Some((name.to_string(), plain(value)?)));
    Some(Row { fields: fields.collect::<Option<Vec<_>>>()?, span: Span::default() })
}

fn plain(value: &Value) -> Option<Plain> {
    Some(match value {
        Value::Text(text) => Plain::Text(text.to_string()),
        Value::Number(number) => Plain::Words(number.to_string()),
        Value::Yes(yes) => Plain::Words(if *yes { "yes" } else { "no" }.into()),
        Value::Absent => Plain::Words("none".into()),
        Value::Secret(secret) => Plain::Text(String::from_utf8_lossy(secret.expose()).into_owned()),
        _ => return None,
    })
}
