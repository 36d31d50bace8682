//! The worker: threads that try seed after seed and tell the supervisor what they do, line by line.
//!
//! Lines that begin with `@` are for the supervisor: `@at THREAD SEED`, `@tally …`, `@refused CODE alone|too SEED`,
//! `@found KIND SEED LIKENESS`.
//!
//! Never: outlives what it tries. Where a seed takes for ever, the supervisor ends the whole process.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use server::transcripts::sockets::Stage;

use crate::{
    compare::shown,
    drive::memory::Way,
    hunt::{self, Found, Tally},
    shrink::shrink,
};

/// What a worker does.
#[derive(Debug, Clone)]
pub struct Work {
    /// The first seed.
    pub from: u64,
    /// Behind the last one.
    pub to: u64,
    /// For how long.
    pub within: Duration,
    /// How many threads.
    pub threads: usize,
    /// Where what was found is kept.
    pub folder: PathBuf,
    /// How often one likeness is made small and kept.
    pub kept: u64,
    /// One of so many programs is played over sockets too; 0: none.
    pub wired: u64,
    /// How long one seed may take.
    pub patience: Duration,
    /// How long it may take to make one small.
    pub shrinking: Duration,
}

/// Tries seeds until all are tried or the time is over.
pub fn work(work: &Work) {
    std::panic::set_hook(Box::new(|_| {}));
    let (next, until) = (AtomicU64::new(work.from), Instant::now() + work.within);
    let seen: Mutex<BTreeMap<String, u64>> = Mutex::default();
    std::thread::scope(|scope| {
        for thread in 0..work.threads {
            let (next, seen) = (&next, &seen);
            // Checks of nested texts go deep.
            let builder = std::thread::Builder::new().stack_size(64 << 20);
            let spawned = builder.spawn_scoped(scope, move || {
                let stage = if work.wired > 0 { Stage::new().ok() } else { None };
                while Instant::now() < until {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= work.to {
                        break;
                    }
                    let wired = work.wired > 0 && seed % work.wired == 0;
                    one(work, thread, seed, seen, stage.as_ref().filter(|_| wired));
                }
            });
            spawned.expect("a thread can be had");
        }
    });
}

fn one(work: &Work, thread: usize, seed: u64, seen: &Mutex<BTreeMap<String, u64>>, stage: Option<&Stage>) {
    println!("@at {thread} {seed}{}", if stage.is_some() { " slowly" } else { "" });
    let (mut tally, mut refusals) = (Tally::default(), BTreeMap::new());
    let all = hunt::seed(seed, &mut tally, &mut refusals, stage);
    let alone = refusals.len() == 1;
    for code in refusals.keys() {
        println!("@refused {code} {} {seed}", if alone { "alone" } else { "too" });
    }
    println!("@tally {} {} {} {}", tally.generated, tally.accepted, tally.lines, tally.wired);
    for found in all {
        let likeness = found.fault.likeness();
        println!("@found {} {seed} {likeness}", found.fault.kind);
        let count = {
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            let count = seen.entry(likeness).or_insert(0);
            *count += 1;
            *count
        };
        if count <= work.kept {
            println!("@at {thread} {seed} shrinking");
            let stage = stage.filter(|_| found.fault.kind == "sockets");
            keep(&shrink(&found, work.shrinking, stage), &work.folder);
        }
    }
}

/// Writes what was found into a folder of its own, and prints it.
fn keep(found: &Found, folder: &Path) {
    let place = folder.join(format!("{}-{}", found.fault.kind, found.seed));
    let mut text =
        format!("==== {} at seed {}: {}\n{}\n", found.fault.kind, found.seed, found.fault.what, found.source.text);
    if let Some((name, base)) = &found.source.base {
        text.push_str(&format!("---- {name}\n{base}\n"));
    }
    if let Some(next) = &found.source.next {
        text.push_str(&format!("---- the next version\n{}{}\n", next.text, next.promises.concat()));
    }
    if let Some(script) = &found.script {
        text.push_str(&script.shown());
    }
    let written = fs::create_dir_all(&place).and_then(|()| {
        fs::write(place.join("p.proto.dsl"), &found.source.text)?;
        let mut talk = text.clone();
        if let (Some(script), checked) = (&found.script, crate::check::source(&found.source))
            && let Some(programs) = hunt::programs(&found.source, &checked)
        {
            talk.push_str(&shown(&programs, script, Way::Watched));
        }
        fs::write(place.join("found.txt"), talk)
    });
    if let Err(error) = written {
        eprintln!("{}: {error}", place.display());
    }
    print!("{text}");
}
