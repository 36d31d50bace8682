//! What an edit hits: commands by the text they begin with, items by kind and name.
//!
//! Never: changes anything.

use crate::tree::{AnswerLine, AnswerRule, HandlerDef, Item, Pattern, PatternPart, StringPart, WireItem};

/// Whether a template begins with this text, up to the end of a word; `exact` where the wire counts case.
pub(super) fn begins(pattern: &Pattern, text: &str, exact: bool) -> bool {
    matches!(pattern.parts.first(), Some(PatternPart::Literal(literal, _)) if heads(literal, text, exact))
}

/// Whether a handler is one that an edit names: by the text that it begins with, or as `request`.
pub(super) fn named(pattern: &Pattern, command: &Pattern, exact: bool) -> bool {
    match command.parts.first() {
        Some(PatternPart::Literal(text, _)) => begins(pattern, text, exact),
        _ => command.is_request() && pattern.is_request(),
    }
}

/// Whether an offered line begins with this text in the same way.
pub(super) fn offers(line: &AnswerLine, text: &str, exact: bool) -> bool {
    let AnswerLine::Text { text: line, .. } = line else { return false };
    matches!(line.parts.first(), Some(StringPart::Literal(literal, _)) if heads(literal, text, exact))
}

/// Whether a literal begins with this text, and no letter of the same word follows.
pub(super) fn heads(literal: &str, text: &str, exact: bool) -> bool {
    let inner = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let Some((head, rest)) = literal.split_at_checked(text.len()) else { return false };
    let ends = !text.ends_with(inner) || !rest.starts_with(inner);
    !text.is_empty() && same(head, text, exact) && ends
}

/// Whether two literal texts are one to the matcher.
pub(super) fn same(a: &str, b: &str, exact: bool) -> bool {
    if exact { a == b } else { a.eq_ignore_ascii_case(b) }
}

/// Whether a wire among these items counts case.
pub(super) fn is_exact(items: &[Item]) -> bool {
    let counts = |line: &WireItem| matches!(line, WireItem::ExactCase(_));
    items.iter().any(|item| match item {
        Item::Wire(lines, _) => lines.iter().any(counts),
        Item::Override(_, inner) => matches!(&**inner, Item::Wire(lines, _) if lines.iter().any(counts)),
        _ => false,
    })
}

/// The handlers that stand in an item.
pub(super) fn handlers(item: &mut Item) -> Option<&mut Vec<HandlerDef>> {
    match item {
        Item::State(state) => Some(&mut state.handlers),
        Item::During(_, handlers, _) | Item::Anytime(handlers, _) => Some(handlers),
        _ => None,
    }
}

/// The text that a template begins with.
pub(super) fn opening(handler: &HandlerDef) -> &str {
    match handler.pattern.parts.first() {
        Some(PatternPart::Literal(literal, _)) => literal.trim_end(),
        _ => "",
    }
}

/// The word for the kind of an item, and its name, where it has one and can be replaced as a whole.
pub(super) fn key(item: &Item) -> Option<(&'static str, &str)> {
    Some(match item {
        Item::Type(def) => ("type", &def.name.text),
        Item::Record(def) => ("record", &def.name.text),
        Item::Sql(def) => ("sql", &def.name.text),
        Item::Offers(def) => ("offers", &def.name.text),
        Item::State(def) => ("state", &def.name.text),
        Item::Routine(def) => ("routine", &def.name.text),
        Item::Reload(_) => ("rule", "reload"),
        Item::Promise(def) => ("promise", &def.text.text),
        Item::Client(def) => ("client", &def.name.text),
        _ => return None,
    })
}

/// The words of a line of `unexpected` or `limits`.
pub(super) fn words(rule: &AnswerRule) -> String {
    rule.words.iter().map(|word| &*word.text).collect::<Vec<_>>().join(" ")
}

/// The word that a line of `wire` begins with, and its place.
pub(super) fn wire_word(item: &WireItem) -> (&'static str, diagnostic::Span) {
    match item {
        WireItem::Lines { span, .. } => ("lines", *span),
        WireItem::Reply { span, .. } => ("reply", *span),
        WireItem::Say(_, span) => ("say", *span),
        WireItem::Prompt(_, span) => ("prompt", *span),
        WireItem::Refusal(_, span) => ("refusal", *span),
        WireItem::Answers(_, span) => ("answers", *span),
        WireItem::Verbs(_, span) => ("verbs", *span),
        WireItem::Patience(_, span) => ("patience", *span),
        WireItem::Pipeline(_, span) => ("pipeline", *span),
        WireItem::ExactCase(span) => ("exact", *span),
        WireItem::Listing { span, .. } => ("listing", *span),
        WireItem::Request(def) => ("request", def.span),
        WireItem::Command { span, .. } => ("command", *span),
        WireItem::Literals { span, .. } => ("literals", *span),
        WireItem::Cancel(_, span) => ("cancel", *span),
    }
}

#[cfg(test)]
mod tests {
    use super::heads;

    #[test]
    fn a_command_is_named_up_to_the_end_of_a_word() {
        for (literal, text, expected) in [
            ("SEND FROM:", "SEND", true),
            ("SEND FROM:", "send from", true),
            ("SEND FROM:", "SEND FROM:", true),
            ("SEND", "SEND", true),
            ("SENDER", "SEND", false),
            ("SEND-X", "SEND", false),
            ("SE", "SEND", false),
            ("ä", "\u{c3}", false),
            ("SEND", "", false),
        ] {
            assert_eq!(heads(literal, text, false), expected, "{literal:?} by {text:?}");
        }
        assert!(heads("Send FROM:", "Send", true) && !heads("Send FROM:", "SEND", true));
    }
}
