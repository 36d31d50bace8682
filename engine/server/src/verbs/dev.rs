//! `saywhen dev`: the embedded protocol on this machine alone, with no files needed.
//!
//! Never: listens where another machine could reach it unless `--listen` says so.

use std::{path::PathBuf, sync::Arc, time::Duration};

use diagnostic::{Severity, Span};

use super::{
    builtin::{Embedded, PROTOCOL, SCHEMA},
    serve::{Work, serve},
};
use crate::{
    config::{
        Address, Config, Database, Dns, FORMS, Limits, Listener, Log, LogFormat, Place, Reload, Sink, Spool, TlsFiles,
        Turning,
    },
    endpoint::{FileRights, LocalPeers},
    exit::{Exit, Fault},
    findings::Findings,
    log,
    note::Note,
    privileges,
    protocols::{Protocols, name_of},
    startup::{
        binding,
        inherited::Inherited,
        opening::{Schemas, listen, listen_on_files, open},
    },
    tls::{Pair, self_signed},
};

/// What to try, with `{address}` for the first one.
const TRY: &str = include_str!("dev.txt");

/// Where it listens by itself. The second one is done without on a machine that has no IPv6.
const ADDRESSES: [&str; 2] = ["127.0.0.1:2525", "[::1]:2525"];

/// What may follow `dev`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Where to listen, "2525", "127.0.0.1:2525" or "[::1]:2525"; may be repeated [default: port 2525 of 127.0.0.1, ::1]
    #[arg(long, value_name = "ADDRESS")]
    listen: Vec<String>,
    /// The Maildir for mail
    #[arg(long, value_name = "DIR", default_value = "mail")]
    mail: PathBuf,
}

/// Runs the verb.
pub(super) fn run(arguments: &Arguments) -> Result<Exit, Fault> {
    let mut findings = Findings::default();
    let mut protocols = Protocols::default();
    let name = name_of(PROTOCOL.0.as_ref()).unwrap_or_default();
    protocols.add_within(&Embedded, name, PROTOCOL, &mut findings);
    let config = configuration(arguments, name)?;
    let bound = binding::bind(&config, &protocols, &mut findings, &mut Vec::new());
    if findings.count(Severity::Error) > 0 {
        findings.complain();
        return Ok(Exit::Protocol);
    }
    let unlogged = |error| Fault::new(Exit::Denied, format!("no log: {error}"), "run it with a standard error");
    log::begin(&config.log).map_err(unlogged)?;
    let pair = pair(&config.server_name)?;
    let mut notes = Vec::new();
    let mut inherited = Inherited::from_environment(None)?;
    let mut sockets = listen(&config, &bound, &mut inherited, &mut notes)?;
    let rights = privileges::on_loopback(sockets.iter().filter_map(|(socket, _)| socket.endpoint().inet()))?;
    sockets.extend(listen_on_files(&config, &bound, inherited, &mut notes)?);
    if privileges::is_root() {
        notes.push(Note::Warning("running as root, for this machine alone: nothing here needs it".to_string()));
    }
    let schemas = Schemas::from([(Arc::from("default"), SCHEMA)]);
    let mut opened = open(&config, (&bound, &[]), sockets, Some(pair), schemas)?;
    opened.notes.splice(0..0, notes);
    let addresses: Vec<String> = opened.sockets.iter().map(|(socket, _)| socket.endpoint().to_string()).collect();
    let work = Work { opened, rights, grace: config.shutdown_grace, begun: None, place: None, metrics: None };
    let exit = serve(work, || {
        println!("\n{name} on {}", addresses.join(" and "));
        println!("mail goes into {}", config_mail(&config));
        println!("{}", TRY.replace("{address}", addresses.first().map_or("", String::as_str)));
    });
    // Its files have no names, so it is empty.
    let _ = std::fs::remove_dir(&config.spool.directory);
    exit
}

fn config_mail(config: &Config) -> String {
    let paths = config.sinks.iter().filter_map(|(_, sink)| match sink {
        Sink::Maildir { path, .. } => Some(path.join("new").display().to_string()),
        Sink::Files { .. } | Sink::Discard | Sink::Relay(_) => None,
    });
    paths.collect::<Vec<_>>().join(", ")
}

fn pair(name: &str) -> Result<Pair, Fault> {
    let made = self_signed(name)
        .and_then(|pems| Pair::from_pem(("cert".as_ref(), pems.0.as_bytes()), ("key".as_ref(), pems.1.as_bytes())));
    made.map_err(|error| Fault::new(Exit::Config, error.to_string(), error.help()))
}

fn configuration(arguments: &Arguments, protocol: &str) -> Result<Config, Fault> {
    let nowhere = Span::default();
    let spool = std::env::temp_dir().join(format!("saywhen-dev-{}", std::process::id()));
    let listener = Listener {
        proxies: Vec::new(),
        local: LocalPeers::default(),
        file: FileRights::default(),
        addresses: addresses(arguments)?.into_iter().map(|address| (address, nowhere)).collect(),
        protocol: (protocol.to_string(), nowhere),
        tls: None,
        settings: Vec::new(),
        conversation: None,
        span: nowhere,
    };
    let database = Database {
        name: Arc::from("default"),
        place: Place::Embedded { file: PathBuf::from(":memory:"), schema: None },
        span: nowhere,
    };
    Ok(Config {
        server_name: "localhost".to_string(),
        listeners: vec![listener],
        protocols: PathBuf::new(),
        protocols_span: nowhere,
        reload: Reload { watch: false, debounce: Duration::ZERO, replay: None },
        tls: TlsFiles {
            certificate: PathBuf::new(),
            key: PathBuf::new(),
            self_signed: false,
            authorities: None,
            span: nowhere,
        },
        run_as: None,
        pid_file: None,
        control: None,
        databases: vec![database],
        dns: Dns { servers: None, timeout: Duration::from_secs(5) },
        spool: Spool { directory: spool, memory: 256 << 10 },
        folders: Vec::new(),
        sinks: vec![(
            Arc::from("inbox"),
            Sink::Maildir { path: arguments.mail.clone(), detail: String::new(), domain: None },
        )],
        log: Log {
            file: None,
            level: program::Level::Info,
            format: LogFormat::Text,
            conversation: true,
            turning: Turning::default(),
        },
        limits: Limits {
            connections: 1000,
            per_address: 1000,
            connections_per_minute: None,
            memory: 1 << 30,
            slowest: 500,
            stalled: Duration::from_secs(60),
            passwords_per_minute: 1000,
        },
        metrics: None,
        shutdown_grace: Duration::from_secs(3),
    })
}

fn addresses(arguments: &Arguments) -> Result<Vec<Address>, Fault> {
    if arguments.listen.is_empty() {
        let own = ADDRESSES.iter().filter_map(|address| address.parse().ok());
        return Ok(own.filter(|address| !matches!(address, Address::One(one) if one.is_ipv6() && !has_v6())).collect());
    }
    let read = arguments.listen.iter().map(|text| {
        text.parse().map_err(|error| {
            Fault::new(Exit::Usage, format!("`{text}` is no address to listen on: {error}"), format!("write {FORMS}"))
        })
    });
    read.collect()
}

/// Whether this machine has the IPv6 loopback address: no port is taken to find out.
fn has_v6() -> bool {
    std::net::UdpSocket::bind("[::1]:0").is_ok()
}
