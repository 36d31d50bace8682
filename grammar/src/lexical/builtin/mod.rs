//! The built-in types: one entry each, with its name in the language, what it is, and its form on the wire.
//!
//! Never: decodes; a property test holds these forms and the machine's decoders together.

mod address;
mod mail;
mod number;
mod table;
mod text;

use std::sync::LazyLock;

use program::Type;

use super::{
    Language,
    regular::{Regular, any_number, exactly, octet, one_of, sequence},
};
use table::BUILTINS;

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

    /// Texts of a language with one blank between them, at least one. None where an element could hold a blank, or be
    /// empty, or be counted.
    pub fn list_of(element: &Language) -> Option<Language> {
        let any = || any_number(octet(&[(0, u8::MAX)]));
        let blank = small(&sequence([any(), one_of(" \0"), any()]));
        if element.accepts(b"") || element.shortest_common(&blank).is_some() {
            return None;
        }
        let element = || Regular::Of(element.clone());
        sequence([element(), any_number(sequence([exactly(" "), element()]))]).language().ok()
    }

    /// Keyword parameters (RFC 5321 §4.1.2 `Mail-parameters`): `KEYWORD` or `KEYWORD=value`, blanks between them.
    pub fn params() -> Language {
        static PARAMS: LazyLock<Language> = LazyLock::new(|| small(&mail::params()));
        PARAMS.clone()
    }

    /// Whether it has nothing but blanks.
    pub fn is_blank(&self) -> bool {
        static SHOWN: LazyLock<Language> = LazyLock::new(|| {
            let any = || any_number(octet(&[(0, u8::MAX)]));
            small(&sequence([any(), octet(&[(0, b' ' - 1), (b' ' + 1, u8::MAX)]), any()]))
        });
        self.shortest_common(&SHOWN).is_none()
    }

    /// Whether every text of it that is not empty has a blank or a tab in it.
    pub fn needs_blank(&self) -> bool {
        static WITHOUT: LazyLock<Language> = LazyLock::new(|| {
            let plain = [(0, b'\t' - 1), (b'\t' + 1, b' ' - 1), (b' ' + 1, u8::MAX)];
            small(&sequence([octet(&plain), any_number(octet(&plain))]))
        });
        self.shortest_common(&WITHOUT).is_none()
    }

    /// Every text there is: what is read otherwise than by an automaton.
    pub fn anything() -> Language {
        static ANYTHING: LazyLock<Language> = LazyLock::new(|| small(&any_number(octet(&[(0, u8::MAX)]))));
        ANYTHING.clone()
    }
}

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
