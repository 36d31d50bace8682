//! Who works on which processor: the load has one of its own, and the servers have the others.
//!
//! Never: takes a processor that this process was not given; where there is but one, all share it.

use std::{io, sync::OnceLock};

use nix::{
    sched::{CpuSet, sched_getaffinity, sched_setaffinity},
    unistd::Pid,
};

/// This thread, and what it starts from here on, works on the last processor.
///
/// # Errors
/// The system does not say which processors there are, or forbids it.
pub(crate) fn be_the_load() -> io::Result<()> {
    let all = processors()?;
    only(all.last().into_iter())
}

/// This thread, and what it starts from here on, works on all processors but the last.
///
/// # Errors
/// The same.
pub(crate) fn be_a_server() -> io::Result<()> {
    let all = processors()?;
    only(all[..all.len().saturating_sub(1).max(1)].iter())
}

/// The processors that this process was given; asked for once, since a thread has fewer when it has taken a part.
fn processors() -> io::Result<Vec<usize>> {
    static ALL: OnceLock<Vec<usize>> = OnceLock::new();
    if let Some(all) = ALL.get() {
        return Ok(all.clone());
    }
    let set = sched_getaffinity(Pid::from_raw(0))?;
    let all = (0..CpuSet::count()).filter(|processor| set.is_set(*processor).unwrap_or(false)).collect();
    Ok(ALL.get_or_init(|| all).clone())
}

fn only<'a>(processors: impl Iterator<Item = &'a usize>) -> io::Result<()> {
    let mut set = CpuSet::new();
    for processor in processors {
        set.set(*processor)?;
    }
    Ok(sched_setaffinity(Pid::from_raw(0), &set)?)
}
