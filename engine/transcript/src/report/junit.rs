//! JUnit's XML, as continuous integration reads it.
//!
//! Never: holds a character that XML 1.0 forbids.

use crate::report::Case;

/// Writes a run.
pub(super) fn write(cases: &[Case]) -> String {
    let failed = cases.iter().filter(|case| !case.passed).count();
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"transcripts\" tests=\"{}\" failures=\"{failed}\">\n",
        cases.len()
    );
    for case in cases {
        let seconds = case.microseconds as f64 / 1e6;
        text.push_str(&format!(
            "  <testcase classname=\"{}\" name=\"{}\" time=\"{seconds:.6}\"",
            escaped(&format!("{} ({})", case.path, case.wire)),
            escaped(&case.title)
        ));
        if case.failures.is_empty() && case.passed {
            text.push_str("/>\n");
            continue;
        }
        text.push_str(">\n");
        for failure in &case.failures {
            text.push_str(&format!(
                "    <failure message=\"{}\">{}</failure>\n",
                escaped(&failure.message),
                escaped(&failure.text)
            ));
        }
        text.push_str("  </testcase>\n");
    }
    text + "</testsuite>\n"
}

fn escaped(text: &str) -> String {
    let mut xml = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            '\n' | '\t' => xml.push(letter),
            letter if letter < ' ' || matches!(letter, '\u{fffe}' | '\u{ffff}') => xml.push('?'),
            letter => xml.push(letter),
        }
    }
    xml
}
