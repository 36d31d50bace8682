//! Every conversation of the repository, played to the machine and to the naive evaluator side by side: after each input
//! both must have done the same.
//!
//! Never: compares with what the transcript expects; `saywhen test` does that.

mod side;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use hunt::meaning::{self, Event, Protocol};
use machine::{Input, Now, Peer, Reason, Service};
use program::SessionId;
use server::{
    findings::Findings,
    simulation::{
        answers::{Recorded, facts},
        clients::Pretended,
    },
    transcripts::files,
};
use transcript::{
    Client, Given,
    play::{Aftermath, Answers, Heard, Line, Refusal, What, Wire, play},
};

use side::{Pair, agreed};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

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
        let settings = self.given.settings.iter().map(|fact| (fact.name.clone(), fact.value.clone())).collect();
        let peer = Peer { ip, port, local_ip, local_port, tls };
        let pair = Pair::new((&self.service, &self.protocol), peer, id, (&self.given.name, settings));
        let pair = pair.ok_or_else(|| Refusal::Failed("DISAGREE the settings do not fit".into()))?;
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
