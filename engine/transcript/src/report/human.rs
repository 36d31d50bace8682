//! Failures at length: the conversation so far, the first difference, and who produced it.
//!
//! Never: prints a control character of a line.

use diagnostic::Sources;
use program::{Pc, Program};

use crate::{
    play::{Failure, Played, Spoken, What},
    report::{Case, Explained},
    script::{Client, Transcript},
};

/// How many lines of the conversation a failure shows.
const LINES: usize = 30;
/// The most characters of one line that are shown.
const WIDTH: usize = 200;

/// Explains one failure.
pub(super) fn explain(
    sources: &Sources,
    transcript: &Transcript,
    program: &Program,
    played: &Played,
    failure: &Failure,
) -> Explained {
    let (line, _) = sources.position(failure.span);
    let client =
        transcript.steps.iter().find(|step| step.span == failure.span).map_or(Client::FIRST, |step| step.client);
    let said = say(&failure.what, client);
    let origin = failure.from.and_then(|pc| place(program, pc));
    let written = sources.text(failure.span.file)[failure.span.start as usize..failure.span.end as usize].to_owned();
    let mut text = format!("{}:{line}: {}\n", sources.name(failure.span.file), said.message);
    let talk = matches!(failure.what, What::Then { .. } | What::Unanswered(_));
    if !talk {
        for spoken in so_far(&played.conversation) {
            text.push_str(&format!("    {spoken}\n"));
        }
    }
    text.push_str(&format!("  expected  {}\n", said.expected));
    if let Some(column) = said.carets.map(|(expected, _)| expected) {
        text.push_str(&format!("            {}^\n", " ".repeat(column)));
    }
    if !said.received.is_empty() {
        text.push_str(&format!("  received  {}\n", said.received));
        if let Some(column) = said.carets.map(|(_, received)| received) {
            text.push_str(&format!("            {}^\n", " ".repeat(column)));
        }
    }
    if let Some(state) = &failure.state {
        text.push_str(&format!("  state     {state}\n"));
    }
    if let Some((place, source)) = &origin {
        text.push_str(&format!("  answer    {place}   {source}\n"));
    }
    if said.show_step {
        text.push_str(&format!("  step      {written}\n"));
    }
    Explained {
        line,
        message: said.message,
        expected: said.expected,
        received: said.received,
        state: failure.state.clone(),
        source: origin.map(|(place, _)| place),
        text,
    }
}

/// A conversation as a transcript would write it.
pub fn conversation(spoken: &[Spoken]) -> Vec<String> {
    spoken.iter().flat_map(lines).collect()
}

/// The whole run: failures, then the counts.
pub(super) fn write(cases: &[Case]) -> String {
    let mut text = String::new();
    for case in cases.iter().filter(|case| !case.passed) {
        text.push_str(&format!("FAIL  {}  ({})\n", case.title, case.wire));
        for failure in &case.failures {
            text.push_str(&failure.text);
        }
        text.push('\n');
    }
    let left_out: usize = cases.iter().map(|case| case.not_applicable).sum();
    if left_out > 0 {
        text.push_str(&format!("{left_out} steps do not apply here and were left out\n"));
    }
    text.push_str(&super::counts(cases));
    text.push('\n');
    text
}

/// A failure in words.
struct SaidOf {
    message: String,
    expected: String,
    received: String,
    /// Columns of the first difference, in characters from the start of what is shown.
    carets: Option<(usize, usize)>,
    show_step: bool,
}

fn say(what: &What, client: Client) -> SaidOf {
    let server = format!("S{}: ", client.suffix());
    let plain = |message: &str, expected: String, received: String| SaidOf {
        message: message.into(),
        expected,
        received,
        carets: None,
        show_step: false,
    };
    match what {
        What::Differs { expected, received, difference, lines } => {
            let written = expected.written();
            let columns = (
                server.len() + written.get(..difference.expected).map_or(0, |text| text.chars().count()),
                server.len() + shown(&received[..difference.received]).chars().count(),
            );
            let message = match lines {
                1 => "another line came".to_owned(),
                lines => format!("none of {lines} lines is the expected one; the last was another"),
            };
            SaidOf {
                message,
                expected: format!("{server}{written}"),
                received: format!("{server}{}", shown(received)),
                carets: Some(columns),
                show_step: false,
            }
        }
        What::Silence { expected, ended } => {
            let message = if *ended { "the connection has ended" } else { "no line came" };
            plain(message, format!("{server}{}", expected.written()), String::new())
        }
        What::Surplus { received } => plain(
            "a line came that nothing expects",
            "nothing more from the server".into(),
            format!("{server}{}", shown(received)),
        ),
        What::Forbidden { pattern, received } => plain(
            "a line came that must not",
            format!("S{}! {}", client.suffix(), pattern.written()),
            format!("{server}{}", shown(received)),
        ),
        What::State { expected } => {
            plain("the session is in another state", format!("state {expected}"), String::new())
        }
        What::StillOpen => plain("the server has not ended the connection", "--- closed".into(), String::new()),
        What::Step(why) => SaidOf { show_step: true, ..plain(why, "that this step can be done".into(), String::new()) },
        What::Then { expected, found } => plain("this is not true afterwards", expected.clone(), found.clone()),
        What::Promise(text) => {
            plain("a promise of the protocol was broken", format!("promise \"{text}\""), "it was broken".into())
        }
        What::Unanswered(question) => plain(
            "a look-up was made that `given` does not answer",
            format!("an answer to {question}"),
            "the look-up failed".into(),
        ),
    }
}

/// File and line of an instruction, and what stands there.
fn place(program: &Program, pc: Pc) -> Option<(String, String)> {
    let origin = program.origins.get(pc.0 as usize)?;
    let source = program.sources.get(usize::from(origin.file))?;
    let line = source.text.lines().nth((origin.line as usize).checked_sub(1)?)?;
    Some((format!("{}:{}", source.name, origin.line), line.trim().to_owned()))
}

/// The last lines of the conversation.
fn so_far(spoken: &[Spoken]) -> Vec<String> {
    let mut lines = conversation(spoken);
    if lines.len() > LINES {
        let cut = lines.len() - LINES;
        lines.drain(..cut);
        lines.insert(0, format!("… {cut} lines before"));
    }
    lines
}

fn lines(spoken: &Spoken) -> Vec<String> {
    match spoken {
        Spoken::Mark(text) => vec![format!("--- {text}")],
        Spoken::Server(client, octets) => vec![format!("S{}: {}", client.suffix(), shown(octets))],
        Spoken::Client(client, octets) => {
            let text = octets.strip_suffix(b"\n").map(|text| text.strip_suffix(b"\r").unwrap_or(text));
            let whole =
                text.filter(|text| !text.iter().any(|octet| octet.is_ascii_control() && !b"\r\n\t".contains(octet)));
            match whole {
                Some(text) => {
                    let lines = text.split(|octet| *octet == b'\n');
                    let lines = lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line));
                    lines.map(|line| format!("C{}: {}", client.suffix(), shown(line))).collect()
                }
                None => vec![format!("C{}| \"{}\"", client.suffix(), cut(octets.escape_ascii().to_string()))],
            }
        }
    }
}

/// Octets as a person can read them: UTF-8 as it stands, control characters as escapes.
fn shown(octets: &[u8]) -> String {
    let text = String::from_utf8_lossy(octets);
    let shown = text.chars().flat_map(|letter| {
        let escaped = letter.is_control() && letter != '\t';
        let plain = (!escaped).then_some(letter);
        plain.into_iter().chain(letter.escape_default().take(if escaped { usize::MAX } else { 0 }))
    });
    cut(shown.collect())
}

fn cut(text: String) -> String {
    match text.char_indices().nth(WIDTH) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}
