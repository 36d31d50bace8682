//! The built-in actions: look-ups, passwords, SQL statements, delivery. An action answers, and that is all it does.
//!
//! To add one: copy `dig.rs`, then add its `mod` line and its line in [`TABLE`].
//!
//! Never: touches a client's socket or a session's state, replies, logs, or waits longer than its call allows.

mod action;
mod blacklist;
mod check_password;
mod count_header;
mod deliver;
mod deliver_to;
mod dig;
mod file_delete;
mod file_fetch;
mod file_list;
mod file_mark;
mod file_read;
mod file_rename;
mod file_write;
mod mailbox_append;
mod mailbox_changes;
mod mailbox_expunge;
mod mailbox_fetch;
mod mailbox_flag;
mod mailbox_head;
mod mailbox_list;
mod mailbox_lock;
mod mailbox_mark;
mod mailbox_refresh;
mod mailbox_release;
mod validate_login;
mod validate_plain;
mod verified_name;

/// Every built-in action, in the order of their names.
static TABLE: &[&Action] = &[
    &blacklist::ACTION,
    &check_password::ACTION,
    &count_header::ACTION,
    &deliver::ACTION,
    &deliver_to::ACTION,
    &dig::ACTION,
    &file_delete::ACTION,
    &file_fetch::ACTION,
    &file_list::ACTION,
    &file_mark::ACTION,
    &file_read::ACTION,
    &file_rename::ACTION,
    &file_write::ACTION,
    &mailbox_append::ACTION,
    &mailbox_changes::ACTION,
    &mailbox_expunge::ACTION,
    &mailbox_fetch::ACTION,
    &mailbox_flag::ACTION,
    &mailbox_head::ACTION,
    &mailbox_list::ACTION,
    &mailbox_lock::ACTION,
    &mailbox_mark::ACTION,
    &mailbox_refresh::ACTION,
    &mailbox_release::ACTION,
    &validate_login::ACTION,
    &validate_plain::ACTION,
    &verified_name::ACTION,
];

mod answering;
mod example;
mod explain;
mod files;
mod guard;
mod mailbox;
mod password;
mod payload;
mod race;
mod reverse;
pub mod sink;
mod statement;
#[cfg(test)]
mod trial;
pub mod world;
mod zone;

use std::sync::{Arc, LazyLock};

use program::Signature;

use crate::action::Action;

pub use answering::Actions;
pub use explain::explain;
pub use password::{Scheme, claimed_login, crypt, make};
pub use payload::{LENT, Payload, Payloads, most_read};
pub use world::World;

/// The signatures of all built-in actions, in the order of their names.
pub fn signatures() -> &'static [Arc<Signature>] {
    static SIGNATURES: LazyLock<Vec<Arc<Signature>>> =
        LazyLock::new(|| TABLE.iter().map(|action| Arc::new(action.signature())).collect());
    &SIGNATURES
}
