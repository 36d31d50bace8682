//! The steps: what is said, what is expected, and the marks between.
//!
//! Never: knows a state or a word of a protocol.

use diagnostic::{Diagnostic, Rule, Severity, Span};

use crate::{
    parse::{moment, parts, token},
    script::{Act, Client, Given, Mark, Step},
};

/// A line that is no step.
pub(crate) static LINE: Rule = Rule {
    code: "C01",
    severity: Severity::Error,
    title: "a line is neither a step, a mark nor a section",
    page: "A step begins with `C:`, `C|`, `S:`, `S!` or `---`, then a blank; with two clients also with `C2:` and so on. A remark \
           begins with `#`. A line end is written by the protocol's wire, or with `C|`.",
    accepted: "transcript \"a\" for smtp\nS: 220 <*>\n",
    refused: "transcript \"a\" for smtp\nS:220 <*>\n",
};

/// A mark that does not exist.
pub(crate) static MARK: Rule = Rule {
    code: "C02",
    severity: Severity::Error,
    title: "a mark is unknown or has the wrong words",
    page: "Marks are `tls`, `wait 6 minutes`, `state NAME`, `closed`, `eof`, `reset`, `shutdown`, `full`, `broken`, `sync C2` and \
           `# a heading`, behind `--- `; `--- C2 closed` is about the second client.",
    accepted: "transcript \"a\" for smtp\nS: 220 <*>\n--- wait 6 minutes\n",
    refused: "transcript \"a\" for smtp\nS: 220 <*>\n--- pause 6 minutes\n",
};

/// TLS inside TLS.
pub(crate) static TLS: Rule = Rule {
    code: "C07",
    severity: Severity::Error,
    title: "`--- tls` stands where TLS is on already",
    page: "A connection is upgraded at most once, and not at all when `given` says `tls`.",
    accepted: "transcript \"a\" for smtp\nC: STARTTLS\nS: 220 <*>\n--- tls\n",
    refused: "transcript \"a\" for smtp\nC: STARTTLS\nS: 220 <*>\n--- tls\n--- tls\n",
};

/// A step of a client that has gone.
pub(crate) static GONE: Rule = Rule {
    code: "C12",
    severity: Severity::Error,
    title: "a step can never happen",
    page: "Behind `--- closed` or `--- reset` a client says and reads nothing; behind `--- eof` it says nothing. `--- full` is the \
           first step of its client.",
    accepted: "transcript \"a\" for smtp\nC: QUIT\nS: 221 <*>\n--- closed\n",
    refused: "transcript \"a\" for smtp\nC: QUIT\n--- closed\nS: 221 <*>\n",
};

/// A client that was not announced.
pub(crate) static PEERS: Rule = Rule {
    code: "C15",
    severity: Severity::Error,
    title: "a client takes part that `peers` does not announce",
    page: "A second client needs `, peers 2` in the title; clients are counted from 1, and the first is written without a number.",
    accepted: "transcript \"a\" for smtp, peers 2\nS2: 220 <*>\n",
    refused: "transcript \"a\" for smtp\nS2: 220 <*>\n",
};

const MARKS: [&str; 11] = ["tls", "wait", "state", "closed", "eof", "reset", "shutdown", "full", "broken", "sync", "#"];

/// How far a client is.
#[derive(Clone, Copy, Default)]
struct Progress {
    began: bool,
    tls: bool,
    silent: bool,
    gone: bool,
}

/// Reads steps and keeps what later ones depend on.
pub(crate) struct Reader {
    pub(crate) steps: Vec<Step>,
    pub(crate) bound: Vec<String>,
    peers: u8,
    clients: [Progress; 10],
}

impl Reader {
    /// Begins, with so many clients.
    pub(crate) fn new(peers: u8) -> Reader {
        Reader { steps: Vec::new(), bound: Vec::new(), peers, clients: [Progress::default(); 10] }
    }

    /// Every connection begins with TLS, or none does.
    pub(crate) fn implicit_tls(&mut self, tls: bool) {
        self.clients.iter_mut().for_each(|client| client.tls = tls);
    }

    /// Checks that addresses are given to announced clients only.
    pub(crate) fn peers_given(&self, given: &Given, span: Span, found: &mut Vec<Diagnostic>) {
        for (client, ..) in &given.peers {
            self.announced(*client, span, found);
        }
    }

    /// Reads one step.
    pub(crate) fn line(&mut self, line: &str, span: Span, found: &mut Vec<Diagnostic>) {
        let step = match line.strip_prefix("---") {
            Some(rest) => self.mark(rest, span, found),
            None => self.said(line, span, found),
        };
        let Some((client, act)) = step else { return };
        if self.announced(client, span, found) {
            self.possible(client, &act, span, found);
        }
        self.steps.push(Step { span, client, act });
    }

    fn announced(&self, client: Client, span: Span, found: &mut Vec<Diagnostic>) -> bool {
        let is = (1..=self.peers).contains(&client.0);
        if !is {
            found.push(
                Diagnostic::new(&PEERS, span, format!("client {} is not announced", client.0))
                    .help(format!("write `, peers {}` at the end of the title", client.0.clamp(2, 9))),
            );
        }
        is
    }

    fn said(&mut self, line: &str, span: Span, found: &mut Vec<Diagnostic>) -> Option<(Client, Act)> {
        let Some((client, who, mark, rest)) = head(line) else {
            found.push(
                Diagnostic::new(&LINE, span, "this line is no step")
                    .help("begin it with `C: `, `C| `, `S: `, `S! `, `--- ` or, for a remark, `#`"),
            );
            return None;
        };
        let place = Span { start: span.end - rest.len() as u32, ..span };
        let act = match (who, mark) {
            ('C', ':') => Act::Line(parts::said(rest, place, &self.bound, found)),
            ('C', '|') => {
                let tokens = token::tokens(rest, place, found);
                Act::Octets(token::pieces(&tokens, span, found))
            }
            ('S', ':') if rest.trim_end() == "..." => Act::Rest,
            ('S', ':') => Act::Expect(parts::pattern(rest, place, &mut self.bound, found)),
            // What must not come binds nothing.
            ('S', '!') => Act::Never(parts::pattern(rest, place, &mut self.bound.clone(), found)),
            _ => return None,
        };
        Some((client, act))
    }

    fn mark(&mut self, rest: &str, span: Span, found: &mut Vec<Diagnostic>) -> Option<(Client, Act)> {
        let text = rest.trim();
        if let Some(heading) = text.strip_prefix('#') {
            return Some((Client::FIRST, Act::Heading(heading.trim().into())));
        }
        let (client, text) = match text.split_once(' ') {
            Some((word, behind)) if client_of(word).is_some() => (client_of(word)?, behind.trim()),
            _ => (Client::FIRST, text),
        };
        let (word, behind) = text.split_once(' ').map_or((text, ""), |(word, behind)| (word, behind.trim()));
        let mark = match (word, behind) {
            ("tls", "") => Some(Mark::Tls),
            ("wait", span) => moment::span(span).map(Mark::Wait),
            ("state", name) if !name.is_empty() && !name.contains(' ') => Some(Mark::State(name.into())),
            ("closed", "") => Some(Mark::Closed),
            ("eof", "") => Some(Mark::Eof),
            ("reset", "") => Some(Mark::Reset),
            ("shutdown", "") => Some(Mark::Shutdown),
            ("full", "") => Some(Mark::Full),
            ("broken", "") => Some(Mark::Broken),
            ("sync", who) => match client_of(who) {
                Some(client) => return Some((client, Act::Mark(Mark::Sync))),
                None => None,
            },
            _ => None,
        };
        if mark.is_none() {
            let help = match word {
                "wait" => "write `--- wait 6 minutes`".to_owned(),
                "state" => "write `--- state NAME`".into(),
                "sync" => "write `--- sync C2`".into(),
                _ if MARKS.contains(&word) => format!("write `--- {word}` alone"),
                _ => match diagnostic::nearest(word, MARKS) {
                    Some(nearest) => format!("say `--- {nearest}`"),
                    None => "write a heading as `--- # text`".into(),
                },
            };
            found.push(Diagnostic::new(&MARK, span, format!("`{text}` is no mark")).help(help));
        }
        mark.map(|mark| (client, Act::Mark(mark)))
    }

    /// Whether the step can happen after those before it.
    fn possible(&mut self, client: Client, act: &Act, span: Span, found: &mut Vec<Diagnostic>) {
        let progress = &mut self.clients[usize::from(client.0)];
        let mut refuse = |rule: &'static Rule, message: &str, help: &str| {
            found.push(Diagnostic::new(rule, span, message).help(help));
        };
        let speaks = matches!(act, Act::Line(_) | Act::Octets(_) | Act::Mark(Mark::Tls | Mark::Eof));
        let any_time = matches!(act, Act::Heading(_) | Act::Mark(Mark::Wait(_)));
        if progress.gone && !any_time {
            refuse(
                &GONE,
                "the connection has ended before this step",
                "move it in front of `--- closed` or `--- reset`",
            );
        } else if progress.silent && speaks {
            refuse(&GONE, "the client has said that it sends no more", "move it in front of `--- eof`");
        }
        match act {
            Act::Mark(Mark::Tls) if progress.tls => refuse(&TLS, "TLS is on already", "remove this mark"),
            Act::Mark(Mark::Full) if progress.began => {
                refuse(&GONE, "the client is in already", "make `--- full` its first step");
            }
            _ => {}
        }
        match act {
            Act::Mark(Mark::Tls) => progress.tls = true,
            Act::Mark(Mark::Eof) => progress.silent = true,
            Act::Mark(Mark::Closed | Mark::Reset) => progress.gone = true,
            _ => {}
        }
        progress.began |= !any_time;
    }
}

/// `C2` is the second client, `C` and `C1` the first.
fn client_of(word: &str) -> Option<Client> {
    let digits = word.strip_prefix('C')?;
    if digits.is_empty() {
        return Some(Client::FIRST);
    }
    digits.parse().ok().map(Client)
}

/// The head of a step: client, `C` or `S`, the sign behind it, and the rest of the line.
fn head(line: &str) -> Option<(Client, char, char, &str)> {
    let who = line.chars().next().filter(|who| matches!(who, 'C' | 'S'))?;
    let sign = line.find([':', '|', '!'])?;
    let digits = &line[1..sign];
    let client = if digits.is_empty() { Client::FIRST } else { Client(digits.parse().ok()?) };
    let mark = line[sign..].chars().next()?;
    let behind = &line[sign + 1..];
    let rest = if behind.is_empty() { behind } else { behind.strip_prefix(' ')? };
    ((who, mark) != ('S', '|') && (who, mark) != ('C', '!')).then_some((client, who, mark, rest))
}
