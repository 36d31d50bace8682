//! Every conversation of the repository, played to the machine and to the naive evaluator side by side: after each input
//! both must have done the same.
//!
//! Never: compares with what the transcript expects; `saywhen test` does that.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use hunt::meaning::{self, Event, Protocol, Seen, Start, Value};
use machine::{Body, Effect, Effects, Input, Machine, Now, Outgoing, Peer, Reason, Service, Tls};
use program::{Call, LineEnd, PayloadId, SessionId};
use server::{
    findings::Findings,
    transcripts::{
        answers::{Recorded, facts},
        clients::Pretended,
        files,
    },
};
use transcript::{
    Client, Given,
    play::{Aftermath, Answers, Heard, Line, Payloads, Refusal, What, Wire, play},
};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// What the machine does, in the words of the naive evaluator.
#[derive(Default)]
struct Desk {
    seen: Vec<Seen>,
    line_end: LineEnd,
    calls: VecDeque<Call>,
    ended: VecDeque<PayloadId>,
    payloads: Payloads,
    securing: bool,
}

impl Effects for Desk {
    fn effect(&mut self, effect: Effect<'_>) {
        match effect {
            Effect::Send { octets, .. } => self.seen.push(Seen::Sent(octets.to_vec())),
            Effect::Payload { id, form, .. } => {
                let mut octets = Vec::new();
                let mut outgoing = Outgoing::new(form, self.line_end);
                outgoing.push(&self.content(id), &mut octets);
                outgoing.finish(&mut octets);
                self.seen.push(Seen::Sent(octets));
            }
            Effect::Call(call) => {
                let arguments = call.arguments.iter();
                let content = |id| self.content(Some(id));
                let arguments = arguments.map(|value| Value::of(value, None, &content).plain()).collect();
                let using = call.using.as_ref().map(|statement| statement.name.to_string());
                let name = call.target.name().to_string();
                self.seen.push(Seen::Asked { name, arguments, using, within: call.within });
                self.calls.push_back(call);
            }
            Effect::Cancel(id) => {
                self.calls.retain(|call| call.id != id);
                self.seen.push(Seen::Cancelled);
            }
            Effect::Body(Body::Begin(id)) => drop(self.payloads.insert(id, Vec::new())),
            Effect::Body(Body::Chunk(id, octets)) => self.payloads.entry(id).or_default().extend_from_slice(octets),
            Effect::Body(Body::End(id)) => {
                self.ended.push_back(id);
                self.seen.push(Seen::Keep(self.content(Some(id))));
            }
            Effect::Body(Body::Join(first, second)) => {
                let more = self.payloads.remove(&second).unwrap_or_default();
                self.payloads.entry(first).or_default().extend(more);
            }
            Effect::Body(Body::Discard(id)) => drop(self.payloads.remove(&id)),
            Effect::Secure(drained) => {
                self.securing = true;
                self.seen.push(Seen::Secure(drained.dropped()));
            }
            Effect::Log(level, line) => self.seen.push(Seen::Logged(level, line.to_owned())),
            Effect::Deadline(_) | Effect::Heard(_) | Effect::Said(_) => {}
            Effect::Close => self.seen.push(Seen::Closed),
        }
    }
}

impl Desk {
    fn content(&self, id: Option<PayloadId>) -> Vec<u8> {
        id.and_then(|id| self.payloads.get(&id)).cloned().unwrap_or_default()
    }
}

/// One session, twice.
struct Pair {
    id: SessionId,
    machine: Machine,
    meaning: meaning::Session,
    desk: Desk,
    inbox: VecDeque<Option<Vec<u8>>>,
    unfinished: Vec<u8>,
    lines: VecDeque<Line>,
    gone: bool,
    faults: Vec<String>,
}

/// Both wires of one transcript.
struct Both<'a> {
    service: Arc<Service>,
    protocol: Arc<Protocol>,
    given: Given,
    answers: &'a mut dyn Answers,
    elapsed: Duration,
    pairs: BTreeMap<Client, Pair>,
    inputs: usize,
}

impl Pair {
    fn over(&self) -> bool {
        self.gone || self.machine.closed()
    }

    fn feed(&mut self, input: Input<'_>, event: Event, now: Now) {
        if self.over() || !self.faults.is_empty() {
            return;
        }
        let told = format!("{event:?}");
        self.machine.feed(now, input, &mut self.desk);
        let machine = joined(std::mem::take(&mut self.desk.seen));
        let meaning = joined(self.meaning.happen(now, event));
        for seen in &machine {
            if let Seen::Sent(octets) = seen {
                self.unfinished.extend(octets);
            }
        }
        if machine != meaning {
            self.faults.push(format!(
                "at {told}\n      machine {}\n      meaning {}",
                shown(&machine),
                shown(&meaning)
            ));
        } else if *self.machine.state().name != *self.meaning.state() && !self.machine.closed() {
            let (machine, meaning) = (&self.machine.state().name, self.meaning.state());
            self.faults.push(format!("at {told}: state {machine} and {meaning}"));
        } else if self.machine.deadline() != self.meaning.deadline() {
            let (machine, meaning) = (self.machine.deadline(), self.meaning.deadline());
            self.faults.push(format!("at {told}: deadline {machine:?} and {meaning:?}"));
        } else if self.machine.wants_input() != self.meaning.wants_octets() {
            self.faults.push(format!("at {told}: who listens"));
        }
        for violation in self.meaning.violations() {
            let violation = format!("violation: {violation:?}");
            if !self.faults.contains(&violation) {
                self.faults.push(violation);
            }
        }
        let end = self.desk.line_end.octets();
        while let Some(at) = self.unfinished.windows(end.len()).position(|window| window == end) {
            let line: Vec<u8> = self.unfinished.drain(..at + end.len()).collect();
            self.lines.push_back(Line { octets: line[..at].to_vec(), from: None });
        }
    }

    fn line(&mut self) -> Option<Line> {
        self.lines.pop_front().or_else(|| {
            let rest = self.over() && !self.gone && !self.unfinished.is_empty();
            rest.then(|| Line { octets: std::mem::take(&mut self.unfinished), from: None })
        })
    }
}

/// What is sent in one go, as one; and faults of ours alike, whatever their words.
fn joined(seen: Vec<Seen>) -> Vec<Seen> {
    let mut all: Vec<Seen> = Vec::new();
    for seen in seen {
        let seen = match seen {
            Seen::Asked { name, arguments, using, within } => {
                Seen::Asked { name, arguments: arguments.into_iter().map(Value::plain).collect(), using, within }
            }
            Seen::Logged(level, line) if line.starts_with("a fault of ours") => Seen::Logged(level, "a fault".into()),
            other => other,
        };
        match (all.last_mut(), seen) {
            (Some(Seen::Sent(before)), Seen::Sent(octets)) => before.extend(octets),
            (_, Seen::Sent(octets)) if octets.is_empty() => {}
            (_, seen) => all.push(seen),
        }
    }
    all
}

fn shown(seen: &[Seen]) -> String {
    let one = |seen: &Seen| match seen {
        Seen::Sent(octets) => format!("sent {:?}", String::from_utf8_lossy(octets)),
        Seen::Keep(octets) => format!("keep {:?}", String::from_utf8_lossy(octets)),
        other => format!("{other:?}"),
    };
    seen.iter().map(one).collect::<Vec<_>>().join("\n              ")
}

fn agreed() -> Tls {
    Tls { version: "TLSv1.3", cipher: "TLS13_AES_256_GCM_SHA384".into() }
}

impl Both<'_> {
    fn now(&self) -> Now {
        Now { elapsed: self.elapsed, unix: self.given.now + self.elapsed.as_secs() as i64 }
    }

    fn feed(&mut self, client: Client, input: Input<'_>, event: Event) -> Result<(), Refusal> {
        let now = self.now();
        let pair = self.pairs.get_mut(&client).ok_or_else(|| Refusal::Failed("not connected".into()))?;
        let before = pair.over();
        pair.feed(input, event, now);
        if pair.over() && !before {
            self.answers.ended(&pair.id);
        }
        self.pump(client)
    }

    /// Does what the machine wants until there is nothing left to do.
    fn pump(&mut self, client: Client) -> Result<(), Refusal> {
        loop {
            let now = self.now();
            let pair = self.pairs.get_mut(&client).ok_or_else(|| Refusal::Failed("not connected".into()))?;
            if let Some(fault) = pair.faults.first() {
                return Err(Refusal::Failed(format!("DISAGREE {fault}")));
            }
            if pair.over() {
                return Ok(());
            }
            let (over, id) = (pair.over(), pair.id.clone());
            if let Some(call) = pair.desk.calls.pop_front() {
                if let Some(outcome) = self.answers.answer(&call, &mut pair.desk.payloads) {
                    let content = |id| pair.desk.content(Some(id));
                    let event = meaning::answered(&call.target, &outcome, &content);
                    pair.feed(Input::Outcome(call.id, outcome), event, now);
                }
            } else if let Some(payload) = pair.desk.ended.pop_front() {
                match &self.given.spool {
                    Some(why) => pair.feed(Input::StoreFailed(payload, why), Event::NotKept(why.clone()), now),
                    None => pair.feed(Input::Stored(payload), Event::Kept, now),
                }
            } else if pair.desk.securing {
                pair.inbox.clear();
                return Ok(());
            } else if !pair.machine.wants_input() {
                return Ok(());
            } else {
                match pair.inbox.pop_front() {
                    Some(Some(octets)) => pair.feed(Input::Bytes(&octets), Event::Octets(octets.clone()), now),
                    Some(None) => pair.feed(Input::Eof, Event::Eof, now),
                    None => return Ok(()),
                }
            }
            if pair.over() && !over {
                self.answers.ended(&id);
            }
        }
    }

    fn pass(&mut self, until: Duration) -> Result<(), Refusal> {
        for _ in 0..100_000 {
            let wish = |(client, pair): (&Client, &Pair)| {
                (!pair.over()).then(|| pair.machine.deadline()).flatten().map(|at| (at, *client))
            };
            match self.pairs.iter().filter_map(wish).min() {
                Some((at, client)) if at <= until => {
                    self.elapsed = self.elapsed.max(at);
                    self.feed(client, Input::Timeout, Event::Time)?;
                }
                _ => {
                    self.elapsed = self.elapsed.max(until);
                    return Ok(());
                }
            }
        }
        Err(Refusal::Failed("never sleeps".into()))
    }

    fn waits(&self, client: Client) -> Option<Duration> {
        let pair = self.pairs.get(&client)?;
        (!pair.over() && pair.machine.waits_for_time()).then(|| pair.machine.deadline()).flatten()
    }
}

impl Wire for Both<'_> {
    fn connect(&mut self, client: Client, full: bool) -> Result<(), Refusal> {
        let (ip, port) = self.given.peer(client);
        let (local_ip, local_port) = self.given.local;
        let tls = self.given.tls.then(agreed);
        let id = SessionId(format!("client-{}", client.0).into());
        let start = Start {
            name: self.given.name.clone(),
            settings: self.given.settings.iter().map(|fact| (fact.name.clone(), fact.value.clone())).collect(),
            peer: (ip, port),
            local: (local_ip, local_port),
            tls: tls.clone(),
            id: id.to_string(),
            slowest: machine::Binding::default().slowest.0,
        };
        let meaning = meaning::Session::new(self.protocol.clone(), start)
            .ok_or_else(|| Refusal::Failed("DISAGREE the settings do not fit".into()))?;
        let mut machine = Machine::new(self.service.clone(), Peer { ip, port, local_ip, local_port, tls }, id.clone());
        machine.watch_promises();
        let desk = Desk { line_end: self.service.program().wire.line_end, ..Desk::default() };
        let pair = Pair {
            id,
            machine,
            meaning,
            desk,
            inbox: VecDeque::new(),
            unfinished: Vec::new(),
            lines: VecDeque::new(),
            gone: false,
            faults: Vec::new(),
        };
        self.pairs.insert(client, pair);
        match full {
            true => self.feed(client, Input::End(Reason::Full), Event::End(Reason::Full)),
            false => self.feed(client, Input::Open, Event::Open),
        }
    }

    fn send(&mut self, client: Client, octets: &[u8]) -> Result<(), Refusal> {
        self.inputs += 1;
        let pair = self.pairs.get_mut(&client).ok_or_else(|| Refusal::Failed("not connected".into()))?;
        if pair.over() || pair.desk.securing {
            return Err(Refusal::Failed("over".into()));
        }
        pair.inbox.push_back(Some(octets.to_vec()));
        self.pump(client)
    }

    fn line(&mut self, client: Client) -> Heard {
        loop {
            let Some(pair) = self.pairs.get_mut(&client) else { return Heard::End };
            if let Some(line) = pair.line() {
                return Heard::Line(line);
            }
            match self.waits(client) {
                Some(until) if self.pass(until).is_ok() => {}
                _ => {
                    let over = self.pairs.get(&client).is_none_or(Pair::over);
                    return if over { Heard::End } else { Heard::Nothing };
                }
            }
        }
    }

    fn arrived(&mut self, client: Client) -> Option<Line> {
        self.pairs.get_mut(&client)?.line()
    }

    fn tls(&mut self, client: Client) -> Result<(), Refusal> {
        if let Some(pair) = self.pairs.get_mut(&client) {
            pair.desk.securing = false;
        }
        self.feed(client, Input::Secured(agreed()), Event::Secured(agreed()))
    }

    fn wait(&mut self, span: Duration) -> Result<(), Refusal> {
        self.pass(self.elapsed.saturating_add(span))
    }

    fn state(&mut self, client: Client) -> Result<String, Refusal> {
        while let Some(at) = self.waits(client) {
            self.pass(at)?;
        }
        let pair = self.pairs.get(&client).ok_or_else(|| Refusal::Failed("not connected".into()))?;
        Ok(pair.machine.state().name.to_string())
    }

    fn half_close(&mut self, client: Client) -> Result<(), Refusal> {
        if let Some(pair) = self.pairs.get_mut(&client) {
            pair.inbox.push_back(None);
        }
        self.pump(client)
    }

    fn reset(&mut self, client: Client) -> Result<(), Refusal> {
        self.feed(client, Input::Gone, Event::Gone)?;
        if let Some(pair) = self.pairs.get_mut(&client) {
            self.answers.ended(&pair.id);
            pair.gone = true;
            pair.lines.clear();
        }
        Ok(())
    }

    fn end(&mut self, client: Client, reason: Reason) -> Result<(), Refusal> {
        self.feed(client, Input::End(reason), Event::End(reason))
    }

    fn sync(&mut self, client: Client) -> Result<(), Refusal> {
        self.state(client).map(drop)
    }

    fn aftermath(&mut self) -> Aftermath {
        self.answers.aftermath()
    }
}

struct Beside(PathBuf);

impl grammar::Folder for Beside {
    fn text(&self, name: &str) -> Result<Option<(String, String)>, String> {
        let path = self.0.join(name);
        Ok(std::fs::read_to_string(&path).ok().map(|text| (path.display().to_string(), text)))
    }

    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).into_iter().flatten().flatten();
        entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
    }
}

fn protocol(name: &str) -> Arc<Protocol> {
    let folder = Path::new(ROOT).join("protocols");
    let path = folder.join(format!("{name}.proto.dsl"));
    let text = std::fs::read_to_string(&path).expect("the protocol is there");
    let mut sources = diagnostic::Sources::default();
    let file = sources.add(path.display().to_string(), text);
    let (tree, findings) = grammar::gather(&mut sources, file, &Beside(folder));
    assert!(findings.is_empty(), "{name}: {} findings", findings.len());
    Arc::new(Protocol::new(tree, actions::signatures().to_vec()))
}

#[test]
fn the_meaning_agrees_with_the_machine_in_every_conversation() {
    let only = std::env::var("TALK").unwrap_or_default();
    let paths = files::below(&[Path::new(ROOT).join("tests/conversations")]).expect("the conversations are there");
    let paths: Vec<PathBuf> = paths.into_iter().filter(|path| path.display().to_string().contains(&only)).collect();
    let mut findings = Findings::default();
    let found = files::read(&paths, &Path::new(ROOT).join("protocols"), &mut findings).expect("all can be read");
    let mut protocols: BTreeMap<String, Arc<Protocol>> = BTreeMap::new();
    let (mut faults, mut inputs) = (BTreeSet::new(), 0);
    for playable in &found.playable {
        let transcript = &playable.transcript;
        let program = playable.service.program();
        let protocol = protocols.entry(transcript.protocol.clone()).or_insert_with_key(|name| protocol(name));
        let world = Arc::new(facts(&transcript.given, program));
        let mut answers = Recorded::new(world, Pretended::new(&transcript.given.clients));
        let mut both = Both {
            service: playable.service.clone(),
            protocol: protocol.clone(),
            given: transcript.given.clone(),
            answers: &mut answers,
            elapsed: Duration::ZERO,
            pairs: BTreeMap::new(),
            inputs: 0,
        };
        let played = play(transcript, program.wire.line_end, &mut both);
        inputs += both.inputs;
        if !playable.path.display().to_string().contains("fixme") {
            let whole = played.failures.iter().all(|failure| matches!(failure.what, What::Then { .. }));
            assert!(whole, "{}: {:?}", playable.path.display(), played.failures);
        }
        for pair in both.pairs.values() {
            let path = playable.path.strip_prefix(ROOT).unwrap_or(&playable.path);
            faults.extend(pair.faults.iter().map(|fault| format!("{}\n      {fault}", path.display())));
        }
    }
    println!("{} conversations, {inputs} inputs", found.playable.len());
    assert!(found.playable.len() > 300 || !only.is_empty(), "{} conversations", found.playable.len());
    assert!(faults.is_empty(), "{} disagree:\n{}", faults.len(), faults.into_iter().collect::<Vec<_>>().join("\n"));
}
