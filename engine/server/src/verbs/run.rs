//! `saywhen run`: serves what the configuration says, in the foreground.
//!
//! The order is the point: read, bind, give up rights, enter the sandbox, open, serve.
//!
//! Never: begins to serve while anything is wrong.

use std::{
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use diagnostic::Severity;
use program::Level;

use super::serve::{Work, serve};
use crate::{
    config::{Address, Config, TlsMode},
    daemon::{self, Detached},
    exit::{Exit, Fault},
    findings::Findings,
    log,
    note::Note,
    privileges::{self, Account, Unprivileged},
    reload::{Begun, Seen},
    startup::{
        binding::Bound,
        folders::{self, Folder},
        inherited::Inherited,
        load::{Loaded, glance, load, place, refusal},
        opening::{Schemas, Socket, listen, listen_for_metrics, listen_on_files, open},
        sandbox::{self, Reach},
        supervisor,
    },
};

/// What may follow `run`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The configuration [default: ./config.yaml, else /etc/saywhen/config.yaml]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The lowest level to log, instead of `log.level`
    #[arg(long, value_name = "LEVEL")]
    log_level: Option<LogLevel>,
    /// Leave the terminal once it serves, and say so on standard output; for `saywhen start`
    #[arg(long, hide = true)]
    detached: bool,
}

/// How grave a line of the log is.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(super) enum LogLevel {
    /// Everything, for debugging.
    Debug,
    /// What happens.
    Info,
    /// Events that need attention.
    #[value(alias = "warn")]
    Warning,
    /// What failed.
    Error,
}

/// Runs the verb.
pub(super) fn run(arguments: &Arguments) -> Result<Exit, Fault> {
    supervisor::find();
    let detached = arguments.detached.then(daemon::detach).transpose()?;
    let (path, account) = identity(place(arguments.config.as_deref())?)?;
    let mut findings = Findings::default();
    let mut loaded = load(Some(&path), false, &mut findings)?;
    findings.complain();
    let (Some(mut config), 0) = (loaded.config.take(), findings.count(Severity::Error)) else {
        return Ok(refusal(&findings, &loaded.path.to_string_lossy()));
    };
    config.log.level = arguments.log_level.map_or(config.log.level, Level::from);
    if let (Some(_), None) = (&detached, &config.log.file) {
        return Err(unheard());
    }
    if let Some(pid_file) = &config.pid_file
        && let Some(holder) = daemon::running(pid_file)?
    {
        return Err(daemon::taken(pid_file, holder));
    }
    let root = config.run_as.as_ref().and_then(|run_as| run_as.root.as_deref()).filter(|_| account.is_some());
    let mut inherited = Inherited::from_environment(root)?;
    let written = folders::written(&config, &inherited.endpoints());
    if let Some(account) = &account {
        written.iter().try_for_each(|folder| folder.prepare(account))?;
    }
    let mut notes = Vec::new();
    let mut sockets = listen(&config, &loaded.bound, &mut inherited, &mut notes)?;
    let listening = shown(&config, &loaded.bound, &sockets);
    let metrics = listen_for_metrics(&config, &mut notes)?;
    let rights = give_up(&config, account.as_ref(), &mut notes)?;
    settle(&config, &loaded, &written, account.as_ref())?;
    sockets.extend(listen_on_files(&config, &loaded.bound, inherited, &mut notes)?);
    let (note, held) = Reach::of(&loaded.path, &config, &loaded.shown, &written).enforce()?;
    notes.push(note);
    begin_log(&config)?;
    tracing::info!("saywhen {} begins, configuration {}", env!("CARGO_PKG_VERSION"), loaded.path.display());
    let opened = open(&config, (&loaded.bound, &loaded.relays), sockets, None, Schemas::new());
    let mut opened = opened.inspect_err(|fault| tracing::error!("{}", fault.message))?;
    opened.notes.splice(0..0, notes);
    let grace = config.shutdown_grace;
    let config = Arc::new(config);
    let begun = Begun {
        seen: Seen::of(&loaded.path, &config),
        path: loaded.path,
        config: config.clone(),
        protocols: loaded.protocols,
        world: opened.world.clone(),
        pair: opened.pair.clone(),
        held,
    };
    let place = config.pid_file.clone().zip(config.control.clone());
    serve(Work { opened, rights, grace, begun: Some(begun), place, metrics }, || {
        greet(&config, &loaded.bound, &listening);
        // Whoever waits for the start finds its lines in the log.
        log::flush();
        detached.iter().for_each(Detached::serves);
    })
}

/// Whom to go on as, and where the configuration is for it: with a root folder of its own, below that.
fn identity(path: PathBuf) -> Result<(PathBuf, Option<Account>), Fault> {
    // A configuration with faults is refused when it is read in earnest.
    let Some(config) = glance(&path)?.config else { return Ok((path, None)) };
    let Some(run_as) = &config.run_as else {
        return if privileges::is_root() { Err(privileges::refused()) } else { Ok((path, None)) };
    };
    if !privileges::is_root() {
        return match &run_as.root {
            Some(_) => Err(Fault::new(
                Exit::Denied,
                "`run_as.root` needs the rights of root at the start",
                "start it as root, or leave `root` out",
            )),
            None => Ok((path, None)),
        };
    }
    let account = Account::find(run_as)?;
    let path = match &run_as.root {
        Some(root) => {
            let path = privileges::seen_from(root, &path)?;
            privileges::enter(root)?;
            path
        }
        None if run_as.directory.is_some() => std::path::absolute(&path).unwrap_or(path),
        None => path,
    };
    Ok((path, Some(account)))
}

/// Gives up what root has, or what whoever started it should not have.
fn give_up(config: &Config, account: Option<&Account>, notes: &mut Vec<Note>) -> Result<Unprivileged, Fault> {
    let run_as = config.run_as.as_ref();
    let low_ports = run_as.is_some_and(|run_as| run_as.keep_low_ports);
    match account {
        Some(account) => {
            let rights = privileges::drop_to(account, low_ports)?;
            let but = if low_ports { ", but low ports" } else { "" };
            notes.push(Note::Plain(format!("goes on as {account}, every right of root given up{but}")));
            Ok(rights)
        }
        None => {
            let own = nix::unistd::User::from_uid(nix::unistd::geteuid()).ok().flatten();
            if let Some(run_as) = run_as.filter(|run_as| own.as_ref().is_none_or(|own| own.name != run_as.user)) {
                let own = own.map_or_else(|| nix::unistd::geteuid().to_string(), |own| own.name);
                let line =
                    format!("`run_as` names `{}`, which only root could become: goes on as `{own}`", run_as.user);
                notes.push(Note::Warning(line));
            }
            privileges::as_started(low_ports)
        }
    }
}

/// Makes the folders, sees that a reload could read everything again, and goes where the server works.
fn settle(config: &Config, loaded: &Loaded, written: &[Folder], account: Option<&Account>) -> Result<(), Fault> {
    written.iter().try_for_each(Folder::make)?;
    if let Some(account) = account {
        let files = sandbox::files(&loaded.path, config, &loaded.shown);
        files.iter().try_for_each(|file| readable(file, account))?;
        fs::read_dir(&config.protocols).map_err(|error| unreadable(&config.protocols, &error, account))?;
    }
    match config.run_as.as_ref().and_then(|run_as| run_as.directory.as_ref()) {
        Some(directory) => std::env::set_current_dir(directory).map_err(|error| {
            let message = format!("`{}` cannot be worked in: {error}", directory.display());
            Fault::new(Exit::Denied, message, "mend `run_as.directory`, or its rights")
        }),
        None => Ok(()),
    }
}

fn readable(file: &Path, account: &Account) -> Result<(), Fault> {
    match fs::File::open(file) {
        // A pair that is not there yet is made in a moment, or missed by name.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        opened => opened.map(drop).map_err(|error| unreadable(file, &error, account)),
    }
}

fn unreadable(path: &Path, error: &io::Error, account: &Account) -> Fault {
    let shown = path.display();
    Fault::new(
        Exit::Denied,
        format!("`{shown}` cannot be read by `{}`, and a reload would have to: {error}", account.user),
        format!(
            "let its group read it: `chgrp {} {shown} && chmod g+rX {shown}`, and the folders above",
            account.group
        ),
    )
}

fn unheard() -> Fault {
    Fault::new(
        Exit::Config,
        "the log goes to standard error, which a server without a terminal does not have",
        "name a file under `log.file`, or serve in the foreground: `saywhen run`",
    )
}

fn begin_log(config: &Config) -> Result<(), Fault> {
    log::begin(&config.log).map_err(|error| {
        let file = config.log.file.clone().unwrap_or_default();
        Fault::new(
            Exit::Denied,
            format!("the log `{}` cannot be written: {error}", file.display()),
            "mend its rights, or name another under `log.file`",
        )
    })
}

/// When the log is a file, somebody at a terminal should still see what runs.
/// The addresses of each listener as the configuration writes them, with the ports that the system chose.
fn shown(config: &Config, bound: &[Bound], sockets: &[Socket]) -> Vec<String> {
    let of_listener = |(place, bound): (usize, &Bound)| {
        let locals = sockets.iter().filter(|(_, of)| *of == place).filter_map(|(socket, _)| socket.endpoint().inet());
        let mut locals: Vec<SocketAddr> = locals.collect();
        let mut shown = Vec::new();
        for (address, _) in &config.listeners[bound.index].addresses {
            let chosen = |one: SocketAddr| locals.iter().position(|local| one.port() == 0 && local.ip() == one.ip());
            let place = if let Address::One(one) = address { chosen(*one) } else { None };
            shown.push(place.map_or_else(|| address.to_string(), |place| locals.remove(place).to_string()));
        }
        shown.join(" and ")
    };
    bound.iter().enumerate().map(of_listener).collect()
}

fn greet(config: &Config, bound: &[Bound], listening: &[String]) {
    let Some(file) = &config.log.file else { return };
    for (bound, addresses) in bound.iter().zip(listening) {
        let tls = if bound.tls == TlsMode::Off { "no TLS" } else { bound.tls.word() };
        eprintln!("{} on {addresses}, {tls}", bound.service.program().name);
    }
    eprintln!("ready; the log is {}", file.display());
}

impl From<LogLevel> for Level {
    fn from(level: LogLevel) -> Level {
        match level {
            LogLevel::Debug => Level::Debug,
            LogLevel::Info => Level::Info,
            LogLevel::Warning => Level::Warning,
            LogLevel::Error => Level::Error,
        }
    }
}

impl LogLevel {
    /// As the command line has it.
    pub(super) fn word(self) -> &'static str {
        match self {
            LogLevel::Debug => "debug",
            LogLevel::Info => "info",
            LogLevel::Warning => "warning",
            LogLevel::Error => "error",
        }
    }
}
