//! What `saywhen check -v` says of a protocol: its promises, and how much was explored to prove them.
//!
//! Never: proves; that is `proof`'s.

use std::time::{Duration, Instant};

use program::Program;
use proof::{Proof, Verdict, prove};

/// A line for people.
pub(super) fn line(program: &Program) -> String {
    let (proof, took) = timed(program);
    let (kept, open) = counts(&proof);
    let undecided = if open > 0 { format!(", {open} undecided") } else { String::new() };
    format!(
        "{}: {}{undecided}; {} of a session explored in {:.2} s\n",
        program.name,
        counted(kept, "promise kept", "promises kept"),
        counted(proof.explored, "state", "states"),
        took.as_secs_f64()
    )
}

/// A line of JSON.
pub(super) fn json(program: &Program) -> String {
    let (proof, took) = timed(program);
    let (kept, undecided) = counts(&proof);
    let object = serde_json::json!({
        "proof": *program.name,
        "kept": kept,
        "undecided": undecided,
        "explored": proof.explored,
        "milliseconds": took.as_millis() as u64,
    });
    format!("{object}\n")
}

/// The proof once more, for its own time: what else `check` does is not counted.
fn timed(program: &Program) -> (Proof, Duration) {
    let begun = Instant::now();
    let proof = prove(program);
    (proof, begun.elapsed())
}

/// How many promises are kept, and how many are not decided. Of a program that compiled none is broken.
fn counts(proof: &Proof) -> (usize, usize) {
    let kept = proof.verdicts.iter().filter(|verdict| **verdict == Verdict::Kept).count();
    (kept, proof.verdicts.len() - kept)
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
