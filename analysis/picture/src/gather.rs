//! The scene of a program: commands by state, those that are answered alike put together, and what most states have in
//! common put aside.
//!
//! Never: leaves a command out.

use std::collections::{BTreeMap, BTreeSet};

use program::{Expr, Pc, Program, State, StateId, Value};

use crate::{
    answers::{Led, Reader},
    scene::{Answer, Kind, Road, Room, Row, Scene},
    ways::{Ending, ways},
};

/// What one state has: its commands in order, each with where it leads.
type Commands = Vec<(String, Led)>;

/// Reads a program.
pub(crate) fn scene(program: &Program, executed: Option<&[u64]>) -> Scene {
    let reader = Reader { program, executed };
    let mut all: Vec<Commands> = (0..program.states.len()).map(|place| commands(&reader, place)).collect();
    let common = common(program, &mut all);
    let mut roads = Vec::new();
    let mut rooms = Vec::new();
    for (place, state) in program.states.iter().enumerate() {
        roads.extend(leave(place, &all[place]));
        rooms.push(Room {
            name: state.name.to_string(),
            title: state.title.to_string(),
            facts: facts(program, state),
            rows: alike(stay(&all[place])),
            reached: place == usize::from(program.start.0) || entered(&reader, place),
        });
    }
    let mut scene = Scene {
        name: program.name.to_string(),
        title: program.title.to_string(),
        version: program.version,
        rooms,
        start: usize::from(program.start.0),
        roads,
        common,
        unexpected: unexpected(&reader),
        limits: limits(&reader),
        coverage: None,
    };
    scene.coverage = executed.map(|_| counted(&scene));
    scene
}

fn commands(reader: &Reader<'_>, place: usize) -> Commands {
    let program = reader.program;
    let state = &program.states[place];
    let id = StateId(place as u16);
    let mut commands: Commands = Vec::new();
    if let Some(enter) = state.enter {
        let mut led = Led::new();
        reader.led(Some(id), enter, &mut led);
        commands.push((String::new(), led));
    }
    if passes_on(program, state) {
        return commands;
    }
    for handler in state.handlers.iter().map(|id| &program.handlers[id.0 as usize]) {
        let label = label(&handler.usage);
        let place = commands.iter().position(|(known, _)| *known == label).unwrap_or_else(|| {
            commands.push((label, Led::new()));
            commands.len() - 1
        });
        let led = &mut commands[place].1;
        reader.led(Some(id), handler.entry, led);
        if let Some(payload) = &handler.payload {
            reader.led(Some(id), payload.too_big, led);
            reader.led(Some(id), payload.failed, led);
        }
    }
    commands
}

/// Whether nobody ever waits in a state: whoever enters it is led on.
fn passes_on(program: &Program, state: &State) -> bool {
    state.enter.is_some_and(|enter| ways(program, enter).0.iter().all(|way| way.ending != Ending::Stay))
}

/// What a command is called: the words of its template that are always there.
fn label(usage: &str) -> String {
    let (mut words, mut depth, mut hole) = (String::new(), 0_usize, false);
    for character in usage.chars() {
        match character {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            '<' => hole = true,
            '>' if hole => {
                hole = false;
                words.push(' ');
            }
            _ if depth == 0 && !hole => words.push(character),
            _ => {}
        }
    }
    let says = |word: &&str| word.chars().any(char::is_alphanumeric);
    let words: Vec<&str> = words.split_whitespace().filter(says).collect();
    let label = words.join(" ");
    let label = label.trim_end_matches([':', '=', ',', '(', '"']);
    if label.is_empty() { "any line".into() } else { label.to_owned() }
}

fn facts(program: &Program, state: &State) -> String {
    let name = |(fact, optional): &(program::FactId, bool)| {
        format!("{}{}", program.facts[usize::from(fact.0)].name, if *optional { "?" } else { "" })
    };
    state.facts.iter().map(name).collect::<Vec<_>>().join(", ")
}

fn entered(reader: &Reader<'_>, place: usize) -> bool {
    let here = StateId(place as u16);
    let mut code = reader.program.code.iter().zip((0..).map(Pc));
    code.any(|(op, at)| op.exits(at).iter().any(|exit| exit.to.state() == Some(here)) && reader.reached(at))
}

/// How many answers are drawn as reached, and how many are drawn: each for every command that has it.
fn counted(scene: &Scene) -> (usize, usize) {
    let rooms = scene.rooms.iter().map(|room| &room.rows);
    let roads = scene.roads.iter().map(|road| &road.rows);
    let common = scene.common.iter().map(|(_, rows)| rows);
    let all: Vec<&Row> = rooms.chain(roads).chain(common).chain([&scene.unexpected, &scene.limits]).flatten().collect();
    let sum = |count: &dyn Fn(&Row) -> usize| all.iter().map(|row| row.commands.len() * count(row)).sum();
    (sum(&|row| row.answers.iter().filter(|answer| answer.reached).count()), sum(&|row| row.answers.len()))
}

/// What stays in its state, a row for each command. What is said midway stands where the command ends.
fn stay(commands: &Commands) -> Vec<Row> {
    let mut rows = Vec::new();
    for (label, led) in commands {
        let leaves = led.keys().any(|(to, _)| to.is_some());
        let here = led.iter().filter(|((to, kind), _)| to.is_none() && !(leaves && *kind == Kind::Midway));
        let answers: Vec<Answer> = here.flat_map(|(_, answers)| answers.clone()).collect();
        if !answers.is_empty() {
            rows.push(Row { commands: vec![label.clone()], answers });
        }
    }
    rows
}

/// The ways to other states, one for each and each kind of answer.
fn leave(from: usize, commands: &Commands) -> Vec<Road> {
    let mut roads: BTreeMap<(usize, Kind), Vec<Row>> = BTreeMap::new();
    for (label, led) in commands {
        for ((to, kind), answers) in led {
            let Some(to) = *to else { continue };
            let midway = led.get(&(None, Kind::Midway)).filter(|_| *kind != Kind::Refused).cloned();
            let answers = midway.into_iter().flatten().chain(answers.iter().cloned()).collect();
            roads.entry((to, *kind)).or_default().push(Row { commands: vec![label.clone()], answers });
        }
    }
    let road = |((to, kind), rows): ((usize, Kind), Vec<Row>)| {
        let reached = rows.iter().flat_map(|row| &row.answers).any(|answer| answer.reached);
        Road { from, to, kind, rows: alike(rows), reached }
    };
    roads.into_iter().map(road).collect()
}

/// Rows that are answered alike become one; the order is that of the first of each.
fn alike(rows: Vec<Row>) -> Vec<Row> {
    let mut merged: Vec<Row> = Vec::new();
    for row in rows {
        match merged.iter_mut().find(|known| known.answers == row.answers) {
            Some(known) => known.commands.extend(row.commands),
            None => merged.push(row),
        }
    }
    merged
}

/// Takes out what is the same in most states, and says where it is.
fn common(program: &Program, all: &mut [Commands]) -> Vec<(String, Vec<Row>)> {
    let waits: Vec<usize> = (0..all.len()).filter(|place| !passes_on(program, &program.states[*place])).collect();
    let mut found: BTreeMap<Vec<usize>, Vec<Row>> = BTreeMap::new();
    let labels: BTreeSet<String> = all.iter().flatten().map(|(label, _)| label.clone()).collect();
    for label in labels.into_iter().filter(|label| !label.is_empty()) {
        let forms = forms(&label, &waits, all);
        let most = |places: &&Vec<usize>| {
            places.len() > 1
                && (places.len() == waits.len() || (places.len() > 2 && places.len() * 3 >= waits.len() * 2))
        };
        let Some(places) = forms.iter().find(most) else { continue };
        let row = together(&label, places, all);
        found.entry(places.clone()).or_default().push(row);
    }
    let name = |places: Vec<usize>| {
        let others = waits.iter().filter(|place| !places.contains(place));
        let others: Vec<&str> = others.map(|place| &*program.states[*place].name).collect();
        if others.is_empty() {
            "In every state".to_owned()
        } else {
            format!("In every state but {}", others.join(", "))
        }
    };
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort_by_key(|(places, _)| std::cmp::Reverse(places.len()));
    found.into_iter().map(|(places, rows)| (name(places), alike(rows))).collect()
}

/// The states that answer a command alike without being left, each such set of them.
fn forms(label: &str, waits: &[usize], all: &[Commands]) -> Vec<Vec<usize>> {
    let mut forms: BTreeMap<Vec<(Kind, &str)>, Vec<usize>> = BTreeMap::new();
    for place in waits {
        let Some((_, led)) = all[*place].iter().find(|(known, _)| known == label) else { continue };
        if led.keys().all(|(to, _)| to.is_none()) {
            let form = led.values().flatten().map(|answer| (answer.kind, answer.code.as_str())).collect();
            forms.entry(form).or_default().push(*place);
        }
    }
    forms.into_values().collect()
}

/// One command of several states as one row; it is taken out of each.
fn together(label: &str, places: &[usize], all: &mut [Commands]) -> Row {
    let mut row = Row { commands: vec![label.to_owned()], answers: Vec::new() };
    for place in places {
        let Some(at) = all[*place].iter().position(|(known, _)| known == label) else { continue };
        let (_, led) = all[*place].remove(at);
        for answer in led.into_values().flatten() {
            match row.answers.iter_mut().find(|known| (known.kind, &known.code) == (answer.kind, &answer.code)) {
                Some(known) => known.reached |= answer.reached,
                None => row.answers.push(answer),
            }
        }
    }
    row
}

fn one(reader: &Reader<'_>, what: impl Into<String>, entry: program::Pc) -> Row {
    let mut led = Led::new();
    reader.led(None, entry, &mut led);
    Row { commands: vec![what.into()], answers: led.into_values().flatten().collect() }
}

fn unexpected(reader: &Reader<'_>) -> Vec<Row> {
    let unexpected = &reader.program.unexpected;
    let all = [
        ("out of order", Some(unexpected.out_of_order)),
        ("bad arguments", Some(unexpected.bad_arguments)),
        ("unknown command", Some(unexpected.unknown_command)),
        ("cancelled", unexpected.cancelled),
        ("bad answer", unexpected.bad_answer),
        ("jumped queue", unexpected.jumped_queue),
        ("foreign", unexpected.foreign.as_ref().map(|foreign| foreign.code)),
    ];
    alike(all.into_iter().filter_map(|(what, at)| Some(one(reader, what, at?))).collect())
}

fn limits(reader: &Reader<'_>) -> Vec<Row> {
    let limits = &reader.program.limits;
    let mut rows = vec![
        one(reader, format!("idle{}", time(&limits.idle.after)), limits.idle.code),
        one(reader, format!("session{}", time(&limits.session.after)), limits.session.code),
    ];
    for counter in &reader.program.counters {
        let most = match &counter.most {
            Expr::Constant(Value::Number(most)) => format!(" {most}"),
            _ => String::new(),
        };
        rows.push(one(reader, format!("{}{most}", counter.name), counter.code));
    }
    rows.extend(limits.early.as_ref().map(|early| one(reader, "talking early", early.code)));
    rows.push(one(reader, "shutdown", limits.shutdown));
    rows.push(one(reader, "full", limits.full));
    rows.push(one(reader, "broken", limits.broken));
    rows.push(one(reader, "line", limits.line));
    alike(rows)
}

/// A time that is a constant, in words.
fn time(after: &Expr) -> String {
    let Expr::Constant(Value::Duration(after)) = after else { return String::new() };
    match after.as_secs() {
        seconds if seconds > 0 && seconds % 3600 == 0 => format!(" {} h", seconds / 3600),
        seconds if seconds > 0 && seconds % 60 == 0 => format!(" {} min", seconds / 60),
        seconds => format!(" {seconds} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_called_by_the_words_that_are_always_there() {
        for (usage, expected) in [
            ("MAIL FROM:<sender>[ <parameters>]", "MAIL FROM"),
            ("QUIT", "QUIT"),
            ("<tag> LOGIN <user> <password>", "LOGIN"),
            ("NOOP[ <rest>]", "NOOP"),
            ("<line>", "any line"),
            ("<tag> STORE <set> FLAGS (<flags>)", "STORE FLAGS"),
        ] {
            assert_eq!(label(usage), expected, "{usage}");
        }
    }
}
