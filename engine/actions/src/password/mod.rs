//! Checks a password against what a statement says, at the same cost whether the user exists or not.
//!
//! Never: shows, logs or keeps a password. A stored hash is kept only as the pattern of work for unknown users.

mod check;
mod claimed;
mod crypt;
mod dummy;
mod form;
mod make;
mod scheme;

pub use claimed::claimed_login;
pub use make::{Scheme, make};
pub use scheme::crypt;

pub(crate) use check::{check, outcomes};
pub(crate) use dummy::Dummies;
pub(crate) use form::{decoded, is_password, login, secret};
