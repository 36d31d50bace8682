//! What is declared and never used.
//!
//! Never: an error; nothing is silent, but nothing is broken either.

use diagnostic::FileId;

use crate::{
    check::{
        findings::Findings,
        model::{Kind, Model},
    },
    rules,
};

/// Warns of each setting, type, statement, offers, routine and counter that nothing uses.
/// States are told by reachability. What stands in another file than the protocol's own may serve others.
pub(crate) fn check(model: &Model<'_>, own: Option<FileId>, findings: &mut Findings) {
    for (kind, name) in model.unused() {
        if kind != Kind::State && own == Some(name.span.file) {
            findings.mend(
                &rules::unused::UNUSED,
                name.span,
                format!("the {} `{}` is never used", kind.word(), name.text),
                "use it, or take it away",
            );
        }
    }
}
