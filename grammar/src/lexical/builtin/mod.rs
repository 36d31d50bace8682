//! The built-in types: one entry each, with its name in the language, what it is, and its form on the wire.
//!
//! Never: decodes; a property test holds these forms and the machine's decoders together.

mod address;
mod mail;
mod number;
mod text;

use std::sync::LazyLock;

use program::Type;

use super::{
    Language,
    regular::{Regular, choice, folded},
};

/// A built-in type.
#[derive(Debug)]
pub struct Builtin {
    /// Its name in the language.
    pub name: &'static str,
    /// What it is, in one line.
    pub summary: &'static str,
    ty: Type,
    language: Option<LazyLock<Language>>,
}

/// The type of that name.
pub fn builtin(name: &str) -> Option<Type> {
    BUILTINS.iter().find(|builtin| builtin.name == name).map(|builtin| builtin.ty.clone())
}

/// All built-in types, in the order in which they are best explained.
pub fn builtins() -> &'static [Builtin] {
    &BUILTINS
}

/// The names of all built-in types.
pub fn names() -> impl Iterator<Item = &'static str> {
    BUILTINS.iter().map(|builtin| builtin.name)
}

impl Language {
    /// The form of a built-in type on the wire, also of one that is secret or optional. Types that never stand in a
    /// line have none: durations, moments, sinks, payloads, records, lists; a declared lexical type has its own.
    pub fn of_type(ty: &Type) -> Option<Language> {
        match ty {
            Type::Secret(inner) | Type::Optional(inner) => Language::of_type(inner),
            Type::Number { least, most } => Some(Language::of_number(*least, *most)),
            Type::Params(_) => Some(Language::params()),
            _ => BUILTINS.iter().find(|builtin| builtin.ty == *ty)?.language.as_deref().cloned(),
        }
    }

    /// The decimal texts of 1 to 18 digits, leading zeros allowed, whose value lies within the bounds.
    pub fn of_number(least: i64, most: i64) -> Language {
        small(&number::within(least, most))
    }

    /// Keyword parameters (RFC 5321 §4.1.2 `Mail-parameters`): `KEYWORD` or `KEYWORD=value`, blanks between them.
    pub fn params() -> Language {
        static PARAMS: LazyLock<Language> = LazyLock::new(|| small(&mail::params()));
        PARAMS.clone()
    }
}

static BUILTINS: [Builtin; 16] = [
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
        name: "base64",
        summary: "base64 text (RFC 4648 §4), with its padding or without; `=` alone is the empty text",
        ty: Type::Base64,
        language: Some(LazyLock::new(|| small(&text::base64()))),
    },
    Builtin { name: "octets", summary: "a payload, known by its length", ty: Type::Octets, language: None },
    Builtin { name: "sink", summary: "the name of a place where messages go", ty: Type::Sink, language: None },
];

/// The language of a built-in form.
#[expect(clippy::expect_used, reason = "built-in forms are far below the bounds; a test builds every one")]
fn small(form: &Regular) -> Language {
    form.language().expect("a built-in form is small")
}

/// The texts of the first form that the second does not have.
#[expect(clippy::expect_used, reason = "built-in forms are far below the bounds; a test builds every one")]
fn difference(form: &Regular, other: &Regular) -> Language {
    small(form).without(&small(other)).expect("the difference of small forms is small")
}
