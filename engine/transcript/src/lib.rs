//! Conversations as tests: read, checked against their protocol, played, compared, repaired, and measured.
//!
//! Never: opens a socket or a file, reads a real clock, or asks the network. Who plays over sockets implements a wire.

mod check;
pub mod coverage;
mod lcov;
mod parse;
mod pattern;
pub mod play;
mod repair;
pub mod report;
mod script;
mod values;

use diagnostic::Rule;

pub use check::{check, unknown_protocol};
pub use lcov::lcov;
pub use parse::parse;
pub use pattern::{Bindings, Difference, Kind, Part, Pattern};
pub use repair::repair;
pub use script::{
    Act, Argument, Aspect, Claim, Client, ClientAnswer, ClientFact, DnsAnswer, DnsFact, Fact, FileAnswer, FileFact,
    Given, MailboxAnswer, MailboxFact, Mark, Plain, Row, Said, SettingFact, SinkAnswer, SinkFact, SqlAnswer, SqlFact,
    Step, Transcript, Which,
};
pub use values::{Hash, row, value};

/// Every finding that a transcript can have, in the order of their codes.
pub fn rules() -> Vec<&'static Rule> {
    let mut rules = vec![
        &parse::LINE,
        &parse::MARK,
        &parse::GIVEN,
        &parse::THEN,
        &parse::UNBOUND,
        &parse::OCTETS,
        &parse::TLS,
        &check::STATE,
        &check::SETTING,
        &check::LOOK_UP,
        &parse::PART,
        &parse::GONE,
        &parse::EMPTY,
        &parse::TITLE,
        &parse::PEERS,
        &parse::SECTION,
        &parse::TWICE,
        &check::PROTOCOL,
    ];
    rules.sort_by_key(|rule| rule.code);
    rules
}
