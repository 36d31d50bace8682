//! `saywhen check`: all findings of a configuration and its protocols, or of single files.
//!
//! Never: changes anything, or asks a database for more than whether it takes a statement.

use std::{
    fs,
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
};

use diagnostic::{Diagnostic, Severity};
use program::Program;

use super::{budget, mend::mend, proved};
use crate::{
    config::{
        Place, TlsMode,
        rules::{DOUBTFUL_CERTIFICATE, UNUSABLE_FILE},
    },
    exit::{Exit, Fault},
    findings::{Findings, Format},
    protocols::{
        ENDING, Protocols, name_of,
        parts::{PART, importers, is_part},
    },
    schema,
    startup::load::{Loaded, load},
    tls::Pair,
};

/// How often files are looked at again after a mend.
const ROUNDS: usize = 10;

/// What may follow `check`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Protocols (NAME.proto.dsl), parts of them (NAME.part.dsl) and configurations (NAME.yaml) [default: the configuration and all its protocols]
    files: Vec<PathBuf>,
    /// The configuration [default: ./config.yaml, else /etc/saywhen/config.yaml]
    #[arg(long, value_name = "FILE", conflicts_with = "files")]
    config: Option<PathBuf>,
    /// How findings are shown
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Fail on warnings, too
    #[arg(long)]
    deny_warnings: bool,
    /// Fix findings that have exactly one sensible fix, and show the changes
    #[arg(long)]
    fix: bool,
    /// Show how long each command may keep its peer waiting
    #[arg(long)]
    budget: bool,
    /// For each protocol, show how many session states the proof of its promises explored
    #[arg(short, long)]
    verbose: bool,
    /// Do not ask databases whether they accept the statements
    #[arg(long)]
    no_network: bool,
}

/// Runs the verb.
pub(super) fn run(arguments: &Arguments) -> Result<Exit, Fault> {
    let (mut findings, mut read) = look(arguments)?;
    let mut mended = 0;
    // A mend can lay open what was hidden behind the fault.
    for _ in 0..ROUNDS {
        let round = if arguments.fix { mend(&findings)? } else { break };
        if round.count == 0 {
            break;
        }
        mended += round.count;
        // A terminal that is gone cannot be told so.
        let _ = io::stderr().write_all(round.shown.as_bytes());
        (findings, read) = look(arguments)?;
    }
    let colour = io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    // Who closes the pipe has seen enough.
    let _ = io::stdout().write_all(findings.render(arguments.format, colour).as_bytes());
    let (errors, warnings) = (findings.count(Severity::Error), findings.count(Severity::Warning));
    if arguments.format == Format::Human && findings.list.is_empty() {
        eprintln!("no findings");
    }
    let could = findings.list.iter().filter(|finding| finding.patch.is_some()).count();
    match (mended, could) {
        (0, 0) => {}
        (0, could) if !arguments.fix && arguments.format == Format::Human => {
            eprintln!("--fix would mend {could} of them")
        }
        (mended, _) if arguments.fix => eprintln!("{mended} mended"),
        _ => {}
    }
    let json = arguments.format == Format::Json;
    if arguments.verbose {
        of_each(&read, if json { proved::json } else { proved::line });
    }
    if arguments.budget {
        of_each(&read, if json { budget::json } else { budget::table });
    }
    let failed = errors > 0 || (arguments.deny_warnings && warnings > 0);
    Ok(if failed { Exit::Findings } else { Exit::Done })
}

/// Looks at all that is named; gives what was found, and the protocols.
fn look(arguments: &Arguments) -> Result<(Findings, Vec<Protocols>), Fault> {
    let mut findings = Findings::default();
    let mut read = Vec::new();
    if arguments.files.is_empty() {
        read.push(whole(arguments.config.as_deref(), arguments.no_network, &mut findings)?);
    }
    for file in &arguments.files {
        read.push(match file.extension().and_then(|extension| extension.to_str()) {
            Some("yaml" | "yml") => whole(Some(file), arguments.no_network, &mut findings)?,
            _ if is_part(file) => part(file, &mut findings)?,
            _ => protocol(file, &mut findings)?,
        });
    }
    Ok((findings, read))
}

/// Prints what is told of each protocol that compiles.
fn of_each(read: &[Protocols], told: fn(&Program) -> String) {
    let names = read.iter().flat_map(|protocols| protocols.names().map(move |name| (protocols, name)));
    for program in names.filter_map(|(protocols, name)| protocols.named(name).flatten()) {
        // Who closes the pipe has seen enough.
        let _ = io::stdout().write_all(told(program).as_bytes());
    }
}

fn whole(config: Option<&Path>, no_network: bool, findings: &mut Findings) -> Result<Protocols, Fault> {
    let loaded = load(config, true, findings)?;
    files(&loaded, findings);
    if let (Some(config), false) = (&loaded.config, no_network) {
        schema::check(config, &loaded.bound, findings);
    }
    Ok(loaded.protocols)
}

/// Files that the configuration names and that only `run` opens: said now rather than at the next start.
fn files(loaded: &Loaded, findings: &mut Findings) {
    let Some(config) = &loaded.config else { return };
    let tls = &config.tls;
    let made = tls.self_signed && !tls.certificate.exists() && !tls.key.exists();
    if loaded.bound.iter().any(|bound| bound.tls != TlsMode::Off) && !made {
        match Pair::load(&tls.certificate, &tls.key) {
            Ok(pair) => {
                findings.list.extend(pair.of_host(&config.server_name).doubts_now().iter().map(|doubt| {
                    Diagnostic::new(&DOUBTFUL_CERTIFICATE, tls.span, doubt.to_string()).help(doubt.help())
                }))
            }
            Err(error) => {
                findings.list.push(Diagnostic::new(&UNUSABLE_FILE, tls.span, error.to_string()).help(error.help()));
            }
        }
    }
    for database in &config.databases {
        let Place::Embedded { schema: Some(schema), .. } = &database.place else { continue };
        if let Err(error) = fs::read_to_string(schema) {
            let message = format!("`{}` cannot be read: {error}", schema.display());
            let finding = Diagnostic::new(&UNUSABLE_FILE, database.span, message);
            findings.list.push(finding.help("name the file that makes the tables, or leave `schema` out"));
        }
    }
}

fn protocol(file: &Path, findings: &mut Findings) -> Result<Protocols, Fault> {
    let Some(name) = name_of(file) else {
        let message = format!("`{}` is neither a protocol nor a configuration by its name", file.display());
        return Err(Fault::new(Exit::Usage, message, format!("name files that end in {ENDING}, {PART} or .yaml")));
    };
    let text = text(file)?;
    let mut protocols = Protocols::default();
    protocols.add(name, &file.to_string_lossy(), &text, findings);
    Ok(protocols)
}

/// A part says nothing by itself: it is checked with each protocol that imports it, or else in its form alone.
fn part(file: &Path, findings: &mut Findings) -> Result<Protocols, Fault> {
    let own = text(file)?;
    let importers = importers(file).map_err(|error| unread(file, &error))?;
    let mut protocols = Protocols::default();
    let mut names = Vec::new();
    for path in &importers {
        let Some(name) = name_of(path) else { continue };
        protocols.add(name, &path.to_string_lossy(), &text(path)?, findings);
        names.push(name);
    }
    if names.is_empty() {
        let number = findings.sources.shared(&file.to_string_lossy(), &own);
        findings.list.extend(grammar::parse_part(number, &own).1);
        eprintln!("{}: no protocol beside it imports it, so its form alone was looked at", file.display());
    } else {
        eprintln!("{}: checked with {}", file.display(), names.join(", "));
    }
    Ok(protocols)
}

fn text(file: &Path) -> Result<String, Fault> {
    fs::read_to_string(file).map_err(|error| unread(file, &error))
}

fn unread(file: &Path, error: &io::Error) -> Fault {
    Fault::new(Exit::Usage, format!("`{}` cannot be read: {error}", file.display()), "name a file that is there")
}
