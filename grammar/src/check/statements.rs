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

#[cfg(test)]
mod tests {
    use super::placeholders;

    #[test]
    fn quoted_text_and_casts_hold_no_parameters() {
        assert_eq!(placeholders("SELECT ':no', x::int FROM t WHERE a = :a AND b=:b_2"), ["a", "b_2"]);
    }
}
