//! Lines for the operator, said while a server starts or reloads.
//!
//! Never: stops anything.

/// A line for the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// As expected.
    Plain(String),
    /// Worth a look.
    Warning(String),
}
