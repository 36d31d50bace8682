//! From one version of a protocol to the next in the middle of a session, where the facts agree.
//!
//! Never: moves a session that is not between two commands, or into a state whose facts it might not have.

use std::sync::Arc;

use program::{CounterId, Covers, FactId, Program, Shape, State, StateId, Type};

use crate::{Effects, Machine, Now, Service};

/// The proof that sessions of one program may go on with another one, and where.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Move {
    places: Vec<Passage>,
    counters: Vec<(CounterId, CounterId)>,
}

/// One state where sessions move.
#[derive(Debug, PartialEq, Eq)]
struct Passage {
    from: StateId,
    to: StateId,
    facts: Vec<(FactId, FactId)>,
}

impl Move {
    /// Compares the states that the rule of the new program names. Gives what is proved, and in words why sessions
    /// do not move in the others. A state that the old program lacks keeps nobody.
    pub fn between(old: &Program, new: &Program) -> (Move, Vec<String>) {
        let (mut proved, mut refused) = (Move::default(), Vec::new());
        for name in &new.reload.moves {
            let (Some((from, was)), Some((to, is))) = (state(old, name), state(new, name)) else { continue };
            match facts((old, was), (new, is)) {
                Ok(facts) => proved.places.push(Passage { from, to, facts }),
                Err(why) => {
                    refused.push(format!("sessions in \"{name}\" do not move, they finish on their own: {why}"))
                }
            }
        }
        for (from, counter) in old.counters.iter().enumerate() {
            let to = new.counters.iter().position(|other| other.name == counter.name);
            proved.counters.extend(to.map(|to| (CounterId(from as u16), CounterId(to as u16))));
        }
        if new.reload.covers == Covers::Nothing && !proved.places.is_empty() {
            proved.places.clear();
            refused.push("no session moves, they finish on their own: a promise could not be decided".into());
        }
        if old.wire.line_end != new.wire.line_end {
            proved.places.clear();
            refused.push("no session moves, they finish on their own: lines end otherwise".into());
        }
        (proved, refused)
    }

    /// Whether it is proved for no state.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }
}

/// What came of an attempt to go on with another service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    /// The session goes on with it.
    Yes,
    /// It is not where that could be.
    NotHere,
    /// What the other program promises was not proved for what is known in this session.
    NotProved,
}

impl Machine {
    /// Goes on with another service, if the session stands between two commands in a state where that is proved, and
    /// what is known of it is what the promises of the other program were proved for. `moving` must have been made of
    /// the program of this machine and of that service.
    pub fn go_on(&mut self, service: &Arc<Service>, moving: &Move, now: Now, effects: &mut dyn Effects) -> Moved {
        let place = moving.places.iter().find(|place| place.from == self.session.here.state);
        let Some(place) = place.filter(|_| self.idle()) else { return Moved::NotHere };
        let facts = place.facts.iter().map(|(from, to)| (usize::from(from.0), usize::from(to.0)));
        let covers = match &service.program().reload.covers {
            Covers::All => &[][..],
            Covers::Nothing => return Moved::NotProved,
            Covers::These(covers) => covers,
        };
        if !covers.is_empty() && !self.session.is_covered(service, (place.to, covers), facts.clone(), now) {
            return Moved::NotProved;
        }
        let counters = moving.counters.iter().map(|(from, to)| (usize::from(from.0), usize::from(to.0)));
        self.session.resettle(service, place.to, (facts, counters), now, effects);
        self.service = service.clone();
        Moved::Yes
    }
}

fn state<'p>(program: &'p Program, name: &str) -> Option<(StateId, &'p State)> {
    let place = program.states.iter().position(|state| *state.name == *name)?;
    Some((StateId(place as u16), &program.states[place]))
}

/// The facts of both, paired; or why they do not agree.
fn facts((old, was): (&Program, &State), (new, is): (&Program, &State)) -> Result<Vec<(FactId, FactId)>, String> {
    let fact = |program: &Program, id: FactId| program.facts[usize::from(id.0)].name.clone();
    if let Some((gone, _)) =
        was.facts.iter().find(|(id, _)| is.facts.iter().all(|(o, _)| fact(new, *o) != fact(old, *id)))
    {
        return Err(format!("the new version has no fact `{}` there", fact(old, *gone)));
    }
    let mut pairs = Vec::new();
    for (to, may_lack) in &is.facts {
        let name = fact(new, *to);
        let Some((from, lacked)) = was.facts.iter().find(|(id, _)| fact(old, *id) == name) else {
            return Err(format!("nothing has supplied the fact `{name}`"));
        };
        let types = (&old.facts[usize::from(from.0)].ty, &new.facts[usize::from(to.0)].ty);
        if !agree((old, types.0), (new, types.1)) {
            return Err(format!("the fact `{name}` is of another type, or bounded otherwise"));
        }
        if *lacked && !may_lack {
            return Err(format!("the fact `{name}` may be absent in the former version"));
        }
        pairs.push((*from, *to));
    }
    Ok(pairs)
}

/// Whether every value of the one type is one of the other. Types that a file declares agree when they are the same
/// automaton by the same name.
fn agree((old, was): (&Program, &Type), (new, is): (&Program, &Type)) -> bool {
    match (was, is) {
        (Type::Lexical(a), Type::Lexical(b)) => {
            let (a, b) = (&old.lexemes[usize::from(a.0)], &new.lexemes[usize::from(b.0)]);
            let form = |lexeme: &program::Lexeme| format!("{:?}", lexeme.template.dfa);
            a.name == b.name && form(a) == form(b)
        }
        (Type::Params(a), Type::Params(b)) => {
            let (a, b) = (&old.params[usize::from(a.0)], &new.params[usize::from(b.0)]);
            let words = a.keywords.iter().map(|word| &word.text).eq(b.keywords.iter().map(|word| &word.text));
            words && alike((old, &a.shape), (new, &b.shape))
        }
        (Type::Record(a), Type::Record(b)) => alike((old, a), (new, b)),
        (Type::List(a), Type::List(b))
        | (Type::Optional(a), Type::Optional(b))
        | (Type::Secret(a), Type::Secret(b)) => agree((old, a), (new, b)),
        (Type::Lexical(_) | Type::Params(_), _) | (_, Type::Lexical(_) | Type::Params(_)) => false,
        (was, is) => was == is,
    }
}

/// Whether what a field of the old record holds fits the new one. Bounds by settings are taken for the same.
fn fits((old, was): (&Program, &Shape), (new, is): (&Program, &Shape), field: &Arc<str>) -> bool {
    let bound = |program: &Program, shape: &Shape| program.bounds.get(&(shape.name.clone(), field.clone())).copied();
    match (bound(old, was), bound(new, is)) {
        (_, None) => true,
        (Some(Some(was)), Some(Some(is))) => was <= is,
        (Some(None), Some(None)) => true,
        _ => false,
    }
}

fn alike((old, was): (&Program, &Shape), (new, is): (&Program, &Shape)) -> bool {
    was.name == is.name
        && is.fields.iter().all(|(field, _)| fits((old, was), (new, is), field))
        && was.fields.len() == is.fields.len()
        && was.fields.iter().zip(&is.fields).all(|(a, b)| a.0 == b.0 && agree((old, &a.1), (new, &b.1)))
}
