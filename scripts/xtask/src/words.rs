//! Product Rust holds no word of a concrete protocol: what is spoken stands in `protocols/`.
//!
//! The words are in `xtask/words.txt`. Comments are read too; the title of an RFC may pass, written as
//! `RFC 5321 "…"` or `RFC 5321 (…)` in one line. Code that only tests see may use any word, and so may the path of a protocol
//! file and the page and samples of a `Rule`, which are documentation. `start tls` is a statement of the language and `starttls` a value of the configuration.
//!
//! Never: reads tests, protocols or documentation.

use crate::{
    finding::Finding,
    rust_text::{Kind, Run},
    tree::{File, Tree},
};

const WORDS: &str = include_str!("../words.txt");

/// The blank at the end of a rule, which an editor would take off.
const BLANK: char = '␠';

/// Fields of a rule that are shown to a person and decide nothing.
const PAGES: [&str; 6] = ["page:", "accepted:", "refused:", "page", "accepted", "refused"];

/// One line of the list.
enum Rule {
    Word(String),
    Exact(String),
    Text(String),
    Begins(String),
}

/// Finds words of protocols in product Rust.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let (rules, allowed) = rules(WORDS);
    tree.product().flat_map(|file| check_file(file, &rules, &allowed)).collect()
}

fn rules(list: &str) -> (Vec<Rule>, Vec<String>) {
    let (mut rules, mut allowed) = (Vec::new(), Vec::new());
    for line in list.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (kind, word) = line.split_once(' ').unwrap_or((line, ""));
        let word = word.trim().replace(BLANK, " ");
        match kind {
            "word" => rules.push(Rule::Word(word.to_ascii_lowercase())),
            "exact" => rules.push(Rule::Exact(word)),
            "text" => rules.push(Rule::Text(word)),
            "begins" => rules.push(Rule::Begins(word)),
            "allow" => allowed.push(word.split(' ').next().unwrap_or_default().to_string()),
            other => panic!("words.txt: `{other}` is no kind of rule"),
        }
    }
    (rules, allowed)
}

fn check_file(file: &File, rules: &[Rule], allowed: &[String]) -> Vec<Finding> {
    let text = file.rust_text();
    let tests = text.test_items();
    let mut findings = Vec::new();
    let mut behind = "";
    for run in text.runs() {
        let is_page = run.kind == Kind::Literal && PAGES.iter().any(|field| behind.ends_with(field));
        if run.kind == Kind::Code {
            behind = run.text.trim_end();
        }
        if tests.iter().any(|(start, end)| (*start..*end).contains(&run.start)) || is_protocol_path(run) || is_page {
            continue;
        }
        let shown = if run.kind == Kind::Comment { without_titles(run.text) } else { run.text.to_string() };
        for (number, line) in shown.lines().enumerate() {
            for word in offences(line, run.kind, number == 0, rules, allowed) {
                let message = format!("`{word}` is a word of a concrete protocol");
                let help = "say it in protocols/, or in the words of the language";
                findings.push(Finding::new(&file.path, message, help).at(text.line(run.start) + number));
            }
        }
    }
    findings
}

/// A string such as `"../../protocols/NAME.proto.dsl"`.
fn is_protocol_path(run: Run<'_>) -> bool {
    run.kind == Kind::Literal && run.text.trim_end_matches(['"', '#']).ends_with(".proto.dsl")
}

/// A comment whose titles of RFCs are blanked.
fn without_titles(comment: &str) -> String {
    let mut shown = String::new();
    let mut rest = comment;
    while let Some(at) = rest.find("RFC ") {
        let number = at + 4 + rest[at + 4..].bytes().take_while(u8::is_ascii_digit).count();
        shown.push_str(&rest[..number]);
        rest = &rest[number..];
        let title = match rest.as_bytes() {
            [b' ', b'"', ..] => Some(rest[2..].find('"').map_or(rest.len(), |length| length + 3)),
            [b' ', b'(', ..] => Some(rest[2..].find(')').map_or(rest.len(), |length| length + 3)),
            _ => None,
        };
        if let Some(length) = title {
            shown.extend(rest[..length].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
            rest = &rest[length..];
        }
    }
    shown + rest
}

fn offences(line: &str, kind: Kind, first: bool, rules: &[Rule], allowed: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    for identifier in line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty()) {
        if allowed.iter().any(|word| word == identifier) {
            continue;
        }
        let parts = parts(identifier);
        let is_hit = |rule: &&Rule| match rule {
            Rule::Word(word) => identifier.eq_ignore_ascii_case(word) || parts.iter().any(|part| part == word),
            Rule::Exact(word) => identifier == word,
            Rule::Text(_) | Rule::Begins(_) => false,
        };
        if rules.iter().any(|rule| is_hit(&rule)) {
            found.push(identifier.to_string());
        }
    }
    for rule in rules {
        match rule {
            Rule::Text(text) if line.contains(text.as_str()) => found.push(text.clone()),
            Rule::Begins(start) if kind == Kind::Literal && first && begins(line, start) => {
                found.push(line.to_string())
            }
            _ => {}
        }
    }
    found
}

/// The parts of an identifier in lower case: cut at `_` and where a capital follows a small letter, or begins a word.
fn parts(identifier: &str) -> Vec<String> {
    let letters: Vec<char> = identifier.chars().collect();
    let mut parts = vec![String::new()];
    for (i, letter) in letters.iter().enumerate() {
        let small_before = i > 0 && !letters[i - 1].is_ascii_uppercase();
        let small_behind = i > 0 && letters.get(i + 1).is_some_and(char::is_ascii_lowercase);
        if *letter == '_' || (letter.is_ascii_uppercase() && (small_before || small_behind)) {
            parts.push(String::new());
        }
        if let Some(part) = parts.last_mut().filter(|_| *letter != '_') {
            part.push(letter.to_ascii_lowercase());
        }
    }
    parts
}

fn begins(literal: &str, start: &str) -> bool {
    let body = literal.trim_start_matches(['b', 'c', 'r', '#']).strip_prefix('"').unwrap_or_default();
    let mut octets = body.bytes();
    start
        .bytes()
        .all(|wanted| octets.next().is_some_and(|octet| octet == wanted || (wanted == b'#' && octet.is_ascii_digit())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(path: &str, text: &str) -> Vec<String> {
        check(&Tree::of(&[(path, text)])).iter().map(|finding| finding.place().to_string()).collect()
    }

    #[test]
    fn words_are_found_in_code_comments_and_strings() {
        for seeded in [
            "//! Says EHLO first.",
            "fn smtp_port() {}",
            "struct SmtpServer;",
            "struct Pop3;",
            "const A: &str = \"220 ready\";",
            "const A: &str = \"250-more\";",
            "const A: &[u8] = b\"+OK\";",
            "const A: &str = \"MAIL FROM:\";",
            "/* Helo */",
            "// says STARTTLS",
            "let x = \"Postmaster\";",
            "/// RFC 5321 speaks of RCPT here.",
        ] {
            assert_eq!(places("engine/server/src/a.rs", seeded), ["engine/server/src/a.rs:1"], "{seeded}");
        }
    }

    #[test]
    fn the_line_of_a_word_is_named() {
        assert_eq!(places("grammar/src/a.rs", "//! A\n//! B\nfn a() {\n    say(\"LMTP\");\n}"), ["grammar/src/a.rs:4"]);
    }

    #[test]
    fn words_of_the_language_and_titles_pass() {
        for accepted in [
            "enum Tls { Starttls } // `starttls` in the configuration",
            "Op::StartTls(state)",
            "HeloName => helo_name(text)",
            "/// RFC 3207 \"SMTP Service Extension for Secure SMTP over\n/// Transport Layer Security\" §4",
            "/// RFC 4954 (SMTP Service Extension for Authentication)",
            "const SHIPPED: &str = include_str!(\"../../../protocols/smtp.proto.dsl\");",
            "static R: Rule = Rule { page: \"EHLO\", accepted: \"220 x\", refused: r#\"SMTP\"# };",
            "const A: u32 = 250; // the data of a page; quit, help",
            "#[cfg(test)]\nmod tests { const A: &str = \"220 EHLO\"; }",
        ] {
            assert_eq!(places("engine/server/src/a.rs", accepted), Vec::<String>::new(), "{accepted}");
        }
    }

    #[test]
    fn tests_and_protocols_may_use_any_word() {
        for path in [
            "tests/tests/clients.rs",
            "engine/machine/tests/lines.rs",
            "engine/machine/src/tests.rs",
            "xtask/src/words.rs",
        ] {
            assert_eq!(places(path, "fn smtp() {}"), Vec::<String>::new(), "{path}");
        }
    }
}
