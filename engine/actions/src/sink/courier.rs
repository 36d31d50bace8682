//! The sink that hands messages on, to another server say.
//!
//! Never: knows how; who makes the sink does.

use std::fmt::Debug;

use program::Words;

use crate::world::{Answer, Message, NotStored};

/// Hands messages on.
pub trait Courier: Debug + Send + Sync {
    /// Hands a message on, and gives the name that it has there once somebody else answers for it. Dropping the answer
    /// breaks it off.
    fn hand_on(&self, message: Message) -> Answer<'_, Result<Words, NotStored>>;
}
