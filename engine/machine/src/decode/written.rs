//! Texts that a peer may write in several ways: as they stand, in quotes, counted.
//!
//! Never: sees the octets of a literal; the line has them, and a placeholder here.

use program::{PLACEHOLDER, Words, Writing};

use super::text::{is_international, is_text};
use crate::pool::Pool;

/// The text that stands there, if it is written in such a way. A placeholder alone is an empty text: what it stands for
/// is elsewhere.
pub(crate) fn written_text(writing: Writing, text: &str, pool: &Pool) -> Option<Words> {
    let counted = text.as_bytes() == [PLACEHOLDER];
    let (quotes, counts, bare) = match writing {
        Writing::Quoted => (true, false, false),
        Writing::Literal => (false, true, false),
        Writing::String => (true, true, false),
        Writing::Atom => (true, true, true),
    };
    if counted {
        return counts.then(|| pool.text(""));
    }
    if text.starts_with('"') {
        return quotes.then(|| unquoted(text, pool)).flatten();
    }
    (bare && is_atom(text)).then(|| pool.text(text))
}

/// What stands between double quotes. Only a quote or a backslash stands behind a backslash.
fn unquoted(text: &str, pool: &Pool) -> Option<Words> {
    let inside = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).filter(|_| text.len() > 1)?;
    if !is_text(inside) {
        return None;
    }
    if !inside.contains(['"', '\\']) {
        return Some(pool.text(inside));
    }
    let mut words = pool.blank();
    let plain = words.edit();
    let mut characters = inside.chars();
    while let Some(character) = characters.next() {
        plain.push(match character {
            '\\' => characters.next().filter(|escaped| matches!(escaped, '"' | '\\'))?,
            '"' => return None,
            other => other,
        });
    }
    Some(words)
}

/// At least one character; no blank, no control character and none that would begin or end something else.
fn is_atom(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '(' | ')' | '{');
    !text.is_empty() && text.chars().all(|character| plain(character) || is_international(character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(writing: Writing, text: &str, wanted: Option<&str>) {
        assert_eq!(written_text(writing, text, &Pool::default()).as_deref(), wanted, "{text}");
    }

    #[test]
    fn each_way_of_writing_takes_its_own() {
        use Writing::{Atom, Literal, Quoted, String};
        for writing in [Quoted, String, Atom] {
            check(writing, r#""""#, Some(""));
            check(writing, r#""a b""#, Some("a b"));
            check(writing, r#""a \"b\" \\ ä""#, Some(r#"a "b" \ ä"#));
            for text in [r#"""#, r#""a"#, r#""a\""#, r#""a\b""#, r#""a"b""#, r#""a" "#, "\"a\nb\""] {
                check(writing, text, None);
            }
        }
        check(Atom, "Sent%*]", Some("Sent%*]"));
        for text in ["", "a b", "a(b", "{3}", "a\\b", "a\"b", "a\0"] {
            check(Atom, text, None);
        }
        for writing in [Literal, String, Atom] {
            check(writing, "\0", Some(""));
        }
        for (writing, text) in [(Quoted, "\0"), (Literal, "a"), (Literal, "\"a\""), (String, "a")] {
            check(writing, text, None);
        }
    }
}
