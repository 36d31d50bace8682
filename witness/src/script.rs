//! A conversation that was found, written as a transcript.
//!
//! Never: leaves out what the server said; at its end, where it may say something else once the file is mended, any
//! answer will do.

use transcript::play::Spoken;

/// What a client does between two answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Turn {
    /// The step of the way that it belongs to.
    pub(crate) step: usize,
    pub(crate) does: Vec<Does>,
}

/// One thing that a client does, or that happens to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Does {
    /// A line.
    Says(String),
    /// Octets, as a transcript writes them.
    Sends(String),
    /// `--- …`
    Mark(String),
}

/// A conversation that goes a given way.
#[derive(Debug, Clone, Default)]
pub struct Script {
    pub(crate) protocol: String,
    pub(crate) given: Vec<String>,
    pub(crate) turns: Vec<Turn>,
    /// What the server said: its greeting, then an answer for each turn.
    pub(crate) answers: Vec<Vec<String>>,
}

impl Script {
    /// As a transcript in which any answer will do, for a try.
    pub(crate) fn trial(&self) -> String {
        self.written("a trial", &|_, _| vec!["S: ...".to_owned()])
    }

    /// As a transcript that shows how something comes about: what was said up to there, and what `end` says of the rest.
    pub(crate) fn shown(&self, title: &str, end: &[&str]) -> String {
        let last = self.turns.len();
        self.written(title, &|turn, answer| match answer {
            _ if turn == last => end.iter().map(|line| (*line).to_owned()).collect(),
            [] => Vec::new(),
            [line] => vec![format!("S: {}", head(line))],
            _ => vec!["S: ...".to_owned()],
        })
    }

    /// As a transcript that holds every answer to its words.
    pub fn kept(&self, title: &str) -> String {
        self.written(title, &|_, answer| answer.iter().map(|line| format!("S: {}", escaped(line))).collect())
    }

    /// Remembers what was said when it was played.
    pub(crate) fn hear(&mut self, conversation: &[Spoken]) {
        self.answers = vec![Vec::new()];
        for spoken in conversation {
            match spoken {
                Spoken::Server(_, line) => {
                    let line = String::from_utf8_lossy(line).into_owned();
                    self.answers.last_mut().into_iter().for_each(|answer| answer.push(line.clone()));
                }
                Spoken::Client(..) | Spoken::Mark(_) => self.answers.push(Vec::new()),
            }
        }
    }

    fn written(&self, title: &str, say: &dyn Fn(usize, &[String]) -> Vec<String>) -> String {
        let mut text = format!("transcript \"{}\" for {}\n\n", title.replace(['"', '\\'], "'"), self.protocol);
        if !self.given.is_empty() {
            text.push_str("given {\n");
            self.given.iter().for_each(|fact| text.push_str(&format!("    {fact}\n")));
            text.push_str("}\n\n");
        }
        let silence = Vec::new();
        let answer = |turn: usize| say(turn, self.answers.get(turn).unwrap_or(&silence));
        let refused_at_the_door = self.turns.first().is_some_and(|turn| turn.does == [Does::Mark("full".into())]);
        if !refused_at_the_door {
            answer(0).iter().for_each(|line| text.push_str(&format!("{line}\n")));
        }
        for (place, turn) in self.turns.iter().enumerate() {
            for does in &turn.does {
                text.push_str(&match does {
                    Does::Says(line) if line.is_empty() => "C:\n".to_owned(),
                    Does::Says(line) => format!("C: {}\n", escaped(line)),
                    Does::Sends(octets) => format!("C| {octets}\n"),
                    Does::Mark(mark) => format!("--- {mark}\n"),
                });
            }
            answer(place + 1).iter().for_each(|line| text.push_str(&format!("{line}\n")));
        }
        text
    }
}

/// A line with the marks of transcripts taken literally.
fn escaped(line: &str) -> String {
    line.replace("<*", "<<*").replace("<?", "<<?").replace("<=", "<<=")
}

/// The first word of an answer; what follows it may be anything.
fn head(line: &str) -> String {
    match line.split_once(' ') {
        Some((word, _)) => format!("{} <*>", escaped(word)),
        None => escaped(line),
    }
}
