//! How the time of a check, of a start and of a reload under load, and the memory, grow with the number of protocols.
//!
//! Never: compares different servers; `compare` does.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    thread,
    time::{Duration, Instant},
};

use bench::{Kind, Server, Workload, raise_descriptors, reported, run};
use clap::Parser;

/// Shows how check, start, reload and memory grow with the number of protocols
#[derive(Parser)]
struct Arguments {
    /// The folder of the built `saywhen`
    #[arg(long, default_value = "target/release")]
    binaries: PathBuf,
    /// How many protocols there are, one size after the other
    #[arg(long, value_delimiter = ',', default_values_t = [1, 10, 100])]
    protocols: Vec<usize>,
    /// Where the table is written, too
    #[arg(long)]
    table: Option<PathBuf>,
}

/// How long the load lasts that the reload must not disturb.
const LOAD: Duration = Duration::from_secs(12);
/// How long it has lasted before the reload.
const BEFORE: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    reported(measure())
}

fn measure() -> io::Result<()> {
    let arguments = Arguments::parse();
    let saywhen = arguments.binaries.canonicalize()?;
    raise_descriptors()?;
    let mut table =
        String::from("| protocols | check | start | resident | reload under load | sessions meanwhile, errors |\n");
    table += "|---|---|---|---|---|---|\n";
    for many in &arguments.protocols {
        let line = grown(*many, &saywhen)?;
        println!("{line}");
        table += &(line + "\n");
    }
    arguments.table.map_or(Ok(()), |path| fs::write(path, &table))
}

/// One line of the table.
fn grown(many: usize, binaries: &Path) -> io::Result<String> {
    let kind = Kind::named("saywhen").ok_or(io::ErrorKind::NotFound)?;
    let began = Instant::now();
    let server = kind.start_with(many, binaries)?;
    let start = began.elapsed();
    let check = timed(&server, binaries, "check")?;
    let resident = server.tree().resident() >> 20;
    // All of them have something new to say.
    for file in fs::read_dir(server.folder().join("protocols"))? {
        let path = file?.path();
        fs::write(&path, fs::read_to_string(&path)?.replace("says goodbye", "says farewell"))?;
    }
    let work = Workload::named("session").ok_or(io::ErrorKind::NotFound)?;
    let (figures, reload) = thread::scope(|threads| {
        let reloading = threads.spawn(|| {
            thread::sleep(BEFORE);
            timed(&server, binaries, "reload")
        });
        let figures = run(&work, server.target, &server.tree(), LOAD);
        (figures, reloading.join())
    });
    let (figures, reload) = (figures?, reload.map_err(|_| io::Error::other("the reload broke off"))??);
    Ok(format!(
        "| {many} | {:.2} s | {:.2} s | {resident} MiB | {:.2} s | {}, {} |",
        check.as_secs_f64(),
        start.as_secs_f64(),
        reload.as_secs_f64(),
        figures.operations,
        figures.errors
    ))
}

/// How long a verb takes that speaks of the server, from without.
fn timed(server: &Server, binaries: &Path, verb: &str) -> io::Result<Duration> {
    let began = Instant::now();
    let done = Command::new(binaries.join("saywhen")).arg(verb).current_dir(server.folder()).output()?;
    match done.status.success() {
        true => Ok(began.elapsed()),
        false => Err(io::Error::other(format!("{verb}: {}", String::from_utf8_lossy(&done.stderr)))),
    }
}
