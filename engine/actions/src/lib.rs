//! engine/actions
