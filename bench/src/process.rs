//! What a process and its children cost, as the kernel counts it.
//!
//! Never: asks the process itself.

use std::{fs, io, process::ExitCode, time::Duration};

use nix::{
    sys::resource::{Resource, getrlimit, setrlimit},
    time::ClockId,
    unistd::{Pid, SysconfVar, sysconf},
};

/// As many descriptors as idle connections need.
const DESCRIPTORS: u64 = 200_000;

/// A process and all that it started.
#[derive(Debug, Clone, Copy)]
pub struct Tree {
    root: u32,
}

impl Tree {
    /// That process and its children, theirs too.
    pub fn of(root: u32) -> Tree {
        Tree { root }
    }

    /// The processor time of all of them, those that have ended and were waited for included.
    pub fn cpu(&self) -> Duration {
        self.members().into_iter().map(|member| running(member) + waited_for(member)).sum()
    }

    /// The resident memory of all of them, in octets; what they share is counted once for each.
    pub fn resident(&self) -> u64 {
        self.members().into_iter().filter_map(resident).sum()
    }

    fn members(&self) -> Vec<u32> {
        let parents: Vec<(u32, u32)> = fs::read_dir("/proc")
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .filter_map(|number| Some((number, field(number, 1)?.try_into().ok()?)))
            .collect();
        let mut members = vec![self.root];
        let mut at = 0;
        while let Some(parent) = members.get(at).copied() {
            members.extend(parents.iter().filter(|(_, of)| *of == parent).map(|(child, _)| *child));
            at += 1;
        }
        members
    }
}

/// How a program ends: what went wrong stands on the standard error, in plain words.
pub fn reported(done: io::Result<()>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Allows this process, and the servers that it starts, as many descriptors as can be had: root may raise its own limit.
///
/// # Errors
/// The kernel does not say or refuses.
pub fn raise_descriptors() -> io::Result<u64> {
    let (_, allowed) = getrlimit(Resource::RLIMIT_NOFILE)?;
    let most = allowed.max(DESCRIPTORS);
    if setrlimit(Resource::RLIMIT_NOFILE, most, most).is_ok() {
        return Ok(most);
    }
    setrlimit(Resource::RLIMIT_NOFILE, allowed, allowed)?;
    Ok(allowed)
}

/// The processor time of the threads of a process, ended ones included, to the nanosecond.
fn running(process: u32) -> Duration {
    i32::try_from(process)
        .ok()
        .and_then(|number| ClockId::pid_cpu_clock_id(Pid::from_raw(number)).ok())
        .and_then(|clock| clock.now().ok())
        .map(Duration::from)
        .unwrap_or_default()
}

/// The processor time of the children that it has waited for.
fn waited_for(process: u32) -> Duration {
    let ticks = field(process, 13).unwrap_or(0) + field(process, 14).unwrap_or(0);
    let per_second = sysconf(SysconfVar::CLK_TCK).ok().flatten().and_then(|ticks| u64::try_from(ticks).ok());
    Duration::from_millis(ticks * 1000 / per_second.unwrap_or(100))
}

/// A field of `/proc/PID/stat`, counted from the one behind the name.
fn field(process: u32, number: usize) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(number)?.parse().ok()
}

fn resident(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib * 1024)
}
