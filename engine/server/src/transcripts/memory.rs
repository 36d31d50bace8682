//! One transcript, played in memory over the world that it gives.
//!
//! Never: asks a network, a database or the clock.

use std::{path::Path, sync::Arc};

use machine::Service;
use transcript::{
    Transcript,
    play::{Memory, Played, play},
};

use super::{
    answers::{Recorded, facts},
    clients::Pretended,
    files::Playable,
};

/// The folder of known faults: what stands below it must fail.
const KNOWN_FAULTS: &str = "fixme";

/// Plays one.
pub fn memory(playable: &Playable) -> Played {
    memory_of(&playable.transcript, &playable.service)
}

/// Plays one that need not be a file.
pub fn memory_of(transcript: &Transcript, service: &Arc<Service>) -> Played {
    let program = service.program();
    let world = Arc::new(facts(&transcript.given, program));
    let mut answers = Recorded::new(world, Pretended::new(&transcript.given.clients));
    let mut wire = Memory::new(service.clone(), &transcript.given, &mut answers);
    play(transcript, program.wire.line_end, &mut wire)
}

/// Whether a transcript stands among those that must fail.
pub fn is_known_fault(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == KNOWN_FAULTS)
}
