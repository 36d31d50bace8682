//! Faulty protocol files, each with what is said about it written under its lines. Those in `findings/form/` are read
//! only, since they are about the form; the others are compiled.
//!
//! Under a line with findings stand comments: `#~ error[S03] 12..17: message` with the columns, then `#~ label:`,
//! `#~ also under …:` and `#~ help:`. `BLESS=1 cargo test -p grammar --test findings` writes them anew.

#![allow(clippy::unwrap_used, reason = "a test may stop anywhere")]
#![allow(clippy::disallowed_methods, reason = "a test reads its samples and a clock")]

mod beside;

use std::{
    collections::BTreeMap,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use diagnostic::{Diagnostic, Severity, Sources, Span};
use program::{OutcomeSignature, Parameter, ParameterKind, Signature, Type};

#[test]
fn each_file_is_told_its_faults() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/findings");
    let files = [files(&folder), files(&folder.join("form"))].concat();
    assert!(files.len() >= 30, "only {} files", files.len());
    let failures: Vec<String> = files.iter().filter_map(|path| check(path)).collect();
    assert!(failures.is_empty(), "{}\n{} of {} differ", failures.join("\n"), failures.len(), files.len());
}

/// What needs a program: whether promises are kept.
const OF_PROGRAMS: [&str; 2] = ["P01", "P02"];

#[test]
fn a_check_alone_tells_all_that_needs_no_program() {
    let mut differ = Vec::new();
    for path in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/findings")) {
        let source = fs::read_to_string(&path).unwrap();
        let mut sources = Sources::default();
        let file = sources.add("sample", source);
        let told = |findings: &[Diagnostic]| -> Vec<String> {
            let found = findings.iter().filter(|finding| !OF_PROGRAMS.contains(&finding.rule.code));
            found.map(|finding| format!("{} {:?} {}", finding.rule.code, finding.span, finding.message)).collect()
        };
        let alone = told(&grammar::check(&mut sources, file, &beside::Beside, &actions()));
        let whole = told(&grammar::compile_in(&mut sources, file, &beside::Beside, &actions()).findings);
        if alone != whole {
            differ.push(format!("{}: {alone:#?} and {whole:#?}", path.display()));
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = paths.filter(|path| path.is_file()).collect();
    files.sort();
    files
}

/// What the files may ask.
fn actions() -> Vec<Arc<Signature>> {
    let outcomes = |names: &[(&str, &[(&str, Type)])]| {
        let outcome = |(name, values): &(&str, &[(&str, Type)])| OutcomeSignature {
            name: (*name).into(),
            values: values.iter().map(|(name, ty)| ((*name).into(), ty.clone())).collect(),
        };
        names.iter().map(outcome).collect()
    };
    let value = |name: &str, ty, secret| Parameter { name: name.into(), kind: ParameterKind::Value(ty), secret };
    vec![
        Arc::new(Signature {
            name: "validate_plain".into(),
            summary: "checks a password".into(),
            parameters: vec![value("blob", Type::Base64, true)],
            using: true,
            outcomes: outcomes(&[
                ("accepted", &[("login", Type::Text)]),
                ("rejected", &[]),
                ("malformed", &[]),
                ("failed", &[("why", Type::Text)]),
            ]),
        }),
        Arc::new(Signature {
            name: "resolve".into(),
            summary: "looks a name up".into(),
            parameters: vec![value("name", Type::Text, false)],
            using: false,
            outcomes: outcomes(&[
                ("found", &[("address", Type::Text)]),
                ("none", &[]),
                ("failed", &[("why", Type::Text)]),
            ]),
        }),
    ]
}

/// Compares a file with what is found in it, or writes it anew.
fn check(path: &Path) -> Option<String> {
    let written = fs::read_to_string(path).unwrap();
    let source: String = written.split_inclusive('\n').filter(|line| !line.trim_start().starts_with("#~")).collect();
    let form = path.parent().is_some_and(|folder| folder.ends_with("form"));
    let found = annotated(&source, form);
    if written == found {
        return None;
    }
    if std::env::var_os("BLESS").is_some() {
        fs::write(path, found).unwrap();
        return None;
    }
    Some(format!("---- {} should read:\n{found}", path.display()))
}

/// A source with what is found in it, under its lines; in its form alone, or in all of it.
fn annotated(source: &str, form: bool) -> String {
    let mut sources = Sources::default();
    let file = sources.add("sample", source);
    let findings = if form {
        grammar::parse(file, source).1
    } else {
        grammar::compile_in(&mut sources, file, &beside::Beside, &actions()).findings
    };
    let mut notes: BTreeMap<u32, String> = BTreeMap::new();
    for finding in &findings {
        // What is found in another file is told at the end, with its name.
        let (line, place) = match sources.position(finding.span) {
            (line, _) if finding.span.file == file => (line, String::new()),
            (line, _) => (u32::MAX, format!("#~ in {}:{line}\n", sources.name(finding.span.file))),
        };
        let note = notes.entry(line).or_default();
        note.push_str(&place);
        note.push_str(&told(&sources, finding));
    }
    let mut text = String::new();
    for (line, number) in source.split_inclusive('\n').zip(1..) {
        text.push_str(line);
        if let Some(note) = notes.remove(&number) {
            if !line.ends_with('\n') {
                text.push('\n');
            }
            text.push_str(&note);
        }
    }
    text.extend(notes.into_values());
    text
}

fn told(sources: &Sources, finding: &Diagnostic) -> String {
    let mut note = String::new();
    let severity = match finding.rule.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let (_, from) = sources.position(finding.span);
    let to = from as usize + shown(sources, finding.span).chars().count();
    writeln!(note, "#~ {severity}[{}] {from}..{to}: {}", finding.rule.code, finding.message).unwrap();
    if !finding.label.is_empty() {
        writeln!(note, "#~ label: {}", finding.label).unwrap();
    }
    for (span, label) in &finding.others {
        writeln!(note, "#~ also under `{}`: {label}", shown(sources, *span)).unwrap();
    }
    for help in &finding.help {
        writeln!(note, "#~ help: {help}").unwrap();
    }
    note
}

/// The text under a span, up to the end of its first line.
fn shown(sources: &Sources, span: Span) -> &str {
    let text = &sources.text(span.file)[span.start as usize..span.end as usize];
    text.split('\n').next().unwrap_or("")
}
