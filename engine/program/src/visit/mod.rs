//! The one reader of programs: what an expression is made of, what an instruction reads, changes and says, where a body
//! goes on behind it, and what begins a body. Every match that a reader must be able to rely on is exhaustive: who adds
//! a variant answers here, once, and all that read programs know.
//!
//! Only who emits instructions (`grammar`), carries them out (`machine`) or gives them another form looks at them one by
//! one.
//!
//! Never: evaluates, or follows a way.

mod effects;
mod entries;
mod exits;
mod expression;
#[cfg(test)]
mod tests;

pub use effects::{Change, Changing, Ending, Said, Saying, Waiting, Waits};
pub use entries::Entry;
pub use exits::{Exit, Exits, To, Why};
