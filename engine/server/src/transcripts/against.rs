//! A wire to any server at all, ours or another's, on the real clock.
//!
//! Never: looks into the server: states and what was stored are not known here.

use std::{
    collections::BTreeMap,
    net::{TcpStream, ToSocketAddrs},
    thread,
    time::Duration,
};

use machine::Reason;
use program::LineEnd;
use transcript::{
    Client,
    play::{Aftermath, Heard, Line, Refusal, Wire},
};

use super::caller::{Caller, Got};

/// How long a line, a connection or a handshake may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long it must be quiet before an answer is taken to be over.
const QUIET: Duration = Duration::from_millis(500);
/// The longest wait that is really waited for.
const LONGEST: Duration = Duration::from_secs(5);

/// Connections to one server.
pub struct Against {
    server: String,
    line_end: LineEnd,
    callers: BTreeMap<Client, Caller>,
}

impl Against {
    /// No connection yet; `server` is `HOST:PORT`.
    pub fn new(server: &str, line_end: LineEnd) -> Against {
        Against { server: server.to_owned(), line_end, callers: BTreeMap::new() }
    }

    fn caller(&mut self, client: Client) -> Result<&mut Caller, Refusal> {
        self.callers.get_mut(&client).ok_or_else(|| failed("the client has not connected"))
    }

    fn heard(&mut self, client: Client, within: Duration) -> Heard {
        match self.callers.get_mut(&client).map(|caller| caller.line(within)) {
            Some(Got::Line(octets)) => Heard::Line(Line { octets, from: None }),
            Some(Got::Nothing) => Heard::Nothing,
            Some(Got::End) | None => Heard::End,
        }
    }
}

impl Wire for Against {
    fn connect(&mut self, client: Client, full: bool) -> Result<(), Refusal> {
        if full {
            return Err(Refusal::NotApplicable);
        }
        let addresses = self.server.to_socket_addrs().map_err(|error| failed(format!("{}: {error}", self.server)))?;
        let mut last = failed(format!("{} has no address", self.server));
        for address in addresses {
            match TcpStream::connect_timeout(&address, PATIENCE).and_then(|stream| Caller::new(stream, self.line_end)) {
                Ok(caller) => {
                    self.callers.insert(client, caller);
                    return Ok(());
                }
                Err(error) => last = failed(format!("{address}: {error}")),
            }
        }
        Err(last)
    }

    fn send(&mut self, client: Client, octets: &[u8]) -> Result<(), Refusal> {
        self.caller(client)?.say(octets, PATIENCE).map_err(|error| failed(error.to_string()))
    }

    fn line(&mut self, client: Client) -> Heard {
        self.heard(client, PATIENCE)
    }

    fn further(&mut self, client: Client) -> Heard {
        self.heard(client, QUIET)
    }

    fn arrived(&mut self, client: Client) -> Option<Line> {
        match self.heard(client, Duration::from_millis(1)) {
            Heard::Line(line) => Some(line),
            Heard::Nothing | Heard::End => None,
        }
    }

    fn tls(&mut self, client: Client) -> Result<(), Refusal> {
        let host = self.server.rsplit_once(':').map_or(&*self.server, |(host, _)| host);
        let host = host.trim_matches(['[', ']']).to_owned();
        self.caller(client)?.secure(&host, PATIENCE).map_err(Refusal::Failed)
    }

    fn wait(&mut self, span: Duration) -> Result<(), Refusal> {
        if span > LONGEST {
            return Err(Refusal::NotApplicable);
        }
        thread::sleep(span);
        Ok(())
    }

    fn state(&mut self, _: Client) -> Result<String, Refusal> {
        Err(Refusal::NotApplicable)
    }

    fn half_close(&mut self, client: Client) -> Result<(), Refusal> {
        self.caller(client)?.half_close().map_err(|error| failed(error.to_string()))
    }

    fn reset(&mut self, client: Client) -> Result<(), Refusal> {
        self.caller(client)?.reset().map_err(|error| failed(error.to_string()))
    }

    fn end(&mut self, _: Client, _: Reason) -> Result<(), Refusal> {
        Err(Refusal::NotApplicable)
    }

    fn sync(&mut self, _: Client) -> Result<(), Refusal> {
        Err(Refusal::NotApplicable)
    }

    fn aftermath(&mut self) -> Aftermath {
        self.callers.clear();
        Aftermath::default()
    }
}

fn failed(why: impl Into<String>) -> Refusal {
    Refusal::Failed(why.into())
}
