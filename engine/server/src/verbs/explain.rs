//! `saywhen explain`: the page of a code, or of an action.
//!
//! Never: holds a page; each stands beside what it explains.

use std::io::{self, Write};

use diagnostic::{Rule, Severity, nearest};

use crate::{
    config::rules::RULES,
    exit::{Exit, Fault},
    metrics::{FAMILIES, Family},
    schema,
};

/// What may follow `explain`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// A code such as Y05, or the name of an action [default: list them all]
    subject: Option<String>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// Runs the verb.
pub(super) fn run(arguments: &Arguments) -> Result<Exit, Fault> {
    let text = match &arguments.subject {
        None => list(arguments.json),
        Some(subject) => page(subject, arguments.json).ok_or_else(|| unknown(subject))?,
    };
    // Who closes the pipe has seen enough.
    let _ = io::stdout().write_all(text.as_bytes());
    Ok(Exit::Done)
}

/// Every rule that anything here checks, by code.
fn rules() -> Vec<&'static Rule> {
    let ours = RULES.iter().chain(schema::rules::RULES).copied();
    let mut rules: Vec<&Rule> = ours.chain(grammar::rules()).chain(transcript::rules()).collect();
    rules.sort_by_key(|rule| rule.code);
    rules
}

fn list(json: bool) -> String {
    let mut lines: Vec<String> = Vec::new();
    for rule in rules() {
        lines.push(if json { object(rule) } else { format!("{}  {:<7}  {}", rule.code, gravity(rule), rule.title) });
    }
    for signature in actions::signatures() {
        let (name, summary) = (&*signature.name, &*signature.summary);
        lines.push(match json {
            true => serde_json::json!({ "action": name, "title": summary }).to_string(),
            false => format!("{name}  {summary}"),
        });
    }
    if json {
        lines.extend(FAMILIES.iter().map(family));
    }
    lines.join("\n") + "\n"
}

fn page(subject: &str, json: bool) -> Option<String> {
    if let Some(rule) = rules().into_iter().find(|rule| rule.code.eq_ignore_ascii_case(subject)) {
        return Some(if json { object(rule) + "\n" } else { shown(rule) });
    }
    let page = actions::explain(subject)?;
    Some(if json { serde_json::json!({ "action": subject, "page": page }).to_string() + "\n" } else { page })
}

fn shown(rule: &Rule) -> String {
    let sample = |text: &str| -> String { text.trim_end().lines().map(|line| format!("    {line}\n")).collect() };
    format!(
        "{} ({}): {}\n\n{}\n\nAccepted:\n\n{}\nRefused:\n\n{}",
        rule.code,
        gravity(rule),
        rule.title,
        wrapped(rule.page),
        sample(rule.accepted),
        sample(rule.refused)
    )
}

fn object(rule: &Rule) -> String {
    let Rule { code, title, page, accepted, refused, .. } = rule;
    let severity = gravity(rule);
    serde_json::json!({ "code": code, "severity": severity, "title": title, "page": page, "accepted": accepted,
        "refused": refused })
    .to_string()
}

/// A family of the metrics, for the page that lists them.
fn family(family: &Family) -> String {
    let Family { name, kind, labels, about } = family;
    serde_json::json!({ "metric": name, "kind": kind.word(), "labels": labels, "title": about }).to_string()
}

fn gravity(rule: &Rule) -> &'static str {
    match rule.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn unknown(subject: &str) -> Fault {
    let codes = rules().into_iter().map(|rule| rule.code);
    let known: Vec<String> =
        codes.map(str::to_string).chain(actions::signatures().iter().map(|s| s.name.to_string())).collect();
    let help = match nearest(subject, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`? `saywhen explain` lists all"),
        None => "`saywhen explain` lists all".to_string(),
    };
    Fault::new(Exit::Usage, format!("there is nothing called `{subject}` to explain"), help)
}

/// Paragraphs broken at 100 columns; lines that are indented or in lists stay as they are.
fn wrapped(page: &str) -> String {
    const WIDTH: usize = 100;
    let mut shown = String::new();
    for line in page.lines() {
        let mut column = 0;
        for word in line.split(' ') {
            let width = word.chars().count();
            if column > 0 && column + 1 + width > WIDTH && !line.starts_with(' ') {
                shown.push('\n');
                column = 0;
            } else if column > 0 || (word.is_empty() && line.starts_with(' ')) {
                shown.push(' ');
                column += 1;
            }
            shown.push_str(word);
            column += width;
        }
        shown.push('\n');
    }
    shown.trim_end().to_string()
}
