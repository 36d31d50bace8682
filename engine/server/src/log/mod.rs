//! The log: one line per event, as text or JSON, each with the name of its session.
//!
//! Never: makes a session wait for a disk, or lets a peer begin a line of its own. Control characters are escaped. No
//! type that holds a secret can be printed, so none gets here.

mod begin;
mod book;
mod journal;
mod line;
mod moment;
mod named;
mod old;
mod queue;
mod writer;

pub(crate) use begin::tell;
pub use begin::{AtEnd, begin, dropped, flush, reopen};
pub(crate) use named::{in_the_name_of, named};
