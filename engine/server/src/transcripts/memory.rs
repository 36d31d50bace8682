//! One transcript, played in memory over the world that it gives.
//!
//! Never: asks a network, a database or the clock.

use std::path::Path;

use transcript::play::Played;

use super::files::Playable;
use crate::simulation::world::memory_of;

/// The folder of known faults: what stands below it must fail.
const KNOWN_FAULTS: &str = "fixme";

/// Plays one.
pub fn memory(playable: &Playable) -> Played {
    memory_of(&playable.transcript, &playable.service)
}

/// Whether a transcript stands among those that must fail.
pub fn is_known_fault(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == KNOWN_FAULTS)
}
