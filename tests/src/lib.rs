//! What the black-box tests stand on: the built server in a folder of its own, a client, messages, and what was stored.
//!
//! Never: reaches into the product; the server is a process, and the rest is files and sockets.

mod against;
mod client;
mod dovecot;
mod installed;
mod maildir;
mod message;
mod office;
mod postfix;
mod server;
mod site;
mod tool;

pub use against::differs_as_explained;
pub use client::{Answer, Client, Message};
pub use dovecot::{DOVECOT, Dovecot};
pub use installed::{Installed, Said};
pub use maildir::{Stored, each_stored, stored, unfinished};
pub use message::Generator;
pub use office::Office;
pub use postfix::{Postfix, PostfixSetup};
pub use server::{Server, Setup, binary, free_ports, give_away, is_root, root, run_as};
pub use site::{Site, SiteSetup};
pub use tool::{sha256, tool};
