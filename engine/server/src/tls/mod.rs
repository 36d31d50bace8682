//! TLS: the certificate, its key, and the two ways in.
//!
//! Never: speaks anything older than TLS 1.2, or has a second provider of cryptography.

mod anybody;
mod der;
mod doubt;
mod expiry;
mod kind;
mod pair;
mod self_signed;
mod upgrade;

pub use anybody::Anybody;
pub use doubt::Doubt;
pub use pair::{Pair, PairError};
pub use self_signed::{self_signed, write_pair};
pub(crate) use upgrade::agreed;
pub use upgrade::{HandshakeError, Secured, accept, upgrade};
