//! Numbers and quantities.
//!
//! Never: lets a number wrap around; one that is too large is a finding.

use diagnostic::{Diagnostic, Rule as Check, Severity};

use super::{
    message::shown,
    node::{Built, Node},
    syntax::Rule,
};
use crate::tree::ExprKind;

/// Numbers and their units.
pub(super) static NUMBER: Check = Check {
    code: "S05",
    severity: Severity::Error,
    title: "a number or a unit that cannot be read",
    page: "Numbers are whole and written in digits. A size ends in `octets`, `KB`, `MB` or `GB` (1 KB is 1024 octets), \
           a time in `milliseconds`, `seconds`, `minutes`, `hours` or `days`. Between number and unit stands a blank. \
           No number exceeds 9223372036854775807.",
    accepted: "settings { limit : size = 35 MB }\nstart state a { on \"NOOP\" -> 250 \"{settings.limit}\" }",
    refused: "settings { limit : size = 35 mib }\nstart state a { on \"NOOP\" -> 250 \"{settings.limit}\" }",
};

/// What is too deep, too long or too large.
pub(super) static BOUND: Check = Check {
    code: "S07",
    severity: Severity::Error,
    title: "more than is read",
    page: "A file has at most 1 MiB. Braces, brackets and parentheses may stand in one another 64 deep, counted together; a sum has at most \
           64 terms, an `if` at most 64 `else if`, a `let` at most 64 values. Give a part a name of its own: with \
           `let`, or as a `routine`.",
    accepted: "start state a { on \"X {n: number}\" { require ((n + 1) + 2) < 9 else 501 \"No\"  reply 250 \"X\"  stay } }",
    refused: "settings { limit : number = ((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((1\
              )))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))) }",
};

/// `12`
pub(super) fn whole(node: &Node) -> i64 {
    node.text().parse().unwrap_or_else(|_| {
        too_large(node);
        0
    })
}

/// `12`, where no more than 32 bits have room.
pub(super) fn small(node: &Node) -> u32 {
    u32::try_from(whole(node)).unwrap_or_else(|_| {
        too_large(node);
        0
    })
}

/// `35 MB`, `5 minutes`
pub(super) fn quantity(node: &Node) -> Built<ExprKind> {
    let mut parts = node.parts();
    let number = parts.one(Rule::number)?;
    let unit = parts.one(Rule::unit)?;
    let count = whole(&number);
    let (factor, is_size) = match unit.text() {
        "octets" => (1, true),
        "KB" => (1 << 10, true),
        "MB" => (1 << 20, true),
        "GB" => (1 << 30, true),
        "milliseconds" | "ms" => (1, false),
        "seconds" | "second" | "s" => (1_000, false),
        "minutes" | "minute" => (60_000, false),
        "hours" | "hour" => (3_600_000, false),
        "days" | "day" => (86_400_000, false),
        _ => return unit.fault(),
    };
    let amount = count.checked_mul(factor).unwrap_or_else(|| {
        too_large(node);
        0
    });
    Ok(if is_size { ExprKind::Size(amount) } else { ExprKind::Duration(amount.unsigned_abs()) })
}

/// More of something than the tree may hold.
pub(super) fn too_long(node: &Node, most: usize) {
    node.reader().find(
        Diagnostic::new(&BOUND, node.span(), format!("more than {most} of these in a row"))
            .help("give a part of it a name of its own"),
    );
}

/// A number without room.
pub(super) fn too_large(node: &Node) {
    node.reader().find(
        Diagnostic::new(&NUMBER, node.span(), format!("`{}` is too large", shown(node.text().trim_end())))
            .help(format!("the largest number is {}", i64::MAX)),
    );
}
