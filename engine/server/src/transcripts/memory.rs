//! One transcript, played in memory over the world that it gives.
//!
//! Never: asks a network, a database or the clock.

use std::{path::Path, sync::Arc};

use transcript::play::{Memory, Played, play};

use super::{
    answers::{Recorded, facts},
    clients::Pretended,
    files::Playable,
};

/// The folder of known faults: what stands below it must fail.
const KNOWN_FAULTS: &str = "fixme";

/// Plays one.
pub fn memory(playable: &Playable) -> Played {
    let program = playable.service.program();
    let world = Arc::new(facts(&playable.transcript.given, program));
    let mut answers = Recorded::new(world, Pretended::new(&playable.transcript.given.clients));
    let mut wire = Memory::new(playable.service.clone(), &playable.transcript.given, &mut answers);
    play(&playable.transcript, program.wire.line_end, &mut wire)
}

/// Whether a transcript stands among those that must fail.
pub fn is_known_fault(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == KNOWN_FAULTS)
}
