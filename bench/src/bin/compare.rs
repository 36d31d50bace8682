//! Holds servers against each other: all of them in one run, taking turns, and prints a table of ratios.
//!
//! Never: compares figures of different runs.

use std::{
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use bench::{
    Figures, KINDS, Kind, Server, WORKLOADS, Workload, idle, median, raise_descriptors, reported, run, spread,
};
use clap::Parser;

/// Holds servers against each other, and prints a table of ratios.
#[derive(Parser)]
struct Arguments {
    /// The folder of the built `saywhen` and `floor`
    #[arg(long, default_value = "target/release")]
    binaries: PathBuf,
    /// How often each server has its turn
    #[arg(long, default_value_t = 9)]
    rounds: usize,
    /// How long each turn lasts, in milliseconds
    #[arg(long, default_value_t = 1000)]
    milliseconds: u64,
    /// The work, separated by commas
    #[arg(long, value_delimiter = ',', default_values_t = WORKLOADS.map(String::from))]
    work: Vec<String>,
    /// The servers, separated by commas; the first is what the others are held against
    #[arg(long, value_delimiter = ',', default_values_t = KINDS.map(|kind| kind.name.to_string()))]
    servers: Vec<String>,
    /// Counts the memory of so many idle connections instead, in the clear and under TLS
    #[arg(long, value_delimiter = ',')]
    idle: Vec<usize>,
    /// Where the table is written, too
    #[arg(long)]
    table: Option<PathBuf>,
}

fn main() -> ExitCode {
    reported(measure())
}

fn measure() -> io::Result<()> {
    let mut arguments = Arguments::parse();
    arguments.binaries = arguments.binaries.canonicalize()?;
    let kinds: Vec<Kind> = arguments
        .servers
        .iter()
        .map(|name| {
            Kind::named(name).ok_or_else(|| {
                io::Error::other(format!(
                    "no server is called `{name}`; they are {}",
                    KINDS.map(|kind| kind.name).join(", ")
                ))
            })
        })
        .collect::<Result<_, _>>()?;
    let works: Vec<Workload> = arguments
        .work
        .iter()
        .map(|name| {
            Workload::named(name).ok_or_else(|| {
                io::Error::other(format!("no work is called `{name}`; it is one of {}", WORKLOADS.join(", ")))
            })
        })
        .collect::<Result<_, _>>()?;
    let descriptors = raise_descriptors()?;
    println!("{descriptors} descriptors at most");
    let mut table = String::new();
    if arguments.idle.is_empty() {
        for work in &works {
            table += &turns(work, &kinds, &arguments)?;
        }
    } else {
        table += &idling(&kinds, &arguments)?;
    }
    println!("\n{table}");
    arguments.table.map_or(Ok(()), |path| fs::write(path, &table))
}

/// Lets all servers do some work in turns; gives the lines of the table.
fn turns(work: &Workload, kinds: &[Kind], arguments: &Arguments) -> io::Result<String> {
    println!("\n== {}", work.title);
    let able = kinds.iter().copied().filter(|kind| kind.can(work));
    let mut servers: Vec<(Server, Vec<Figures>)> =
        able.map(|kind| Ok((kind.start(&arguments.binaries)?, Vec::new()))).collect::<io::Result<_>>()?;
    for round in 0..arguments.rounds {
        let many = servers.len();
        for turn in 0..many {
            // Nobody is always the first.
            let (server, figures) = &mut servers[(turn + round) % many];
            let span = Duration::from_millis(arguments.milliseconds);
            let done = run(work, server.target, &server.tree(), span)?;
            println!("{round} {:<24} {done}", server.kind.name);
            figures.push(done);
        }
    }
    Ok(lines(work, &servers))
}

fn lines(work: &Workload, servers: &[(Server, Vec<Figures>)]) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "\n{}\n\n| server | CPU µs | × first | least–most | op/s | p50 | p99 | p99.9 | MiB | errors |",
        work.title
    );
    let _ = writeln!(text, "|---|---|---|---|---|---|---|---|---|---|");
    let Some((_, first)) = servers.first() else { return text };
    for (server, figures) in servers {
        let of = |what: &dyn Fn(&Figures) -> f64| median(figures.iter().map(what).collect());
        let ratios: Vec<f64> =
            figures.iter().zip(first).map(|(own, first)| own.cpu_per_operation() / first.cpu_per_operation()).collect();
        let (least, most) = spread(&ratios);
        let within = |per_mille| of(&|figures| figures.within(per_mille).as_secs_f64() * 1e3);
        #[allow(clippy::cast_precision_loss, reason = "figures for people")]
        let resident = of(&|figures| figures.resident as f64 / f64::from(1 << 20));
        let _ = writeln!(
            text,
            "| {} | {:.2} | {:.2} | {least:.2}–{most:.2} | {:.0} | {:.2} ms | {:.2} ms | {:.2} ms | {resident:.0} | {} |",
            server.kind.name,
            of(&Figures::cpu_per_operation),
            median(ratios.clone()),
            of(&Figures::rate),
            within(500),
            within(990),
            within(999),
            figures.iter().map(|figures| figures.errors).sum::<u64>()
        );
    }
    text
}

/// Opens idle connections to each server, in the clear and under TLS.
fn idling(kinds: &[Kind], arguments: &Arguments) -> io::Result<String> {
    let mut text = String::from("| server | connections | octets each | under TLS |\n|---|---|---|---|\n");
    for many in &arguments.idle {
        for kind in kinds {
            let count = |name: &str, binaries: &Path| -> io::Result<f64> {
                let Some(work) = Workload::named(name).filter(|work| kind.can(work)) else { return Ok(f64::NAN) };
                let server = kind.start(binaries)?;
                idle(&work, server.target, &server.tree(), *many)
            };
            let (clear, tls) = (count("session", &arguments.binaries)?, count("implicit", &arguments.binaries)?);
            let line = format!("| {} | {many} | {clear:.0} | {tls:.0} |", kind.name);
            println!("{line}");
            let _ = writeln!(text, "{line}");
        }
    }
    Ok(text)
}
