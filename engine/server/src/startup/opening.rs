//! Everything is opened before anything is served: certificates, folders, databases, sockets.
//!
//! Never: serves, or leaves half of what it opened behind a fault.

use std::{
    collections::BTreeMap, fs, io, net::TcpListener, os::unix::fs::DirBuilderExt, path::Path, sync::Arc,
    time::SystemTime,
};

use actions::{
    Actions,
    sink::{self, Maildir, Sinks},
    world::{self, Ceiling, Configuration, Databases, Embedded, Real, Schema, Servers, World},
};

use machine::{Pace, Service};

use crate::{
    admission::Admission,
    client::{Caller, Dialer, Relay, Trust},
    clock::{Clock, Names},
    config::{self, Address, Config, Place, Sink, TlsFiles, TlsMode},
    endpoint::{self, Endpoint, FileRights, ListeningSocket},
    exit::{Exit, Fault},
    note::Note,
    serving::version::{ListenerSettings, Patience, Shared},
    spool::{
        SpoolPlace,
        descriptors::{self, Files},
    },
    startup::{
        binding::{Bound, BoundRelay},
        inherited::Inherited,
    },
    tls::{Pair, PairError, self_signed, write_pair},
};

/// What is open, ready to serve.
pub struct Opened {
    /// What all connections share.
    pub shared: Arc<Shared>,
    /// Databases, name servers and sinks.
    pub world: Arc<Real>,
    /// The certificate, where there is TLS.
    pub pair: Option<Pair>,
    /// The sockets, each with its listener.
    pub sockets: Vec<(ListeningSocket, Arc<ListenerSettings>)>,
    /// What the operator should know, in order.
    pub notes: Vec<Note>,
}

/// A socket, and the place of its listener among those that were bound to their protocols.
pub type Socket = (ListeningSocket, usize);

/// Binds the addresses of all listeners: the one thing that may need rights which are given up before all else is opened.
/// What was handed over for them is taken.
///
/// # Errors
/// The first address that cannot be listened on.
pub fn listen(
    config: &Config,
    bound: &[Bound],
    inherited: &mut Inherited,
    notes: &mut Vec<Note>,
) -> Result<Vec<Socket>, Fault> {
    let mut sockets = Vec::new();
    for (place, bound, address) in addresses(config, bound) {
        if address.file().is_none() {
            let opened = listen_on(address, inherited, notes)?;
            sockets.extend(opened.into_iter().map(|socket| opened_for(socket, place, bound, notes)));
        }
    }
    Ok(sockets)
}

/// Binds the files of all listeners, when rights are given up: they belong to whom the server goes on as, and a reload
/// can make them, too. What was handed over for them is taken; what was handed over for nobody is closed, and told.
///
/// # Errors
/// The first file that cannot be listened on.
pub fn listen_on_files(
    config: &Config,
    bound: &[Bound],
    mut inherited: Inherited,
    notes: &mut Vec<Note>,
) -> Result<Vec<Socket>, Fault> {
    let mut sockets = Vec::new();
    for (place, bound, address) in addresses(config, bound) {
        if let Some(path) = address.file() {
            let rights = &config.listeners[bound.index].file;
            let given = inherited.take(&Endpoint::Unix(Arc::clone(path)));
            let socket = given.map_or_else(|| bind_file(path, rights), Ok)?;
            sockets.push(opened_for(socket, place, bound, notes));
        }
    }
    notes.extend(inherited.left().into_iter().map(|endpoint| {
        Note::Warning(format!("{endpoint} was handed over, and no listener has that address: it is closed"))
    }));
    Ok(sockets)
}

/// The addresses of all listeners, each with its listener and the place of that.
fn addresses<'a>(config: &'a Config, bound: &'a [Bound]) -> impl Iterator<Item = (usize, &'a Bound, &'a Address)> {
    bound.iter().enumerate().flat_map(|(place, bound)| {
        config.listeners[bound.index].addresses.iter().map(move |(address, _)| (place, bound, address))
    })
}

fn opened_for(socket: ListeningSocket, place: usize, bound: &Bound, notes: &mut Vec<Note>) -> Socket {
    let (endpoint, name) = (socket.endpoint(), &bound.service.program().name);
    notes.push(Note::Plain(format!("listening on {endpoint}: {name}, tls {}", bound.tls.word())));
    (socket, place)
}

fn bind_file(path: &Arc<Path>, rights: &FileRights) -> Result<ListeningSocket, Fault> {
    ListeningSocket::bind_file(path, rights).map_err(|error| unbound(&Endpoint::Unix(Arc::clone(path)), &error))
}

/// Binds the socket that the metrics are shown on, if there is to be one.
///
/// # Errors
/// The address cannot be listened on.
pub fn listen_for_metrics(config: &Config, notes: &mut Vec<Note>) -> Result<Option<TcpListener>, Fault> {
    let Some(address) = config.metrics else { return Ok(None) };
    let socket = endpoint::bind(address).map_err(|error| unbound(&address.into(), &error))?;
    notes.push(if address.ip().is_loopback() {
        Note::Plain(format!("metrics on http://{address}/metrics"))
    } else {
        Note::Warning(format!("metrics on http://{address}/metrics, for everybody who reaches it"))
    });
    Ok(Some(socket))
}

/// Opens everything that the configuration names, and gives it the sockets that are bound.
///
/// # Errors
/// The first thing that cannot be opened.
pub fn open(
    config: &Config,
    (bound, relays): (&[Bound], &[BoundRelay]),
    sockets: Vec<Socket>,
    pair: Option<Pair>,
    schemas: Schemas,
) -> Result<Opened, Fault> {
    let mut notes = Vec::new();
    let pair = match pair {
        Some(pair) => Some(pair),
        None if bound.iter().any(|bound| bound.tls != TlsMode::Off) => {
            Some(certificate(&config.tls, &config.server_name, &mut notes)?)
        }
        None => None,
    };
    folder(&config.spool.directory, "spool.directory")?;
    let ceiling = Arc::new(Ceiling::new(config.limits.memory));
    let furnished = furnish(config, relays, schemas, (None, &ceiling), &mut notes)?;
    let (connections, files) = descriptors::raised_for(config.limits.connections, &mut notes);
    let admission = Admission::new(connections, config.limits.per_address)
        .per_minute(config.limits.connections_per_minute)
        .under(ceiling.clone());
    let shared = Arc::new(Shared {
        actions: furnished.actions,
        caller: furnished.caller,
        spool: spool(config, ceiling, Arc::new(files)),
        patience: patience(config),
        admission: Arc::new(admission),
        clock: Clock::real(),
        names: Arc::new(Names::new()),
        sessions: Arc::default(),
        counters: Arc::default(),
    });
    let listeners: Vec<Arc<ListenerSettings>> =
        bound.iter().map(|bound| Arc::new(listener_settings(config, bound, &bound.service, pair.as_ref()))).collect();
    let sockets = sockets.into_iter().map(|(socket, place)| (socket, Arc::clone(&listeners[place]))).collect();
    Ok(Opened { shared, world: furnished.world, pair, sockets, notes })
}

/// What actions and clients work with.
pub(crate) struct Furnished {
    pub(crate) actions: Arc<Actions>,
    pub(crate) caller: Arc<dyn Caller>,
    pub(crate) world: Arc<Real>,
}

/// Opens databases, sinks and what runs clients; what is the same as in a former world is shared with it.
pub(crate) fn furnish(
    config: &Config,
    relays: &[BoundRelay],
    schemas: Schemas,
    (former, ceiling): (Option<&Real>, &Arc<Ceiling>),
    notes: &mut Vec<Note>,
) -> Result<Furnished, Fault> {
    let dialer = Arc::new(dialer(config.tls.authorities.as_deref())?);
    let sinks = sinks(config, relays, &dialer, notes)?;
    let configuration = configuration(config, sinks, schemas, ceiling.clone())?;
    let world = match former {
        Some(former) => former.renewed(configuration),
        None => Real::open(configuration),
    };
    let world = Arc::new(world.map_err(|faults| {
        Fault::new(Exit::Config, faults.join("; "), "mend the database or its schema, or name others under `databases`")
    })?);
    let asked: Arc<dyn World> = world.clone();
    dialer.knows(&asked);
    Ok(Furnished { actions: Arc::new(Actions::new(asked)), caller: Arc::new(dialer), world })
}

/// Where payloads wait.
pub(crate) fn spool(config: &Config, ceiling: Arc<Ceiling>, files: Arc<Files>) -> Arc<SpoolPlace> {
    Arc::new(SpoolPlace { directory: config.spool.directory.clone(), memory: config.spool.memory, ceiling, files })
}

/// How long peers may take to read.
pub(crate) fn patience(config: &Config) -> Patience {
    Patience { stalled: config.limits.stalled, slowest: Pace(config.limits.slowest) }
}

/// What is behind the addresses of a listener.
pub(crate) fn listener_settings(
    config: &Config,
    bound: &Bound,
    service: &Arc<Service>,
    pair: Option<&Pair>,
) -> ListenerSettings {
    let pair = pair.filter(|_| bound.tls != TlsMode::Off).cloned();
    let proxies = config.listeners[bound.index].proxies.clone();
    let discards =
        |name: &str| config.sinks.iter().any(|(sink, what)| **sink == *name && matches!(what, Sink::Discard));
    ListenerSettings {
        pair,
        tls_first: bound.tls == TlsMode::Implicit,
        proxies,
        local: config.listeners[bound.index].local,
        most_read: ListenerSettings::most_read(service, discards),
        service: service.clone(),
        rehearsal: None,
    }
}

/// Schemas that are not files.
pub type Schemas = BTreeMap<Arc<str>, &'static str>;

/// The certificate and its key; both are made when neither is there and the configuration says so.
pub(crate) fn certificate(files: &TlsFiles, name: &str, notes: &mut Vec<Note>) -> Result<Pair, Fault> {
    let (certificate, key) = (&files.certificate, &files.key);
    let load = || match (certificate.exists(), key.exists()) {
        (false, false) if files.self_signed => {
            let pems = self_signed(name)?;
            write_pair((certificate, &pems.0), (key, &pems.1))?;
            Pair::load(certificate, key)
        }
        (true, false) if files.self_signed => Err(PairError::Half { there: certificate.clone(), missing: key.clone() }),
        (false, true) if files.self_signed => Err(PairError::Half { there: key.clone(), missing: certificate.clone() }),
        _ => Pair::load(certificate, key),
    };
    let made = !certificate.exists();
    let pair = load().map_err(|error| {
        let exit = if error.denied() { Exit::Denied } else { Exit::Config };
        Fault::new(exit, error.to_string(), error.help())
    })?;
    let pair = pair.of_host(name);
    notes.extend(pair.doubts_now().iter().map(|doubt| Note::Warning(format!("{doubt}; {}", doubt.help()))));
    if made {
        notes.push(Note::Warning(format!(
            "made a self-signed certificate, `{}`: clients that verify will refuse it",
            certificate.display()
        )));
    }
    Ok(pair)
}

fn configuration(
    config: &Config,
    sinks: Sinks,
    schemas: Schemas,
    ceiling: Arc<Ceiling>,
) -> Result<Configuration, Fault> {
    let mut databases = BTreeMap::new();
    for database in &config.databases {
        let open = world_database(database, schemas.get(&database.name).copied());
        if let world::Database::Embedded(Embedded { path, .. }) = &open
            && path.as_os_str() != ":memory:"
            && let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty())
        {
            folder(parent, &format!("databases.{}", database.name))?;
        }
        databases.insert(database.name.to_string(), open);
    }
    Ok(Configuration {
        host: config.server_name.clone(),
        servers: config.dns.servers.clone().map_or(Servers::System, Servers::These),
        timeout: config.dns.timeout,
        databases: Databases(databases),
        sinks,
        folders: config.folders.iter().map(|(name, folder)| (name.to_string(), folder.clone())).collect(),
        passwords_per_minute: config.limits.passwords_per_minute,
        ceiling,
    })
}

/// A database as the actions open it; `schema` is one that is no file.
pub(crate) fn world_database(database: &config::Database, schema: Option<&str>) -> world::Database {
    match &database.place {
        Place::Embedded { file, schema: given } => {
            let given = given.clone().map(Schema::File);
            let schema = given.or_else(|| schema.map(|text| Schema::Text(text.to_string())));
            world::Database::Embedded(Embedded { path: file.clone(), schema })
        }
        Place::Server(server) => world::Database::Server(server.0.clone()),
    }
}

/// What runs clients, believing these authorities, or those of the system.
///
/// # Errors
/// The file cannot be used.
pub fn dialer(authorities: Option<&Path>) -> Result<Dialer, Fault> {
    let trust = Trust::new(authorities).map_err(|error| Fault::new(Exit::Config, error.to_string(), error.help()))?;
    Ok(Dialer::new(trust))
}

fn sinks(config: &Config, relays: &[BoundRelay], dialer: &Arc<Dialer>, notes: &mut Vec<Note>) -> Result<Sinks, Fault> {
    let mut sinks = BTreeMap::new();
    for (name, sink) in &config.sinks {
        let sink = match sink {
            Sink::Maildir { path, detail, domain } => {
                let unfit =
                    |error| Fault::new(Exit::Config, error, format!("mend `sinks.{name}`, or its folder's rights"));
                let maildir = Maildir::new(&path.to_string_lossy()).map_err(unfit)?;
                let maildir = maildir.with_detail(detail).with_domain(domain.as_deref());
                maildir.make().map_err(unfit)?;
                notes.push(Note::Plain(format!("the sink `{name}` is the Maildir {}", path.display())));
                if maildir.lacks_domain() {
                    let host = &config.server_name;
                    let note =
                        format!("the sink `{name}`: accounts without a domain are at {host}; `domain` says another");
                    notes.push(Note::Plain(note));
                }
                let swept = maildir.sweep(SystemTime::now()).map_err(unfit)?;
                if swept > 0 {
                    notes.push(Note::Plain(format!("the sink `{name}`: {swept} files that a crash left were removed")));
                }
                sink::Sink::Maildir(Arc::new(maildir))
            }
            Sink::Files { path, domain } => {
                let unfit = |error| Fault::new(Exit::Config, error, format!("mend `sinks.{name}`"));
                notes.push(Note::Plain(format!("the sink `{name}` keeps files in {}", path.display())));
                let drawers = sink::Drawers::new(&path.to_string_lossy()).map_err(unfit)?;
                sink::Sink::Files(Arc::new(drawers.with_domain(domain.as_deref())))
            }
            Sink::Discard => {
                notes.push(Note::Warning(format!("the sink `{name}` discards what it is given: no message is kept")));
                sink::Sink::Discard
            }
            Sink::Relay(relay) => {
                // A sink that was not bound is a finding, and nothing is opened then.
                let Some(bound) = relays.iter().find(|bound| bound.sink == *name) else { continue };
                let (host, port) = (relay.host.clone(), relay.port);
                notes.push(Note::Plain(format!("the sink `{name}` is {host} port {port}, by {}", bound.client.name)));
                sink::Sink::Courier(Arc::new(Relay {
                    caller: Arc::new(dialer.clone()),
                    service: bound.service.clone(),
                    client: bound.client.clone(),
                    host,
                    port,
                    given: bound.given.clone(),
                }))
            }
        };
        sinks.insert(name.to_string(), sink);
    }
    Ok(Sinks(sinks))
}

/// Makes a folder for ourselves alone, if it is not there.
fn folder(path: &Path, key: &str) -> Result<(), Fault> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|error| {
        let exit = if error.kind() == io::ErrorKind::PermissionDenied { Exit::Denied } else { Exit::Config };
        let message = format!("the folder `{}` cannot be made: {error}", path.display());
        Fault::new(exit, message, format!("mend `{key}`, or the rights of the folder above"))
    })
}

/// Binds the sockets of one address. A bare port does without IPv6 on a machine that has none.
fn listen_on(
    address: &Address,
    inherited: &mut Inherited,
    notes: &mut Vec<Note>,
) -> Result<Vec<ListeningSocket>, Fault> {
    let mut sockets = Vec::new();
    for endpoint in address.endpoints() {
        let Some(socket) = endpoint.inet() else { continue };
        match inherited.take(&endpoint).map_or_else(|| ListeningSocket::bind(socket), Ok) {
            Ok(bound) => sockets.push(bound),
            Err(error) if matches!(address, Address::Every(_)) && socket.is_ipv6() && no_family(&error) => {
                notes.push(Note::Warning(format!(
                    "this machine has no IPv6: port {} is served on IPv4 alone",
                    socket.port()
                )));
            }
            Err(error) => return Err(unbound(&endpoint, &error)),
        }
    }
    Ok(sockets)
}

/// Binds one endpoint, as at the start.
///
/// # Errors
/// Why not, and what to do.
pub(crate) fn bound(endpoint: &Endpoint, rights: &FileRights) -> Result<ListeningSocket, Unbound> {
    let bound = match endpoint {
        Endpoint::Inet(address) => ListeningSocket::bind(*address),
        Endpoint::Unix(path) => ListeningSocket::bind_file(path, rights),
    };
    bound.map_err(|error| Unbound { no_family: no_family(&error), fault: unbound(endpoint, &error) })
}

/// Why an address was not bound.
pub(crate) struct Unbound {
    /// This machine has no such addresses.
    pub(crate) no_family: bool,
    /// What is wrong, and what to do.
    pub(crate) fault: Fault,
}

fn no_family(error: &io::Error) -> bool {
    let missing = [nix::libc::EAFNOSUPPORT, nix::libc::EADDRNOTAVAIL];
    error.raw_os_error().is_some_and(|code| missing.contains(&code))
}

fn unbound(endpoint: &Endpoint, error: &io::Error) -> Fault {
    let message = format!("cannot listen on {endpoint}: {error}");
    let (exit, help) = match (endpoint, error.kind()) {
        (Endpoint::Inet(socket), io::ErrorKind::AddrInUse) => {
            (Exit::Taken, format!("another process listens there, which `ss -ltnp 'sport = :{}'` names", socket.port()))
        }
        (Endpoint::Inet(_), io::ErrorKind::PermissionDenied) => {
            (Exit::Denied, "ports below 1024 need root or CAP_NET_BIND_SERVICE".to_string())
        }
        (Endpoint::Inet(_), _) => {
            (Exit::Config, "listen on an address of this machine: `ip address` shows them".to_string())
        }
        (Endpoint::Unix(path), io::ErrorKind::AddrInUse) => {
            (Exit::Taken, format!("another process listens there, which `ss -lxp src {}` names", path.display()))
        }
        (Endpoint::Unix(path), io::ErrorKind::AlreadyExists) => {
            (Exit::Config, format!("take `{}` away, or name another path", path.display()))
        }
        (Endpoint::Unix(_), io::ErrorKind::PermissionDenied) => {
            let help = "the user that the server goes on as must own the folder, and be in the `group` of the listener";
            (Exit::Denied, help.to_string())
        }
        (Endpoint::Unix(_), _) => (Exit::Config, "mend `listen`, `mode` or `group` of the listener".to_string()),
    };
    Fault::new(exit, message, help)
}
