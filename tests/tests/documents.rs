//! The documents are true: what they show is what the files hold, and every snippet compiles.
//!
//! Never: has an example that only looks right.

use std::fs;

use conversations::root;
use diagnostic::{Severity, Sources};

/// The snippets of a Markdown text that are fenced with that word, each with its line.
fn snippets(text: &str, word: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut open: Option<(usize, bool, String)> = None;
    for (index, line) in text.lines().enumerate() {
        match &mut open {
            None if line.starts_with("```") => open = Some((index + 2, &line[3..] == word, String::new())),
            None => {}
            Some((line, ours, snippet)) if text.lines().nth(index) == Some("```") => {
                if *ours {
                    found.push((*line, std::mem::take(snippet)));
                }
                open = None;
            }
            Some((_, _, snippet)) => *snippet += &format!("{line}\n"),
        }
    }
    found
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A snippet with the items that every file must have and that it leaves out.
fn framed(snippet: &str) -> String {
    const FRAME: &[(&str, &str)] = &[
        ("protocol ", "protocol snippet \"of the book\" version 1\n"),
        (
            "wire ",
            "wire { lines crlf at most 200 octets  reply \"{code} {text}\" continued \"{code}-{text}\"  refusal 4xx 5xx }\n",
        ),
        ("start state ", "start state open { on \"QUIT\" -> 221 \"bye\" close }\n"),
        (
            "unexpected ",
            "unexpected { out of order -> 503 \"not now\"  bad arguments -> 501 \"how?\"  unknown command -> 500 \"what?\" }\n",
        ),
        (
            "limits ",
            "limits { line -> 500 \"too long\"  idle 1 minute -> 421 \"asleep?\" close  session 1 hour -> 421 \"enough\" close\n\
             shutdown -> 421 \"closing\" close  full -> 421 \"full\" close  broken -> 421 \"our fault\" close }\n",
        ),
    ];
    let has = |word: &str| snippet.lines().any(|line| line.starts_with(word));
    let before: String = FRAME[..1].iter().filter(|(word, _)| !has(word)).map(|(_, text)| *text).collect();
    let behind: String = FRAME[1..].iter().filter(|(word, _)| !has(word)).map(|(_, text)| *text).collect();
    before + snippet + &behind
}

/// What the compiler refuses, one line per fault.
fn faults(name: &str, text: &str) -> Vec<String> {
    let mut sources = Sources::default();
    let file = sources.add(name, text);
    let (_, findings) = grammar::compile(&sources, file, actions::signatures());
    let errors = findings.iter().filter(|finding| finding.rule.severity == Severity::Error);
    errors
        .map(|finding| {
            let ((line, column), code) = (sources.position(finding.span), finding.rule.code);
            let wrong = text.lines().nth(line as usize - 1).unwrap_or_default().trim();
            format!(
                "{name}: {code} at column {column} of `{wrong}`: {}\n    {}",
                finding.message,
                finding.help.join("; ")
            )
        })
        .collect()
}

#[test]
fn every_snippet_compiles() {
    for document in ["README.md", "docs/language.md"] {
        let found = snippets(&read(document), "dsl");
        assert!(!found.is_empty(), "{document} shows nothing");
        let faults: Vec<_> =
            found.iter().flat_map(|(line, text)| faults(&format!("{document}:{line}"), &framed(text))).collect();
        assert!(faults.is_empty(), "\n{}", faults.join("\n"));
    }
}

#[test]
fn the_readme_shows_the_examples_as_they_are() {
    let readme = read("README.md");
    let shown = |word| snippets(&readme, word).into_iter().map(|(_, snippet)| snippet).collect::<Vec<_>>();
    assert_eq!(shown("dsl"), [read("docs/examples/door.proto.dsl")]);
    assert_eq!(shown("talk"), [read("docs/examples/door.talk")]);
}
