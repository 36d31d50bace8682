//! An SQL statement of the file, asked by its name: values become cells, cells become a typed row.
//!
//! | type | bound as, and read from |
//! |---|---|
//! | text, word, sink, ABNF types, ip, network | a text |
//! | domain, helo_name, paths | a text, the domain in A-labels: `xn--bcher-kva.example` |
//! | number, size | an integer |
//! | duration | seconds: an integer, or a real where there is a fraction |
//! | time | an integer: seconds since 1970-01-01 UTC |
//! | yes/no | 1 or 0 |
//! | secret | as what it hides; octets that are not UTF-8 travel as a blob |
//! | control characters but the tab in a text that is read | `failed`: no answer could carry them |
//! | absent | NULL; a NULL in a column that is not optional is `failed` |
//!
//! Never: puts a value into the text of a statement, or guesses: a column of another type is `failed` with its name.

use std::{net::IpAddr, sync::Arc, time::Duration};

use program::{
    Address, Call, Gives, Network, Outcome, Record, Secret, Shape, Statement, Target, Type, Value, Values, Words,
    a_labels,
};

use crate::{
    action::printable,
    world::{Cell, Table, World},
};

/// Runs a statement as a call of its own.
pub(crate) async fn run(asked: &Arc<Statement>, call: &Call, world: &dyn World) -> Outcome {
    match answer(asked, call, world).await {
        Ok(outcome) => outcome,
        Err(why) => Outcome::failed(&Target::Statement(asked.clone()), &printable(&why)),
    }
}

/// The rows that a statement gives to these parameters.
pub(crate) async fn rows(asked: &Arc<Statement>, cells: Vec<Cell>, world: &dyn World) -> Result<Vec<Record>, Arc<str>> {
    let table = world.sql(asked, cells).await?;
    match &asked.gives {
        Gives::Row(shape) => typed(shape, table, 1),
        Gives::Rows(shape, most) => {
            if table.rows.len() > *most as usize {
                return Err(format!("statement `{}` gave more than {most} rows", asked.name).into());
            }
            typed(shape, table, *most as usize)
        }
        Gives::Nothing => Ok(Vec::new()),
    }
}

/// A value as a database takes it; nothing for a list, a record or a payload, which no statement can take.
pub(crate) fn cell(value: &Value) -> Option<Cell> {
    Some(match value {
        Value::Absent => Cell::Null,
        Value::Yes(yes) => Cell::Integer(i64::from(*yes)),
        Value::Number(number) | Value::Time(number) => Cell::Integer(*number),
        Value::Duration(span) if span.subsec_nanos() == 0 => Cell::Integer(span.as_secs().try_into().ok()?),
        Value::Duration(span) => Cell::Real(span.as_secs_f64()),
        Value::Text(text) => Cell::Text(text.to_string()),
        Value::Address(address) => Cell::Text(address.mailbox().into_owned()),
        Value::Ip(ip) => Cell::Text(ip.to_string()),
        Value::Network(network) => Cell::Text(format!("{}/{}", network.address, network.prefix)),
        Value::Secret(secret) => match std::str::from_utf8(secret.expose()) {
            Ok(text) => Cell::Text(text.to_owned()),
            Err(_) => Cell::Blob(secret.expose().to_vec()),
        },
        Value::Octets(_) | Value::List(_) | Value::Record(_) => return None,
    })
}

async fn answer(asked: &Arc<Statement>, call: &Call, world: &dyn World) -> Result<Outcome, Arc<str>> {
    if call.arguments.len() != asked.parameters.len() {
        return Err(format!("statement `{}` takes {} parameters", asked.name, asked.parameters.len()).into());
    }
    let cells: Option<Vec<Cell>> = call.arguments.iter().map(cell).collect();
    let cells = cells.ok_or_else(|| format!("statement `{}` cannot take a list, record or payload", asked.name))?;
    let outcome = match &asked.gives {
        Gives::Nothing => {
            let changed = world.sql(asked, cells).await?.changed;
            Outcome { index: 0, values: [Value::Number(changed.try_into().unwrap_or(i64::MAX))].into() }
        }
        Gives::Row(_) => match rows(asked, cells, world).await?.into_iter().next() {
            Some(row) => Outcome { index: 0, values: [row.into()].into() },
            None => Outcome { index: 1, values: Values::new() },
        },
        Gives::Rows(..) => match rows(asked, cells, world).await? {
            rows if rows.is_empty() => Outcome { index: 1, values: Values::new() },
            rows => {
                let rows = rows.into_iter().map(Value::from).collect();
                Outcome { index: 0, values: [Value::List(rows)].into() }
            }
        },
    };
    Ok(outcome)
}

/// The first `most` rows of a table as records of that shape; columns are found by their names.
fn typed(shape: &Arc<Shape>, table: Table, most: usize) -> Result<Vec<Record>, Arc<str>> {
    let column = |name: &Arc<str>| {
        let place = table.columns.iter().position(|column| column.eq_ignore_ascii_case(name));
        place.ok_or_else(|| Arc::from(format!("there is no column `{name}`")))
    };
    let places = shape.fields.iter().map(|(name, _)| column(name)).collect::<Result<Vec<usize>, Arc<str>>>()?;
    let row = |row: Vec<Cell>| {
        let mut fields = Vec::with_capacity(shape.fields.len());
        for ((name, ty), place) in shape.fields.iter().zip(&places) {
            fields.push(value(ty, &row[*place]).map_err(|why| format!("column `{name}` {why}"))?);
        }
        Ok(Record::new(shape.clone(), fields))
    };
    table.rows.into_iter().take(most).map(row).collect()
}

/// A cell as a value of that type, or what is wrong with it.
fn value(ty: &Type, cell: &Cell) -> Result<Value, String> {
    match (ty, cell) {
        (Type::Optional(_), Cell::Null) => Ok(Value::Absent),
        (Type::Optional(ty), cell) => value(ty, cell),
        (_, Cell::Null) => Err("is NULL, and it is not optional".to_owned()),
        (Type::Secret(_), Cell::Text(text)) => Ok(Value::Secret(Secret::new(text.as_bytes()))),
        (Type::Secret(_), Cell::Blob(octets)) => Ok(Value::Secret(Secret::new(octets))),
        (Type::Number { least, most }, Cell::Integer(number)) => match least <= number && number <= most {
            true => Ok(Value::Number(*number)),
            false => Err(format!("is not between {least} and {most}")),
        },
        (Type::Size, Cell::Integer(number @ 0..)) => Ok(Value::Number(*number)),
        (Type::Time, Cell::Integer(number)) => Ok(Value::Time(*number)),
        (Type::YesNo, Cell::Integer(0 | 1)) => Ok(Value::Yes(*cell == Cell::Integer(1))),
        (Type::Duration, Cell::Integer(seconds @ 0..)) => Ok(Value::Duration(Duration::from_secs(*seconds as u64))),
        (Type::Duration, Cell::Real(seconds)) => {
            Duration::try_from_secs_f64(*seconds).map(Value::Duration).map_err(|_| "is no span of time".to_owned())
        }
        (ty, Cell::Text(text)) => textual(ty, text),
        _ => Err(format!("is {}, not {}", kind(cell), wanted(ty))),
    }
}

fn textual(ty: &Type, text: &str) -> Result<Value, String> {
    if text.chars().any(|character| character.is_control() && character != '\t') {
        return Err("has a line end or another control character in it, which no text may hold".to_owned());
    }
    let value = match ty {
        Type::Text | Type::Base64 | Type::Sink | Type::Lexical(_) | Type::Written(_) => Some(Value::Text(text.into())),
        Type::Domain | Type::HeloName => Some(Value::Text((*a_labels(text)).into())),
        Type::Word => {
            let is_word = !text.is_empty() && !text.contains(char::is_whitespace);
            is_word.then(|| Value::Text(text.into()))
        }
        Type::Ip => text.parse().ok().map(Value::Ip),
        Type::Network => network(text).map(Value::Network),
        Type::ReversePath | Type::ForwardPath | Type::LenientReversePath | Type::LenientForwardPath => {
            let text = Words::from(text);
            Some(Value::Address(Address { at: text.rfind('@'), text }))
        }
        _ => None,
    };
    value.ok_or_else(|| format!("is a text that is not {}", wanted(ty)))
}

fn network(text: &str) -> Option<Network> {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address.parse().ok()?, Some(prefix.parse().ok()?)),
        None => (text.parse().ok()?, None),
    };
    let bits: u8 = match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    };
    let prefix: u8 = prefix.unwrap_or(bits);
    let rest = u32::from(bits.checked_sub(prefix)?);
    let address = match address {
        IpAddr::V4(ip) => IpAddr::V4((ip.to_bits() & u32::MAX.checked_shl(rest).unwrap_or(0)).into()),
        IpAddr::V6(ip) => IpAddr::V6((ip.to_bits() & u128::MAX.checked_shl(rest).unwrap_or(0)).into()),
    };
    Some(Network { address, prefix })
}

fn kind(cell: &Cell) -> &'static str {
    match cell {
        Cell::Null => "NULL",
        Cell::Integer(_) => "an integer",
        Cell::Real(_) => "a real number",
        Cell::Text(_) => "a text",
        Cell::Blob(_) => "a blob",
    }
}

fn wanted(ty: &Type) -> &'static str {
    match ty {
        Type::Text | Type::Lexical(_) | Type::Written(_) | Type::Base64 | Type::Sink => "a text",
        Type::Word => "a word",
        Type::Number { .. } => "a whole number",
        Type::Size => "a size: a whole number, 0 or more",
        Type::Duration => "a number of seconds",
        Type::Time => "a moment: whole seconds since 1970",
        Type::YesNo => "yes or no: 1 or 0",
        Type::Ip => "an address",
        Type::Network => "a network",
        Type::Domain | Type::HeloName => "a domain",
        Type::ReversePath | Type::ForwardPath | Type::LenientReversePath | Type::LenientForwardPath => "a path",
        Type::Secret(_) => "a secret text",
        Type::Octets | Type::Params(_) | Type::Record(_) | Type::List(_) | Type::Optional(_) => {
            "of a type that a column can have"
        }
    }
}
