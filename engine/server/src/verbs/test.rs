//! `saywhen test`: plays transcripts, in memory, over sockets, or against another server.
//!
//! Never: lets a transcript with an error in it be played.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use transcript::{
    check,
    coverage::{Coverage, Place},
    play::{Played, play},
    repair,
    report::{self, Case, Explained},
};

use crate::{
    exit::{Exit, Fault},
    findings::Findings,
    protocols::counterexamples::{on, stage},
    transcripts::{
        against::Against,
        files::{self, ENDING, Playable},
        memory::{is_known_fault, memory},
        sockets::{Loopback, Stage},
    },
};

/// Where transcripts are looked for when no path is given.
const CONVERSATIONS: &str = "tests/conversations";
/// How often one transcript is repaired in one run: one failing answer at a time.
const REPAIRS: usize = 200;

/// What may follow `test`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Transcripts (NAME.talk) and folders of them [default: tests/conversations]
    paths: Vec<PathBuf>,
    /// The folder of protocols (NAME.proto.dsl)
    #[arg(long, value_name = "DIR", default_value = "protocols")]
    protocols: PathBuf,
    /// Play each one again over real sockets with real TLS
    #[arg(long, conflicts_with_all = ["against", "update"])]
    wire: bool,
    /// Play those that run anywhere against this server
    #[arg(long, value_name = "HOST:PORT", conflicts_with_all = ["update", "coverage"])]
    against: Option<String>,
    /// Rewrite the `S:` lines that fail, with the smallest repair
    #[arg(long)]
    update: bool,
    /// List what no transcript reached
    #[arg(long)]
    coverage: bool,
    /// Write transcripts for what none reached into this folder
    #[arg(long, value_name = "DIR", conflicts_with_all = ["against", "update"])]
    generate: Option<PathBuf>,
    /// Stop writing transcripts after this number of seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    within: u64,
    /// Write coverage to this file, in the format of lcov
    #[arg(long, value_name = "FILE", conflicts_with = "against")]
    lcov: Option<PathBuf>,
    /// Print each conversation
    #[arg(long)]
    trace: bool,
    /// How the run is written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// How the run is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
enum Format {
    /// Failures at length, then the counts
    #[default]
    Human,
    /// A JSON object for each transcript
    Json,
    /// The Test Anything Protocol
    Tap,
    /// JUnit's XML
    Junit,
}

/// Runs the verb.
pub(super) fn run(arguments: &Arguments) -> Result<Exit, Fault> {
    let mut findings = Findings::default();
    let paths = if arguments.paths.is_empty() { vec![PathBuf::from(CONVERSATIONS)] } else { arguments.paths.clone() };
    let found = files::below(&paths).and_then(|files| {
        let read = files::read(&files, &arguments.protocols, &mut findings)?;
        Ok((files.len(), read))
    });
    let (number, mut found) = found.map_err(|(path, error)| {
        let message = format!("`{}` cannot be read: {error}", path.display());
        Fault::new(
            Exit::Usage,
            message,
            "name transcripts or folders that are there, and the protocols' with --protocols",
        )
    })?;
    if number == 0 {
        return Err(Fault::new(Exit::Usage, "there is no transcript", "name files that end in .talk, or their folder"));
    }
    let mut run = Run { arguments, cases: Vec::new(), coverage: BTreeMap::new() };
    if let Some(server) = &arguments.against {
        let skipped = found.playable.iter().filter(|playable| !playable.transcript.runs_anywhere).count();
        found.playable.retain(|playable| playable.transcript.runs_anywhere);
        if skipped > 0 {
            eprintln!("{skipped} transcripts need fixtures and are left out");
        }
        for playable in &found.playable {
            let mut wire = Against::new(server, playable.service.program().wire.line_end);
            run.play(playable, &findings, server, |_| play_on(playable, &mut wire));
        }
    } else {
        for playable in &mut found.playable {
            run.in_memory(playable, &mut findings)?;
        }
    }
    if arguments.wire {
        run.over_sockets(&found.playable, &findings)?;
    }
    run.known_faults();
    findings.complain();
    run.print(found.refused);
    if let Some(path) = &arguments.lcov {
        let text: String = run.coverage.values().map(transcript::lcov).collect();
        fs::write(path, text).map_err(|error| {
            let message = format!("`{}` cannot be written: {error}", path.display());
            Fault::new(Exit::Denied, message, "name a file in a folder that can be written")
        })?;
    }
    if let Some(folder) = &arguments.generate {
        run.generate(folder)?;
    }
    let failed = run.cases.iter().any(|case| !case.passed);
    Ok(match (found.uncompiled, found.refused, failed) {
        (true, ..) => Exit::Protocol,
        (_, 1.., _) => Exit::Usage,
        (_, _, true) => Exit::Findings,
        _ => Exit::Done,
    })
}

struct Run<'a> {
    arguments: &'a Arguments,
    cases: Vec<Case>,
    /// By the protocol's name.
    coverage: BTreeMap<Arc<str>, Coverage>,
}

impl Run<'_> {
    fn in_memory(&mut self, playable: &mut Playable, findings: &mut Findings) -> Result<(), Fault> {
        if self.arguments.update && !is_known_fault(&playable.path) {
            update(playable, findings)?;
        }
        let executed = self.play(playable, findings, "memory", |_| memory(playable));
        let program = playable.service.program();
        let coverage = self.coverage.entry(program.name.clone()).or_insert_with(|| Coverage::new(program.clone()));
        coverage.add(&executed);
        Ok(())
    }

    fn over_sockets(&mut self, playable: &[Playable], findings: &Findings) -> Result<(), Fault> {
        let stage = Stage::new()?;
        for playable in playable {
            let mut wire = Loopback::new(&stage, playable.service.clone(), &playable.transcript);
            self.play(playable, findings, "wire", |_| play_on(playable, &mut wire));
        }
        Ok(())
    }

    /// Plays, times, explains and traces; gives what was executed.
    fn play(
        &mut self,
        playable: &Playable,
        findings: &Findings,
        wire: &str,
        play: impl FnOnce(&Playable) -> Played,
    ) -> Vec<u64> {
        let start = Instant::now();
        let played = play(playable);
        let microseconds = start.elapsed().as_micros() as u64;
        let program = playable.service.program();
        let case = report::case(&findings.sources, &playable.transcript, program, &played, wire, microseconds);
        if self.arguments.trace {
            let lines = report::conversation(&played.conversation).join("\n");
            eprintln!("{} ({wire})\n{lines}\n", playable.path.display());
        }
        self.cases.push(case);
        played.executed
    }

    /// What stands under `fixme` must fail.
    fn known_faults(&mut self) {
        for case in self.cases.iter_mut().filter(|case| is_known_fault(case.path.as_ref())) {
            case.passed = !case.passed;
            case.failures.clear();
            if !case.passed {
                case.failures.push(Explained {
                    line: 1,
                    message: "it passes, though it stands under `fixme`".into(),
                    expected: "a known fault".into(),
                    received: String::new(),
                    state: None,
                    source: None,
                    text: format!("{}:1: it passes, though it stands under `fixme`: move it out\n", case.path),
                });
            }
        }
    }

    /// Writes a transcript for each place that none reached, the shortest that leads there.
    fn generate(&self, folder: &Path) -> Result<(), Fault> {
        let (mut written, mut missed, mut late) = (0, 0, 0);
        let end = Instant::now() + Duration::from_secs(self.arguments.within);
        let over = || Instant::now() >= end;
        let sockets = Stage::new()?;
        for coverage in self.coverage.values() {
            let places: Vec<Place> = coverage.places().into_iter().filter(|place| place.times == 0).collect();
            let program = coverage.program();
            let mut again = on(program.clone(), |transcript, service| {
                let mut wire = Loopback::new(&sockets, service.clone(), transcript);
                play(transcript, service.program().wire.line_end, &mut wire)
            });
            let drawn = witness::draw_up(program, &places, &mut stage(program.clone()), &mut again, &over);
            late += places.len() - drawn.len();
            for (place, text) in places.iter().zip(drawn) {
                let Some(text) = text else {
                    eprintln!("{}:{}: no conversation was found for: {}", place.file, place.line, place.what);
                    missed += 1;
                    continue;
                };
                let path = folder.join(file_name(coverage.protocol(), place));
                fs::create_dir_all(folder).and_then(|()| fs::write(&path, text)).map_err(|error| {
                    let message = format!("`{}` cannot be written: {error}", path.display());
                    Fault::new(Exit::Denied, message, "name a folder that can be written")
                })?;
                written += 1;
            }
        }
        eprintln!("{written} transcripts were drawn up in {}; {missed} places were not reached", folder.display());
        if late > 0 {
            let within = self.arguments.within;
            eprintln!(
                "the {within} seconds are over: {late} places were not looked for; --within SECONDS gives more time"
            );
        }
        Ok(())
    }

    fn print(&self, refused: usize) {
        let format = match self.arguments.format {
            Format::Human => report::Format::Human,
            Format::Json => report::Format::Json,
            Format::Tap => report::Format::Tap,
            Format::Junit => report::Format::Junit,
        };
        let mut text = String::new();
        if self.arguments.coverage && format == report::Format::Human {
            text = self.coverage.values().map(Coverage::text).collect();
        } else if self.arguments.coverage {
            eprint!("{}", self.coverage.values().map(Coverage::text).collect::<String>());
        }
        if refused > 0 {
            eprintln!("{refused} transcripts were not played");
        }
        text.push_str(&report::write(&self.cases, format));
        // Who closes the pipe has seen enough.
        let _ = io::stdout().write_all(text.as_bytes());
        if format != report::Format::Human {
            eprintln!("{}", report::counts(&self.cases));
        }
    }
}

/// What a drawn-up transcript is called: the words of what it reaches.
fn file_name(protocol: &str, place: &Place) -> String {
    let words = format!("{protocol} line {} {}", place.line, place.what).to_lowercase();
    let words: Vec<&str> =
        words.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    format!("{}.{ENDING}", words.join("-"))
}

fn play_on(playable: &Playable, wire: &mut dyn transcript::play::Wire) -> Played {
    play(&playable.transcript, playable.service.program().wire.line_end, wire)
}

/// Repairs one failing answer after the other, until none is left or one cannot be repaired.
fn update(playable: &mut Playable, findings: &mut Findings) -> Result<(), Fault> {
    for _ in 0..REPAIRS {
        let played = memory(playable);
        let Some(answer) = played.answer else { return Ok(()) };
        let text = findings.sources.text(playable.transcript.file).clone();
        let Some(repaired) = repair(&text, &playable.transcript, &answer) else { return Ok(()) };
        let file = findings.sources.add(playable.path.to_string_lossy(), repaired.as_str());
        // A repair can take away what a later line needs; then the text stays as it was.
        let mut trial = Findings { sources: findings.sources.clone(), list: Vec::new() };
        let Some(transcript) = files::parsed(file, &mut trial) else { return Ok(()) };
        let Ok(service) = check(&transcript, playable.service.program()) else { return Ok(()) };
        fs::write(&playable.path, repaired).map_err(|error| {
            let message = format!("`{}` cannot be written: {error}", playable.path.display());
            Fault::new(Exit::Denied, message, "mend the rights of the file, or leave out --update")
        })?;
        (playable.transcript, playable.service) = (transcript, Arc::new(service));
    }
    Ok(())
}
