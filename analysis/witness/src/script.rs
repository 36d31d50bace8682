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

impl Turn {
    /// How many segments it leaves in: lines that follow one another leave in one.
    fn segments(&self) -> usize {
        let says = |does: &Does| matches!(does, Does::Says(_));
        let joined = self.does.windows(2).filter(|pair| says(&pair[0]) && says(&pair[1])).count();
        self.does.len() - joined
    }
}

/// A conversation that goes a given way.
#[derive(Debug, Clone, Default)]
pub(crate) struct Script {
    pub(crate) protocol: String,
    pub(crate) given: Vec<String>,
    pub(crate) turns: Vec<Turn>,
    /// The first turn comes before any greeting.
    pub(crate) abrupt: bool,
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
        let step = self.turns.last().map(|turn| turn.step);
        // Where the last step takes several turns, each may go otherwise once the file is mended.
        let is_of_last = |turn: usize| turn > 0 && self.turns.get(turn - 1).map(|turn| turn.step) == step;
        self.written(title, &|turn, answer| match answer {
            _ if turn == last => end.iter().map(|line| (*line).to_owned()).collect(),
            [] => Vec::new(),
            _ if is_of_last(turn) => vec!["S: ...".to_owned()],
            [line] => vec![format!("S: {}", head(line))],
            _ => vec!["S: ...".to_owned()],
        })
    }

    /// As a transcript that holds every answer to its words, but for what was another in other plays.
    pub(crate) fn kept(&self, title: &str, others: &[Vec<Spoken>]) -> String {
        let heard = |conversation: &Vec<Spoken>| {
            let mut again = self.clone();
            again.hear(conversation);
            again.answers
        };
        let others: Vec<Vec<Vec<String>>> = others.iter().map(heard).collect();
        let line = |turn: usize, place: usize, line: &String| {
            let same = others.iter().filter_map(|answers| answers.get(turn)?.get(place).map(String::as_str));
            format!("S: {}", alike(line, &same.collect::<Vec<&str>>()))
        };
        self.written(title, &|turn, answer| {
            answer.iter().enumerate().map(|(place, text)| line(turn, place, text)).collect()
        })
    }

    /// The same conversation in another world: at another time, from another port.
    pub(crate) fn elsewhere(&self) -> String {
        let mut other = self.clone();
        other.given.push("now 2027-05-06T07:08:09Z".to_owned());
        other.given.push("peer 192.0.2.1 port 50001".to_owned());
        other.trial()
    }

    /// Remembers what was said when it was played.
    pub(crate) fn hear(&mut self, conversation: &[Spoken]) {
        let mut segments = self.turns.iter().map(Turn::segments);
        self.answers = vec![Vec::new()];
        let mut left = 0;
        for spoken in conversation {
            match spoken {
                Spoken::Server(_, line) => {
                    let line = String::from_utf8_lossy(line).into_owned();
                    self.answers.last_mut().into_iter().for_each(|answer| answer.push(line.clone()));
                }
                Spoken::Client(..) | Spoken::Mark(_) => {
                    if left == 0 {
                        left = segments.next().unwrap_or(1);
                        self.answers.push(Vec::new());
                    }
                    left -= 1;
                }
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
        if !self.abrupt {
            let greeting = answer(0);
            greeting.iter().for_each(|line| text.push_str(&format!("{line}\n")));
            // A client connects at its first step, and time passes for those who are there.
            let waits = self.turns.first().and_then(|turn| turn.does.first());
            if greeting.is_empty() && matches!(waits, Some(Does::Mark(_))) {
                text.push_str("S: ...\n");
            }
        }
        if self.turns.is_empty() && self.answers.iter().all(Vec::is_empty) {
            text.push_str("S: ...\n");
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

/// What a line has in common with all others at its ends, and anything between.
fn alike(line: &str, others: &[&str]) -> String {
    if others.iter().all(|other| *other == line) {
        return escaped(line);
    }
    let same = |a: &str, b: &str| a.chars().zip(b.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let front: usize = others.iter().map(|other| same(line, other)).min().unwrap_or(line.len());
    let reversed = |text: &str| text[front..].chars().rev().collect::<String>();
    let back: usize = others.iter().map(|other| same(&reversed(line), &reversed(other))).min().unwrap_or(0);
    format!("{}<*>{}", escaped(&line[..front]), escaped(&line[line.len() - back..]))
}

/// The first word of an answer; what follows it may be anything.
fn head(line: &str) -> String {
    match line.split_once(' ') {
        Some((word, _)) => format!("{} <*>", escaped(word)),
        None => escaped(line),
    }
}
