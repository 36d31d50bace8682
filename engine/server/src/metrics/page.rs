//! The page: all numbers of one moment, as text (the exposition format of Prometheus, 0.0.4).
//!
//! Never: names a peer.

use std::{
    fmt::Write,
    sync::atomic::{AtomicU64, Ordering},
    time::UNIX_EPOCH,
};

use super::{
    families::{
        ACCEPTED, BUILD, CLEARTEXT, DESCRIPTORS, FAMILIES, FAULTS, Family, HANDSHAKES_FAILED, Kind, LOG_DROPPED, OPEN,
        REFUSED, RELOAD_AT, RELOAD_DONE, RESIDENT, UPTIME, VERSION,
    },
    process,
    tally::{Samples, written},
};
use crate::{grounds::Grounds, log};

/// All numbers of this moment.
pub fn page(grounds: &Grounds) -> String {
    let samples = samples(grounds);
    let mut page = String::new();
    for family in FAMILIES {
        let kind = match family.kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        // Writing into a text does not fail.
        let _ = writeln!(page, "# HELP {} {}\n# TYPE {} {kind}", family.name, family.about, family.name);
        let suffixes: &[&str] = if family.kind == Kind::Histogram { &["_bucket", "_sum", "_count"] } else { &[""] };
        for suffix in suffixes {
            let ours = |name: &str| name.strip_prefix(family.name).is_some_and(|rest| rest == *suffix);
            for ((name, labels), value) in samples.iter().filter(|((name, _), _)| ours(name)) {
                let _ = writeln!(page, "{name}{labels} {value}");
            }
        }
    }
    page
}

fn samples(grounds: &Grounds) -> Samples {
    let version = grounds.present();
    let counters = &version.site.counters;
    let mut samples = counters.tallies.samples();
    for seen in version.site.sessions.seen() {
        let program = seen.service.program();
        let state = program.states.get(usize::from(seen.state.0)).map_or("", |state| &state.name);
        let labels = written(&[("protocol", &program.name), ("state", state)]);
        *samples.entry((OPEN.name, labels)).or_default() += 1.0;
    }
    let mut put = |family: Family, value: f64| {
        samples.insert((family.name, String::new()), value);
    };
    let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed) as f64;
    put(ACCEPTED, read(&counters.accepted));
    put(REFUSED, read(&counters.refused));
    put(HANDSHAKES_FAILED, read(&counters.handshakes_failed));
    put(CLEARTEXT, read(&counters.cleartext_dropped));
    put(FAULTS, read(&counters.panics));
    put(VERSION, version.number as f64);
    put(LOG_DROPPED, log::dropped() as f64);
    put(UPTIME, grounds.since().elapsed().unwrap_or_default().as_secs_f64());
    if let Some(last) = grounds.last_reload() {
        put(RELOAD_AT, last.at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64());
        put(RELOAD_DONE, f64::from(u8::from(last.report.is_in_service())));
    }
    process::descriptors().into_iter().for_each(|open| put(DESCRIPTORS, open));
    process::resident().into_iter().for_each(|octets| put(RESIDENT, octets));
    samples.insert((BUILD.name, written(&[("version", env!("CARGO_PKG_VERSION"))])), 1.0);
    samples
}
