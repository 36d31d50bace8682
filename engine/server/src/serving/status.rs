//! What a running server shows of itself.
//!
//! Never: names a peer or a session; that is for the log.

use std::{
    collections::BTreeMap,
    process,
    time::{SystemTime, UNIX_EPOCH},
};

use machine::Service;
use program::Program;
use serde::{Deserialize, Serialize};

use crate::{
    endpoint::Endpoint,
    log,
    serving::{
        reload_report::{Last, Report},
        state::ServerState,
        version::{ListenerSettings, Version},
    },
};

/// A running server at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// Its process.
    pub pid: u32,
    /// When it began to serve: seconds since 1970-01-01 UTC.
    pub since: u64,
    /// How often a new version was put in service; 1 is what it began with.
    pub version: u64,
    /// What it listens on.
    pub listeners: Vec<Listener>,
    /// Why clients that verify would refuse its certificate.
    #[serde(default)]
    pub certificate_doubts: Vec<String>,
    /// Its sessions.
    pub sessions: Sessions,
    /// How many lines of the log were lost since the start.
    pub log_lines_dropped: u64,
    /// What became of the latest reload; none when there was none.
    pub reload: Option<Reload>,
}

/// One address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listener {
    /// Address and port, or the file of a UNIX socket behind `unix:`.
    pub address: Endpoint,
    /// The name of the protocol.
    pub protocol: String,
    /// The version that its author gave the protocol.
    pub version: u32,
    /// `off`, `starttls` or `implicit`.
    pub tls: String,
}

/// Sessions, counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sessions {
    /// All of them.
    pub open: usize,
    /// By what they speak and how far they are.
    pub by_state: Vec<InState>,
}

/// The sessions of one protocol that are in one state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InState {
    /// The name of the protocol.
    pub protocol: String,
    /// The version that its author gave it.
    pub version: u32,
    /// Whether new sessions begin with what these speak.
    pub present: bool,
    /// The name of the state.
    pub state: String,
    /// How many there are.
    pub sessions: usize,
}

/// The latest reload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reload {
    /// When: seconds since 1970-01-01 UTC.
    pub at: u64,
    /// How long it took, in milliseconds.
    pub took: u64,
    /// What asked for it.
    pub why: String,
    /// What became of it.
    pub report: Report,
}

impl Status {
    /// What the server shows now.
    pub fn of(server_state: &ServerState) -> Status {
        let version = server_state.present();
        let endpoints = server_state.endpoints().into_iter();
        let listeners = endpoints.filter_map(|endpoint| {
            version.listeners.get(&endpoint).map(|listener_settings| listener(endpoint.clone(), listener_settings))
        });
        Status {
            pid: process::id(),
            since: seconds(server_state.since()),
            version: version.number,
            listeners: listeners.collect(),
            certificate_doubts: doubts(&version),
            sessions: sessions(&version),
            log_lines_dropped: log::dropped(),
            reload: server_state.last_reload().map(Reload::from),
        }
    }
}

impl From<Last> for Reload {
    fn from(last: Last) -> Reload {
        let took = u64::try_from(last.took.as_millis()).unwrap_or(u64::MAX);
        Reload { at: seconds(last.at), took, why: last.why.to_string(), report: last.report }
    }
}

fn listener(address: Endpoint, listener_settings: &ListenerSettings) -> Listener {
    let program = listener_settings.service.program();
    Listener {
        address,
        protocol: program.name.to_string(),
        version: program.version,
        tls: listener_settings.tls_word().to_string(),
    }
}

/// All listeners have one certificate.
fn doubts(version: &Version) -> Vec<String> {
    let pair = version.listeners.values().find_map(|listener_settings| listener_settings.pair.as_ref());
    pair.map_or(Vec::new(), |pair| pair.doubts_now().iter().map(ToString::to_string).collect())
}

fn sessions(version: &Version) -> Sessions {
    let seen = version.shared.sessions.seen();
    let mut counted: BTreeMap<(String, u32, bool, u16), (String, usize)> = BTreeMap::new();
    for one in &seen {
        let program = one.service.program();
        let key = (program.name.to_string(), program.version, is_present(version, &one.service), one.state.0);
        counted.entry(key).or_insert_with(|| (state_name(program, one.state.0), 0)).1 += 1;
    }
    let by_state = counted.into_iter().map(|((protocol, version, present, _), (state, sessions))| InState {
        protocol,
        version,
        present,
        state,
        sessions,
    });
    Sessions { open: seen.len(), by_state: by_state.collect() }
}

fn is_present(version: &Version, service: &Service) -> bool {
    version.listeners.values().any(|listener_settings| std::ptr::eq(&*listener_settings.service, service))
}

fn state_name(program: &Program, state: u16) -> String {
    program.states.get(usize::from(state)).map_or_else(String::new, |state| state.name.to_string())
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
