//! What transcripts reached of a protocol, and what none of them did.
//!
//! A place of the source that stands in several states counts once, and is reached when it was reached in any. What a
//! protocol takes over is counted where it stands: by the transcripts of the protocol that it is taken from.
//!
//! Never: guesses; it counts instructions that machines executed.

use std::{collections::BTreeMap, sync::Arc};

use program::{Origin, Pc, Program, StateId, To, Why};

/// What was executed of one protocol.
#[derive(Debug, Clone)]
pub struct Coverage {
    program: Arc<Program>,
    executed: Vec<u64>,
}

/// Something that can be reached.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// What it is.
    pub kind: Kind,
    /// The protocol file.
    pub file: Arc<str>,
    /// Its line, from 1; 0 where it has none.
    pub line: u32,
    /// What it is in words: `outcome failed of dig`.
    pub what: String,
    /// How often it was reached.
    pub times: u64,
    /// Where it is in the program: reaching one of these reaches it.
    pub spots: Vec<Spot>,
}

/// A spot of a program that coverage looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spot {
    /// This state is entered.
    In(StateId),
    /// This instruction is executed.
    Ran(Pc),
    /// This call, or reading a payload, has its outcome of that number.
    Outcome(Pc, usize),
    /// This condition holds, or does not.
    Side(Pc, bool),
}

/// A kind of place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A state.
    State,
    /// A handler of a command.
    Handler,
    /// An outcome of a look-up or of reading a payload.
    Outcome,
    /// One side of a condition.
    Branch,
    /// An answer of `unexpected`, of `limits`, of a counter or of a refused payload.
    Answer,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 5] = [Kind::State, Kind::Handler, Kind::Outcome, Kind::Branch, Kind::Answer];

    /// Its name in the plural.
    pub fn plural(self) -> &'static str {
        match self {
            Kind::State => "states",
            Kind::Handler => "handlers",
            Kind::Outcome => "outcomes",
            Kind::Branch => "branches",
            Kind::Answer => "answers",
        }
    }
}

impl Coverage {
    /// Nothing was executed yet.
    pub fn new(program: Arc<Program>) -> Coverage {
        let executed = vec![0; program.code.len()];
        Coverage { program, executed }
    }

    /// Adds what one transcript executed.
    pub fn add(&mut self, executed: &[u64]) {
        self.executed.iter_mut().zip(executed).for_each(|(sum, count)| *sum += count);
    }

    /// The protocol.
    pub fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// The protocol's name.
    pub fn protocol(&self) -> &str {
        &self.program.name
    }

    /// How many places of a kind were reached, and how many there are.
    pub fn count(&self, kind: Kind) -> (usize, usize) {
        let places = self.places();
        let of_kind = places.iter().filter(|place| place.kind == kind);
        of_kind.fold((0, 0), |(reached, all), place| (reached + usize::from(place.times > 0), all + 1))
    }

    /// All places, by kind and line.
    pub fn places(&self) -> Vec<Place> {
        let mut found = Found { coverage: self, places: BTreeMap::new() };
        self.states(&mut found);
        self.handlers(&mut found);
        self.code(&mut found);
        self.answers(&mut found);
        let place = |((kind, line, what), (file, times, spots))| Place { kind, file, line, what, times, spots };
        let mut places: Vec<Place> = found.places.into_iter().map(place).collect();
        places.sort();
        places
    }

    /// For people: the counts, then what was not reached.
    pub fn text(&self) -> String {
        let places = self.places();
        let counts = Kind::ALL.map(|kind| {
            let (reached, all) = self.count(kind);
            format!("{reached} of {all} {}", kind.plural())
        });
        let mut text = format!("coverage of {}: {}\n", self.program.name, counts.join(", "));
        for place in places.iter().filter(|place| place.times == 0) {
            text.push_str(&format!("  {}:{}: {} not reached\n", place.file, place.line, place.what));
        }
        text
    }

    /// How often an instruction was executed.
    pub fn executed(&self, pc: Pc) -> u64 {
        self.times(pc)
    }

    fn times(&self, pc: Pc) -> u64 {
        self.executed.get(pc.0 as usize).copied().unwrap_or(0)
    }

    fn origin(&self, pc: Pc) -> Option<Origin> {
        self.program.origins.get(pc.0 as usize).copied()
    }

    fn states(&self, found: &mut Found<'_>) {
        let mut entered = vec![0_u64; self.program.states.len()];
        for (at, op) in self.program.code.iter().enumerate() {
            for state in op.exits(Pc(at as u32)).iter().filter_map(|exit| exit.to.state()) {
                entered[usize::from(state.0)] += self.executed[at];
            }
        }
        if self.executed.iter().any(|times| *times > 0) {
            entered[usize::from(self.program.start.0)] += 1;
        }
        for (place, (state, times)) in self.program.states.iter().zip(entered).enumerate() {
            let declared = self.declared("state", &state.name);
            found.at(Kind::State, declared, format!("state {}", state.name), (times, Spot::In(StateId(place as u16))));
        }
    }

    /// Where something is declared: the line that has the keyword and the name behind it.
    fn declared(&self, keyword: &str, name: &str) -> Option<Origin> {
        self.program.sources.iter().enumerate().find_map(|(file, source)| {
            let is_head = |line: &str| {
                let words: Vec<&str> = line.split_whitespace().take(3).collect();
                words.windows(2).any(|pair| pair == [keyword, name])
            };
            let line = source.text.lines().position(is_head)?;
            Some(Origin { file: file as u16, line: line as u32 + 1, column: 1 })
        })
    }

    fn handlers(&self, found: &mut Found<'_>) {
        for handler in &self.program.handlers {
            let mut times = self.times(handler.entry);
            if let Some(payload) = &handler.payload {
                found.pc(Kind::Answer, payload.too_big, format!("the payload of {} is too big", handler.usage));
                found.pc(Kind::Answer, payload.failed, format!("the payload of {} is not kept", handler.usage));
                times += self.times(payload.too_big) + self.times(payload.failed);
            }
            found.at(
                Kind::Handler,
                self.origin(handler.entry),
                format!("handler {}", handler.usage),
                (times, Spot::Ran(handler.entry)),
            );
        }
    }

    fn code(&self, found: &mut Found<'_>) {
        for (at, op) in self.program.code.iter().enumerate() {
            let pc = Pc(at as u32);
            let of = op.asks().map_or("receive", |ask| ask.target.name());
            let outcomes = op.outcomes();
            for exit in op.exits(pc) {
                match (exit.why, exit.to) {
                    (Why::Outcome(place), To::Here(target)) => {
                        let what = format!("outcome {} of {of}", outcomes[place]);
                        let spot = (self.times(target), Spot::Outcome(pc, place));
                        found.at(Kind::Outcome, self.origin(pc), what, spot);
                    }
                    (Why::Condition(false), To::Here(target)) if target.0 as usize != at + 1 => self.branch(pc, found),
                    _ => {}
                }
            }
        }
    }

    /// Only this instruction leads to the one behind it, so the difference went the other way.
    fn branch(&self, pc: Pc, found: &mut Found<'_>) {
        let onward = self.times(Pc(pc.0 + 1));
        let away = self.times(pc).saturating_sub(onward);
        let origin = self.origin(pc);
        // `require` goes on where its condition does not hold.
        let (onward, away) = ((onward, Spot::Side(pc, true)), (away, Spot::Side(pc, false)));
        let (held, failed) = if self.is_required(origin) { (away, onward) } else { (onward, away) };
        found.at(Kind::Branch, origin, format!("the condition{} holds:", self.column(origin)), held);
        found.at(Kind::Branch, origin, format!("the condition{} does not hold:", self.column(origin)), failed);
    }

    fn is_required(&self, origin: Option<Origin>) -> bool {
        self.before(origin).is_some_and(|text| text.trim_end().ends_with("require"))
    }

    /// The text of the line in front of a place.
    fn before(&self, origin: Option<Origin>) -> Option<String> {
        let origin = origin?;
        let source = self.program.sources.get(usize::from(origin.file))?;
        let line = source.text.lines().nth(origin.line as usize - 1)?;
        Some(line.chars().take(origin.column as usize - 1).collect())
    }

    /// Tells two conditions of one line apart.
    fn column(&self, origin: Option<Origin>) -> String {
        origin.map(|origin| format!(" at column {}", origin.column)).unwrap_or_default()
    }

    fn answers(&self, found: &mut Found<'_>) {
        for (entry, pc) in self.program.outside() {
            found.pc(Kind::Answer, pc, self.program.words(entry));
        }
    }
}

/// The file of a place, how often it was reached, and its spots.
type Seen = (Arc<str>, u64, Vec<Spot>);

/// Places that were found, those of one source place put together.
struct Found<'a> {
    coverage: &'a Coverage,
    places: BTreeMap<(Kind, u32, String), Seen>,
}

impl Found<'_> {
    fn pc(&mut self, kind: Kind, pc: Pc, what: String) {
        self.at(kind, self.coverage.origin(pc), what, (self.coverage.times(pc), Spot::Ran(pc)));
    }

    fn at(&mut self, kind: Kind, origin: Option<Origin>, what: String, (times, spot): (u64, Spot)) {
        let file = origin.and_then(|origin| self.coverage.program.sources.get(usize::from(origin.file)));
        if file.is_some_and(|source| source.taken) {
            return;
        }
        let file = file.map_or_else(|| self.coverage.program.name.clone(), |source| source.name.clone());
        let line = origin.map_or(0, |origin| origin.line);
        let place = self.places.entry((kind, line, what)).or_insert((file, 0, Vec::new()));
        place.1 += times;
        place.2.push(spot);
    }
}
