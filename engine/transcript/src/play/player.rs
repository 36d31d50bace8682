//! Plays the steps of a transcript over a wire, and compares.
//!
//! Never: goes on behind the first step that fails; what follows would only be its echo.

use std::collections::{BTreeMap, VecDeque};

use program::{LineEnd, Pc};

use crate::{
    pattern::{Bindings, Pattern},
    play::{
        claims,
        failure::{Failure, Spoken, What},
        played::{Answer, Played},
        wire::{Aftermath, Heard, Line, Refusal, Wire},
    },
    script::{Act, Client, Mark, Said, Step, Transcript},
};

/// Plays a transcript. `line_end` is the one that the protocol's wire declares.
pub fn play(transcript: &Transcript, line_end: LineEnd, wire: &mut dyn Wire) -> Played {
    let mut player = Player {
        steps: &transcript.steps,
        line_end,
        wire,
        bindings: Bindings::new(),
        talks: BTreeMap::new(),
        played: Played::default(),
        stopped: false,
    };
    let failed = player.run().err();
    if let Some((index, failure)) = failed.map(|stop| *stop) {
        player.record_answer(index);
        player.played.failures.push(failure);
    }
    let Player { bindings, mut played, wire, .. } = player;
    let mut aftermath = wire.aftermath();
    played.executed = std::mem::take(&mut aftermath.executed);
    // A failed conversation leaves anything behind; only what no fact answers may be its cause.
    unanswered(transcript, &aftermath, &mut played);
    for promise in &aftermath.broken {
        let what = What::Promise(promise.clone());
        played.failures.push(Failure { span: transcript.protocol_span, what, state: None, from: None });
    }
    if played.failures.is_empty() {
        claims::check(transcript, &aftermath, &bindings, &mut played);
    }
    played
}

fn unanswered(transcript: &Transcript, aftermath: &Aftermath, played: &mut Played) {
    let span = transcript.protocol_span;
    for question in &aftermath.unanswered {
        let what = What::Unanswered(question.clone());
        played.failures.push(Failure { span, what, state: None, from: None });
    }
}

/// How far the talk with one client is.
#[derive(Default)]
pub(super) struct Talk {
    /// Lines that came and were not expected yet.
    pub(super) pending: VecDeque<Line>,
    /// Lines of the present answer that were expected.
    heard: Vec<Line>,
    /// What must not come in the present answer, and the step that says so.
    never: Vec<(usize, Pattern)>,
    /// The first step of the present answer.
    first: Option<usize>,
    /// What was bound before it.
    bindings: Bindings,
    /// Something was expected since the client last spoke.
    listened: bool,
    /// The client broke off.
    pub(super) reset: bool,
}

impl Talk {
    /// What comes from now on is another answer.
    pub(super) fn begin_answer(&mut self) {
        (self.first, self.heard, self.never) = (None, Vec::new(), Vec::new());
    }
}

/// The step that failed, and how.
pub(super) type Stop = Box<(usize, Failure)>;

/// A transcript as far as it was played.
pub(super) struct Player<'a> {
    steps: &'a [Step],
    line_end: LineEnd,
    pub(super) wire: &'a mut dyn Wire,
    bindings: Bindings,
    pub(super) talks: BTreeMap<Client, Talk>,
    pub(super) played: Played,
    /// A step that the others depend on had no meaning on this wire.
    stopped: bool,
}

impl Player<'_> {
    fn run(&mut self) -> Result<(), Stop> {
        let mut index = 0;
        while let Some(step) = self.steps.get(index) {
            self.connect(index, step)?;
            if self.stopped {
                self.played.not_applicable += self.steps.len() - index;
                return Ok(());
            }
            match &step.act {
                Act::Line(_) => index = self.say_lines(index, step.client)?,
                Act::Octets(octets) => {
                    self.before_speaking(index, step.client)?;
                    self.send(index, step.client, octets)?;
                    index += 1;
                }
                act => {
                    self.listen(index, step.client, act)?;
                    index += 1;
                }
            }
        }
        let last = self.steps.len().saturating_sub(1);
        let clients: Vec<Client> = self.talks.keys().copied().collect();
        for client in clients {
            self.drain(client);
            self.no_surplus(last, client)?;
        }
        Ok(())
    }

    fn listen(&mut self, index: usize, client: Client, act: &Act) -> Result<(), Stop> {
        if matches!(act, Act::Expect(_) | Act::Rest | Act::Never(_)) {
            let bindings = self.bindings.clone();
            let talk = self.talk(client);
            talk.listened = true;
            if talk.first.is_none() {
                talk.first = Some(index);
                talk.bindings = bindings;
            }
        }
        match act {
            Act::Expect(pattern) => self.expect(index, client, pattern),
            Act::Rest => self.rest(index, client),
            Act::Never(pattern) => self.never(index, client, pattern),
            Act::Mark(mark) => self.mark(index, client, mark),
            Act::Heading(text) => {
                self.played.conversation.push(Spoken::Mark(format!("# {text}")));
                Ok(())
            }
            Act::Line(_) | Act::Octets(_) => Ok(()),
        }
    }

    pub(super) fn talk(&mut self, client: Client) -> &mut Talk {
        self.talks.entry(client).or_default()
    }

    fn connect(&mut self, index: usize, step: &Step) -> Result<(), Stop> {
        let no_client = matches!(step.act, Act::Heading(_) | Act::Mark(Mark::Wait(_)));
        if no_client || self.talks.contains_key(&step.client) {
            return Ok(());
        }
        self.talk(step.client);
        let full = step.act_is(&Mark::Full);
        let connected = self.wire.connect(step.client, full);
        self.done_or_stop(index, step.client, connected)
    }

    /// Consecutive lines of one client leave in one segment; gives the step behind them.
    fn say_lines(&mut self, index: usize, client: Client) -> Result<usize, Stop> {
        self.before_speaking(index, client)?;
        let mut octets = Vec::new();
        let mut next = index;
        while let Some(Step { act: Act::Line(parts), .. }) = self.steps.get(next).filter(|step| step.client == client) {
            for part in parts {
                match part {
                    Said::Octets(said) => octets.extend_from_slice(said),
                    Said::Bound(name) => octets.extend(self.bindings.get(name).into_iter().flatten()),
                }
            }
            octets.extend_from_slice(self.line_end.octets());
            next += 1;
        }
        self.send(index, client, &octets)?;
        Ok(next)
    }

    /// The answer before is over: nothing of it may be left.
    pub(super) fn before_speaking(&mut self, index: usize, client: Client) -> Result<(), Stop> {
        if self.talk(client).listened {
            self.no_surplus(index.saturating_sub(1), client)?;
        }
        let talk = self.talk(client);
        talk.listened = false;
        talk.begin_answer();
        Ok(())
    }

    fn send(&mut self, index: usize, client: Client, octets: &[u8]) -> Result<(), Stop> {
        self.played.conversation.push(Spoken::Client(client, octets.to_vec()));
        let sent = self.wire.send(client, octets);
        self.done(index, client, sent).map(drop)
    }

    fn expect(&mut self, index: usize, client: Client, pattern: &Pattern) -> Result<(), Stop> {
        let line = match self.next_line(client) {
            Heard::Line(line) => line,
            other => {
                let ended = other == Heard::End;
                return Err(self.fail(index, client, None, What::Silence { expected: pattern.clone(), ended }));
            }
        };
        match pattern.matches(&line.octets, &self.bindings) {
            Some(bound) => {
                self.bindings.extend(bound);
                self.hear(client, line)
            }
            None => {
                let from = line.from;
                let what = self.differs(pattern, &line.octets, 1);
                self.talk(client).pending.push_front(line);
                Err(self.fail(index, client, from, what))
            }
        }
    }

    /// Any further lines: up to the one that is expected next, or all.
    fn rest(&mut self, index: usize, client: Client) -> Result<(), Stop> {
        let next = self.steps[index + 1..].iter().enumerate().find_map(|(far, step)| match &step.act {
            Act::Never(_) | Act::Rest | Act::Heading(_) if step.client == client => None,
            Act::Expect(pattern) if step.client == client => Some(Some((index + 1 + far, pattern.clone()))),
            _ => Some(None),
        });
        let Some((target, pattern)) = next.flatten() else {
            // The first line of an answer is waited for; whether another follows shows soon.
            if self.talk(client).heard.is_empty()
                && let Heard::Line(line) = self.next_line(client)
            {
                self.hear(client, line)?;
            }
            while let Heard::Line(line) = self.further_line(client) {
                self.hear(client, line)?;
            }
            return Ok(());
        };
        let mut skipped: Vec<Line> = Vec::new();
        loop {
            match self.next_line(client) {
                Heard::Line(line) if pattern.matches(&line.octets, &self.bindings).is_some() => {
                    self.talk(client).pending.push_front(line);
                    break;
                }
                Heard::Line(line) => skipped.push(line),
                other => {
                    let what = match skipped.last() {
                        Some(last) => self.differs(&pattern, &last.octets, skipped.len()),
                        None => What::Silence { expected: pattern, ended: other == Heard::End },
                    };
                    let from = skipped.last().and_then(|line| line.from);
                    skipped.drain(..).rev().for_each(|line| self.talk(client).pending.push_front(line));
                    return Err(self.fail(target, client, from, what));
                }
            }
        }
        skipped.into_iter().try_for_each(|line| self.hear(client, line))
    }

    fn differs(&self, pattern: &Pattern, received: &[u8], lines: usize) -> What {
        let difference = pattern.difference(received, &self.bindings);
        What::Differs { expected: pattern.clone(), received: received.to_vec(), difference, lines }
    }

    /// A line is accounted for, unless it must not come.
    fn hear(&mut self, client: Client, line: Line) -> Result<(), Stop> {
        self.played.conversation.push(Spoken::Server(client, line.octets.clone()));
        let talk = self.talk(client);
        let never = talk.never.clone();
        talk.heard.push(line.clone());
        match never.into_iter().find(|(_, pattern)| pattern.matches(&line.octets, &self.bindings).is_some()) {
            Some((index, pattern)) => {
                let what = What::Forbidden { pattern, received: line.octets };
                Err(self.fail(index, client, line.from, what))
            }
            None => Ok(()),
        }
    }

    fn never(&mut self, index: usize, client: Client, pattern: &Pattern) -> Result<(), Stop> {
        self.take_arrived(client);
        let bindings = self.bindings.clone();
        let talk = self.talk(client);
        talk.never.push((index, pattern.clone()));
        let lines = talk.heard.iter().chain(&talk.pending);
        let hit = lines.into_iter().find(|line| pattern.matches(&line.octets, &bindings).is_some()).cloned();
        match hit {
            Some(line) => {
                let what = What::Forbidden { pattern: pattern.clone(), received: line.octets };
                Err(self.fail(index, client, line.from, what))
            }
            None => Ok(()),
        }
    }

    /// What was done, or nothing where it has no meaning.
    pub(super) fn done<T>(
        &mut self,
        index: usize,
        client: Client,
        done: Result<T, Refusal>,
    ) -> Result<Option<T>, Stop> {
        match done {
            Ok(done) => Ok(Some(done)),
            Err(Refusal::NotApplicable) => {
                self.played.not_applicable += 1;
                Ok(None)
            }
            Err(Refusal::Failed(why)) => Err(self.fail(index, client, None, What::Step(why))),
        }
    }

    /// Without this step those behind it have no meaning either.
    pub(super) fn done_or_stop(&mut self, index: usize, client: Client, done: Result<(), Refusal>) -> Result<(), Stop> {
        self.stopped = self.done(index, client, done)?.is_none();
        Ok(())
    }

    pub(super) fn next_line(&mut self, client: Client) -> Heard {
        match self.talk(client).pending.pop_front() {
            Some(line) => Heard::Line(line),
            None => self.wire.line(client),
        }
    }

    fn further_line(&mut self, client: Client) -> Heard {
        match self.talk(client).pending.pop_front() {
            Some(line) => Heard::Line(line),
            None => self.wire.further(client),
        }
    }

    fn take_arrived(&mut self, client: Client) {
        while let Some(line) = self.wire.arrived(client) {
            self.talk(client).pending.push_back(line);
        }
    }

    /// Takes all that comes, and lets a session come to rest that waits for time.
    fn drain(&mut self, client: Client) {
        if self.talk(client).reset {
            return;
        }
        while let Heard::Line(line) = self.wire.further(client) {
            self.talk(client).pending.push_back(line);
        }
    }

    pub(super) fn no_surplus(&mut self, index: usize, client: Client) -> Result<(), Stop> {
        self.take_arrived(client);
        match self.talk(client).pending.front().cloned() {
            Some(line) => {
                let own = self.steps[..=index].iter().rposition(|step| step.client == client).unwrap_or(index);
                Err(self.fail(own, client, line.from, What::Surplus { received: line.octets }))
            }
            None => Ok(()),
        }
    }

    pub(super) fn fail(&mut self, index: usize, client: Client, from: Option<Pc>, what: What) -> Stop {
        let state = self.wire.state(client).ok();
        Box::new((index, Failure { span: self.steps[index].span, what, state, from }))
    }

    /// Keeps all lines of the answer in which a step failed.
    fn record_answer(&mut self, index: usize) {
        let client = self.steps[index].client;
        self.drain(client);
        let talk = self.talk(client);
        let Some(first) = talk.first else { return };
        let listens = |step: &Step| matches!(step.act, Act::Expect(_) | Act::Rest | Act::Never(_) | Act::Heading(_));
        let lines = talk.heard.iter().chain(&talk.pending).map(|line| line.octets.clone()).collect();
        let bindings = talk.bindings.clone();
        let behind = self.steps[first..].iter().position(|step| step.client != client || !listens(step));
        let steps = (first, behind.map_or(self.steps.len(), |far| first + far));
        self.played.answer = Some(Answer { steps, client, lines, bindings });
    }
}

impl Step {
    fn act_is(&self, wanted: &Mark) -> bool {
        matches!(&self.act, Act::Mark(mark) if mark == wanted)
    }
}
