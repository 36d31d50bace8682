//! One run of a client: its machine's effects carried out, in their order.
//!
//! Never: looks inside a line.

use std::{collections::VecDeque, pin::Pin, sync::Arc, time::Duration};

use actions::{Payload, Payloads};
use machine::{
    Now,
    client::{Client, Dots, Effect, Effects, Input},
};
use program::{Level, LineEnd, Octets, Outcome, Target, Words};
use tokio::sync::mpsc;

use super::{
    call::{Caller, Errand, Side, Witness},
    dial::Dialer,
    link::Link,
};
use crate::clock::{Alarm, Clock};

/// Octets per read.
const READ: usize = 4096;
/// Pieces of a payload that wait for the connection.
const AHEAD: usize = 4;

/// One run.
struct Talk {
    dialer: Arc<Dialer>,
    payloads: Arc<dyn Payloads>,
    client: Client,
    clock: Clock,
    alarm: Alarm,
    desk: Desk,
    link: Option<Link>,
}

/// What the machine wants done.
#[derive(Default)]
struct Desk {
    unsent: Vec<u8>,
    wishes: VecDeque<Wish>,
    deadline: Option<Option<Duration>>,
    given: Option<Outcome>,
    witness: Option<Arc<dyn Witness>>,
}

/// What takes time.
enum Wish {
    Connect(String, u16),
    Lines(Vec<Words>, Octets),
    Secure(String, bool),
}

/// What came of waiting.
enum Event {
    Late,
    Octets(usize),
    Broke(String),
}

impl Caller for Arc<Dialer> {
    fn call(&self, errand: Errand) -> Pin<Box<dyn Future<Output = Outcome> + Send>> {
        let dialer = self.clone();
        Box::pin(async move {
            let client = errand.client.clone();
            let within = errand.within;
            let talking = run(dialer, errand);
            let Some(within) = within else { return talking.await };
            match tokio::time::timeout(within, talking).await {
                Ok(outcome) => outcome,
                Err(_) => Outcome::failed(&Target::Client(client), "the time limit is reached"),
            }
        })
    }
}

/// Runs a client to its end. The connection is closed behind the outcome's back.
async fn run(dialer: Arc<Dialer>, errand: Errand) -> Outcome {
    let target = Target::Client(errand.client.clone());
    let client = match Client::new(errand.service, errand.client, errand.arguments, errand.session) {
        Ok(client) => client,
        Err(error) => return Outcome::failed(&target, &format!("a fault of ours: {error:?}")),
    };
    let clock = Clock::real();
    let desk = Desk { witness: errand.witness, ..Desk::default() };
    let alarm = Alarm::new(clock.clone());
    let mut talk = Talk { dialer, payloads: errand.payloads, client, clock, alarm, desk, link: None };
    let outcome = talk.until_given().await;
    if let Some(link) = talk.link.take() {
        tokio::spawn(link.end());
    }
    outcome
}

impl Talk {
    async fn until_given(&mut self) -> Outcome {
        self.feed(Input::Begin);
        loop {
            if let Some(outcome) = self.desk.given.take() {
                // What is left to say is a farewell; whether it is heard changes nothing.
                let _ = self.flush().await;
                return outcome;
            }
            if let Some(at) = self.desk.deadline.take() {
                self.alarm.set(at);
            }
            if let Some(wish) = self.desk.wishes.pop_front() {
                match wish {
                    Wish::Connect(host, port) => self.connect(&host, port).await,
                    Wish::Lines(headers, octets) => self.send_lines(headers, octets).await,
                    Wish::Secure(name, verified) => self.secure(&name, verified).await,
                }
            } else {
                self.listen().await;
            }
        }
    }

    async fn connect(&mut self, host: &str, port: u16) {
        let dialer = self.dialer.clone();
        let connected = tokio::select! {
            biased;
            connected = dialer.connect(host, port) => Some(connected),
            () = self.alarm.rings() => None,
        };
        match connected {
            Some(Ok(stream)) => {
                self.link = Some(Link::Clear(stream));
                self.feed(Input::Connected);
            }
            Some(Err(why)) => self.feed(Input::Broken(&why)),
            None => self.feed(Input::Timeout),
        }
    }

    async fn secure(&mut self, name: &str, verified: bool) {
        if let Err(why) = self.flush().await {
            return self.feed(Input::Broken(&why));
        }
        let Some(link) = self.link.take() else { return self.feed(Input::Broken("there is no connection")) };
        match link.secure(self.dialer.trust(), name, verified).await {
            Ok((link, tls)) => {
                tracing::debug!(version = tls.version, cipher = %tls.cipher, "secured to {name}");
                self.link = Some(link);
                self.feed(Input::Secured(tls));
            }
            Err(why) => self.feed(Input::Broken(&why)),
        }
    }

    /// Waits for octets, for as long as the machine does.
    async fn listen(&mut self) {
        if let Err(why) = self.flush().await {
            // The last words of a server that refuses may have come before it closed.
            tracing::debug!("{why}");
        }
        let mut buffer = [0; READ];
        let event = match &mut self.link {
            None => Event::Broke("there is no connection".into()),
            Some(link) => tokio::select! {
                biased;
                () = self.alarm.rings() => Event::Late,
                heard = link.hear(&mut buffer) => match heard {
                    Ok(octets) => Event::Octets(octets),
                    Err(error) => Event::Broke(error.to_string()),
                },
            },
        };
        match event {
            Event::Late => self.feed(Input::Timeout),
            Event::Octets(0) => self.feed(Input::Eof),
            Event::Octets(octets) => self.feed(Input::Bytes(&buffer[..octets])),
            Event::Broke(why) => {
                self.link = None;
                self.feed(Input::Broken(&why));
            }
        }
    }

    /// Sends header fields and a payload as a dotted block. It is read, and stuffed, on a thread that may block.
    async fn send_lines(&mut self, headers: Vec<Words>, octets: Octets) {
        let payload = match octets.id {
            None => None,
            Some(id) => match self.payloads.payload(id) {
                Some(payload) => Some(payload),
                None => return self.feed(Input::Broken("the payload is gone")),
            },
        };
        let end = self.client.line_end();
        let (pieces, mut ready) = mpsc::channel::<Result<Vec<u8>, String>>(AHEAD);
        tokio::task::spawn_blocking(move || {
            if let Err(why) = stuffed(&headers, payload.as_ref(), end, &pieces) {
                // Nobody waits any more when the call was broken off.
                let _ = pieces.blocking_send(Err(why));
            }
        });
        let mut sent = self.flush().await;
        while let (Ok(()), Some(piece)) = (&sent, ready.recv().await) {
            sent = match (piece, &mut self.link) {
                (Ok(octets), Some(link)) => link.say(&octets).await.map_err(|error| error.to_string()),
                (Ok(_), None) => Err("there is no connection".into()),
                (Err(why), _) => {
                    // An unfinished block must not be finished by a farewell.
                    self.link = None;
                    Err(why)
                }
            };
        }
        match sent {
            Ok(()) => self.feed(Input::Sent),
            Err(why) => {
                self.link = None;
                self.feed(Input::Broken(&why));
            }
        }
    }

    /// Sends what is unsent.
    async fn flush(&mut self) -> Result<(), String> {
        if self.desk.unsent.is_empty() {
            return Ok(());
        }
        let octets = std::mem::take(&mut self.desk.unsent);
        let Some(link) = &mut self.link else { return Err("there is no connection".into()) };
        link.say(&octets).await.map_err(|error| error.to_string())
    }

    fn feed(&mut self, input: Input<'_>) {
        let now: Now = self.clock.now();
        self.client.feed(now, input, &mut self.desk);
    }
}

/// Hands on a dotted block in pieces.
fn stuffed(
    headers: &[Words],
    payload: Option<&Payload>,
    end: LineEnd,
    pieces: &mpsc::Sender<Result<Vec<u8>, String>>,
) -> Result<(), String> {
    let mut dots = Dots::new(end);
    let hand_on = |piece: Vec<u8>| match piece.is_empty() {
        true => Ok(()),
        false => pieces.blocking_send(Ok(piece)).map_err(|_| "nobody waits for it".to_string()),
    };
    let mut head = Vec::new();
    for header in headers {
        let bare = |error: machine::client::BareLineEnd| error.to_string();
        dots.push(header.as_bytes(), &mut head).map_err(bare)?;
        dots.push(end.octets(), &mut head).map_err(bare)?;
    }
    hand_on(head)?;
    if let Some(payload) = payload {
        payload.read(u64::MAX, |octets| {
            let mut piece = Vec::with_capacity(octets.len() + octets.len() / 32);
            dots.push(octets, &mut piece).map_err(|error| error.to_string())?;
            hand_on(piece)
        })?;
    }
    let mut tail = Vec::new();
    dots.finish(&mut tail).map_err(|error| error.to_string())?;
    hand_on(tail)
}

impl Effects for Desk {
    fn effect(&mut self, effect: Effect<'_>) {
        let said = |side, line: &str| {
            let mark = if side == Side::Client { "C" } else { "S" };
            tracing::debug!("client {mark}: {line}");
            if let Some(witness) = &self.witness {
                witness.line(side, line);
            }
        };
        match effect {
            Effect::Connect { host, port } => self.wishes.push_back(Wish::Connect(host.to_owned(), port)),
            Effect::Send(octets) => self.unsent.extend_from_slice(octets),
            Effect::SendLines { headers, octets } => {
                said(Side::Client, &format!("({} octets and a dot)", octets.length));
                self.wishes.push_back(Wish::Lines(headers.to_vec(), octets));
            }
            Effect::Secure { name, verified } => self.wishes.push_back(Wish::Secure(name.to_owned(), verified)),
            Effect::Deadline(at) => self.deadline = Some(at),
            Effect::Log(Level::Debug, line) => tracing::debug!("{line}"),
            Effect::Log(Level::Info, line) => tracing::info!("{line}"),
            Effect::Log(Level::Warning, line) => tracing::warn!("{line}"),
            Effect::Log(Level::Error, line) => tracing::error!("{line}"),
            Effect::Said(line) => said(Side::Client, line),
            Effect::Heard(line) => said(Side::Server, line),
            Effect::Give(outcome) => self.given = Some(outcome),
        }
    }
}
