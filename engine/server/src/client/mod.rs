//! Clients of a protocol at work: who is called, over which connection, and under which TLS.
//!
//! Never: knows what is said; the machine does.

mod call;
mod dial;
mod link;
mod relay;
mod talk;
mod trust;

pub use call::{Caller, Errand, Side, Witness};
pub use dial::Dialer;
pub use relay::{FIELDS, Relay};
pub use trust::{Trust, TrustError};
