//! One way through a body, at the place where it has come to.
//!
//! What a slot holds is written in terms of what the slots held when the body began, and of values of which nothing is
//! known. A value that is changed becomes another one: whatever was copied from it before keeps the old one.
//!
//! Never: takes an old value for the changed one, or a moment before a wait for the moment behind it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    rc::Rc,
};

use program::{Capture, Expr, Field, Known as Thing, Op, Pc, Piece, Place, ReplyId, Slot, StateId, Why};

use crate::{
    ground::{Asked, Ground, of_slot},
    live::{Leaf, Root, changed_between, leaves, meet},
    logic::Known,
    way::{Choice, Event, Step},
};

/// The most parts of a value that is followed.
const LARGEST: usize = 200;

/// Slots from here on stand for values that nothing is known of.
const UNKNOWN: u16 = 0x8000;

#[derive(Clone)]
pub(crate) struct Here<'p> {
    pub(crate) pc: Pc,
    pub(crate) state: StateId,
    pub(crate) known: Vec<Known>,
    /// What slots hold, where that is known.
    pub(crate) held: BTreeMap<Slot, Expr>,
    pub(crate) asked: Vec<Asked>,
    /// Whether a final answer was given.
    pub(crate) told: bool,
    /// The holes of the present line.
    pub(crate) captures: &'p [Capture],
    /// Whether the facts may be other ones than where the session last waited for the peer's next command.
    pub(crate) changed: bool,
    /// Whether the session ends when the body ends.
    pub(crate) closing: bool,
    /// Whether the state was entered, and its `leave` has not begun.
    pub(crate) entered: bool,
    /// What is done when the `leave` that runs is done.
    pub(crate) leaving: Option<Leaving>,
    /// The loops that have a round at least, where they stand and where they end: behind them comes what their round left.
    pub(crate) must: Vec<(Pc, Pc)>,
    /// How many bodies were begun on this way.
    pub(crate) depth: u16,
    /// How much was decided on this way.
    pub(crate) weight: usize,
    /// How late what is unusual was decided: of ways of one weight the one that says at once what it needs goes first.
    pub(crate) late: usize,
    unknowns: u16,
    trail: Option<Rc<Trail>>,
}

/// What a session does behind the `leave` of its state.
#[derive(Clone)]
pub(crate) enum Leaving {
    /// It enters another state, its facts set.
    Goto(StateId, BTreeMap<Slot, Expr>),
    /// It begins TLS, and enters a state.
    Secure(StateId),
    /// It ends.
    Close,
}

/// What was chosen and said, the latest first.
struct Trail {
    before: Option<Rc<Trail>>,
    what: Mark,
}

enum Mark {
    Chose(Choice),
    Said(ReplyId),
}

impl<'p> Here<'p> {
    pub(crate) fn new(pc: Pc, state: StateId, known: Vec<Known>, captures: &'p [Capture]) -> Here<'p> {
        Here {
            pc,
            state,
            known,
            held: BTreeMap::new(),
            asked: Vec::new(),
            told: false,
            captures,
            changed: false,
            closing: false,
            entered: true,
            leaving: None,
            must: Vec::new(),
            depth: 0,
            weight: 0,
            late: 0,
            unknowns: UNKNOWN,
            trail: None,
        }
    }

    /// Where a body goes on that jumps from one place to another. Backwards is another round, which the first stands for:
    /// then it goes on behind the loop, if the loop is known to have a round.
    pub(crate) fn leads(&mut self, from: Pc, target: Pc) -> Option<Pc> {
        if target > from {
            return Some(target);
        }
        let place = self.must.iter().position(|(head, _)| *head == target)?;
        Some(self.must.remove(place).1)
    }

    /// An expression in terms of what is known.
    pub(crate) fn seen(&self, expr: &Expr) -> Expr {
        expr.with(&|expr| of_slot(expr, &|slot| self.held.get(&slot).cloned()))
    }

    /// A value that nothing is known of.
    pub(crate) fn fresh(&mut self, ground: &Ground<'_>) -> Expr {
        match self.unknowns.checked_add(1) {
            Some(next) => self.unknowns = next,
            None => ground.give_up(),
        }
        Expr::Slot(Slot(self.unknowns))
    }

    /// What an instruction sets where a body goes on for that reason.
    pub(crate) fn sets(&mut self, op: &Op, why: Why, ground: &Ground<'_>) {
        for slot in op.sets(why) {
            match op.copies().filter(|(copy, _)| *copy == slot) {
                Some((_, value)) => {
                    let value = self.seen(value);
                    // What grows with each step is not followed any further.
                    match value.is_larger_than(LARGEST) {
                        true => drop(self.unknown(slot, ground)),
                        false => drop(self.held.insert(slot, value)),
                    }
                }
                None => drop(self.unknown(slot, ground)),
            }
        }
    }

    /// A slot takes a value that nothing is known of.
    pub(crate) fn unknown(&mut self, slot: Slot, ground: &Ground<'_>) -> Expr {
        let fresh = self.fresh(ground);
        self.held.insert(slot, fresh.clone());
        fresh
    }

    pub(crate) fn goes(mut self, pc: Pc, choice: Choice, weight: usize) -> Here<'p> {
        self.pc = pc;
        self.weight += weight;
        self.mark(Mark::Chose(choice));
        self
    }

    pub(crate) fn says(&mut self, reply: ReplyId) {
        self.mark(Mark::Said(reply));
    }

    fn mark(&mut self, what: Mark) {
        let before = self.trail.take();
        self.trail = Some(Rc::new(Trail { before, what }));
    }

    /// Goes on in another body.
    pub(crate) fn begins(mut self, pc: Pc) -> Here<'p> {
        self.pc = pc;
        self.depth = self.depth.saturating_add(1);
        self
    }

    /// What happened from the event on.
    pub(crate) fn step(&self, state: StateId, event: Event) -> Step {
        let (mut choices, mut replies) = (Vec::new(), Vec::new());
        let mut at = self.trail.as_deref();
        while let Some(trail) = at {
            match &trail.what {
                Mark::Chose(choice) => choices.push(choice.clone()),
                Mark::Said(reply) => replies.push(*reply),
            }
            at = trail.before.as_deref();
        }
        choices.reverse();
        replies.reverse();
        Step { state, event, choices, replies }
    }

    /// What was asked is answered so.
    pub(crate) fn answered(&mut self, answer: Asked, ground: &Ground<'_>) {
        if ground.answers.contains(&answer) && !self.asked.contains(&answer) {
            self.asked.push(answer);
            self.asked.sort();
        }
    }

    /// One round of a loop that stands for all, from its head to its end.
    pub(crate) fn round(&mut self, end: Pc, ground: &Ground<'_>) {
        let body = ground.program.code.get(self.pc.0 as usize..end.0 as usize);
        if body.is_some_and(|body| body.iter().any(Op::is_waited_at)) {
            self.wait(ground);
        }
        for place in changed_between(ground.program, self.pc, end) {
            self.change(place, ground);
        }
    }

    /// Something is changed. Gives what it is now.
    pub(crate) fn change(&mut self, place: Place, ground: &Ground<'_>) -> Expr {
        self.changed |= usize::from(place.slot.0) < ground.program.facts.len();
        let whole = self.seen(&Expr::Slot(place.slot));
        let Some((field, shape)) = place.field.and_then(|field| Some((field, ground.shape(&whole)?.clone()))) else {
            return self.unknown(place.slot, ground);
        };
        // A record like the old one but for that field.
        let new = self.fresh(ground);
        let part = |index: u16| match index == field {
            true => new.clone(),
            false => Expr::Field(Box::new(whole.clone()), Field::Index(index)).simple(),
        };
        let mut fields: Vec<Option<Expr>> = (0..shape.fields.len() as u16).map(|index| Some(part(index))).collect();
        // It is another record as a whole, too, whatever was put in front of it.
        fields.push(Some(self.fresh(ground)));
        self.held.insert(place.slot, Expr::Record(shape, fields));
        new
    }

    /// A header is put in front of a record: its fields stay, and it is another record.
    pub(crate) fn prepend(&mut self, place: Place, ground: &Ground<'_>) {
        let fields = ground.shape(&self.seen(&Expr::Slot(place.slot))).map_or(0, |shape| shape.fields.len() as u16);
        match place.field {
            None => drop(self.change(Place { slot: place.slot, field: Some(fields) }, ground)),
            Some(_) => drop(self.change(place, ground)),
        }
    }

    /// Time passes: what was known of the present moment is known of a past one.
    pub(crate) fn wait(&mut self, ground: &Ground<'_>) {
        let is_now = |expr: &Expr| expr.has(&mut |part| *part == Expr::Known(Thing::Now));
        let leaving = match &self.leaving {
            Some(Leaving::Goto(_, facts)) => facts.values().any(is_now),
            _ => false,
        };
        if !leaving && !self.known.iter().any(|(expr, _)| is_now(expr)) && !self.held.values().any(is_now) {
            return;
        }
        let then = self.fresh(ground);
        let past = |expr: &Expr| expr.with(&|part| (*part == Expr::Known(Thing::Now)).then(|| then.clone()));
        self.known.iter_mut().for_each(|(expr, _)| *expr = past(expr));
        self.held.values_mut().for_each(|expr| *expr = past(expr));
        if let Some(Leaving::Goto(_, facts)) = &mut self.leaving {
            facts.values_mut().for_each(|expr| *expr = past(expr));
        }
    }

    /// Forgets what does not matter from here on, and gives what is left in one form: ways that have the same here go on
    /// alike.
    pub(crate) fn settle(&mut self, ground: &Ground<'_>) -> String {
        let facts = ground.program.facts.len() as u16;
        let mut slots: BTreeSet<u16> = (0..facts).collect();
        let mut wanted: BTreeSet<Leaf> = BTreeSet::new();
        for leaf in ground.live.at(self.pc) {
            let Root::Slot(slot) = leaf.root else {
                wanted.insert(*leaf);
                continue;
            };
            slots.insert(slot);
            if !self.held.contains_key(&Slot(slot)) {
                wanted.insert(*leaf);
                continue;
            }
            let whole = Expr::Slot(Slot(slot));
            let part = match leaf.part {
                Some(index) => Expr::Field(Box::new(whole), Field::Index(index)),
                None => whole,
            };
            leaves(&self.seen(&part), &mut wanted);
        }
        if let Some(Leaving::Goto(_, given)) = &self.leaving {
            given.values().for_each(|value| leaves(value, &mut wanted));
        }
        self.held.retain(|slot, _| slots.contains(&slot.0));
        self.keep(&wanted);
        self.key()
    }

    /// Keeps of what is known what speaks of these things. What is composed is taken apart first, as far as its parts are
    /// known: what is bound up with something that is forgotten then stands by itself.
    fn keep(&mut self, wanted: &BTreeSet<Leaf>) {
        let mut plain: Vec<Known> = Vec::with_capacity(self.known.len());
        let mut open: Vec<Known> = Vec::new();
        for (expr, held) in std::mem::take(&mut self.known) {
            take_apart(expr, held, &mut plain, &mut open);
        }
        loop {
            let before = plain.len();
            for (expr, held) in std::mem::take(&mut open) {
                let known = |atom: &Expr| plain.iter().find(|(known, _)| known == atom).map(|(_, held)| *held);
                let simple = expr.assuming(&known);
                take_apart(simple, held, &mut plain, &mut open);
            }
            if plain.len() == before {
                break;
            }
        }
        plain.append(&mut open);
        plain.retain(|(expr, _)| {
            let mut about = BTreeSet::new();
            leaves(expr, &mut about);
            about.iter().any(|leaf| wanted.iter().any(|other| meet(leaf, other)))
        });
        self.known = plain;
    }

    fn key(&self) -> String {
        let mut names = Names::default();
        let mut key = String::new();
        // Writing into a text cannot fail.
        let _ = write!(
            key,
            "{} {} {} {} {} {}",
            self.pc.0, self.state.0, self.told, self.closing, self.entered, self.changed
        );
        for (slot, value) in &self.held {
            let _ = write!(key, " {}=", slot.0);
            names.put(value, &mut key);
        }
        match &self.leaving {
            None => {}
            Some(Leaving::Close) => key.push_str(" close"),
            Some(Leaving::Secure(state)) => drop(write!(key, " secure {}", state.0)),
            Some(Leaving::Goto(state, facts)) => {
                let _ = write!(key, " goto {}", state.0);
                for (slot, value) in facts {
                    let _ = write!(key, " {}=", slot.0);
                    names.put(value, &mut key);
                }
            }
        }
        let mut known: Vec<String> = Vec::with_capacity(self.known.len());
        for (expr, held) in &self.known {
            let mut one = String::new();
            names.put(expr, &mut one);
            one.push_str(if *held { "+" } else { "-" });
            known.push(one);
        }
        known.sort_unstable();
        known.iter().for_each(|one| key.push_str(one));
        for (name, outcome) in &self.asked {
            let _ = write!(key, " {name}/{outcome}");
        }
        key
    }
}

/// Conditions that hold, or do not, whatever else does, and those that hang on others.
fn take_apart(expr: Expr, held: bool, plain: &mut Vec<Known>, open: &mut Vec<Known>) {
    match (expr, held) {
        (Expr::Not(inner), _) => take_apart(*inner, !held, plain, open),
        (Expr::All(list), true) | (Expr::Any(list), false) => {
            list.into_iter().for_each(|part| take_apart(part, held, plain, open));
        }
        (expr @ (Expr::All(_) | Expr::Any(_)), _) => {
            if !open.contains(&(expr.clone(), held)) {
                open.push((expr, held));
            }
        }
        // What is constant was found possible, or this way would not be gone.
        (Expr::Constant(_), _) => {}
        (expr, _) => {
            if !plain.iter().any(|(known, was)| *was == held && *known == expr) {
                plain.push((expr, held));
            }
        }
    }
}

/// Unknown values by the order in which they are met: which number one has does not matter.
#[derive(Default)]
struct Names(Vec<u16>);

impl Names {
    fn put(&mut self, expr: &Expr, into: &mut String) {
        // Writing into a text cannot fail.
        let _ = match expr {
            Expr::Slot(Slot(slot)) if *slot > UNKNOWN => {
                let place = self.0.iter().position(|known| known == slot).unwrap_or_else(|| {
                    self.0.push(*slot);
                    self.0.len() - 1
                });
                write!(into, "?{place}")
            }
            Expr::Slot(slot) => write!(into, "s{}", slot.0),
            Expr::Capture(hole) => write!(into, "c{hole}"),
            Expr::Setting(setting) => write!(into, "t{}", setting.0),
            Expr::Known(known) => write!(into, "k{}", *known as u8),
            Expr::Constant(value) => write!(into, "{value:?}"),
            Expr::Field(whole, field) => {
                self.put(whole, into);
                write!(into, ".{field:?}")
            }
            Expr::Not(a) => self.list("!", [&**a], into),
            Expr::Present(a) => self.list("P", [&**a], into),
            Expr::Empty(a) => self.list("E", [&**a], into),
            Expr::All(list) => self.list("&", list, into),
            Expr::Any(list) => self.list("|", list, into),
            Expr::List(list) => self.list("L", list, into),
            Expr::Pure(function, list) => self.list(&format!("{function:?}"), list, into),
            Expr::Compare { left, comparison, right, fold } => {
                self.list(&format!("{comparison:?}{fold}"), [&**left, &**right], into)
            }
            Expr::In { element, list, fold } => self.list(&format!("in{fold}"), [&**element, &**list], into),
            Expr::Plus(a, b) => self.list("plus", [&**a, &**b], into),
            Expr::Minus(a, b) => self.list("minus", [&**a, &**b], into),
            Expr::When(a, b) => self.list("when", [&**a, &**b], into),
            Expr::Record(shape, fields) => {
                into.push_str(&shape.name);
                let nothing = Expr::Constant(program::Value::Absent);
                let fields: Vec<&Expr> = fields.iter().map(|field| field.as_ref().unwrap_or(&nothing)).collect();
                self.list(&format!("R{}", fields.len()), fields, into)
            }
            Expr::Text(pieces) => {
                for piece in pieces {
                    match piece {
                        Piece::Literal(text) => drop(write!(into, "{text:?}")),
                        Piece::Value(expr) => self.put(expr, into),
                        Piece::When(expr, text) => {
                            self.put(expr, into);
                            let _ = write!(into, "?{text:?}");
                        }
                    }
                }
                write!(into, "T{}", pieces.len())
            }
        };
    }

    fn list<'e>(
        &mut self,
        name: &str,
        list: impl IntoIterator<Item = &'e Expr>,
        into: &mut String,
    ) -> std::fmt::Result {
        into.push_str(name);
        into.push('(');
        for expr in list {
            self.put(expr, into);
            into.push(',');
        }
        into.push(')');
        Ok(())
    }
}
