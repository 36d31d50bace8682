//! Options of a command line that are parameters of a client.
//!
//! Never: takes a secret as it stands: it would be seen by everyone who lists processes.

use std::fs;

use diagnostic::nearest;
use machine::Given as Words;
use program::{Client, ClientParameter, Program, Type, Value};

use crate::{
    exit::{Exit, Fault},
    startup::binding::given_value,
};

/// What the command line gives to a client.
pub(super) struct Options {
    /// For each parameter.
    pub(super) given: Vec<Given>,
    /// The file with the payload.
    pub(super) file: Option<String>,
}

/// What one parameter is given.
#[derive(Clone)]
pub(super) enum Given {
    /// A value.
    Value(Value),
    /// The payload of the file.
    Body,
    /// Nothing: its default, or what the verb itself knows.
    Nothing,
}

/// What the verb itself gives.
const KNOWN: [&str; 3] = ["host", "port", "eight_bit"];

impl Options {
    /// Reads `--name value --flag … FILE`.
    ///
    /// # Errors
    /// The first that does not fit.
    pub(super) fn read(program: &Program, client: &Client, words: &[String]) -> Result<Options, Fault> {
        let mut texts: Vec<Vec<String>> = vec![Vec::new(); client.parameters.len()];
        let mut file = None;
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let Some(option) = word.strip_prefix("--").filter(|option| !option.is_empty()) else {
                if file.replace(word.clone()).is_some() {
                    return Err(fault(client, format!("`{word}` is a second file")));
                }
                continue;
            };
            let (name, value) = option.split_once('=').map_or((option, None), |(name, value)| (name, Some(value)));
            let (place, from_file) = parameter(client, name)?;
            let is_flag = client.parameters[place].ty == Type::YesNo;
            let value = match (value, is_flag) {
                (Some(value), _) => value.to_owned(),
                (None, true) => "yes".to_owned(),
                (None, false) => {
                    words.next().cloned().ok_or_else(|| fault(client, format!("`--{name}` has no value")))?
                }
            };
            texts[place].push(if from_file { secret(&value)? } else { value });
        }
        let mut given = Vec::new();
        for (parameter, texts) in client.parameters.iter().zip(texts) {
            given.push(one(program, client, parameter, texts, file.is_some())?);
        }
        let takes_file = given.iter().any(|given| matches!(given, Given::Body));
        match (&file, takes_file) {
            (Some(file), false) => Err(fault(client, format!("`{file}`: this client sends no file"))),
            _ => Ok(Options { given, file }),
        }
    }
}

/// The parameter of an option, and whether its value is a file that holds the value.
fn parameter(client: &Client, option: &str) -> Result<(usize, bool), Fault> {
    let find = |name: &str| {
        let name = name.replace('-', "_");
        client.parameters.iter().position(|parameter| *parameter.name == *name)
    };
    let is_secret = |place: usize| matches!(client.parameters[place].ty, Type::Secret(_));
    if let Some(place) = option.strip_suffix("-file").and_then(find).filter(|place| is_secret(*place)) {
        return Ok((place, true));
    }
    match find(option) {
        Some(place) if is_secret(place) => {
            let help = format!("write it into a file, and say --{option}-file FILE");
            Err(Fault::new(Exit::Usage, format!("`--{option}` is a secret, and a command line is seen by all"), help))
        }
        Some(place) if client.parameters[place].ty != Type::Octets => Ok((place, false)),
        _ => {
            let names = client.parameters.iter().map(|parameter| &*parameter.name);
            let near = nearest(option, names).map(|near| format!("; did you mean `--{}`?", near.replace('_', "-")));
            Err(fault(client, format!("there is no `--{option}`{}", near.unwrap_or_default())))
        }
    }
}

fn secret(file: &str) -> Result<String, Fault> {
    let text = fs::read_to_string(file).map_err(|error| {
        Fault::new(Exit::Usage, format!("`{file}` cannot be read: {error}"), "name a file that holds the secret")
    })?;
    Ok(text.strip_suffix('\n').map_or(text.clone(), |text| text.strip_suffix('\r').unwrap_or(text).to_owned()))
}

fn one(
    program: &Program,
    client: &Client,
    parameter: &ClientParameter,
    mut texts: Vec<String>,
    has_file: bool,
) -> Result<Given, Fault> {
    let name = parameter.name.replace('_', "-");
    if parameter.ty == Type::Octets {
        return match (has_file, &parameter.default) {
            (true, _) => Ok(Given::Body),
            (false, Some(_)) => Ok(Given::Nothing),
            (false, None) => Err(fault(client, "no file is named".into())),
        };
    }
    if texts.is_empty() {
        let known = parameter.default.is_some() || KNOWN.contains(&&*parameter.name);
        return if known { Ok(Given::Nothing) } else { Err(fault(client, format!("`--{name}` is missing"))) };
    }
    let words = match (&parameter.ty, texts.len()) {
        (Type::List(_), _) => Words::List(texts),
        (_, 1) => Words::Text(texts.remove(0)),
        _ => return Err(fault(client, format!("`--{name}` stands there twice"))),
    };
    match given_value(program, &parameter.ty, &words) {
        Some(value) => Ok(Given::Value(value)),
        None => Err(fault(client, format!("`--{name}` has a value that is none of its type"))),
    }
}

fn fault(client: &Client, message: String) -> Fault {
    Fault::new(Exit::Usage, message, usage(client))
}

/// What a client takes, on one line.
fn usage(client: &Client) -> String {
    let mut all = String::from("saywhen send HOST:PORT");
    let mut file = "";
    for parameter in client.parameters.iter().filter(|parameter| !KNOWN.contains(&&*parameter.name)) {
        let name = parameter.name.replace('_', "-");
        let option = match &parameter.ty {
            Type::Octets => {
                file = " FILE";
                continue;
            }
            Type::YesNo => format!("--{name}"),
            Type::Secret(_) => format!("--{name}-file FILE"),
            Type::List(_) => format!("--{name} … [--{name} …]"),
            _ => format!("--{name} …"),
        };
        all.push_str(&if parameter.default.is_some() { format!(" [{option}]") } else { format!(" {option}") });
    }
    all + file
}
