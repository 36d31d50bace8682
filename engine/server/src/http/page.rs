//! The page: all numbers of one moment, as text (the exposition format of Prometheus, 0.0.4).
//!
//! Never: names a peer.

use std::{
    fmt::Write,
    sync::atomic::{AtomicU64, Ordering},
    time::UNIX_EPOCH,
};

use crate::{
    log,
    metrics::{
        families::{
            BUILD, CLEARTEXT, DESCRIPTORS, DOUBTS, EXPIRY, FAMILIES, FAULTS, Family, Kind, LOG_DROPPED, OPEN,
            RELOAD_AT, RELOAD_DONE, RELOAD_SECONDS, RELOADS, RESIDENT, UPTIME, VERSION,
        },
        process,
        samples::Samples,
    },
    serving::{reload_report::Verdict, state::ServerState},
    tls::Doubt,
};

/// All numbers of this moment.
pub fn page(server_state: &ServerState) -> String {
    let samples = samples(server_state);
    let mut page = String::new();
    for family in FAMILIES {
        let kind = family.kind.word();
        // Writing into a text does not fail.
        let _ = writeln!(page, "# HELP {} {}\n# TYPE {} {kind}", family.name, family.about, family.name);
        let suffixes: &[&str] = if family.kind == Kind::Histogram { &["_bucket", "_sum", "_count"] } else { &[""] };
        for suffix in suffixes {
            let _ = samples.write(*family, suffix, &mut page);
        }
    }
    page
}

fn samples(server_state: &ServerState) -> Samples {
    let version = server_state.present();
    let counters = &version.shared.counters;
    let mut samples = counters.tallies.samples();
    for seen in version.shared.sessions.seen() {
        let program = seen.service.program();
        let state = program.states.get(usize::from(seen.state.0)).map_or("", |state| &state.name);
        let listener = seen.listener.to_string();
        samples.add(OPEN, &[("listener", &listener), ("protocol", &program.name), ("state", state)], 1.0);
    }
    for (listener, listener_settings) in &version.listeners {
        let Some(pair) = &listener_settings.pair else { continue };
        let listener = listener.to_string();
        if let Some(ends) = pair.ends() {
            samples.add(EXPIRY, &[("listener", &listener)], ends.as_secs_f64());
        }
        let doubts = pair.doubts_now();
        for word in Doubt::WORDS {
            let doubted = doubts.iter().any(|doubt| doubt.word() == word);
            samples.add(DOUBTS, &[("listener", &listener), ("reason", word)], f64::from(u8::from(doubted)));
        }
    }
    for verdict in Verdict::ALL {
        samples.add(RELOADS, &[("result", verdict.word())], server_state.reloads(verdict) as f64);
    }
    samples.add(BUILD, &[("version", env!("CARGO_PKG_VERSION"))], 1.0);
    let mut put = |family: Family, value: f64| samples.add(family, &[], value);
    let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed) as f64;
    put(CLEARTEXT, read(&counters.cleartext_dropped));
    put(FAULTS, read(&counters.panics));
    put(VERSION, version.number as f64);
    put(LOG_DROPPED, log::dropped() as f64);
    put(UPTIME, server_state.since().elapsed().unwrap_or_default().as_secs_f64());
    if let Some(last) = server_state.last_reload() {
        put(RELOAD_AT, last.at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64());
        put(RELOAD_SECONDS, last.took.as_secs_f64());
        put(RELOAD_DONE, f64::from(u8::from(last.report.is_in_service())));
    }
    process::descriptors().into_iter().for_each(|open| put(DESCRIPTORS, open));
    process::resident().into_iter().for_each(|octets| put(RESIDENT, octets));
    samples
}
