//! A wire of real sockets and real TLS on the loopback address: a listener of this program for each client, the world
//! made of facts, and a clock that is moved by hand.
//!
//! Never: lets real time decide. What a session waits for is known from watching it; only a session that does not come
//! to rest at all is given up after a while.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr, TcpStream},
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use actions::{
    Actions,
    world::{Ceiling, Facts},
};
use machine::{Reason, Service};
use tokio::{runtime::Runtime, sync::watch};
use transcript::{
    Client, Given, Transcript,
    play::{Aftermath, Heard, Line, Refusal, Wire},
};

use super::{
    caller::{Caller, Got},
    watched::Watched,
};
use crate::{
    admission::{Admission, Place},
    clock::{Clock, Names},
    endpoint::{Endpoint, ListeningSocket, LocalPeers},
    exit::{Exit, Fault},
    privileges,
    serving::{
        rehearsal::Rehearsal,
        server::Running,
        version::{ListenerSettings, Patience, Shared},
    },
    simulation::{
        answers::{aftermath, facts},
        clients::Pretended,
    },
    spool::{SpoolPlace, descriptors::Files},
    tls::{Pair, self_signed},
};

/// How long a session may take to come to rest, in real time.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long one look at a socket takes.
const GLANCE: Duration = Duration::from_millis(2);
/// The most octets of payloads that one session keeps in memory; more go into files, as they do in service.
const MEMORY: u64 = 64 << 10;
/// How many files one session's payloads may be in.
const FILES: usize = 100;
/// How often sessions may be woken within one wait.
const WAKES: usize = 10_000;

/// What all transcripts of one run share.
pub struct Stage {
    runtime: Runtime,
    pair: Pair,
    spool: PathBuf,
}

/// The connections of one transcript.
pub struct Loopback<'a> {
    stage: &'a Stage,
    service: Arc<Service>,
    given: Given,
    facts: Arc<Facts>,
    clients: Arc<Pretended>,
    actions: Arc<Actions>,
    hand: watch::Sender<Duration>,
    clock: Clock,
    calls: BTreeMap<Client, Connection>,
}

/// One client, the listener that is there for it, and its session.
struct Connection {
    caller: Caller,
    watched: Arc<Watched>,
    running: Option<Running>,
    /// How often the session must have come to rest before what it shows is up to date.
    rests: u64,
    half_closed: bool,
    /// The one place that there is, taken by somebody else.
    _taken: Option<Place>,
}

impl Stage {
    /// A runtime and a certificate.
    ///
    /// # Errors
    /// Either cannot be made.
    pub fn new() -> Result<Stage, Fault> {
        let unmade =
            |what: &str, why: String| Fault::new(Exit::Denied, format!("{what} cannot be made: {why}"), "try again");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.map_err(|error| unmade("a runtime", error.to_string()))?;
        let pair = self_signed("localhost")
            .and_then(|pems| Pair::from_pem(("cert".as_ref(), pems.0.as_bytes()), ("key".as_ref(), pems.1.as_bytes())));
        let pair = pair.map_err(|error| unmade("a certificate", error.to_string()))?;
        let spool = std::env::temp_dir().join(format!("saywhen-test-{}", std::process::id()));
        Ok(Stage { runtime, pair, spool })
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // Its files have no names, so it is empty; it may not have been made.
        let _ = std::fs::remove_dir(&self.spool);
    }
}

impl<'a> Loopback<'a> {
    /// No connection yet.
    pub fn new(stage: &'a Stage, service: Arc<Service>, transcript: &Transcript) -> Loopback<'a> {
        let facts = Arc::new(facts(&transcript.given, service.program()));
        let (hand, clock) = watch::channel(Duration::ZERO);
        Loopback {
            stage,
            service,
            given: transcript.given.clone(),
            actions: Arc::new(Actions::new(facts.clone())),
            clients: Arc::new(Pretended::new(&transcript.given.clients)),
            facts,
            hand,
            clock: Clock::ByHand(clock, transcript.given.now),
            calls: BTreeMap::new(),
        }
    }

    /// A listener for one client.
    fn listen(&self, client: Client, watched: &Arc<Watched>, full: bool) -> Result<(Running, Option<Place>), String> {
        let ceiling = Arc::new(Ceiling::none());
        let spool = SpoolPlace {
            directory: self.stage.spool.clone(),
            memory: MEMORY,
            ceiling,
            files: Arc::new(Files::new(FILES)),
        };
        let shared = Arc::new(Shared {
            actions: self.actions.clone(),
            caller: self.clients.clone(),
            spool: Arc::new(spool),
            patience: Patience::default(),
            admission: Arc::new(Admission::new(1, 1)),
            clock: self.clock.clone(),
            names: Arc::new(Names::new()),
            sessions: Arc::default(),
            counters: Arc::default(),
        });
        let taken = if full { shared.admission.enter_unknown().ok() } else { None };
        let rehearsal = Rehearsal {
            peer: self.given.peer(client),
            local: self.given.local,
            spool: self.given.spool.as_deref().map(Arc::from),
            watcher: watched.clone(),
        };
        let listener_settings = Arc::new(ListenerSettings {
            proxies: Vec::new(),
            local: LocalPeers::default(),
            service: self.service.clone(),
            pair: Some(self.stage.pair.clone()),
            tls_first: self.given.tls,
            most_read: u64::MAX,
            rehearsal: Some(rehearsal),
        });
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let socket = ListeningSocket::bind(address).map_err(|error| error.to_string())?;
        let _runtime = self.stage.runtime.enter();
        let rights = privileges::on_loopback([address]).map_err(|fault| fault.message)?;
        let running =
            Running::serve(shared, vec![(socket, listener_settings)], &rights).map_err(|error| error.to_string())?;
        Ok((running, taken))
    }

    fn connection(&mut self, client: Client) -> Result<&mut Connection, Refusal> {
        self.calls.get_mut(&client).ok_or_else(|| failed("the client has not connected"))
    }

    fn now(&self) -> Duration {
        *self.hand.borrow()
    }

    /// Waits until a session has done all that it can do at the present time.
    fn come_to_rest(&mut self, client: Client) -> Result<(), Refusal> {
        let now = self.now();
        let until = Instant::now() + PATIENCE;
        let connection = self.connection(client)?;
        while !connection.rests(now) {
            if Instant::now() > until {
                return Err(failed("the session does not come to rest"));
            }
            // Reading on meanwhile, as clients do: the server's end waits for ours.
            connection.caller.look(GLANCE);
        }
        Ok(())
    }

    /// Time passes up to that moment, and whoever wants to be woken is, in the order of their wishes.
    fn pass(&mut self, until: Duration) -> Result<(), Refusal> {
        let clients: Vec<Client> = self.calls.keys().copied().collect();
        for _ in 0..WAKES {
            for client in &clients {
                self.come_to_rest(*client)?;
            }
            let due = self.calls.values().filter_map(Connection::deadline).min().filter(|at| *at <= until);
            let at = due.unwrap_or(until).max(self.now());
            self.hand.send_replace(at);
            if due.is_none() {
                return Ok(());
            }
        }
        Err(failed("the session wakes again and again without sleeping"))
    }

    /// When time alone makes the session go on: when.
    fn waits_until(&mut self, client: Client) -> Result<Option<Duration>, Refusal> {
        self.come_to_rest(client)?;
        let seen = self.connection(client)?.watched.seen();
        let rest = seen.rest.as_ref().filter(|rest| !seen.ended && rest.waits_for_time);
        Ok(rest.and_then(|rest| rest.deadline))
    }
}

impl Connection {
    /// Whether the session has done all that it can do at that time, and all it said was read.
    fn rests(&mut self, now: Duration) -> bool {
        let seen = self.watched.seen();
        if seen.ended {
            return true;
        }
        let Some(rest) = &seen.rest else { return false };
        let heard_all = !rest.listens || (rest.received == self.caller.said() && rest.deaf == self.half_closed);
        heard_all && seen.rests >= self.rests && rest.deadline.is_none_or(|at| at > now)
    }

    fn deadline(&self) -> Option<Duration> {
        let seen = self.watched.seen();
        seen.rest.as_ref().filter(|_| !seen.ended).and_then(|rest| rest.deadline)
    }

    /// Whether everything that the session sent has come; only asked of one that rests.
    fn has_read_all(&self) -> bool {
        let seen = self.watched.seen();
        !seen.ended && seen.rest.as_ref().is_none_or(|rest| rest.sent == self.caller.heard())
    }

    fn line(&mut self, octets: Vec<u8>) -> Line {
        Line { octets, from: self.watched.seen().lines.pop_front() }
    }
}

impl Wire for Loopback<'_> {
    fn connect(&mut self, client: Client, full: bool) -> Result<(), Refusal> {
        let watched = Arc::new(Watched::new(self.service.program().wire.line_end));
        let (running, taken) = self.listen(client, &watched, full).map_err(Refusal::Failed)?;
        let listening = running.endpoints();
        let address = listening.iter().find_map(Endpoint::inet).ok_or_else(|| failed("nothing listens"))?;
        let line_end = self.service.program().wire.line_end;
        let caller = TcpStream::connect_timeout(&address, PATIENCE).and_then(|stream| Caller::new(stream, line_end));
        let mut caller = caller.map_err(|error| failed(error.to_string()))?;
        if self.given.tls {
            caller.secure("localhost", PATIENCE).map_err(Refusal::Failed)?;
        }
        let running = Some(running);
        let connection = Connection { caller, watched, running, rests: 0, half_closed: false, _taken: taken };
        self.calls.insert(client, connection);
        Ok(())
    }

    fn send(&mut self, client: Client, octets: &[u8]) -> Result<(), Refusal> {
        let said = self.connection(client)?.caller.say(octets, PATIENCE);
        said.map_err(|error| failed(format!("the octets cannot be sent: {error}")))
    }

    fn line(&mut self, client: Client) -> Heard {
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            let now = self.now();
            let Ok(connection) = self.connection(client) else { return Heard::End };
            let rested = connection.rests(now);
            let glance = if rested && connection.has_read_all() { Duration::ZERO } else { GLANCE };
            match connection.caller.line(glance) {
                Got::Line(octets) => return Heard::Line(connection.line(octets)),
                Got::End => return Heard::End,
                Got::Nothing if rested && connection.has_read_all() => match self.waits_until(client) {
                    Ok(Some(at)) => {
                        if self.pass(at).is_err() {
                            return Heard::Nothing;
                        }
                    }
                    _ => return Heard::Nothing,
                },
                Got::Nothing => {}
            }
        }
        Heard::Nothing
    }

    fn arrived(&mut self, client: Client) -> Option<Line> {
        self.come_to_rest(client).ok()?;
        let connection = self.connection(client).ok()?;
        // What a session that rests has sent is on its way within this machine.
        let until = Instant::now() + PATIENCE;
        loop {
            let read_all = connection.has_read_all();
            match connection.caller.line(if read_all { Duration::ZERO } else { GLANCE }) {
                Got::Line(octets) => return Some(connection.line(octets)),
                Got::Nothing if !read_all && Instant::now() < until => {}
                Got::Nothing | Got::End => return None,
            }
        }
    }

    fn tls(&mut self, client: Client) -> Result<(), Refusal> {
        self.come_to_rest(client)?;
        let connection = self.connection(client)?;
        connection.rests = connection.watched.seen().rests + 1;
        connection.caller.secure("localhost", PATIENCE).map_err(Refusal::Failed)
    }

    fn wait(&mut self, span: Duration) -> Result<(), Refusal> {
        let until = self.now().saturating_add(span);
        self.pass(until)
    }

    fn state(&mut self, client: Client) -> Result<String, Refusal> {
        while let Some(at) = self.waits_until(client)? {
            self.pass(at)?;
        }
        let seen = self.connection(client)?.watched.seen();
        seen.rest.as_ref().map(|rest| rest.state.clone()).ok_or(Refusal::NotApplicable)
    }

    fn half_close(&mut self, client: Client) -> Result<(), Refusal> {
        let connection = self.connection(client)?;
        connection.half_closed = true;
        connection.caller.half_close().map_err(|error| failed(error.to_string()))
    }

    fn reset(&mut self, client: Client) -> Result<(), Refusal> {
        let connection = self.connection(client)?;
        let before = connection.watched.seen().rests;
        connection.caller.reset().map_err(|error| failed(error.to_string()))?;
        let until = Instant::now() + PATIENCE;
        loop {
            let connection = self.connection(client)?;
            let seen = connection.watched.seen();
            if seen.ended {
                return Ok(());
            }
            // Its `leave` may wait for what never comes.
            let rest = seen.rest.as_ref().filter(|rest| seen.rests > before && rest.waits_for_time);
            let wakes = rest.and_then(|rest| rest.deadline);
            drop(seen);
            if Instant::now() > until {
                return Err(failed("the session goes on though its peer has broken off"));
            }
            match wakes {
                Some(at) => self.pass(at)?,
                None => connection.watched.wait(GLANCE),
            }
        }
    }

    fn end(&mut self, client: Client, reason: Reason) -> Result<(), Refusal> {
        if reason != Reason::Shutdown {
            return Err(Refusal::NotApplicable);
        }
        self.come_to_rest(client)?;
        let runtime = self.stage.runtime.handle().clone();
        let connection = self.connection(client)?;
        if let Some(running) = connection.running.take() {
            connection.rests = connection.watched.seen().rests + 1;
            runtime.spawn(running.end(PATIENCE));
        }
        Ok(())
    }

    fn sync(&mut self, client: Client) -> Result<(), Refusal> {
        self.state(client).map(drop)
    }

    fn aftermath(&mut self) -> Aftermath {
        let mut told = aftermath(&self.facts, &self.clients);
        let (mut log, mut conversation, mut called) = (Vec::new(), Vec::new(), Vec::new());
        for connection in std::mem::take(&mut self.calls).into_values() {
            let mut seen = connection.watched.seen();
            log.append(&mut seen.log);
            conversation.append(&mut seen.conversation);
            called.append(&mut seen.called);
            drop(seen);
            drop(connection.caller);
            if let Some(running) = connection.running {
                self.stage.runtime.block_on(running.end(Duration::ZERO));
            }
        }
        told.log = log;
        told.conversation = Some(conversation);
        told.called = Some(called);
        told
    }
}

fn failed(why: impl Into<String>) -> Refusal {
    Refusal::Failed(why.into())
}
