//! A draft of a conversation along a way, and what could be otherwise in it.
//!
//! Never: plays.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use program::{Expr, Handler, HandlerId, Op, Pc, Program, Value};
use proof::{Choice, Step, Way};

use crate::{
    event::Event,
    fact,
    line::{self, Line},
    script::{Does, Script, Turn},
};

/// How often a step is done again where something is counted.
const REPEATS: [u32; 7] = [2, 3, 5, 10, 11, 20, 30];

/// What is drawn up and may be changed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Draft {
    /// By the number of the setting.
    settings: BTreeMap<usize, String>,
    /// By the question that each answers; what is answered without being asked has a question of its own.
    facts: BTreeMap<String, String>,
    /// By the step: which of its lines, and how often.
    lines: BTreeMap<usize, usize>,
    repeats: BTreeMap<usize, u32>,
    /// By the step and the number of the prompt in it.
    answers: BTreeMap<(usize, usize), usize>,
    /// By the step: which field stands at the head of its block of lines.
    bodies: BTreeMap<usize, usize>,
    /// How many things were changed.
    pub(crate) changes: usize,
}

/// One thing that could be otherwise.
pub(crate) type Change = Box<dyn FnOnce(&mut Draft)>;

/// The ground of all drafts: what can be said at each step.
pub(crate) struct Stuff<'p> {
    program: &'p Program,
    way: &'p Way,
    /// The lines of each step.
    lines: Vec<Vec<Line>>,
    /// Names that actions are asked with: fields of a message, perhaps.
    headers: Vec<String>,
}

impl<'p> Stuff<'p> {
    /// None where something would have to happen that no transcript can make happen.
    /// `last` is what is said at the end.
    pub(crate) fn new(program: &'p Program, way: &'p Way, last: Option<&str>) -> Option<Stuff<'p>> {
        let mut lines = way.steps.iter().map(|step| lines_of(program, step)).collect::<Option<Vec<_>>>()?;
        if let (Some(lines), Some(text)) = (lines.last_mut(), last) {
            *lines = vec![Line { text: text.to_owned(), holes: Vec::new() }];
        }
        let asked = program.code.iter().filter_map(Op::asks).flat_map(|ask| &ask.arguments);
        let named = asked.filter_map(|argument| match argument {
            Expr::Constant(Value::Text(text)) => Some(text.to_string()),
            _ => None,
        });
        let headers: BTreeSet<String> = named.collect();
        Some(Stuff { program, way, lines, headers: headers.into_iter().collect() })
    }

    /// The conversation up to a step.
    pub(crate) fn script(&self, draft: &Draft, upto: usize) -> Script {
        let mut given = Vec::new();
        if self.way.tls_first {
            given.push("tls".to_owned());
        }
        for (place, value) in &draft.settings {
            given.extend(self.program.settings.get(*place).map(|setting| format!("set {} = {value}", setting.name)));
        }
        given.extend(draft.facts.values().cloned());
        let abrupt =
            matches!(self.way.steps.first().map(|step| step.event), Some(proof::Event::Early | proof::Event::Full));
        let mut turns = Vec::new();
        for (place, step) in self.way.steps.iter().enumerate().take(upto + 1) {
            let of_step = self.turns(draft, place, step);
            let usual = if step.event == proof::Event::Over { self.session() / self.pace() + 1 } else { 1 };
            for _ in 0..draft.repeats.get(&place).copied().unwrap_or(usual) {
                turns.extend(of_step.iter().cloned());
            }
        }
        Script { protocol: self.program.name.to_string(), given, turns, abrupt, answers: Vec::new() }
    }

    fn turns(&self, draft: &Draft, place: usize, step: &Step) -> Vec<Turn> {
        let says = |text: &str| Does::Says(text.to_owned());
        let mark = |text: &str| vec![Does::Mark(text.to_owned())];
        let chosen = draft.lines.get(&place).copied().unwrap_or(0);
        let line = self.lines[place].get(chosen);
        let text = line.map_or("", |line| &line.text);
        let first = match step.event {
            proof::Event::Start => Vec::new(),
            proof::Event::Line(id) | proof::Event::TooBig(id) | proof::Event::NotKept(id) => {
                let mut does: Vec<Does> = text.split('\n').map(says).collect();
                does.extend(line.and_then(|line| payload(self.handler(id)?, line)));
                does
            }
            proof::Event::JumpedQueue(_) => vec![says(text), says("XYZZY")],
            proof::Event::TooLong => vec![self.long_line(step)],
            proof::Event::Idle => mark(&format!("wait {text}")),
            proof::Event::Shutdown => mark("shutdown"),
            proof::Event::Full => mark("full"),
            proof::Event::Broken => mark("broken"),
            proof::Event::Left => mark("eof"),
            _ => text.split('\n').map(says).collect(),
        };
        let mut turns = Vec::new();
        if !first.is_empty() {
            turns.push(Turn { step: place, does: first });
        }
        if step.event == proof::Event::Over {
            turns.push(Turn { step: place, does: mark(&format!("wait {} seconds", self.pace())) });
        }
        let mut prompt = 0;
        for choice in &step.choices {
            let does = match choice {
                Choice::Told(pc) => {
                    let wanted = draft.answers.get(&(place, prompt)).copied().unwrap_or(0);
                    prompt += 1;
                    self.told(*pc).into_iter().nth(wanted).map(|text| vec![Does::Says(text)])
                }
                Choice::Cancelled(_) => self.program.wire.cancel.as_deref().map(|cancel| vec![says(cancel)]),
                Choice::BadAnswer(_) => Some(vec![says("?!")]),
                Choice::Received(..) => {
                    let chosen = draft.bodies.get(&place).and_then(|body| self.headers.get(*body));
                    let head = chosen.map_or("Subject: hello".to_owned(), |name| format!("{name}: something"));
                    Some([&*head, "", "Hello.", "."].map(says).to_vec())
                }
                Choice::Secured(_) => Some(mark("tls")),
                Choice::Cut(_, proof::Event::TooLong) => Some(vec![self.long_line(step)]),
                Choice::Cut(_, proof::Event::Idle) => Some(mark(&format!("wait {} seconds", self.pace() + 2))),
                Choice::Cut(_, proof::Event::Broken) => Some(mark("broken")),
                Choice::Cut(_, proof::Event::Left) => Some(mark("eof")),
                _ => None,
            };
            turns.extend(does.map(|does| Turn { step: place, does }));
        }
        turns
    }

    fn long_line(&self, step: &Step) -> Does {
        let most = self.program.states[usize::from(step.state.0)].line_most;
        Does::Sends(format!("\"X\" * {} {}", most + 1, self.line_end()))
    }

    /// How long a peer may be silent, in seconds.
    fn pace(&self) -> u32 {
        seconds(&self.program.limits.idle.after).unwrap_or(60).saturating_sub(1).max(1)
    }

    /// How long a session may last, in seconds; a day at most.
    fn session(&self) -> u32 {
        seconds(&self.program.limits.session.after).unwrap_or(3600).min(86_400)
    }

    fn line_end(&self) -> &'static str {
        match self.program.wire.line_end.octets() {
            b"\n" => "\"\\n\"",
            _ => "\"\\r\\n\"",
        }
    }

    fn handler(&self, id: HandlerId) -> Option<&'p Handler> {
        self.program.handlers.get(id.0 as usize)
    }

    fn told(&self, pc: program::Pc) -> Vec<String> {
        let prompt = self.program.code.get(pc.0 as usize).and_then(Op::prompts);
        prompt.map(|prompt| line::answers(self.program, prompt.lexeme)).unwrap_or_default()
    }

    /// What could be otherwise, the likeliest first: something failed to happen in that step.
    pub(crate) fn changes(&self, draft: &Draft, step: usize, event: Event, unanswered: &[String]) -> Vec<Change> {
        let mut all: Vec<Change> = Vec::new();
        let open = unanswered.iter().find(|question| !draft.facts.contains_key(*question));
        for (question, fact) in open.iter().flat_map(|open| self.facts(open)) {
            all.push(Box::new(move |draft| draft.fact(question, fact)));
        }
        let mut named = BTreeSet::new();
        self.settings_near(step, event, &mut named);
        // A condition may hang on several at once, and on the line: first those of what failed, then all that are near.
        let mut failed = BTreeSet::new();
        self.settings_of(event, &mut failed);
        let none: Rc<[(usize, String)]> = Rc::from([]);
        let sets = [self.together(&failed, 0), self.together(&failed, 1), self.together(&named, 0)];
        for set in &sets {
            all.push(with(set));
        }
        for setting in &named {
            for value in self.program.settings.get(*setting).map(fact::settings).unwrap_or_default() {
                all.push(with(&Rc::from([(*setting, value)])));
            }
        }
        all.extend((0..self.lines[step].len()).map(|line| says(step, line, &none)));
        self.other_answers(step, &mut all);
        for set in sets.iter().filter(|set| !set.is_empty()) {
            all.extend((0..self.lines[step].len()).map(|line| says(step, line, set)));
        }
        if self.way.steps[step].choices.iter().any(|choice| matches!(choice, Choice::Received(..))) {
            for body in 0..self.headers.len() {
                all.push(Box::new(move |draft| draft.bodies.extend([(step, body)])));
            }
        }
        for (question, known) in &draft.facts {
            for (question, fact) in self.facts(question).into_iter().filter(|(_, fact)| fact != known) {
                all.push(Box::new(move |draft| draft.fact(question, fact)));
            }
        }
        for fact in fact::beside(self.program) {
            let question = fact.split_whitespace().take(3).collect::<Vec<&str>>().join(" ");
            all.push(Box::new(move |draft| draft.fact(question, fact)));
        }
        for times in REPEATS {
            all.push(Box::new(move |draft| draft.repeats.extend([(step, times)])));
        }
        for earlier in (0..step).rev() {
            let mut near = BTreeSet::new();
            self.settings_near(earlier, event, &mut near);
            for set in [none.clone(), self.together(&near, 0)] {
                all.extend((0..self.lines[earlier].len()).map(|line| says(earlier, line, &set)));
            }
            self.other_answers(earlier, &mut all);
        }
        all
    }

    fn facts(&self, question: &str) -> Vec<(String, String)> {
        fact::facts(self.program, question).into_iter().map(|fact| (question.to_owned(), fact)).collect()
    }

    /// Values for several settings at once.
    fn together(&self, settings: &BTreeSet<usize>, place: usize) -> Rc<[(usize, String)]> {
        let value = |setting: &usize| {
            let all = fact::settings(self.program.settings.get(*setting)?);
            Some((*setting, all.get(place).or(all.first())?.clone()))
        };
        settings.iter().filter_map(value).collect()
    }

    fn other_answers(&self, step: usize, into: &mut Vec<Change>) {
        let prompts = self.way.steps[step].choices.iter().filter_map(|choice| match choice {
            Choice::Told(pc) => Some(*pc),
            _ => None,
        });
        let told: Vec<usize> = prompts.map(|pc| self.told(pc).len()).collect();
        for (number, many) in told.iter().enumerate() {
            into.extend((0..*many).map(|answer| answers(step, &[(number, answer)], None)));
        }
        // A name and what proves it belong together: a line and an answer, or two answers.
        for answer in 0..told.first().copied().unwrap_or(0) {
            into.extend((0..self.lines[step].len()).map(|line| answers(step, &[(0, answer)], Some(line))));
        }
        for (number, many) in told.windows(2).enumerate() {
            for first in 0..many[0] {
                into.extend((0..many[1]).map(|second| answers(step, &[(number, first), (number + 1, second)], None)));
            }
        }
    }

    /// The settings of a condition that came out otherwise.
    fn settings_of(&self, event: Event, into: &mut BTreeSet<usize>) {
        if let Event::Side(pc, _) = event {
            self.condition(pc).into_iter().for_each(|condition| settings_in(condition, into));
        }
    }

    fn condition(&self, pc: Pc) -> Option<&Expr> {
        self.program.code.get(pc.0 as usize)?.condition()
    }

    /// The settings that what failed to happen may hang on, and those of the other conditions of the step.
    fn settings_near(&self, step: usize, event: Event, into: &mut BTreeSet<usize>) {
        let program = self.program;
        self.settings_of(event, into);
        let what = &self.way.steps[step];
        if let proof::Event::Line(id) | proof::Event::TooBig(id) | proof::Event::NotKept(id) = what.event
            && let Some(handler) = self.handler(id)
        {
            handler.guard.iter().for_each(|guard| settings_in(guard, into));
            handler.payload.iter().for_each(|payload| settings_in(&payload.most, into));
        }
        program.limits.early.iter().for_each(|early| settings_in(&early.after, into));
        // What it leads to may be a condition itself, and be looked at only where a part of it holds.
        if step + 1 == self.way.steps.len() {
            let condition = self.way.site.and_then(|pc| self.condition(pc));
            condition.into_iter().for_each(|condition| settings_in(condition, into));
        }
        for choice in &what.choices {
            match choice {
                Choice::Condition(_, condition, _) => settings_in(condition, into),
                Choice::Counted(counter) => settings_in(&program.counters[usize::from(counter.0)].most, into),
                // What bounds it, and what it holds.
                Choice::Received(pc, _) | Choice::Full(pc) => {
                    let op = program.code.get(pc.0 as usize);
                    op.into_iter().flat_map(Op::expressions).for_each(|expr| settings_in(expr, into));
                }
                _ => {}
            }
        }
    }
}

impl Draft {
    /// The draft with one thing otherwise.
    pub(crate) fn changed(&self, change: Change) -> Draft {
        let mut other = self.clone();
        change(&mut other);
        other.changes += 1;
        other
    }

    fn fact(&mut self, question: String, fact: String) {
        self.facts.insert(question, fact);
    }
}

/// Settings.
fn with(set: &Rc<[(usize, String)]>) -> Change {
    let set = set.clone();
    Box::new(move |draft| draft.settings.extend(set.iter().cloned()))
}

/// Another line at a step, and settings beside it.
fn says(step: usize, line: usize, set: &Rc<[(usize, String)]>) -> Change {
    let set = set.clone();
    Box::new(move |draft| {
        draft.settings.extend(set.iter().cloned());
        draft.lines.insert(step, line);
    })
}

/// Other answers to the prompts of a step, and another line before them.
fn answers(step: usize, told: &[(usize, usize)], line: Option<usize>) -> Change {
    let told: Vec<(usize, usize)> = told.to_vec();
    Box::new(move |draft| {
        draft.answers.extend(told.into_iter().map(|(number, answer)| ((step, number), answer)));
        draft.lines.extend(line.map(|line| (step, line)));
    })
}

/// What may be said at a step; none where no transcript can make it happen.
fn lines_of(program: &Program, step: &Step) -> Option<Vec<Line>> {
    let plain = |text: String| Line { text, holes: Vec::new() };
    let state = program.states.get(usize::from(step.state.0))?;
    let here = || state.handlers.iter().filter_map(|id| program.handlers.get(id.0 as usize));
    Some(match step.event {
        proof::Event::Line(id)
        | proof::Event::TooBig(id)
        | proof::Event::NotKept(id)
        | proof::Event::JumpedQueue(id) => line::lines(program, program.handlers.get(id.0 as usize)?),
        proof::Event::OutOfOrder => {
            let verbs: BTreeSet<u16> = here().map(|handler| handler.verb).collect();
            let others = program.handlers.iter().filter(|handler| !verbs.contains(&handler.verb));
            let mut found: Vec<Line> =
                others.filter_map(|handler| line::lines(program, handler).into_iter().next()).collect();
            found.sort();
            found.dedup();
            found
        }
        proof::Event::BadArguments => here().flat_map(|handler| line::misfits(program, handler)).map(plain).collect(),
        proof::Event::Foreign => {
            let verbs = program.unexpected.foreign.iter().flat_map(|foreign| foreign.verbs.iter());
            verbs.map(|verb| plain(format!("{verb} XYZZY"))).collect()
        }
        proof::Event::Idle => {
            let exact = seconds(&program.limits.idle.after).map(|seconds| format!("{} seconds", seconds + 1));
            let usual = ["1 minute", "5 minutes", "10 minutes", "30 minutes", "1 hour"].map(str::to_owned);
            exact.into_iter().chain(usual).map(plain).collect()
        }
        proof::Event::Over => here().filter_map(|handler| line::lines(program, handler).into_iter().next()).collect(),
        _ => vec![plain(format!("{}XYZZY", line::tag(program)))],
    })
}

/// The octets behind a line that announces them.
fn payload(handler: &Handler, line: &Line) -> Option<Does> {
    const MOST: i64 = 100_000;
    let payload = handler.payload.as_ref()?;
    let Some(count) = &payload.count else { return Some(Does::Sends("\"12345\\r\\n\"".to_owned())) };
    let count = number(count, line).filter(|count| (1..=MOST).contains(count))?;
    Some(Does::Sends(format!("\"x\" * {count}")))
}

fn seconds(expr: &Expr) -> Option<u32> {
    match expr {
        Expr::Constant(Value::Duration(time)) => u32::try_from(time.as_secs()).ok(),
        _ => None,
    }
}

fn number(expr: &Expr, line: &Line) -> Option<i64> {
    match expr {
        Expr::Constant(Value::Number(number)) => Some(*number),
        Expr::Capture(hole) => line.holes.get(usize::from(*hole))?.as_ref()?.parse().ok(),
        Expr::Plus(a, b) => number(a, line)?.checked_add(number(b, line)?),
        Expr::Minus(a, b) => number(a, line)?.checked_sub(number(b, line)?),
        _ => None,
    }
}

fn settings_in(expr: &Expr, into: &mut BTreeSet<usize>) {
    expr.each(&mut |part| into.extend(if let Expr::Setting(id) = part { Some(usize::from(id.0)) } else { None }));
}
