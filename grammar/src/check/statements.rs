//! SQL statements: parameters and text agree.
//!
//! Never: parses SQL or talks to a database; the text is a constant and values travel beside it.

use std::sync::Arc;

use diagnostic::suggest;
use program::Type;

use crate::{
    check::findings::Findings,
    rules,
    tree::{Expr, ExprKind, SqlDef},
};

/// The bound of `gives list of { … } at most N`; it must be a number that is written there.
pub(crate) fn row_bound(most: &Expr, findings: &mut Findings) -> u32 {
    match most.kind {
        ExprKind::Number(number) if (1..=100_000).contains(&number) => number as u32,
        _ => {
            findings.mend(
                &rules::types::NO_BOUND,
                most.span,
                "this is no bound for rows",
                "write a number from 1 to 100000",
            );
            1
        }
    }
}

/// Each `:name` of the text is a parameter, and each parameter stands in the text.
pub(crate) fn check_parameters(def: &SqlDef, parameters: &[(Arc<str>, Type)], findings: &mut Findings) {
    let mut used = Vec::new();
    for part in &def.text {
        for name in placeholders(&part.text) {
            if !parameters.iter().any(|(parameter, _)| **parameter == *name) {
                findings.mend(
                    &rules::look_ups::UNKNOWN_PARAMETER,
                    part.span,
                    format!("`:{name}` is no parameter of `{}`", def.name.text),
                    suggest(name, parameters.iter().map(|(parameter, _)| &**parameter)),
                );
            }
            used.push(name);
        }
    }
    for field in &def.parameters {
        if !used.contains(&&*field.name.text) {
            findings.mend(
                &rules::look_ups::UNUSED_PARAMETER,
                field.name.span,
                format!("`:{}` does not stand in the text of `{}`", field.name.text, def.name.text),
                "use it, or take it away",
            );
        }
    }
}

/// The `:names` of an SQL text, outside quotes; `::` is a cast.
fn placeholders(text: &str) -> Vec<&str> {
    let octets = text.as_bytes();
    let mut found = Vec::new();
    let mut quote = None;
    let mut at = 0;
    while at < octets.len() {
        let octet = octets[at];
        match quote {
            Some(open) if octet == open => quote = None,
            Some(_) => {}
            None if matches!(octet, b'\'' | b'"' | b'`') => quote = Some(octet),
            None if octet == b':' && octets.get(at + 1) == Some(&b':') => at += 1,
            None if octet == b':' => {
                let rest = &text[at + 1..];
                let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
                if end > 0 {
                    found.push(&rest[..end]);
                }
                at += end;
            }
            None => {}
        }
        at += 1;
    }
    found
}

/// Whether databases count the rows that this statement changes differently: MariaDB and MySQL count a row twice that
/// `REPLACE` or `ON DUPLICATE KEY UPDATE` finds there already.
pub(crate) fn counts_unevenly(text: &str) -> bool {
    let words = words(text);
    let is = |at: usize, word: &str| words.get(at).is_some_and(|found| found.eq_ignore_ascii_case(word));
    is(0, "REPLACE") || (0..words.len()).any(|at| is(at, "ON") && is(at + 1, "DUPLICATE") && is(at + 2, "KEY"))
}

/// The words of an SQL text, outside quotes and comments.
fn words(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = |stop: &str, from: usize| rest[from..].find(stop).map_or(rest.len(), |at| from + at + stop.len());
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let length = match first {
            '\'' => end("'", 1),
            '"' => end("\"", 1),
            '`' => end("`", 1),
            _ if rest.starts_with("--") => end("\n", 2),
            _ if rest.starts_with("/*") => end("*/", 2),
            _ if is_part(first) => {
                let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
                found.push(&rest[..length]);
                length
            }
            _ => first.len_utf8(),
        };
        rest = &rest[length..];
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{counts_unevenly, placeholders};

    #[test]
    fn what_some_databases_count_twice_is_told_by_its_words() {
        let check = |text: &str, uneven: bool| assert_eq!(counts_unevenly(text), uneven, "{text}");
        check("INSERT INTO t VALUES (:a) ON DUPLICATE\n  key UPDATE a = 1", true);
        check("/* kept */ replace INTO t VALUES (:a)", true);
        check("INSERT INTO t VALUES (:a) ON CONFLICT (a) DO UPDATE SET a = 'ON DUPLICATE KEY'", false);
        check("UPDATE t SET a = REPLACE(a, '-', '') -- ON DUPLICATE KEY", false);
        check("INSERT INTO \"ON DUPLICATE KEY\" VALUES (:a)", false);
        check("", false);
    }

    #[test]
    fn quoted_text_and_casts_hold_no_parameters() {
        assert_eq!(placeholders("SELECT ':no', x::int FROM t WHERE a = :a AND b=:b_2"), ["a", "b_2"]);
    }
}
