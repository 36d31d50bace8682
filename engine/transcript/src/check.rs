//! A transcript beside its protocol: names, types and values that the protocol does not have.
//!
//! Never: plays.

use std::sync::Arc;

use diagnostic::{Diagnostic, Rule, Severity, Span, nearest};
use machine::{BindError, Binding, Service};
use program::{Gives, Op, Program, Shape, Statement};

use crate::{
    script::{Act, Argument, ClientAnswer, ClientFact, Fact, Mark, SqlAnswer, SqlFact, Transcript},
    values,
};

/// A state that does not exist.
pub(crate) static STATE: Rule = Rule {
    code: "C08",
    severity: Severity::Error,
    title: "the protocol has no such state",
    page: "`--- state NAME` names a state of the protocol that the title names.",
    accepted: "transcript \"a\" for smtp\nS: 220 <*>\n--- state fresh\n",
    refused: "transcript \"a\" for smtp\nS: 220 <*>\n--- state fersh\n",
};

/// A setting that does not exist, or does not fit.
pub(crate) static SETTING: Rule = Rule {
    code: "C09",
    severity: Severity::Error,
    title: "the protocol has no such setting, or the value is not of its type",
    page: "`set NAME = VALUE` gives a value to one of the protocol's `settings`. A setting without a default must be given.",
    accepted: "transcript \"a\" for smtp\ngiven {\n    set max_size = 1 MB\n}\nS: 220 <*>\n",
    refused: "transcript \"a\" for smtp\ngiven {\n    set max_sise = 1 MB\n}\nS: 220 <*>\n",
};

/// A look-up that does not exist, or does not fit.
pub(crate) static LOOK_UP: Rule = Rule {
    code: "C10",
    severity: Severity::Error,
    title: "the protocol has no such statement, action, field or argument",
    page: "An `sql` fact answers a statement of the protocol: with as many arguments, and with a row that has its fields and \
           types. `asked NAME` names a statement, an action that the protocol asks, or `dns`.",
    accepted: "transcript \"a\" for smtp\nS: 220 <*>\nthen {\n    asked dns 0 times\n}\n",
    refused: "transcript \"a\" for smtp\nS: 220 <*>\nthen {\n    asked mailbos 0 times\n}\n",
};

/// A protocol that does not exist.
pub(crate) static PROTOCOL: Rule = Rule {
    code: "C18",
    severity: Severity::Error,
    title: "there is no such protocol",
    page: "The title names a protocol by its file: `for smtp` is `smtp.proto.dsl` in the folder of protocols.",
    accepted: "transcript \"a\" for smtp\nS: 220 <*>\n",
    refused: "transcript \"a\" for smpt\nS: 220 <*>\n",
};

/// The finding that a transcript's protocol is not among those known.
pub fn unknown_protocol<'a>(transcript: &Transcript, known: impl IntoIterator<Item = &'a str>) -> Diagnostic {
    let name = &transcript.protocol;
    let finding = Diagnostic::new(&PROTOCOL, transcript.protocol_span, format!("there is no protocol `{name}`"));
    match nearest(name, known) {
        Some(other) => finding.help(format!("say `for {other}`")),
        None => finding.help(format!("put `{name}.proto.dsl` into the folder of protocols, or name that folder")),
    }
}

/// Binds the protocol to what the transcript gives, and checks all names.
///
/// # Errors
/// Every finding.
pub fn check(transcript: &Transcript, program: &Arc<Program>) -> Result<Service, Vec<Diagnostic>> {
    let mut found = Vec::new();
    states(transcript, program, &mut found);
    for fact in &transcript.given.sql {
        statement(fact, program, &mut found);
    }
    for fact in &transcript.given.clients {
        client(fact, program, &mut found);
    }
    asked(transcript, program, &mut found);
    let binding = Binding {
        name: transcript.given.name.clone(),
        settings: transcript.given.settings.iter().map(|fact| (fact.name.clone(), fact.value.clone())).collect(),
        converse: true,
        ..Binding::default()
    };
    match Service::bind(program.clone(), &binding) {
        Ok(service) if found.is_empty() => Ok(service),
        Ok(_) => Err(found),
        Err(errors) => {
            found.extend(errors.iter().map(|error| setting(error, program, transcript)));
            Err(found)
        }
    }
}

fn states(transcript: &Transcript, program: &Program, found: &mut Vec<Diagnostic>) {
    for step in &transcript.steps {
        let Act::Mark(Mark::State(name)) = &step.act else { continue };
        let mut known = program.states.iter().map(|state| &*state.name);
        if known.clone().any(|state| state == name) {
            continue;
        }
        let help = match nearest(name, known.clone()) {
            Some(other) => format!("say `--- state {other}`"),
            None => {
                let first = known.next().unwrap_or("").to_owned();
                format!("states are {}", known.fold(first, |all, state| all + ", " + state))
            }
        };
        let message = format!("`{}` has no state `{name}`", program.name);
        found.push(Diagnostic::new(&STATE, step.span, message).help(help));
    }
}

fn setting(error: &BindError, program: &Program, transcript: &Transcript) -> Diagnostic {
    let place = |name: &str| {
        let fact = transcript.given.settings.iter().find(|fact| fact.name == name);
        fact.map_or(transcript.protocol_span, |fact| fact.span)
    };
    match error {
        BindError::Unknown { name } => {
            let nearest = nearest(name, program.settings.iter().map(|setting| &*setting.name));
            let finding = Diagnostic::new(&SETTING, place(name), format!("there is no setting `{name}`"));
            match nearest {
                Some(other) => finding.help(format!("say `set {other} = …`")),
                None => finding.help("remove this fact"),
            }
        }
        BindError::Misfit { name, given, wants } => {
            Diagnostic::new(&SETTING, place(name), format!("`{given}` is not of the type {wants}"))
                .help(format!("`{name}` takes {wants}"))
        }
        BindError::TooShort { limit, name } => {
            Diagnostic::new(&SETTING, place(name), format!("with this, `{limit}` is over as soon as it begins"))
                .help(format!("give `{name}` a second or more"))
        }
        BindError::Missing { name } => {
            Diagnostic::new(&SETTING, place(name), format!("the setting `{name}` has no default and is not given"))
                .help(format!("add `set {name} = …` to `given`"))
        }
    }
}

fn statement(fact: &SqlFact, program: &Program, found: &mut Vec<Diagnostic>) {
    let mut refuse = |span: Span, message: String, help: String| {
        found.push(Diagnostic::new(&LOOK_UP, span, message).help(help));
    };
    let Some(statement) = program.statements.iter().find(|statement| *statement.name == *fact.name) else {
        let help = match nearest(&fact.name, program.statements.iter().map(|statement| &*statement.name)) {
            Some(other) => format!("say `sql {other}`"),
            None => "remove this fact, or declare the statement in the protocol".into(),
        };
        refuse(fact.span, format!("`{}` has no `sql` statement `{}`", program.name, fact.name), help);
        return;
    };
    if let Some(arguments) = &fact.arguments {
        if arguments.len() != statement.parameters.len() {
            let message =
                format!("`{}` takes {} arguments, not {}", fact.name, statement.parameters.len(), arguments.len());
            refuse(fact.span, message, "give as many; `*` stands for any".into());
        }
        for (argument, (name, ty)) in arguments.iter().zip(&statement.parameters) {
            if let Argument::Is(plain) = argument
                && let Err(why) = values::value(plain, ty, &mut |text: &str| text.to_owned())
            {
                refuse(fact.span, format!("argument `{name}`: {why}"), "write a value of its type".into());
            }
        }
    }
    answer(fact, statement, &mut refuse);
}

/// A client of the protocol, its arguments and what it gives.
fn client(fact: &ClientFact, program: &Program, found: &mut Vec<Diagnostic>) {
    let mut refuse = |message: String, help: String| {
        found.push(Diagnostic::new(&LOOK_UP, fact.span, message).help(help));
    };
    let Some(client) = program.clients.iter().find(|client| *client.name == *fact.name) else {
        let help = match nearest(&fact.name, program.clients.iter().map(|client| &*client.name)) {
            Some(other) => format!("say `client {other}`"),
            None => "remove this fact, or declare the client in the protocol".into(),
        };
        return refuse(format!("`{}` has no client `{}`", program.name, fact.name), help);
    };
    let as_is = &mut |text: &str| text.to_owned();
    if let Some(arguments) = &fact.arguments {
        if arguments.len() != client.parameters.len() {
            let message =
                format!("`{}` takes {} arguments, not {}", fact.name, client.parameters.len(), arguments.len());
            refuse(message, "give as many, defaults included; `*` stands for any".into());
        }
        for (argument, parameter) in arguments.iter().zip(&client.parameters) {
            if let Argument::Is(plain) = argument
                && let Err(why) = values::value(plain, &parameter.ty, as_is)
            {
                refuse(format!("argument `{}`: {why}", parameter.name), "write a value of its type, or `*`".into());
            }
        }
    }
    let ClientAnswer::Gives(name, given) = &fact.answer else { return };
    let Some(outcome) = client.outcomes.iter().find(|outcome| *outcome.name == **name) else {
        let names: Vec<&str> = client.outcomes.iter().map(|outcome| &*outcome.name).collect();
        return refuse(format!("`{}` never gives `{name}`", fact.name), format!("it gives {}", names.join(", ")));
    };
    if outcome.values.len() != given.len() {
        let message = format!("`{name}` has {} values, not {}", outcome.values.len(), given.len());
        refuse(message, "give as many".into());
    }
    for (plain, (value, ty)) in given.iter().zip(&outcome.values) {
        if let Err(why) = values::value(plain, ty, as_is) {
            refuse(format!("`{value}`: {why}"), "write a value of its type".into());
        }
    }
}

fn answer(fact: &SqlFact, statement: &Statement, refuse: &mut dyn FnMut(Span, String, String)) {
    let mut fits = |row: &crate::script::Row, shape: &Shape| {
        for fault in values::row(row, shape, &mut |text: &str| text.to_owned()).err().unwrap_or_default() {
            refuse(row.span, fault, format!("give the fields of `{}` with values of their types", statement.name));
        }
    };
    match (&fact.answer, &statement.gives) {
        (SqlAnswer::Row(row), Gives::Row(shape)) => fits(row, shape),
        (SqlAnswer::Rows(rows), Gives::Rows(shape, _)) => rows.iter().for_each(|row| fits(row, shape)),
        (SqlAnswer::None, Gives::Row(_) | Gives::Rows(..)) | (SqlAnswer::Done(_), Gives::Nothing) => {}
        (SqlAnswer::Timeout | SqlAnswer::Fails(_), _) => {}
        (_, gives) => {
            let kind = match gives {
                Gives::Row(_) => "`row { … }` or `none`",
                Gives::Rows(..) => "`rows [ … ]` or `none`",
                Gives::Nothing => "`done N`",
            };
            refuse(fact.span, format!("`{}` never gives this", fact.name), format!("it gives {kind}, or fails"));
        }
    }
}

fn asked(transcript: &Transcript, program: &Program, found: &mut Vec<Diagnostic>) {
    for claim in &transcript.then {
        let Fact::Asked(name, _) = &claim.fact else { continue };
        let mut known: Vec<&str> = vec!["dns"];
        known.extend(program.statements.iter().map(|statement| &*statement.name));
        known.extend(program.code.iter().filter_map(Op::asks).map(|ask| &**ask.target.name()));
        if known.contains(&name.as_str()) {
            continue;
        }
        let help = match nearest(name, known) {
            Some(other) => format!("say `asked {other}`"),
            None => "name a statement, an action that the protocol asks, or `dns`".into(),
        };
        let message = format!("`{}` never asks `{name}`", program.name);
        found.push(Diagnostic::new(&LOOK_UP, claim.span, message).help(help));
    }
}
