//! What is looked for: a stable code, a page and two samples for each rule, foldered by stage.
//!
//! Never: looks; the checks that use a rule are in `parse`, `check` and `compile`.

pub(crate) mod bounds;
pub(crate) mod clients;
pub(crate) mod commands;
pub(crate) mod edits;
pub(crate) mod flow;
pub(crate) mod look_ups;
pub(crate) mod names;
pub(crate) mod peers;
pub(crate) mod promises;
pub(crate) mod replies;
pub(crate) mod secrets;
pub(crate) mod states;
pub(crate) mod types;
pub(crate) mod unused;
pub(crate) mod wire;

use diagnostic::Rule;

/// Declares the rules of a stage, and the list of them.
macro_rules! stage {
    ($($(#[$doc:meta])* $name:ident = $code:literal $severity:ident $title:literal
        page $page:literal accepted $accepted:literal refused $refused:literal)*) => {
        $($(#[$doc])* pub(crate) static $name: ::diagnostic::Rule = ::diagnostic::Rule {
            code: $code,
            severity: ::diagnostic::Severity::$severity,
            title: $title,
            page: $page,
            accepted: $accepted,
            refused: $refused,
        };)*
        /// All of them, in the order of their codes.
        pub(crate) static ALL: &[&::diagnostic::Rule] = &[$(&$name),*];
    };
}
pub(crate) use stage;

/// All rules of the compiler, in the order of their codes.
pub fn rules() -> Vec<&'static Rule> {
    let stages = [
        crate::parse::SYNTAX_RULES,
        names::ALL,
        types::ALL,
        flow::ALL,
        states::ALL,
        commands::ALL,
        look_ups::ALL,
        replies::ALL,
        wire::ALL,
        secrets::ALL,
        unused::ALL,
        promises::ALL,
        clients::ALL,
        edits::ALL,
        bounds::ALL,
        peers::ALL,
    ];
    let mut all: Vec<&'static Rule> = stages.concat();
    all.sort_by_key(|rule| rule.code);
    all
}
