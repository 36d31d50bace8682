//! The world of a transcript, in memory.
//!
//! Never: asks a network, a database or the clock.

use std::sync::Arc;

use machine::Service;
use transcript::{
    Transcript,
    play::{Memory, Played, play},
};

use crate::simulation::{
    answers::{Recorded, facts},
    clients::Pretended,
};

/// Plays one that need not be a file.
pub fn memory_of(transcript: &Transcript, service: &Arc<Service>) -> Played {
    let program = service.program();
    let world = Arc::new(facts(&transcript.given, program));
    let mut answers = Recorded::new(world, Pretended::new(&transcript.given.clients));
    let mut wire = Memory::new(service.clone(), &transcript.given, &mut answers);
    play(transcript, program.wire.line_end, &mut wire)
}
