//! Defects that were put into the shipped protocols on purpose: each is found, and shown by a conversation that fails as
//! long as it is there and passes when it is mended.
//!
//! Never: accepts a finding that shows nothing.

mod flow;
mod missing;
mod promises;
mod states;

use std::{
    fs,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use program::Program;
use server::{
    findings::Findings,
    protocols::{Protocols, counterexamples},
};
use transcript::play::{Spoken, What};

/// A defect: what stands in the protocol, and what takes its place.
struct Seed {
    /// The code of its finding.
    code: &'static str,
    /// Words in its message.
    about: &'static str,
    /// The protocol.
    protocol: &'static str,
    /// What is replaced by what, once each.
    edits: &'static [(&'static str, &'static str)],
    /// What is replaced in the sound protocol so that the very case of the finding, and no other, is answered with
    /// [`CASE`].
    case: Option<(&'static str, &'static str)>,
}

/// The words of the answer to the very case of a finding.
const CASE: &str = "The very case";

/// A defect whose code tells it.
const fn seed(code: &'static str, protocol: &'static str, edits: &'static [(&'static str, &'static str)]) -> Seed {
    Seed { code, about: "", protocol, edits, case: None }
}

impl Seed {
    /// The same, with words in its message.
    const fn about(self, about: &'static str) -> Seed {
        Seed { about, ..self }
    }

    /// The same, with what answers its very case.
    const fn case(self, old: &'static str, new: &'static str) -> Seed {
        Seed { case: Some((old, new)), ..self }
    }
}

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../protocols"))
}

fn text(protocol: &str) -> String {
    fs::read_to_string(folder().join(format!("{protocol}.proto.dsl"))).unwrap()
}

fn compiled(protocol: &str, text: &str) -> (Option<Arc<Program>>, Findings) {
    let mut findings = Findings::default();
    let mut protocols = Protocols::default();
    let shown = folder().join(format!("{protocol}.proto.dsl"));
    protocols.add(protocol, &shown.to_string_lossy(), text, &mut findings);
    (protocols.named(protocol).flatten().cloned(), findings)
}

/// The protocol with the edits.
/// What is done about a recipient who has no mailbox.
const NO_MAILBOX: &str = r#"none {
                    let plain = until(recipient.local, settings.detail)
                    if plain is empty or plain == recipient.local {
                        # Who is not known to us may be trying out names.
                        if settings.count_guesses and user is absent and not peer.ip in settings.trusted { count guesses }
                        reply 550 5.1.1 "There is no mailbox <{recipient}>"  stay
                    }
                    ask mailbox("{plain}@{recipient.domain}") within 3 seconds {
                        row(box)    { require not box.full else 452 4.2.2 "The mailbox <{recipient}> is full" }
                        failed(why) { log error "{why}"  reply 451 4.3.0 "Cannot look up <{recipient}> just now"  stay }
                        none {
                            if settings.count_guesses and user is absent and not peer.ip in settings.trusted { count guesses }
                            reply 550 5.1.1 "There is no mailbox <{recipient}>"  stay
                        }
                    }
                }"#;

fn edited(protocol: &str, edits: &[(&str, &str)]) -> Result<String, String> {
    edits.iter().try_fold(text(protocol), |text, (old, new)| match text.contains(old) {
        true => Ok(text.replacen(old, new, 1)),
        false => Err(format!("`{old}` does not stand in {protocol}")),
    })
}

/// Looks at one defect; what is wrong with how it is found.
fn look(seed: &Seed, mended: &Arc<Program>) -> Result<(), String> {
    let broken = edited(seed.protocol, seed.edits)?;
    let (program, findings) = compiled(seed.protocol, &broken);
    if program.is_some() {
        return Err("it compiles".into());
    }
    let fits = |finding: &&diagnostic::Diagnostic| {
        finding.rule.code == seed.code && finding.message.contains(seed.about) && !finding.conversation.is_empty()
    };
    let Some(finding) = findings.list.iter().find(fits) else {
        let all: Vec<String> = findings
            .list
            .iter()
            .map(|finding| {
                let shown = if finding.conversation.is_empty() { "" } else { " (shown)" };
                format!("{} {}{shown}", finding.rule.code, finding.message)
            })
            .collect();
        return Err(format!("it is not found and shown: {all:?}"));
    };
    let talk = finding.conversation.join("\n") + "\n";
    if seed.code == "P01" {
        // What stands before the end is the same: it is the promise that breaks.
        let draft = draft(seed.protocol, &broken).ok_or("there is no draft")?;
        let played = counterexamples::stage(draft)(&talk).ok_or("the conversation is none of the draft")?;
        let is_broken = played.failures.iter().any(|failure| matches!(&failure.what, What::Promise(_)));
        if !is_broken {
            return Err(format!("the conversation passes with the defect:\n{talk}"));
        }
    }
    if let Some(edit) = seed.case {
        let (told, findings) = compiled(seed.protocol, &edited(seed.protocol, &[edit])?);
        let told = told.ok_or_else(|| format!("{:?}", findings.list))?;
        let played = counterexamples::stage(told)(&talk).ok_or(format!("it is no transcript:\n{talk}"))?;
        let is_it = |spoken: &Spoken| matches!(spoken, Spoken::Server(_, line) if contains(line, CASE));
        if !played.conversation.iter().any(is_it) {
            return Err(format!("it shows another case:\n{talk}"));
        }
    }
    let played = counterexamples::stage(mended.clone())(&talk).ok_or(format!("it is no transcript:\n{talk}"))?;
    match played.failures.first() {
        None => Ok(()),
        Some(failure) => Err(format!("it fails when it is mended, {:?}:\n{talk}", failure.what)),
    }
}

fn contains(line: &[u8], words: &str) -> bool {
    String::from_utf8_lossy(line).contains(words)
}

/// Looks at defects of which no conversation comes to the last: it is found, and nothing is shown of it.
fn check_unshown(seeds: &[Seed]) {
    for seed in seeds {
        let (program, findings) = compiled(seed.protocol, &edited(seed.protocol, seed.edits).unwrap());
        assert!(program.is_none(), "it compiles: {:?}", seed.edits);
        let mut found = findings.list.iter().filter(|finding| finding.rule.code == seed.code);
        assert!(found.clone().count() >= seed.edits.len(), "{:?}", findings.list);
        let found = found.next_back().unwrap();
        assert!(found.conversation.is_empty(), "{:?}\n{}", seed.edits, found.conversation.join("\n"));
    }
}

fn draft(protocol: &str, text: &str) -> Option<Arc<Program>> {
    let mut sources = diagnostic::Sources::default();
    let file = sources.add(format!("{protocol}.proto.dsl"), text);
    grammar::compile_in(&mut sources, file, &Beside, actions::signatures()).draft.map(Arc::new)
}

struct Beside;

impl grammar::Folder for Beside {
    fn text(&self, name: &str) -> Result<Option<(String, String)>, String> {
        Ok(fs::read_to_string(folder().join(name)).ok().map(|text| (name.to_owned(), text)))
    }

    fn names(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Looks at all of them, two at a time.
fn check(seeds: &[Seed]) {
    let mut names: Vec<&str> = seeds.iter().map(|seed| seed.protocol).collect();
    names.sort_unstable();
    names.dedup();
    let mended: Vec<(&str, Arc<Program>)> = names
        .into_iter()
        .map(|name| {
            let (program, findings) = compiled(name, &text(name));
            assert!(findings.list.is_empty(), "a false alarm: {:?}", findings.list);
            (name, program.unwrap())
        })
        .collect();
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(seed) = seeds.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let (_, program) = mended.iter().find(|(name, _)| *name == seed.protocol).unwrap();
                    if let Err(why) = look(seed, program) {
                        let seed = format!("{} {} {:?}", seed.code, seed.protocol, seed.edits);
                        wrong.lock().unwrap().push(format!("{seed}\n   {why}"));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), seeds.len(), wrong.join("\n"));
}
