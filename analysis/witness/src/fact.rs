//! What a world may answer: facts of a transcript, as many as are worth a try.
//!
//! Never: knows what an action does with the answer.

use program::{Gives, Op, Program, Setting, Shape, Target, Type};

use crate::sample::own;

/// Facts that answer a question that no fact answered, as a player words it: `NAME(ARGUMENTS)`.
pub(crate) fn facts(program: &Program, question: &str) -> Vec<String> {
    let (name, arguments) = question.split_once('(').unwrap_or((question, ""));
    let arguments = arguments.strip_suffix(')').unwrap_or(arguments);
    if let Some(client) = name.strip_prefix("client ") {
        return client_facts(program, client);
    }
    if let Some(statement) = program.statements.iter().find(|statement| *statement.name == *name) {
        // The same for whatever it is asked with; then for this alone, where it is asked again with something else.
        let mut found = sql(&statement.name, &statement.gives);
        if !question.contains("***") {
            found.extend(sql(question, &statement.gives));
        }
        return found;
    }
    let words: Vec<&str> = arguments.split([',', ' ']).filter(|word| !word.is_empty()).collect();
    match (name, words.as_slice()) {
        ("dns", [name, kind, ..]) => dns(name, kind),
        ("mailbox", [account, ..]) => mailbox(account.trim_matches('"')),
        _ => Vec::new(),
    }
}

/// Facts about what is answered without one.
pub(crate) fn beside(program: &Program) -> Vec<String> {
    let asks = |wanted: &str| program.code.iter().filter_map(Op::asks).any(|ask| ask.target.name().starts_with(wanted));
    let mut found = Vec::new();
    if asks("deliver") {
        found.extend(["sink refuses \"not this one\"", "sink fails \"the disk is broken\"", "sink timeout"]);
        found.push("spool unreadable \"the disk is broken\"");
    }
    if asks("count_header") {
        found.push("spool unreadable \"the disk is broken\"");
    }
    found.push("spool fails \"the disk is full\"");
    let mut found: Vec<String> = found.into_iter().map(str::to_owned).collect();
    if asks("mailbox") {
        for errand in ["lock", "list", "fetch", "mark", "expunge", "release"] {
            for what in ["fails \"the disk is broken\"", "none"] {
                found.push(format!("mailbox ann {errand} {what}"));
            }
        }
        found.push("mailbox ann busy".to_owned());
    }
    found
}

fn dns(name: &str, kind: &str) -> Vec<String> {
    let records: &[&str] = match kind {
        "A" => &["192.0.2.1", "127.0.0.2", "127.255.255.254"],
        "AAAA" => &["2001:db8::1"],
        "MX" => &["\"10 mx.example.net\"", "\"0 .\""],
        "PTR" => &["client.example.net"],
        _ => &["\"something\""],
    };
    let mut found: Vec<String> = records.iter().map(|record| format!("dns {name} {kind} {record}")).collect();
    found.insert(1, format!("dns {name} {kind} none"));
    found.push(format!("dns {name} {kind} fails \"no server answers\""));
    found
}

fn mailbox(account: &str) -> Vec<String> {
    vec![
        format!(
            "mailbox {account} holds \"Subject: one\\r\\n\\r\\nThe first.\\r\\n\" \"Subject: two\\r\\n\\r\\nThe second.\\r\\n\""
        ),
        format!("mailbox {account} busy"),
    ]
}

fn sql(name: &str, gives: &Gives) -> Vec<String> {
    let mut found = Vec::new();
    match gives {
        Gives::Row(shape) => found.extend(rows(shape).into_iter().map(|row| format!("sql {name} row {row}"))),
        Gives::Rows(shape, _) => {
            found.extend(rows(shape).into_iter().map(|row| format!("sql {name} rows [ {row} ]")));
        }
        Gives::Nothing => found.extend(["done 1", "done 0"].map(|done| format!("sql {name} {done}"))),
    }
    if !matches!(gives, Gives::Nothing) {
        found.insert(1, format!("sql {name} none"));
    }
    found.insert(found.len().min(2), format!("sql {name} fails \"the database is down\""));
    found
}

/// Rows of that shape: a plain one, then one for each other value of a field.
fn rows(shape: &Shape) -> Vec<String> {
    let fields: Vec<(&str, Vec<String>)> = shape.fields.iter().map(|(name, ty)| (&**name, values(ty))).collect();
    let row = |other: Option<(usize, usize)>| {
        let fields = fields.iter().enumerate().filter_map(|(place, (name, values))| {
            let value = match other {
                Some((field, value)) if field == place => values.get(value),
                _ => values.first(),
            };
            Some(format!("{name}: {}", value?))
        });
        format!("{{ {} }}", fields.collect::<Vec<String>>().join(", "))
    };
    let others =
        fields.iter().enumerate().flat_map(|(field, (_, values))| (1..values.len()).map(move |value| (field, value)));
    std::iter::once(None).chain(others.map(Some)).map(row).collect()
}

/// Values of a type as `given` writes them.
fn values(ty: &Type) -> Vec<String> {
    match ty {
        Type::Optional(inner) => values(inner).into_iter().chain(["none".to_owned()]).collect(),
        Type::Secret(_) => own(&["crypt \"s3cret\"", "crypt \"another\""]),
        Type::Number { least, most } => {
            let near = [0, 1, 2, 1_000_000, *least, *most];
            near.iter().filter(|number| *least <= **number && **number <= *most).map(ToString::to_string).collect()
        }
        Type::Size => own(&["0", "5", "1000000000"]),
        Type::Duration => own(&["1 minute"]),
        Type::Time => own(&["2026-01-01T00:00:00Z", "2025-12-31T23:00:00Z", "2020-01-01T00:00:00Z"]),
        Type::YesNo => own(&["no", "yes"]),
        Type::Ip => own(&["192.0.2.1"]),
        Type::Network => own(&["192.0.2.0/24"]),
        _ => own(&["\"ann\"", "\"bob\"", "\"\""]),
    }
}

fn client_facts(program: &Program, name: &str) -> Vec<String> {
    let Some(client) = program.clients.iter().find(|client| *client.name == *name) else { return Vec::new() };
    let target = Target::Client(client.clone());
    let mut found = Vec::new();
    for outcome in &client.outcomes {
        if *outcome.name == *"failed" {
            continue;
        }
        let values: Vec<String> =
            outcome.values.iter().map(|(_, ty)| values(ty).into_iter().next().unwrap_or_default()).collect();
        let values = if values.is_empty() { String::new() } else { format!("({})", values.join(", ")) };
        found.push(format!("client {name} {}{values}", outcome.name));
    }
    found.push(format!("client {} fails \"nobody answers\"", target.name()));
    found
}

/// Values of a setting as `set` writes them, the one that allows most first.
pub(crate) fn settings(setting: &Setting) -> Vec<String> {
    let ty = if let Type::Optional(inner) = &setting.ty { inner } else { &setting.ty };
    match ty {
        Type::YesNo => own(&["yes", "no"]),
        Type::Number { .. } | Type::Size => own(&["1000", "0", "1", "2", "4"]),
        Type::Duration => own(&["0 seconds", "5 seconds", "1 hour"]),
        Type::List(inner) => match &**inner {
            Type::Network => own(&["[\"192.0.2.0/24\"]", "[]"]),
            _ => own(&["[\"example.com\"]", "[\"example.com\", \"example.net\"]", "[]"]),
        },
        Type::Text | Type::Word | Type::Domain | Type::Lexical(_) => own(&["\"example.com\"", "\"something\""]),
        Type::Sink => own(&["\"out\""]),
        Type::Network => own(&["\"192.0.2.0/24\""]),
        Type::Ip => own(&["\"192.0.2.1\""]),
        _ => Vec::new(),
    }
}
