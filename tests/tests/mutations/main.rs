//! The compiler and the conversations guard the shipped protocol: each small change of it is refused by the one or
//! noticed by the other, and what neither sees is listed with the reason in `tests/mutations/survivors.txt`.
//!
//! `MUTANTS=words` tries only the mutants whose names hold these words.

mod mutants;

use std::{
    collections::BTreeMap,
    env, fs,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use conversations::root;
use diagnostic::Sources;
use machine::Service;
use mutants::Mutant;
use program::Program;
use server::{
    simulation::{answers, clients::Pretended},
    transcripts::files,
};
use transcript::{
    Transcript,
    play::{Memory, play},
};

/// What became of a mutant.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    /// The compiler refuses it.
    Refused,
    /// It compiles, and a conversation fails.
    Noticed,
    /// It compiles, and every conversation passes.
    Survived,
}

#[test]
fn every_survivor_is_explained_and_every_explanation_has_a_survivor() {
    let text = fs::read_to_string(root().join("protocols/smtp.proto.dsl")).expect("the shipped protocol");
    assert!(compiled(&text).is_some(), "the shipped protocol compiles");
    let mut mutants = mutants::mutants(&text);
    assert!(mutants.len() > 300, "only {} mutants", mutants.len());
    let only = env::var("MUTANTS").ok();
    if let Some(words) = &only {
        mutants.retain(|mutant| mutant.name.contains(words));
    }
    let explained = explained(&fs::read_to_string(list()).expect("the list of survivors"));
    let conversations = Conversations::read();
    assert!(
        !conversations.notice(compiled(&text).expect("it compiles")),
        "a conversation with the shipped protocol fails"
    );
    let fates = fates(&mutants, &conversations);
    let count = |fate| fates.iter().filter(|(_, it)| *it == fate).count();
    println!(
        "{} mutants: {} refused, {} noticed, {} survived",
        mutants.len(),
        count(Fate::Refused),
        count(Fate::Noticed),
        count(Fate::Survived)
    );
    let mut faults = Vec::new();
    for (name, fate) in &fates {
        match (fate, explained.get(name)) {
            (Fate::Survived, None) => faults.push(format!("survives, and is not explained:\n{name}")),
            (Fate::Refused | Fate::Noticed, Some(_)) => {
                faults.push(format!("is explained, and does not survive:\n{name}"))
            }
            _ => {}
        }
    }
    let gone = |name: &&String| only.is_none() && !fates.iter().any(|(known, _)| known == *name);
    faults.extend(explained.keys().filter(gone).map(|name| format!("is explained, and is no mutant:\n{name}")));
    assert!(faults.is_empty(), "{} faults; the list is {}\n\n{}", faults.len(), list().display(), faults.join("\n\n"));
}

fn list() -> PathBuf {
    root().join("tests/mutations/survivors.txt")
}

/// Names with their explanations: a line, and indented lines behind it. Lines with `#` in front are comments.
fn explained(list: &str) -> BTreeMap<String, String> {
    let mut explained: BTreeMap<String, String> = BTreeMap::new();
    let mut name = String::new();
    for line in list.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        if line.starts_with(' ') {
            explained.entry(name.clone()).or_default().push_str(line.trim());
        } else {
            name = line.trim_end().to_string();
            explained.entry(name.clone()).or_default();
        }
    }
    let silent: Vec<&String> = explained.iter().filter(|(_, why)| why.is_empty()).map(|(name, _)| name).collect();
    assert!(silent.is_empty(), "no explanation for: {silent:?}");
    explained
}

/// Tries all mutants on all cores; the order is that of the mutants.
fn fates(mutants: &[Mutant], conversations: &Conversations) -> Vec<(String, Fate)> {
    let next = AtomicUsize::new(0);
    let fates = Mutex::new(BTreeMap::new());
    let cores = thread::available_parallelism().map_or(2, usize::from);
    thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                while let Some((i, mutant)) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|i| Some((i, mutants.get(i)?)))
                {
                    let fate = fate(mutant, conversations);
                    fates.lock().expect("no thread panicked").insert(i, (mutant.name.clone(), fate));
                }
            });
        }
    });
    fates.into_inner().expect("no thread panicked").into_values().collect()
}

fn fate(mutant: &Mutant, conversations: &Conversations) -> Fate {
    match compiled(&mutant.text) {
        None => Fate::Refused,
        Some(program) => match conversations.notice(program) {
            true => Fate::Noticed,
            false => Fate::Survived,
        },
    }
}

fn compiled(text: &str) -> Option<Program> {
    let mut sources = Sources::default();
    let file = sources.add("smtp.proto.dsl", text);
    grammar::compile(&sources, file, actions::signatures()).0
}

/// The conversations that are shipped, in an order that finds differences soon.
struct Conversations {
    transcripts: Vec<Transcript>,
}

impl Conversations {
    fn read() -> Conversations {
        let mut sources = Sources::default();
        let paths = files::below(&[root().join("tests/conversations")]).expect("the conversations are there");
        // What stands there is known to fail.
        let paths = paths.into_iter().filter(|path| !path.components().any(|part| part.as_os_str() == "fixme"));
        let transcripts = paths.filter_map(|path| {
            let text = fs::read_to_string(&path).expect("a conversation can be read");
            let file = sources.add(path.to_string_lossy(), text);
            transcript::parse(&sources, file).0.filter(|transcript| transcript.protocol == "smtp")
        });
        let transcripts: Vec<Transcript> = transcripts.collect();
        assert!(transcripts.len() >= 60, "only {} conversations", transcripts.len());
        Conversations { transcripts }
    }

    /// Whether one of them no longer fits this program, or fails with it.
    fn notice(&self, program: Program) -> bool {
        let program = Arc::new(program);
        self.transcripts.iter().any(|transcript| match transcript::check(transcript, &program) {
            Err(_) => true,
            Ok(service) => !passes(transcript, service),
        })
    }
}

fn passes(transcript: &Transcript, service: Service) -> bool {
    let facts = Arc::new(answers::facts(&transcript.given, service.program()));
    let mut recorded = answers::Recorded::new(facts, Pretended::new(&transcript.given.clients));
    let line_end = service.program().wire.line_end;
    let mut wire = Memory::new(Arc::new(service), &transcript.given, &mut recorded);
    play(transcript, line_end, &mut wire).failures.is_empty()
}
