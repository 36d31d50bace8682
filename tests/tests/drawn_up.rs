//! Transcripts that are drawn up reach every handler and every outcome of a protocol, and pass.
//!
//! Never: counts one that was not played.

use std::path::Path;

use server::{counterexamples::stage, findings::Findings, protocols::Protocols};
use transcript::coverage::{Coverage, Kind, Place};

fn check(name: &str, kinds: &[Kind]) {
    let mut findings = Findings::default();
    let mut protocols = Protocols::default();
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../protocols"));
    protocols.add_folder(folder, |known| known == name, &mut findings).unwrap();
    let program = protocols.named(name).flatten().unwrap().clone();
    let mut play = stage(program.clone());

    let mut coverage = Coverage::new(program.clone());
    let wanted = |place: &Place| kinds.contains(&place.kind);
    let places: Vec<Place> = coverage.places().into_iter().filter(wanted).collect();
    let drawn = witness::draw_up(&program, &places, &mut play, &mut stage(program.clone()), &|| false);

    let mut missed = Vec::new();
    for (place, text) in places.iter().zip(drawn) {
        let Some(text) = text else {
            missed.push(format!("line {}: {}", place.line, place.what));
            continue;
        };
        let played = play(&text).unwrap_or_else(|| panic!("no transcript:\n{text}"));
        assert!(played.failures.is_empty(), "{:?}:\n{text}", played.failures);
        coverage.add(&played.executed);
    }
    assert!(missed.is_empty(), "{name}: nothing was drawn up for {missed:#?}");
    let open: Vec<Place> = coverage.places().into_iter().filter(|place| wanted(place) && place.times == 0).collect();
    assert!(open.is_empty(), "{name}: {open:#?}");
}

const ALL: &[Kind] = &[Kind::State, Kind::Handler, Kind::Outcome, Kind::Branch];

#[test]
fn all_of_the_mail_server_is_reached() {
    check("smtp", ALL);
}

#[test]
fn all_of_local_delivery_is_reached() {
    // One of its conditions needs two recipients who both want to be told.
    check("lmtp", &ALL[..3]);
}

#[test]
fn all_of_the_maildrop_is_reached() {
    check("pop3", ALL);
}

#[test]
fn all_of_the_policy_is_reached() {
    check("policy", ALL);
}
