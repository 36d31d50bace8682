//! The supervisor: one worker process at a time, started anew where it dies or hangs, and the sums at the end.
//!
//! Never: tries a seed itself.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
    time::{Duration, Instant},
};

use crate::{hunt::Tally, work::Work};

/// How much longer a seed may take that is made small, or played over sockets.
const SLOWLY: Duration = Duration::from_secs(120);

/// What came of a hunt.
#[derive(Debug, Default)]
pub struct Sums {
    /// All tallies.
    pub tally: Tally,
    /// How often each kind was found.
    pub kinds: BTreeMap<String, u64>,
    /// How many files each rule refused: all, those that no other one refused, and one of these.
    pub refusals: BTreeMap<String, (u64, u64, u64)>,
    /// How often each likeness was found, and the first seed.
    pub likenesses: BTreeMap<String, (u64, u64)>,
}

/// What a thread of the worker is at.
struct At {
    seed: u64,
    since: Instant,
    /// It may take its time: something is made small, or played over sockets.
    slowly: bool,
}

/// Hunts through workers until all seeds are tried or the time is over.
pub fn supervise(work: &Work) -> std::io::Result<Sums> {
    let mut sums = Sums::default();
    let until = Instant::now() + work.within;
    let mut from = work.from;
    while from < work.to && Instant::now() < until {
        let left = Work { from, within: until.saturating_duration_since(Instant::now()), ..work.clone() };
        match tend(&left, &mut sums)? {
            Some(next) => from = next,
            None => break,
        }
    }
    Ok(sums)
}

/// Runs one worker to its end. Gives the seed to go on with where it did not come to it.
fn tend(work: &Work, sums: &mut Sums) -> std::io::Result<Option<u64>> {
    let mut child = start(work)?;
    let output = child.stdout.take().expect("it was asked for");
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    let mut at: BTreeMap<String, At> = BTreeMap::new();
    loop {
        match lines.recv_timeout(Duration::from_millis(200)) {
            Ok(line) => read(&line, &mut at, sums),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        let late = |at: &&At| at.since.elapsed() > work.patience + if at.slowly { SLOWLY } else { Duration::ZERO };
        if let Some(hung) = at.values().find(late) {
            note("hangs", hung.seed, "a seed takes for ever", sums);
            child.kill()?;
            child.wait()?;
            return Ok(at.values().map(|at| at.seed + 1).max());
        }
    }
    let status = child.wait()?;
    if status.success() {
        return Ok(None);
    }
    for at in at.values() {
        if let Some(how) = dies(work, at.seed)? {
            note("dies", at.seed, &how, sums);
        }
    }
    Ok(at.values().map(|at| at.seed + 1).max())
}

fn start(work: &Work) -> std::io::Result<Child> {
    let own = std::env::current_exe()?;
    let mut command = Command::new(own);
    command.arg("--worker").args(["--seed", &work.from.to_string()]);
    command.args(["--programs", &(work.to - work.from).to_string()]);
    command.args(["--seconds", &work.within.as_secs().to_string()]);
    command.args(["--threads", &work.threads.to_string(), "--kept", &work.kept.to_string()]);
    command.args(["--wired", &work.wired.to_string()]);
    command.args(["--patience", &work.patience.as_secs().to_string()]);
    command.args(["--shrinking", &work.shrinking.as_secs().to_string()]);
    command.arg("--folder").arg(&work.folder).stdout(Stdio::piped()).spawn()
}

/// Whether a seed alone makes the worker die.
fn dies(work: &Work, seed: u64) -> std::io::Result<Option<String>> {
    let alone = Work { from: seed, to: seed + 1, threads: 1, within: work.patience, kept: 0, ..work.clone() };
    let mut child = start(&alone)?;
    drop(child.stdout.take());
    let status: ExitStatus = child.wait()?;
    Ok((!status.success()).then(|| format!("the process ends: {status}")))
}

fn note(kind: &str, seed: u64, what: &str, sums: &mut Sums) {
    println!("==== {kind} at seed {seed}: {what}");
    *sums.kinds.entry(kind.into()).or_insert(0) += 1;
    sums.likenesses.entry(format!("{kind} {what}")).or_insert((0, seed)).0 += 1;
}

fn read(line: &str, at: &mut BTreeMap<String, At>, sums: &mut Sums) {
    let mut words = line.split(' ');
    match words.next() {
        Some("@at") => {
            let (Some(thread), Some(seed)) = (words.next(), words.next().and_then(|seed| seed.parse().ok())) else {
                return;
            };
            at.insert(thread.into(), At { seed, since: Instant::now(), slowly: words.next().is_some() });
        }
        Some("@tally") => {
            let mut number = || words.next().and_then(|number| number.parse().ok()).unwrap_or(0);
            sums.tally.add(Tally { generated: number(), accepted: number(), lines: number(), wired: number() });
        }
        Some("@refused") => {
            let (code, alone) = (words.next().unwrap_or_default(), words.next() == Some("alone"));
            let refused = sums.refusals.entry(code.into()).or_default();
            refused.0 += 1;
            if alone {
                refused.1 += 1;
                refused.2 = words.next().and_then(|seed| seed.parse().ok()).unwrap_or(0);
            }
        }
        Some("@found") => {
            let (kind, seed) = (words.next().unwrap_or_default(), words.next().and_then(|seed| seed.parse().ok()));
            *sums.kinds.entry(kind.into()).or_insert(0) += 1;
            let likeness: Vec<&str> = words.collect();
            sums.likenesses.entry(likeness.join(" ")).or_insert((0, seed.unwrap_or(0))).0 += 1;
        }
        _ => println!("{line}"),
    }
}
