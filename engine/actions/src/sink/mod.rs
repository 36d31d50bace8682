//! Where messages go: folders on disk, nowhere, or memory.
//!
//! Never: changes one octet of a message.

mod courier;
mod discard;
mod drawer;
mod line_ends;
mod mailbox;
mod maildir;
mod memory;
mod place;
mod sync;
mod validity;

use std::{collections::BTreeMap, sync::Arc};

pub use courier::Courier;
pub use drawer::Drawers;
pub use maildir::Maildir;
pub use memory::{Delivered, Memory};

pub(crate) use discard::swallow;
pub(crate) use mailbox::Mailbox;
pub(crate) use maildir::{Stored, unique, unique_in};
use place::Template;
pub(crate) use validity::Validity;

/// The sinks that a configuration names.
#[derive(Debug, Clone, Default)]
pub struct Sinks(pub BTreeMap<String, Sink>);

/// One place for messages.
#[derive(Debug, Clone)]
pub enum Sink {
    /// A folder with a file for each message.
    Maildir(Arc<Maildir>),
    /// A folder of files for each owner; no messages.
    Files(Arc<Drawers>),
    /// Nowhere: the message is read to its end and forgotten.
    Discard,
    /// Somebody else, who answers for it.
    Courier(Arc<dyn Courier>),
}
