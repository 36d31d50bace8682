//! One JSON object for each case, a line each.
//!
//! Never: holds a line break within an object.

use crate::report::Case;

/// Writes a run.
pub(super) fn write(cases: &[Case]) -> String {
    cases.iter().map(|case| object(case) + "\n").collect()
}

fn object(case: &Case) -> String {
    let failures: Vec<String> = case
        .failures
        .iter()
        .map(|failure| {
            format!(
                r#"{{"line":{},"message":{},"expected":{},"received":{},"state":{},"source":{}}}"#,
                failure.line,
                text(&failure.message),
                text(&failure.expected),
                text(&failure.received),
                failure.state.as_deref().map_or("null".into(), text),
                failure.source.as_deref().map_or("null".into(), text),
            )
        })
        .collect();
    format!(
        r#"{{"path":{},"title":{},"wire":{},"passed":{},"not_applicable":{},"microseconds":{},"failures":[{}]}}"#,
        text(&case.path),
        text(&case.title),
        text(&case.wire),
        case.passed,
        case.not_applicable,
        case.microseconds,
        failures.join(",")
    )
}

/// A JSON string (RFC 8259 §7).
fn text(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for letter in text.chars() {
        match letter {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            letter if letter < ' ' => json.push_str(&format!("\\u{:04x}", letter as u32)),
            letter => json.push(letter),
        }
    }
    json.push('"');
    json
}
