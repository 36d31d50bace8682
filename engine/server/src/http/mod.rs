//! What a server answers over HTTP: the page that Prometheus reads.
//!
//! Never: waits for a session.

mod page;
mod responder;

pub use page::page;
pub use responder::respond;
