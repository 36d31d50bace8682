//! The README and the book tell the truth: their snippets compile, play and load, and the verbs they name exist.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use conversations::{binary, root};
use diagnostic::{FileId, Severity, Sources};
use grammar::tree::Item;

/// A fenced piece of a page.
struct Snippet {
    /// `PAGE:LINE` of its fence.
    place: String,
    language: String,
    text: String,
}

/// What a snippet of the language leaves out.
const WIRE: &str =
    "wire { lines crlf at most 1000 octets   reply \"{code} {text}\" continued \"{code}-{text}\"   refusal 4xx 5xx }\n";
const UNEXPECTED: &str = "unexpected { out of order -> 503 \"not now\"   bad arguments -> 501 \"how?\"   unknown command -> 500 \"what?\" }\n";
const LIMITS: &str = "limits {
    line -> 500 \"too long\"   idle 5 minutes -> 421 \"asleep?\" close   session 1 hour -> 421 \"enough\" close
    shutdown -> 421 \"closing\" close   full -> 421 \"full\" close   broken -> 421 \"our fault\" close
}\n";

#[test]
fn every_snippet_of_the_language_compiles() {
    let snippets = snippets("dsl");
    assert!(snippets.len() > 15, "only {} snippets", snippets.len());
    let faults: Vec<String> = snippets.iter().filter_map(refused).collect();
    assert!(faults.is_empty(), "{} of {} snippets are refused:\n{}", faults.len(), snippets.len(), faults.join("\n"));
}

/// The findings of a snippet in its frame, when one of them is an error.
fn refused(snippet: &Snippet) -> Option<String> {
    let mut sources = Sources::default();
    let file = sources.add(snippet.place.as_str(), framed(&snippet.text));
    let findings = grammar::compile_in(&mut sources, file, &Shipped, actions::signatures()).findings;
    let errors = findings.iter().filter(|finding| finding.rule.severity == Severity::Error);
    let shown = errors.map(|finding| {
        let span = finding.span;
        let text = &sources.text(span.file)[span.start as usize..span.end as usize];
        format!("  {} {}: {}", finding.rule.code, finding.message, text.lines().next().unwrap_or_default())
    });
    let shown: Vec<String> = shown.collect();
    (!shown.is_empty()).then(|| format!("{}\n{}", snippet.place, shown.join("\n")))
}

/// What a snippet may take over or import: the protocols that are shipped, and the examples.
struct Shipped;

impl grammar::Folder for Shipped {
    fn text(&self, name: &str) -> Result<Option<(String, String)>, String> {
        let texts = ["protocols", "docs/examples"].into_iter().map(|folder| root().join(folder).join(name));
        Ok(texts.filter_map(|path| Some((path.display().to_string(), fs::read_to_string(&path).ok()?))).next())
    }

    fn names(&self) -> Vec<String> {
        Vec::new()
    }
}

/// A snippet with the items that a file must have and that it leaves out.
fn framed(text: &str) -> String {
    let (tree, _) = grammar::parse(FileId(0), text);
    let lacks = |holds: fn(&Item) -> bool| !tree.items.iter().any(holds);
    let mut framed = String::new();
    if tree.header.is_none() {
        framed += "protocol snippet \"a snippet\" version 1\n";
    }
    framed += text;
    framed += "\n";
    let stands_on_others = tree.items.iter().any(|item| matches!(item, Item::Import(_)));
    if stands_on_others || tree.header.as_ref().is_some_and(|header| header.base.is_some()) {
        return framed;
    }
    for (is_missing, supplied) in [
        (lacks(|item| matches!(item, Item::Wire(..))), WIRE),
        (lacks(|item| matches!(item, Item::Unexpected(..))), UNEXPECTED),
        (lacks(|item| matches!(item, Item::Limits(..))), LIMITS),
    ] {
        if is_missing {
            framed += supplied;
        }
    }
    framed
}

#[test]
fn the_ten_lines_of_the_readme_are_the_files_beside_them() {
    let readme = fs::read_to_string(root().join("README.md")).expect("the README");
    for (language, file) in [("dsl", "docs/examples/door.proto.dsl"), ("talk", "docs/examples/door.talk")] {
        let shown = fenced("README.md", &readme).into_iter().find(|snippet| snippet.language == language);
        let kept = fs::read_to_string(root().join(file)).expect("the example");
        assert_eq!(shown.expect("a snippet").text, kept, "{file}");
    }
    let output = saywhen(root(), &["test", "docs/examples", "--protocols", "docs/examples"]);
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn every_conversation_in_the_book_plays() {
    let snippets: Vec<Snippet> = snippets("talk");
    assert!(snippets.len() >= 2, "only {} conversations", snippets.len());
    for snippet in snippets.iter().filter(|snippet| snippet.text.contains("transcript ")) {
        let folder = tempfile::tempdir().expect("a folder can be made");
        fs::write(folder.path().join("a snippet.talk"), &snippet.text).expect("the snippet can be written");
        for shipped in ["protocols", "docs/examples"] {
            for entry in fs::read_dir(root().join(shipped)).expect("protocols are shipped") {
                let path = entry.expect("a folder can be listed").path();
                if path.to_string_lossy().ends_with(".dsl") {
                    fs::copy(&path, folder.path().join(path.file_name().expect("a file has a name"))).expect("a copy");
                }
            }
        }
        let output = saywhen(folder.path(), &["test", "a snippet.talk", "--protocols", "."]);
        assert!(output.status.success(), "{}:\n{}", snippet.place, said(&output));
    }
}

/// What a piece of a configuration leaves out, by its key.
const LEFT_OUT: [(&str, &str); 4] = [
    ("listeners:", "listeners: [{ listen: \"2525\", protocol: smtp }]\n"),
    ("tls:", "tls: { certificate: cert.pem, key: key.pem, self_signed: when_missing }\n"),
    ("databases:", "databases: { default: { url: \"sqlite:saywhen.db\", schema: data/schema.sql } }\n"),
    ("sinks:", "sinks: { inbox: { maildir: mail/ } }\n"),
];

#[test]
fn every_configuration_in_the_book_loads() {
    let snippets = snippets("yaml");
    assert!(!snippets.is_empty(), "no configuration is shown");
    for snippet in snippets {
        let folder = tempfile::tempdir().expect("a folder can be made");
        for shipped in ["protocols", "data", "docs"] {
            std::os::unix::fs::symlink(root().join(shipped), folder.path().join(shipped)).expect("a link can be made");
        }
        // Passwords lie where the book says, but here; a piece of a configuration gets what it leaves out.
        let mut text = snippet.text.replace("/etc/saywhen/", &format!("{}/", folder.path().display()));
        for name in ["accounts.password", "next.password"] {
            fs::write(folder.path().join(name), "s3cret\n").expect("a password can be written");
        }
        for (key, line) in LEFT_OUT {
            if !text.lines().any(|line| line.starts_with(key)) {
                text += line;
            }
        }
        fs::write(folder.path().join("config.yaml"), text).expect("the snippet can be written");
        let output = saywhen(folder.path(), &["check", "--config", "config.yaml"]);
        assert!(output.status.success(), "{}:\n{}", snippet.place, said(&output));
    }
}

#[test]
fn the_configuration_as_shipped_loads() {
    let output = saywhen(root(), &["check"]);
    assert!(output.status.success(), "{}", said(&output));
}

#[test]
fn every_command_shown_exists() {
    let mut shown = 0;
    for snippet in snippets("sh") {
        for line in snippet.text.lines().map(|line| line.split('#').next().unwrap_or_default().trim()) {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                ["saywhen", verb, ..] | ["cargo", "run", "--", verb, ..] => {
                    let output = saywhen(root(), &[verb, "--help"]);
                    assert!(output.status.success(), "{}: `{line}`: {}", snippet.place, said(&output));
                    shown += 1;
                }
                [script, ..] if script.starts_with("scripts/") => {
                    assert!(root().join(script).is_file(), "{}: `{line}`", snippet.place);
                    shown += 1;
                }
                _ => {}
            }
        }
    }
    assert!(shown >= 4, "only {shown} commands");
}

fn saywhen(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(binary()).args(arguments).current_dir(folder).output().expect("the binary can be run")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

/// All snippets of a language in the README and the book.
fn snippets(language: &str) -> Vec<Snippet> {
    let mut pages = vec![PathBuf::from("README.md"), PathBuf::from("protocols/README.md")];
    pages.extend(pages_in(Path::new("docs")));
    let fenced = pages.iter().flat_map(|page| {
        let text = fs::read_to_string(root().join(page)).unwrap_or_else(|error| panic!("{}: {error}", page.display()));
        fenced(&page.to_string_lossy(), &text)
    });
    fenced.filter(|snippet| snippet.language == language).collect()
}

/// The pages below a folder, those made from the product aside.
fn pages_in(folder: &Path) -> Vec<PathBuf> {
    let mut pages = Vec::new();
    for entry in fs::read_dir(root().join(folder)).expect("the book can be listed") {
        let name = entry.expect("the book can be listed").file_name();
        let path = folder.join(&name);
        if root().join(&path).is_dir() && name != "generated" {
            pages.extend(pages_in(&path));
        } else if path.extension().is_some_and(|ending| ending == "md") {
            pages.push(path);
        }
    }
    pages.sort();
    pages
}

fn fenced(page: &str, text: &str) -> Vec<Snippet> {
    let mut snippets = Vec::new();
    let mut open: Option<Snippet> = None;
    for (number, line) in text.lines().enumerate() {
        match (line.strip_prefix("```"), open.take()) {
            (Some(_), Some(snippet)) => snippets.push(snippet),
            (Some(language), None) => {
                let place = format!("{page}:{}", number + 1);
                open = Some(Snippet { place, language: language.trim().to_string(), text: String::new() });
            }
            (None, Some(mut snippet)) => {
                snippet.text += line;
                snippet.text += "\n";
                open = Some(snippet);
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "{page}: a fence is not closed");
    snippets
}
