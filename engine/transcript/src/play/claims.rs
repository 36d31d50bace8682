//! Whether what `then` says is true.
//!
//! Never: looks at the conversation itself.

use crate::{
    pattern::{Bindings, Pattern},
    play::{
        failure::{Failure, What},
        played::Played,
        wire::{Aftermath, Stored},
    },
    script::{Aspect, Claim, Fact, Transcript, Which},
};

/// The most octets of a body that a failure shows on either side.
const SHOWN: usize = 60;

/// What a claim came to.
enum Verdict {
    True,
    False { expected: String, found: String },
    NotApplicable,
}

/// Checks all claims.
pub(super) fn check(transcript: &Transcript, aftermath: &Aftermath, bindings: &Bindings, played: &mut Played) {
    for Claim { span, fact } in &transcript.then {
        match verdict(fact, aftermath, bindings) {
            Verdict::True => {}
            Verdict::NotApplicable => played.not_applicable += 1,
            Verdict::False { expected, found } => {
                let what = What::Then { expected, found };
                played.failures.push(Failure { span: *span, what, state: None, from: None });
            }
        }
    }
}

fn verdict(fact: &Fact, aftermath: &Aftermath, bindings: &Bindings) -> Verdict {
    match fact {
        Fact::Stored(number) => {
            let stored = aftermath.stored.len();
            test(stored == *number, || {
                (format!("stored {}", messages(*number)), format!("stored {}", messages(stored)))
            })
        }
        Fact::Message(which, aspect) => match message(which, aftermath, bindings) {
            Ok(message) => aspect_of(message, aspect, bindings),
            Err((expected, found)) => Verdict::False { expected, found },
        },
        Fact::Log { text, occurs } => contains(&aftermath.log, "log", text, *occurs),
        Fact::Conversation { text, occurs } => match &aftermath.conversation {
            Some(lines) => contains(lines, "conversation", text, *occurs),
            None => Verdict::NotApplicable,
        },
        Fact::Asked(name, times) => {
            let all = aftermath.asked.iter().chain(aftermath.called.iter().flatten());
            let found = all.filter(|asked| *asked == name).count();
            if found == 0 && aftermath.called.is_none() {
                return Verdict::NotApplicable;
            }
            test(found == *times, || (format!("asked {name} {times} times"), format!("asked {name} {found} times")))
        }
        Fact::AskedNothing => test(aftermath.asked.is_empty(), || {
            ("asked nothing".into(), format!("asked {}", aftermath.asked.join(", ")))
        }),
    }
}

fn test(is: bool, say: impl FnOnce() -> (String, String)) -> Verdict {
    if is {
        return Verdict::True;
    }
    let (expected, found) = say();
    Verdict::False { expected, found }
}

fn messages(number: usize) -> String {
    if number == 1 { "1 message".into() } else { format!("{number} messages") }
}

fn message<'a>(which: &Which, aftermath: &'a Aftermath, bindings: &Bindings) -> Result<&'a Stored, (String, String)> {
    let ids = || {
        let ids: Vec<&str> = aftermath.stored.iter().map(|message| message.id.as_str()).collect();
        if ids.is_empty() { "stored nothing".into() } else { format!("stored {}", ids.join(", ")) }
    };
    match which {
        Which::Number(number) => aftermath.stored.get(number - 1).ok_or_else(|| (format!("message {number}"), ids())),
        Which::Bound(name) => {
            let id = bindings.get(name).map(|id| String::from_utf8_lossy(id)).unwrap_or_default();
            let found = aftermath.stored.iter().find(|message| *message.id == *id);
            found.ok_or_else(|| (format!("message {id}"), ids()))
        }
    }
}

fn aspect_of(message: &Stored, aspect: &Aspect, bindings: &Bindings) -> Verdict {
    match aspect {
        Aspect::From(sender) => {
            test(message.sender == *sender, || (format!("from <{sender}>"), format!("from <{}>", message.sender)))
        }
        Aspect::To(recipients) => test(message.recipients == *recipients, || {
            (format!("to {}", recipients.join(" ")), format!("to {}", message.recipients.join(" ")))
        }),
        Aspect::In(sink) => test(message.sink == *sink, || (format!("in {sink}"), format!("in {}", message.sink))),
        Aspect::Body(body) => test(message.body == *body, || {
            let same = message.body.iter().zip(body).take_while(|(a, b)| a == b).count();
            let shown = |octets: &[u8]| {
                let end = octets.len().min(same + SHOWN);
                let more = if end < octets.len() { "…" } else { "" };
                format!("{} octets, from octet {same} on \"{}{more}\"", octets.len(), octets[same..end].escape_ascii())
            };
            (shown(body), shown(&message.body))
        }),
        Aspect::Header(name, pattern) => header(message, name, pattern, bindings),
    }
}

fn header(message: &Stored, name: &str, pattern: &Pattern, bindings: &Bindings) -> Verdict {
    let values = fields(message, name);
    let hit = values.iter().any(|value| pattern.matches(value, bindings).is_some());
    test(hit, || {
        let found = match values.as_slice() {
            [] => format!("there is no {name}: field"),
            values => {
                let all: Vec<String> = values.iter().map(|value| String::from_utf8_lossy(value).into_owned()).collect();
                format!("{name}: {}", all.join(&format!(" / {name}: ")))
            }
        };
        (format!("{name}: {}", pattern.written()), found)
    })
}

/// The values of all header fields of that name, unfolded (RFC 5322 §2.2.3): those put in front, then those received.
fn fields(message: &Stored, name: &str) -> Vec<Vec<u8>> {
    let mut lines: Vec<Vec<u8>> = Vec::new();
    let received = message.body.split(|octet| *octet == b'\n');
    let received = received.map(|line| line.strip_suffix(b"\r").unwrap_or(line)).take_while(|line| !line.is_empty());
    let front = message.headers.iter().flat_map(|field| field.split('\n'));
    let front = front.map(|line| line.strip_suffix('\r').unwrap_or(line).as_bytes());
    for line in front.chain(received) {
        match lines.last_mut() {
            Some(last) if line.starts_with(b" ") || line.starts_with(b"\t") => {
                last.push(b' ');
                last.extend_from_slice(line.trim_ascii_start());
            }
            _ => lines.push(line.to_vec()),
        }
    }
    let value = |line: Vec<u8>| {
        let colon = line.iter().position(|octet| *octet == b':')?;
        let (field, value) = (&line[..colon], &line[colon + 1..]);
        field.trim_ascii_end().eq_ignore_ascii_case(name.as_bytes()).then(|| value.trim_ascii().to_vec())
    };
    lines.into_iter().filter_map(value).collect()
}

fn contains(lines: &[String], what: &str, text: &str, occurs: bool) -> Verdict {
    let hit = lines.iter().find(|line| line.contains(text));
    match (hit, occurs) {
        (Some(_), true) | (None, false) => Verdict::True,
        (Some(line), false) => {
            Verdict::False { expected: format!("{what} never contains \"{text}\""), found: line.clone() }
        }
        (None, true) => {
            let found = if lines.is_empty() { "nothing was written".to_owned() } else { lines.join(" / ") };
            Verdict::False { expected: format!("{what} contains \"{text}\""), found }
        }
    }
}
