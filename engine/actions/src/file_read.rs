//! `file_read(folder, name)`: reads a small text file in a folder that the configuration names.
//!
//! Never: leaves the folder, whatever the name is; follows a link; shows a control character.

use program::Type;

use crate::{
    Payload,
    action::{Action, Answer, Question, Reply, outcome, parameter},
    example::{Example, Literal},
};

/// The action.
pub(crate) static ACTION: Action = Action {
    name: "file_read",
    summary: "reads a small text file in a folder",
    documentation: "\
`folder` is a name under `folders` in the configuration, `name` that of a file in it, of letters, digits, `.`, `-` and `_`, and does not begin with a dot; any
other name is `none`. A link is not followed.

- `found(text)`: the first 64 KiB, as text: control characters and what is no UTF-8 are shown as `?`.
- `none`: there is no such file.
- `failed(why)`: it cannot be read.",
    parameters: || vec![parameter("folder", Type::Text), parameter("name", Type::Text)],
    using: false,
    outcomes: || vec![outcome("found", [("text", Type::Octets)]), outcome("none", [])],
    examples: &[
        Example { given: &[], asks: &[Literal::Text("plans"), Literal::Text("../etc/passwd")], answers: "none" },
        Example { given: &[], asks: &[Literal::Text("plans"), Literal::Text(".hidden")], answers: "none" },
    ],
    run: |question| Answer::later(run(question)),
};

async fn run(question: Question<'_>) -> Reply {
    let (folder, name) = match (question.text(0), question.text(1)) {
        (Ok(folder), Ok(name)) => (folder, name),
        (Err(reply), _) | (_, Err(reply)) => return reply,
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if name.is_empty() || name.starts_with('.') || name.len() > 200 || !name.chars().all(plain) {
        return Reply::new("none", vec![]);
    }
    match question.world.file(&folder, &name).await {
        Ok(Some(octets)) => match question.lend(Payload::Memory(shown(&octets).into_bytes().into())) {
            Ok(text) => Reply::new("found", vec![text]),
            Err(reply) => reply,
        },
        Ok(None) => Reply::new("none", vec![]),
        Err(why) => Reply::failed(why),
    }
}

/// Octets as a text that a screen can show.
fn shown(octets: &[u8]) -> String {
    let plain = |c: char| (!c.is_control() || matches!(c, '\n' | '\r' | '\t')) && c != '\u{fffd}';
    String::from_utf8_lossy(octets).chars().map(|c| if plain(c) { c } else { '?' }).collect()
}
