//! A new version, read and made ready on a thread that may block.
//!
//! Never: changes anything that is in service.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use actions::world::Real;
use diagnostic::Severity;
use machine::Move;
use program::difference;

use super::{compared::Change, replay::replay, restart};
use crate::{
    config::{Address, Config, Shown, TlsMode},
    endpoint::{Endpoint, FileRights, ListeningSocket},
    exit::{Exit, Fault},
    findings::{Findings, Format},
    note::Note,
    protocols::Protocols,
    serving::{
        reload_report::Report,
        version::{ListenerSettings, Moves, Version},
    },
    startup::load::{Loaded, load_again, refusal},
    startup::{
        folders,
        opening::{self, Furnished, Schemas, Unbound},
        sandbox::{Held, Reach},
    },
    tls::Pair,
};

/// What the version in service was made of.
#[derive(Clone)]
pub(super) struct Former {
    pub(super) path: PathBuf,
    /// What the server began with.
    pub(super) begun: Arc<Config>,
    /// What the version in service was read from.
    pub(super) present: Arc<Config>,
    /// What the sandbox lets it reach.
    pub(super) held: Held,
    pub(super) protocols: Protocols,
    pub(super) world: Arc<Real>,
    pub(super) pair: Option<Pair>,
    pub(super) version: Arc<Version>,
    pub(super) listening: Vec<Endpoint>,
}

/// A version that may be put in service.
pub(super) struct Prepared {
    pub(super) version: Version,
    pub(super) config: Arc<Config>,
    pub(super) protocols: Protocols,
    pub(super) world: Arc<Real>,
    /// The certificate as it is now; what is in service is renewed with it.
    pub(super) pair: Option<Pair>,
    /// The sockets of new listeners.
    pub(super) sockets: Vec<ListeningSocket>,
    /// The files of sockets that stay and have other rights from now on.
    pub(super) rights: Vec<(Arc<Path>, FileRights)>,
    /// New listeners whose sockets were not to be had.
    pub(super) unbound: Vec<(Address, Endpoint, Unbound)>,
    /// What needs a restart.
    pub(super) restart: Vec<String>,
    /// What else the operator should know.
    pub(super) lines: Vec<String>,
    /// The protocols that are other ones now.
    pub(super) changes: Vec<Change>,
}

/// Reads, checks and opens. Blocks.
///
/// # Errors
/// Why the new version is refused.
pub(super) fn prepare(former: &Former) -> Result<Prepared, Report> {
    let mut findings = Findings::default();
    let loaded = load_again(&former.path, former.protocols.clone(), &mut findings);
    let mut loaded = loaded.map_err(|fault| beyond(former, &former.begun, &[]).refuses(fault.into()))?;
    let mut config = match loaded.config.take() {
        Some(config) if findings.count(Severity::Error) == 0 => config,
        config => {
            let exit = refusal(&findings, &loaded.path.to_string_lossy());
            let beyond = beyond(former, config.as_ref().unwrap_or(&former.begun), &loaded.shown);
            return Err(beyond.refuses(Report::refused(exit, errors(&findings))));
        }
    };
    let mut lines = Vec::new();
    if let Some(folder) = &config.reload.replay {
        let replayed = replay(folder, &loaded.protocols).map_err(|why| {
            Report::from(Fault::new(Exit::Config, why, "mend `reload.replay`, or the transcripts there"))
        })?;
        if !replayed.failures.is_empty() {
            return Err(Report::refused(Exit::Findings, replayed.failures));
        }
        lines.push(format!("{} transcripts passed", replayed.passed));
        lines.extend(replayed.notes);
    }
    let mut restart = restart::keys(&former.begun, &config);
    restart::keep(&former.begun, &mut config);
    let beyond = beyond(former, &config, &loaded.shown);
    restart.extend(beyond.0.iter().cloned());
    open(former, config, loaded, restart, lines).map_err(|fault| beyond.refuses(fault.into()))
}

/// What the sandbox keeps the process from, one line each.
struct Beyond(Vec<String>);

/// The folders of a configuration that are out of reach.
fn beyond(former: &Former, config: &Config, shown: &[Shown]) -> Beyond {
    let wanted = Reach::of(&former.path, config, shown, &folders::written(config, &former.listening));
    let line = |path: PathBuf| {
        let path = path.display();
        format!("the sandbox of the start does not reach `{path}`: it was not named then, or is another folder now")
    };
    Beyond(former.held.lacks(&wanted).into_iter().map(line).collect())
}

impl Beyond {
    /// A report that says so, too, since that may be why.
    fn refuses(&self, report: Report) -> Report {
        let lines = self.0.iter().map(|line| format!("needs restart: {line}"));
        Report { lines: report.lines.iter().cloned().chain(lines).collect(), ..report }
    }
}

/// Opens what the configuration names.
fn open(
    former: &Former,
    config: Config,
    loaded: Loaded,
    restart: Vec<String>,
    mut lines: Vec<String>,
) -> Result<Prepared, Fault> {
    let mut notes = Vec::new();
    let secure = loaded.bound.iter().any(|bound| bound.tls != TlsMode::Off);
    let fresh = if secure { Some(opening::certificate(&config.tls, &config.server_name, &mut notes)?) } else { None };
    let furnished = {
        let former = (Some(&*former.world), &former.version.shared.spool.ceiling);
        opening::furnish(&config, &loaded.relays, Schemas::new(), former, &mut notes)?
    };
    let pair = former.pair.clone().or_else(|| fresh.clone());
    let (listeners, sockets, unbound) = sockets(former, &config, listeners(former, &config, &loaded, &pair));
    let unbound = unbound.into_iter().map(|(at, fault)| (written(&config, &at), at, fault)).collect();
    let rights = rights(former, &config);
    lines.extend(notes.into_iter().filter_map(|note| match note {
        Note::Warning(line) => Some(line),
        Note::Plain(_) => None,
    }));
    let (told, changes) = changes(former, &listeners);
    lines.extend(told);
    Ok(Prepared {
        version: version(former, &config, &furnished, listeners),
        config: Arc::new(config),
        lines,
        protocols: loaded.protocols,
        world: furnished.world,
        pair: fresh,
        sockets,
        rights,
        unbound,
        restart,
        changes,
    })
}

/// What is different for peers and for the sessions that there are, by protocol, and which protocols are.
fn changes(former: &Former, listeners: &BTreeMap<Endpoint, Arc<ListenerSettings>>) -> (Vec<String>, Vec<Change>) {
    let mut lines = Vec::new();
    let mut told: Vec<Change> = Vec::new();
    for (endpoint, listener_settings) in listeners {
        let Some(was) = former.version.listeners.get(endpoint) else { continue };
        let (old, new) = (was.service.program(), listener_settings.service.program());
        let again = told.iter().any(|(from, to)| Arc::ptr_eq(from, old) && Arc::ptr_eq(to, new));
        if Arc::ptr_eq(old, new) || again {
            continue;
        }
        told.push((old.clone(), new.clone()));
        if old.name == new.name {
            let changes = difference(old, new).into_iter().chain(Move::between(old, new).1);
            lines.extend(changes.map(|line| format!("{}: {line}", new.name)));
        } else {
            lines.push(format!("{endpoint} speaks {} instead of {}", new.name, old.name));
        }
    }
    // Two protocols are no two versions of one.
    told.retain(|(old, new)| old.name == new.name);
    (lines, told)
}

fn version(
    former: &Former,
    config: &Config,
    furnished: &Furnished,
    listeners: BTreeMap<Endpoint, Arc<ListenerSettings>>,
) -> Version {
    let mut shared = (*former.version.shared).clone();
    shared.actions = furnished.actions.clone();
    shared.caller = furnished.caller.clone();
    shared.spool = opening::spool(config, shared.spool.ceiling.clone(), shared.spool.files.clone());
    shared.patience = opening::patience(config);
    Version { number: former.version.number + 1, shared: Arc::new(shared), listeners, moves: Moves::default() }
}

/// What is behind each endpoint. What is as it was keeps its service, so that its sessions are not of an old version.
fn listeners(
    former: &Former,
    config: &Config,
    loaded: &Loaded,
    pair: &Option<Pair>,
) -> Vec<(Endpoint, Arc<ListenerSettings>)> {
    let mut listeners = Vec::new();
    let mut chosen = chosen(former);
    for bound in &loaded.bound {
        let mut known = former.version.listeners.values().map(|listener_settings| &listener_settings.service);
        let service = known.find(|known| known.is_like(&bound.service)).unwrap_or(&bound.service);
        let listener_settings = Arc::new(opening::listener_settings(config, bound, service, pair.as_ref()));
        let addresses = config.listeners[bound.index].addresses.iter();
        for endpoint in addresses.flat_map(|(address, _)| address.endpoints()) {
            // A port that the system chose is kept as long as the same protocol is spoken there.
            let is_its = |known: &Endpoint| {
                let was = former.version.listeners.get(known).map(|was| was.service.program().name.clone());
                ip(known) == ip(&endpoint) && was.as_ref() == Some(&listener_settings.service.program().name)
            };
            let place = if endpoint.is_chosen() { chosen.iter().position(is_its) } else { None };
            listeners.push((place.map_or(endpoint, |place| chosen.remove(place)), listener_settings.clone()));
        }
    }
    listeners
}

/// The addresses that are listened on and whose ports the system chose, in the order that they were opened in.
fn chosen(former: &Former) -> Vec<Endpoint> {
    let fixed: Vec<Endpoint> = endpoints_of(&former.present).filter(|endpoint| !endpoint.is_chosen()).collect();
    former.listening.iter().filter(|endpoint| !fixed.contains(endpoint)).cloned().collect()
}

fn endpoints_of(config: &Config) -> impl Iterator<Item = Endpoint> {
    let addresses = config.listeners.iter().flat_map(|listener| &listener.addresses);
    addresses.flat_map(|(address, _)| address.endpoints())
}

fn ip(endpoint: &Endpoint) -> Option<IpAddr> {
    endpoint.inet().map(|address| address.ip())
}

/// Who may connect to each file that a configuration listens on.
fn files(config: &Config) -> impl Iterator<Item = (&Arc<Path>, &FileRights)> {
    config.listeners.iter().flat_map(|listener| {
        listener.addresses.iter().filter_map(|(address, _)| Some((address.file()?, &listener.file)))
    })
}

/// The files that stay and whose rights are written otherwise than before.
fn rights(former: &Former, config: &Config) -> Vec<(Arc<Path>, FileRights)> {
    let were: BTreeMap<_, _> = files(&former.present).collect();
    let changed = files(config).filter(|(path, rights)| were.get(path).is_some_and(|were| were != rights));
    changed.map(|(path, rights)| (path.clone(), rights.clone())).collect()
}

/// What is behind each endpoint that is listened on; the sockets of those that are new; and what cannot be bound, which is
/// behind no endpoint of this version, and is told.
type Sockets = (BTreeMap<Endpoint, Arc<ListenerSettings>>, Vec<ListeningSocket>, Vec<(Endpoint, Unbound)>);

/// Binds what is new.
fn sockets(former: &Former, config: &Config, wanted: Vec<(Endpoint, Arc<ListenerSettings>)>) -> Sockets {
    let files: BTreeMap<_, _> = files(config).collect();
    let (mut listeners, mut sockets, mut unbound) = (BTreeMap::new(), Vec::new(), Vec::new());
    for (endpoint, listener_settings) in wanted {
        if former.listening.contains(&endpoint) {
            listeners.insert(endpoint, listener_settings);
            continue;
        }
        let rights = endpoint.file().and_then(|path| files.get(path).copied()).cloned().unwrap_or_default();
        match opening::bound(&endpoint, &rights) {
            Ok(socket) => {
                listeners.insert(socket.endpoint().clone(), listener_settings);
                sockets.push(socket);
            }
            Err(fault) => {
                listeners.insert(endpoint.clone(), listener_settings);
                unbound.push((endpoint, fault));
            }
        }
    }
    (listeners, sockets, unbound)
}

/// The address as the configuration writes it.
fn written(config: &Config, endpoint: &Endpoint) -> Address {
    let addresses = config.listeners.iter().flat_map(|listener| &listener.addresses).map(|(address, _)| address);
    let written = addresses.into_iter().find(|address| address.endpoints().contains(endpoint)).cloned();
    written.unwrap_or_else(|| match endpoint {
        Endpoint::Inet(address) => Address::One(*address),
        Endpoint::Unix(path) => Address::Unix(path.clone()),
    })
}

/// The errors, as `check` shows them.
fn errors(findings: &Findings) -> Vec<String> {
    let list = findings.list.iter().filter(|finding| finding.rule.severity == Severity::Error).cloned().collect();
    let grave = Findings { sources: findings.sources.clone(), list };
    grave.render(Format::Human, false).lines().map(ToString::to_string).collect()
}
