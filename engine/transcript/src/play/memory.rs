//! A wire made of memory: machines on a virtual clock.
//!
//! Never: waits. A limit of five minutes passes in microseconds.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use machine::{Peer, Reason, Service};
use program::SessionId;

use crate::{
    play::{
        session::{Session, World, agreed},
        wire::{Aftermath, Answers, Heard, Line, Refusal, Wire},
    },
    script::{Client, Given},
};

/// How often sessions may be woken within one wait; who wakes more often never sleeps.
const WAKES: usize = 100_000;

/// Sessions in memory.
pub struct Memory<'a> {
    service: Arc<Service>,
    given: Given,
    world: World<'a>,
    sessions: BTreeMap<Client, Session>,
}

impl<'a> Memory<'a> {
    /// No session yet; calls will be answered by `answers`.
    pub fn new(service: Arc<Service>, given: &Given, answers: &'a mut dyn Answers) -> Memory<'a> {
        let world = World {
            answers,
            elapsed: Duration::ZERO,
            began: given.now,
            spool: given.spool.clone(),
            called: Vec::new(),
            log: Vec::new(),
            conversation: Vec::new(),
        };
        Memory { service, given: given.clone(), world, sessions: BTreeMap::new() }
    }

    fn with(&mut self, client: Client) -> Result<(&mut Session, &mut World<'a>), Refusal> {
        match self.sessions.get_mut(&client) {
            Some(session) => Ok((session, &mut self.world)),
            None => Err(Refusal::Failed("the client has not connected".into())),
        }
    }

    /// Time passes up to that moment, and whoever wants to be woken is, in the order of their wishes.
    fn pass(&mut self, until: Duration) -> Result<(), Refusal> {
        for _ in 0..WAKES {
            let due = self.sessions.iter().filter_map(|(client, session)| Some((session.deadline()?, *client))).min();
            match due {
                Some((at, client)) if at <= until => {
                    self.world.elapsed = self.world.elapsed.max(at);
                    let (session, world) = self.with(client)?;
                    session.wake(world);
                }
                _ => {
                    self.world.elapsed = self.world.elapsed.max(until);
                    return Ok(());
                }
            }
        }
        Err(Refusal::Failed("the session wakes again and again without sleeping".into()))
    }

    /// Lets time pass until the session goes on by itself no more.
    fn rest(&mut self, client: Client) -> Result<(), Refusal> {
        while let Some(at) =
            self.sessions.get(&client).filter(|session| session.waits_for_time()).and_then(Session::deadline)
        {
            self.pass(at)?;
        }
        Ok(())
    }

    /// Lets time pass until the session no longer waits for it, or has said something.
    fn settle(&mut self, client: Client) -> Option<Line> {
        loop {
            let session = self.sessions.get_mut(&client)?;
            if let Some(line) = session.line() {
                return Some(line);
            }
            let until = if session.waits_for_time() { session.deadline() } else { None };
            self.pass(until?).ok()?;
        }
    }
}

impl Wire for Memory<'_> {
    fn connect(&mut self, client: Client, full: bool) -> Result<(), Refusal> {
        let (ip, port) = self.given.peer(client);
        let (local_ip, local_port) = self.given.local;
        let tls = self.given.tls.then(agreed);
        let peer = Peer { ip, port, local_ip, local_port, tls };
        let id = SessionId(format!("client-{}", client.0).into());
        let session = Session::open(self.service.clone(), peer, id, full, &mut self.world);
        self.sessions.insert(client, session);
        Ok(())
    }

    fn send(&mut self, client: Client, octets: &[u8]) -> Result<(), Refusal> {
        let (session, world) = self.with(client)?;
        if session.over() {
            return Err(Refusal::Failed("the server has ended the connection".into()));
        }
        if session.securing() {
            let help = "the server waits for the TLS handshake; `--- tls` is missing in front of this line";
            return Err(Refusal::Failed(help.into()));
        }
        session.send(octets, world);
        Ok(())
    }

    fn line(&mut self, client: Client) -> Heard {
        match self.settle(client) {
            Some(line) => Heard::Line(line),
            None if self.sessions.get(&client).is_none_or(Session::over) => Heard::End,
            None => Heard::Nothing,
        }
    }

    fn arrived(&mut self, client: Client) -> Option<Line> {
        self.sessions.get_mut(&client)?.line()
    }

    fn tls(&mut self, client: Client) -> Result<(), Refusal> {
        let (session, world) = self.with(client)?;
        match session.secure(world) {
            true => Ok(()),
            false => Err(Refusal::Failed("the server does not wait for a TLS handshake".into())),
        }
    }

    fn wait(&mut self, span: Duration) -> Result<(), Refusal> {
        self.pass(self.world.elapsed.saturating_add(span))
    }

    fn state(&mut self, client: Client) -> Result<String, Refusal> {
        self.rest(client)?;
        match self.with(client)?.0 {
            session if session.over() => Err(Refusal::Failed("the session is over: it is in no state".into())),
            session => Ok(session.state()),
        }
    }

    fn half_close(&mut self, client: Client) -> Result<(), Refusal> {
        let (session, world) = self.with(client)?;
        session.half_close(world);
        Ok(())
    }

    fn reset(&mut self, client: Client) -> Result<(), Refusal> {
        let (session, world) = self.with(client)?;
        session.reset(world);
        Ok(())
    }

    fn end(&mut self, client: Client, reason: Reason) -> Result<(), Refusal> {
        let (session, world) = self.with(client)?;
        session.end(reason, world);
        Ok(())
    }

    fn sync(&mut self, client: Client) -> Result<(), Refusal> {
        self.rest(client)?;
        self.with(client).map(drop)
    }

    fn aftermath(&mut self) -> Aftermath {
        let mut executed = vec![0; self.service.program().code.len()];
        for session in self.sessions.values() {
            executed.iter_mut().zip(session.executed()).for_each(|(sum, count)| *sum += count);
        }
        let told = self.world.answers.aftermath();
        let promises = &self.service.program().promises;
        let broken: BTreeSet<usize> =
            self.sessions.values().flat_map(|session| session.broken_promises()).copied().collect();
        Aftermath {
            broken: broken.into_iter().filter_map(|place| Some(promises.get(place)?.text.to_string())).collect(),
            called: Some(self.world.called.clone()),
            log: self.world.log.clone(),
            conversation: Some(self.world.conversation.clone()),
            executed,
            ..told
        }
    }
}
