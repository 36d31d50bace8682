//! Transcripts that are drawn up reach every handler and every outcome of a protocol, and pass.
//!
//! Never: counts one that was not played.

use std::path::Path;

use server::{
    findings::Findings,
    protocols::{Protocols, counterexamples::stage},
};
use transcript::coverage::{Coverage, Kind, Place};

fn check(name: &str, kinds: &[Kind]) {
    let mut findings = Findings::default();
    let mut protocols = Protocols::default();
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../protocols"));
    protocols.add_folder(folder, |known| known == name, &mut findings).unwrap();
    let program = protocols.named(name).flatten().unwrap().clone();
    let mut play = stage(program.clone());

    let mut coverage = Coverage::new(program.clone());
    // A statement that is asked twice, with an answer each, is more than a search finds: what comes of the second answer is
    // shown by transcripts that are written by hand.
    let second = second_answers(folder, name);
    let wanted = |place: &Place| kinds.contains(&place.kind) && !second.contains(&place.line);
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

/// The lines of a protocol that say what comes of the second look-up in the table of mailboxes.
fn second_answers(folder: &Path, name: &str) -> Vec<u32> {
    let text = std::fs::read_to_string(folder.join(format!("{name}.proto.dsl"))).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let asked = lines.iter().position(|line| line.contains("ask mailbox(\"{plain}@"));
    asked.map_or_else(Vec::new, |at| (at as u32 + 1..=at as u32 + 2).collect())
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
