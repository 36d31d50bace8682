//! Coverage as other programs read it: the trace files of lcov, for its pages and for editors.
//!
//! Never: counts otherwise than the report for people does.

use std::{collections::BTreeMap, fmt::Write, sync::Arc};

use program::Pc;

use crate::coverage::{Coverage, Kind, Place};

/// How often each line was come to.
type Lines = BTreeMap<u32, u64>;

/// A record for each file that is the protocol's own: handlers as functions, outcomes and sides as branches, lines.
pub fn lcov(coverage: &Coverage) -> String {
    let mut files: BTreeMap<Arc<str>, (Vec<Place>, Lines)> = BTreeMap::new();
    for place in coverage.places().into_iter().filter(|place| place.line > 0) {
        files.entry(place.file.clone()).or_default().0.push(place);
    }
    let program = coverage.program();
    for (at, origin) in program.origins.iter().enumerate() {
        let source = program.sources.get(usize::from(origin.file)).filter(|source| !source.taken);
        if let Some((_, lines)) = source.and_then(|source| files.get_mut(&source.name)) {
            let times = lines.entry(origin.line).or_default();
            *times = (*times).max(coverage.executed(Pc(at as u32)));
        }
    }
    let mut text = String::new();
    for (file, (places, lines)) in files {
        // Writing into a string never fails.
        let _ = writeln!(text, "TN:{}\nSF:{file}", program.name);
        functions(&mut text, &places);
        branches(&mut text, &places);
        for (line, times) in &lines {
            let _ = writeln!(text, "DA:{line},{times}");
        }
        let hit = lines.values().filter(|times| **times > 0).count();
        let _ = writeln!(text, "LF:{}\nLH:{hit}\nend_of_record", lines.len());
    }
    text
}

fn functions(text: &mut String, places: &[Place]) {
    let all: Vec<&Place> = places.iter().filter(|place| matches!(place.kind, Kind::Handler | Kind::Answer)).collect();
    // A name stands once in a file, and has no comma in it.
    let name = |place: &Place| format!("{} at {}", place.what.replace(',', ""), place.line);
    for place in &all {
        let _ = writeln!(text, "FN:{},{}", place.line, name(place));
    }
    for place in &all {
        let _ = writeln!(text, "FNDA:{},{}", place.times, name(place));
    }
    let hit = all.iter().filter(|place| place.times > 0).count();
    let _ = writeln!(text, "FNF:{}\nFNH:{hit}", all.len());
}

fn branches(text: &mut String, places: &[Place]) {
    let all: Vec<&Place> = places.iter().filter(|place| matches!(place.kind, Kind::Outcome | Kind::Branch)).collect();
    let mut numbers: BTreeMap<u32, usize> = BTreeMap::new();
    for place in &all {
        let number = numbers.entry(place.line).or_default();
        let _ = writeln!(text, "BRDA:{},0,{number},{}", place.line, place.times);
        *number += 1;
    }
    let hit = all.iter().filter(|place| place.times > 0).count();
    let _ = writeln!(text, "BRF:{}\nBRH:{hit}", all.len());
}
