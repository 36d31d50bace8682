//! `file_read(folder, name)`: reads a small text file below a folder that the configuration of a listener names.
//!
//! Never: leaves the folder, whatever the name is; follows a link; shows a control character.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use program::Type;
use tokio::sync::oneshot;

use crate::{
    Payload,
    action::{Action, Question, Reply, outcome, parameter},
    example::{Example, Literal},
    world::Bench,
};

/// The action.
pub(crate) static ACTION: Action = Action {
    name: "file_read",
    summary: "reads a small text file below a folder",
    documentation: "\
`name` is the name of a file in the folder, of letters, digits, `.`, `-` and `_`, and does not begin with a dot; any
other name is `none`. A link is not followed.

- `found(text)`: the first 64 KiB, as text: control characters and what is no UTF-8 are shown as `?`.
- `none`: there is no such file.
- `failed(why)`: it cannot be read.",
    parameters: || vec![parameter("folder", Type::Text), parameter("name", Type::Text)],
    using: false,
    outcomes: || vec![outcome("found", [("text", Type::Octets)]), outcome("none", [])],
    examples: &[
        Example { given: &[], asks: &[Literal::Text("/etc"), Literal::Text("../etc/passwd")], answers: "none" },
        Example { given: &[], asks: &[Literal::Text("/nowhere"), Literal::Text("ann")], answers: "none" },
    ],
    run: |question| Box::pin(run(question)),
};

/// The most octets that are read.
const MOST: u64 = 64 * 1024;

async fn run(question: Question<'_>) -> Reply {
    let (folder, name) = match (question.text(0), question.text(1)) {
        (Ok(folder), Ok(name)) => (folder, name),
        (Err(reply), _) | (_, Err(reply)) => return reply,
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if name.is_empty() || name.starts_with('.') || name.len() > 200 || !name.chars().all(plain) {
        return Reply::new("none", vec![]);
    }
    let path: PathBuf = Path::new(&*folder).join(&*name);
    let (answer, answered) = oneshot::channel();
    let job = move || {
        // The session may be gone; then nobody wants to know.
        let _ = answer.send(read(&path));
    };
    question.world.work(Bench::Disk, Box::new(job)).await;
    match answered.await {
        Ok(Ok(Some(text))) => match question.lend(Payload::Memory(text.into())) {
            Ok(text) => Reply::new("found", vec![text]),
            Err(reply) => reply,
        },
        Ok(Ok(None)) => Reply::new("none", vec![]),
        Ok(Err(why)) => Reply::failed(why),
        Err(_) => Reply::failed("reading broke off"),
    }
}

/// The text of a plain file, or nothing where there is none.
fn read(path: &Path) -> Result<Option<String>, String> {
    let says = |error: std::io::Error| format!("`{}`: {error}", path.display());
    match path.symlink_metadata() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(says(error)),
        Ok(about) if !about.is_file() => return Ok(None),
        Ok(_) => {}
    }
    let mut octets = Vec::new();
    File::open(path).and_then(|file| file.take(MOST).read_to_end(&mut octets)).map_err(says)?;
    let text = String::from_utf8_lossy(&octets);
    let shown = |c: char| if (c.is_control() && !matches!(c, '\n' | '\r' | '\t')) || c == '\u{fffd}' { '?' } else { c };
    Ok(Some(text.chars().map(shown).collect()))
}
