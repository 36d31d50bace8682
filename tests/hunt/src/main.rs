//! `hunt`: looks for faults of the product, for a number of programs or of hours.
//!
//! ```text
//! hunt [--seed N] [--programs N] [--seconds S | --hours H] [--threads N] [--kept N] [--wired N] [--patience S]
//!      [--shrinking S] [--folder DIR]
//! hunt --one SEED     prints the file of a seed, what the checker says of it, and its conversations
//! ```
//!
//! Never: needs anything but itself.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use hunt::{
    check,
    compare::{converse, shown},
    drive::memory::Way,
    generate, hunt as hunting,
    supervise::supervise,
    work::{Work, work},
};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let given = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).cloned()
    };
    let number = |name: &str| given(name).and_then(|text| text.parse::<u64>().ok());
    if let Some(seed) = number("--one") {
        one(seed);
        return ExitCode::SUCCESS;
    }
    let from = number("--seed").unwrap_or(1);
    let hours = given("--hours").and_then(|text| text.parse::<f64>().ok());
    let seconds = number("--seconds").or(hours.map(|hours| (hours * 3600.0) as u64));
    let programs = number("--programs").unwrap_or(if seconds.is_some() { u64::MAX / 2 } else { 1000 });
    let task = Work {
        from,
        to: from.saturating_add(programs),
        within: Duration::from_secs(seconds.unwrap_or(30 * 24 * 3600)),
        threads: number("--threads").map_or_else(cores, |threads| threads as usize),
        folder: given("--folder").map_or_else(|| PathBuf::from("target/hunt"), PathBuf::from),
        wired: number("--wired").unwrap_or(20),
        kept: number("--kept").unwrap_or(2),
        patience: Duration::from_secs(number("--patience").unwrap_or(10)),
        shrinking: Duration::from_secs(number("--shrinking").unwrap_or(20)),
    };
    if arguments.iter().any(|argument| argument == "--worker") {
        work(&task);
        return ExitCode::SUCCESS;
    }
    let sums = match supervise(&task) {
        Ok(sums) => sums,
        Err(error) => {
            eprintln!("the worker cannot be run: {error}");
            return ExitCode::from(2);
        }
    };
    for (likeness, (count, seed)) in &sums.likenesses {
        println!("{count:6}  {likeness}  (first at seed {seed})");
    }
    let refusals =
        sums.refusals.iter().map(|(code, (all, alone, seed))| format!("{code} {all} ({alone} alone, {seed})"));
    println!("refused by {}", refusals.collect::<Vec<_>>().join(", "));
    let tally = sums.tally;
    let disagreements: u64 = sums.kinds.values().sum();
    println!(
        "{} programs generated, {} accepted, {} lines played, {} of them over sockets, {disagreements} disagreements {:?}",
        tally.generated, tally.accepted, tally.lines, tally.wired, sums.kinds
    );
    ExitCode::from(u8::from(disagreements > 0))
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// All about one seed.
fn one(seed: u64) {
    let source = generate::source(seed);
    println!("{}{}", source.text, source.promises.concat());
    let checked = check::source(&source);
    for finding in &checked.findings {
        let place = checked.text.get(finding.span.start as usize..finding.span.end as usize);
        println!("{} {} at {:?}", finding.rule.code, finding.message, place);
    }
    if let Some(next) = &source.next {
        println!("---- the next version\n{}{}", next.text, next.promises.concat());
        for finding in &check::source(next).findings {
            println!("{} {}", finding.rule.code, finding.message);
        }
    }
    let Some(programs) = hunting::programs(&source, &checked) else { return };
    for number in 0..hunting::CONVERSATIONS {
        let Some((script, faults, _)) = converse(&programs, seed * 100 + number, None) else {
            continue;
        };
        println!("---- conversation {number}\n{}{}", script.shown(), shown(&programs, &script, Way::Watched));
        for fault in faults {
            println!("==== {}: {}", fault.kind, fault.what);
        }
    }
}
