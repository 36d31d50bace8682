//! engine/transcript
