//! The table of built-in types, in the order in which they are best explained.
//!
//! Never: spells a form out; each is written where its kind lives.

use std::sync::LazyLock;

use program::{Type, Writing};

use super::{Builtin, address, mail, number, small, text};
use crate::lexical::regular::{choice, folded};

pub(super) static BUILTINS: [Builtin; 22] = [
    Builtin {
        name: "text",
        summary: "any UTF-8 text without control characters; tabs are allowed",
        ty: Type::Text,
        language: Some(LazyLock::new(|| small(&text::text()))),
    },
    Builtin {
        name: "word",
        summary: "a text of at least one character, without blanks",
        ty: Type::Word,
        language: Some(LazyLock::new(|| small(&text::word()))),
    },
    Builtin {
        name: "number",
        summary: "a whole number of 1 to 18 digits",
        ty: Type::Number { least: 0, most: number::MOST },
        language: Some(LazyLock::new(|| small(&number::within(0, number::MOST)))),
    },
    Builtin {
        name: "size",
        summary: "a number of octets, 1 to 20 digits",
        ty: Type::Size,
        language: Some(LazyLock::new(|| small(&number::size()))),
    },
    Builtin { name: "duration", summary: "a span of time", ty: Type::Duration, language: None },
    Builtin { name: "time", summary: "a moment", ty: Type::Time, language: None },
    Builtin {
        name: "yes_no",
        summary: "`yes` or `no`",
        ty: Type::YesNo,
        language: Some(LazyLock::new(|| small(&choice([folded("yes"), folded("no")])))),
    },
    Builtin {
        name: "ip",
        summary: "an IPv4 or IPv6 address",
        ty: Type::Ip,
        language: Some(LazyLock::new(|| small(&address::ip()))),
    },
    Builtin {
        name: "network",
        summary: "an address and the number of leading bits that count; without one, the address alone",
        ty: Type::Network,
        language: Some(LazyLock::new(|| small(&address::network()))),
    },
    Builtin {
        name: "domain",
        summary: "a domain name (RFC 5321 §4.1.2), also an international one (RFC 6531)",
        ty: Type::Domain,
        language: Some(LazyLock::new(|| small(&mail::domain()))),
    },
    Builtin {
        name: "helo_name",
        summary: "a domain name, underscores allowed, or an address literal (RFC 5321 §4.1.3)",
        ty: Type::HeloName,
        language: Some(LazyLock::new(|| small(&mail::helo_name()))),
    },
    Builtin {
        name: "reverse_path",
        summary: "`<local@domain>` or `<>` (RFC 5321 §4.1.2); a source route is accepted and ignored",
        ty: Type::ReversePath,
        language: Some(LazyLock::new(|| small(&mail::reverse_path()))),
    },
    Builtin {
        name: "forward_path",
        summary: "`<local@domain>` or `<local>` (RFC 5321 §4.1.2); a source route is accepted and ignored",
        ty: Type::ForwardPath,
        language: Some(LazyLock::new(|| small(&mail::forward_path()))),
    },
    Builtin {
        name: "lenient_reverse_path",
        summary: "a `reverse_path`, or one with dots at the end of the local part or one behind the other, or underscores in the domain",
        ty: Type::LenientReversePath,
        language: Some(LazyLock::new(|| small(&mail::lenient_reverse_path()))),
    },
    Builtin {
        name: "lenient_forward_path",
        summary: "a `forward_path`, or one with dots at the end of the local part or one behind the other, or underscores in the domain",
        ty: Type::LenientForwardPath,
        language: Some(LazyLock::new(|| small(&mail::lenient_forward_path()))),
    },
    Builtin {
        name: "base64",
        summary: "base64 text (RFC 4648 §4), with its padding or without; `=` alone is the empty text",
        ty: Type::Base64,
        language: Some(LazyLock::new(|| small(&text::base64()))),
    },
    Builtin {
        name: "quoted",
        summary: "a text in double quotes; a quote or a backslash in it stands behind a backslash",
        ty: Type::Written(Writing::Quoted),
        language: Some(LazyLock::new(|| small(&text::quoted()))),
    },
    Builtin {
        name: "literal",
        summary: "a text as counted octets, `{5}` and a line end before them",
        ty: Type::Written(Writing::Literal),
        language: Some(LazyLock::new(|| small(&text::counted()))),
    },
    Builtin {
        name: "string",
        summary: "a text in double quotes, or as counted octets",
        ty: Type::Written(Writing::String),
        language: Some(LazyLock::new(|| small(&choice([text::quoted(), text::counted()])))),
    },
    Builtin {
        name: "astring",
        summary: "a text as it stands, if it has neither blanks nor `\"`, `\\`, `(`, `)`, `{`; else a `string`",
        ty: Type::Written(Writing::Atom),
        language: Some(LazyLock::new(|| small(&choice([text::atom(), text::quoted(), text::counted()])))),
    },
    Builtin { name: "octets", summary: "a payload, known by its length", ty: Type::Octets, language: None },
    Builtin { name: "sink", summary: "the name of a place where messages go", ty: Type::Sink, language: None },
];
